//! The cells of a record: IAM has words for "not applicable" and for "no information".

use jiff::Timestamp;

/// A cell of a column of times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TimeCell {
    /// That time.
    At(Timestamp),
    /// `N/A`: there is none.
    NotApplicable,
    /// `no_information`, `not_supported` or an empty cell: IAM reports no value.
    NotReported,
    /// Any other text.
    Unreadable,
}

pub(super) fn time_cell(cell: &str) -> TimeCell {
    if is_not_applicable(cell) {
        TimeCell::NotApplicable
    } else if is_not_reported(cell) {
        TimeCell::NotReported
    } else {
        cell.parse().map_or(TimeCell::Unreadable, TimeCell::At)
    }
}

/// `true` or `false`, in either case; nothing for any other text.
pub(super) fn boolean(cell: &str) -> Option<bool> {
    if cell.eq_ignore_ascii_case("true") {
        Some(true)
    } else if cell.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A word of IAM's; `None` where the cell has no value.
pub(super) fn word(cell: &str) -> Option<String> {
    let is_absent = is_not_applicable(cell) || is_not_reported(cell);
    (!is_absent).then(|| cell.to_owned())
}

pub(super) fn is_not_applicable(cell: &str) -> bool {
    cell.eq_ignore_ascii_case("N/A")
}

fn is_not_reported(cell: &str) -> bool {
    cell.is_empty() || is_not_reported_word(cell)
}

fn is_not_reported_word(cell: &str) -> bool {
    is_no_information(cell) || is_not_supported(cell)
}

/// Whether IAM knows of none since it records them.
pub(super) fn is_no_information(cell: &str) -> bool {
    cell.eq_ignore_ascii_case("no_information")
}

/// Whether IAM does not say.
pub(super) fn is_not_supported(cell: &str) -> bool {
    cell.eq_ignore_ascii_case("not_supported")
}

/// Whether `cell` cannot be the beginning of a longer cell that was cut: one of
/// IAM's words, or a moment with all of its offset.
pub(super) fn is_closed(cell: &str) -> bool {
    let has_whole_offset = || {
        let tail = cell.as_bytes().last_chunk::<6>();
        cell.ends_with('Z')
            || tail.is_some_and(|tail| matches!(tail[0], b'+' | b'-') && tail[3] == b':')
    };
    is_not_applicable(cell)
        || is_not_reported_word(cell)
        || boolean(cell).is_some()
        || (matches!(time_cell(cell), TimeCell::At(_)) && has_whole_offset())
}
