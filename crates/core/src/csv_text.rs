//! CSV as the report writes it: RFC 4180, UTF-8 without BOM, `\n` line ends.

/// One cell of free text. Text that a spreadsheet would take for a formula gets
/// a leading `'`; behind a space or a line feed none does, so such text stays as it
/// is.
#[must_use]
pub fn text(free: &str) -> String {
    if starts_formula(free) {
        format!("'{free}")
    } else {
        free.to_owned()
    }
}

/// The free text that [`text`] made a cell of. One that itself began with a `'` and
/// what starts a formula comes back without the `'`: the cell does not tell.
#[must_use]
pub fn free(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if starts_formula(rest) => rest,
        _ => cell,
    }
}

fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A cell of a value that may not be known; empty where it is not.
pub(crate) fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A whole file: the header and a line for each record.
pub(crate) fn file<const N: usize>(
    columns: &[&str; N],
    records: impl Iterator<Item = [String; N]>,
) -> Vec<u8> {
    lines(Some(columns), records)
}

/// A piece of a file: the header, where one is given, and a line for each record.
pub(crate) fn lines<const N: usize>(
    columns: Option<&[&str; N]>,
    records: impl Iterator<Item = [String; N]>,
) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    // Writing into memory cannot fail, and every record has N cells.
    if let Some(columns) = columns {
        let _ = writer.write_record(columns);
    }
    for record in records {
        let _ = writer.write_record(&record);
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{file, free, text};
    use crate::arbitrary::free_text;

    #[test]
    fn text_that_could_start_a_formula_is_defused_and_other_text_is_left_alone() {
        for (said, cell) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("'quoted", "'quoted"),
            (" =1", " =1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(text(said), cell);
            assert_eq!(free(cell), said);
        }
    }

    proptest! {
        #[test]
        fn whatever_strangers_wrote_is_read_back_cell_by_cell_and_is_no_formula(
            rows in vec([free_text(), free_text(), free_text()], 0..6)
        ) {
            let cells = rows.iter().map(|row| row.each_ref().map(|free| text(free)));
            let written = file(&["a", "b", "c"], cells.clone());
            let read: Vec<Vec<String>> = csv::Reader::from_reader(&*written)
                .records()
                .map(|row| row.unwrap().iter().map(str::to_owned).collect())
                .collect();
            prop_assert_eq!(&read, &cells.map(Vec::from).collect::<Vec<_>>());
            for cell in read.iter().flatten() {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            }
        }
    }
}
