//! Mail addresses in untrusted text. Many accounts, users and owners have such names, and readers
//! want to write to them.

use std::ops::Range;

/// The mail address around the byte at `at`, if that is within one: what mail programs
/// make a link to the address that it shows, and to nothing else.
pub(super) fn around(line: &str, at: usize) -> Option<Range<usize>> {
    let is_outside = |c: char| !is_in_address(c);
    let begin = line[..at].rfind(is_outside).map_or(0, |before| {
        before + line[before..].chars().next().map_or(0, char::len_utf8)
    });
    let end = line[at..]
        .find(is_outside)
        .map_or(line.len(), |after| at + after);
    // As part of a URL, the URL becomes the link.
    let is_of_page = |c: char| matches!(c, '/' | '\\' | ':' | '?' | '#' | '[' | ']');
    let is_alone = !line[..begin].ends_with(is_of_page) && !line[end..].starts_with(is_of_page);
    (is_alone && is_address(&line[begin..end])).then_some(begin..end)
}

/// `short`, the beginning of a longer line, without the end of an address that is cut: half of an
/// address is another address.
pub(super) fn without_half(short: &str) -> &str {
    let is_outside = |c: char| !is_in_address(c);
    let begin = short.rfind(is_outside).unwrap_or(0);
    match short[begin..].find('@') {
        Some(at) => &short[..begin + at],
        None => short,
    }
}

fn is_in_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '=' | '@')
}

fn is_address(word: &str) -> bool {
    let Some((local, domain)) = word.split_once('@') else {
        return false;
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    !local.is_empty() && domain.contains('.') && domain.split('.').all(is_label)
}
