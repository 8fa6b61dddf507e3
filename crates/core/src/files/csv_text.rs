//! CSV as the report writes it: RFC 4180, UTF-8 without BOM, `\n` line ends, and a row is one line.

#[cfg(test)]
mod opencsv;

use crate::model::plain_text::line_breaks_as_spaces;

/// One cell of free text. A line break is written as one space, because Athena ends a row at each,
/// even within quotes. Text that a spreadsheet would take for a formula gets a leading `'`. Text
/// after a leading space is no formula, and stays as it is.
#[must_use]
pub fn text(free: &str) -> String {
    let line = line_breaks_as_spaces(free);
    if starts_formula(&line) {
        format!("'{line}")
    } else {
        line.into_owned()
    }
}

/// The free text, on one line, that [`text`] made a cell of. One that itself began with a `'` and
/// what starts a formula comes back without the `'`: the cells are the same.
#[must_use]
pub fn free(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if starts_formula(rest) => rest,
        _ => cell,
    }
}

fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t'])
}

/// A cell of a value that may not be known; empty where it is not.
pub(crate) fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A line for each record.
pub(crate) fn lines<const N: usize>(
    records: impl IntoIterator<Item = [impl AsRef<[u8]>; N]>,
) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    for record in records {
        // Writing into memory cannot fail, and every record has N cells.
        let _ = writer.write_record(&record);
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{free, lines, opencsv, text};
    use crate::arbitrary::free_text;

    fn file(columns: &[&str; 3], records: impl Iterator<Item = [String; 3]>) -> Vec<u8> {
        [lines([*columns]), lines(records)].concat()
    }

    #[test]
    fn text_that_could_start_a_formula_is_defused_and_other_text_is_left_alone() {
        for (free_text, cell) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("'quoted", "'quoted"),
            (" =1", " =1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(text(free_text), cell);
            assert_eq!(free(cell), free_text);
        }
    }

    #[test]
    fn a_line_break_in_text_is_one_space() {
        for (free_text, cell) in [
            ("a\nb", "a b"),
            ("a\rb", "a b"),
            ("a\r\nb", "a b"),
            ("a\n\rb\n", "a  b "),
            ("a\u{85}b\u{2028}c\u{2029}d\u{B}e\u{C}f", "a b c d e f"),
            ("\r=1", " =1"),
            ("=1\n=2", "'=1 =2"),
        ] {
            assert_eq!(text(free_text), cell, "{free_text:?}");
        }
    }

    /// The parameter of a table in `template.yaml`, which every table has alike.
    fn escape_char() -> char {
        let template = include_str!("../../../../template.yaml");
        let escapes: Vec<&str> = template
            .lines()
            .filter_map(|line| line.trim().strip_prefix("escapeChar: "))
            .collect();
        assert_eq!(escapes, [r#""\n""#; 3]);
        '\n'
    }

    #[test]
    fn athena_reads_every_cell_of_every_row() {
        let texts = [
            r#"\""#,
            "\"",
            ",",
            "\n",
            "\r\n",
            "\\",
            r#"\","#,
            r#""","#,
            "\\\n\"",
            r#"\\""#,
            "a\u{2028}b",
            "",
        ];
        let longer = texts.iter().map(|text| format!("a{text}b{text}{text}"));
        let texts: Vec<String> = texts
            .iter()
            .map(ToString::to_string)
            .chain(longer)
            .collect();
        for first in &texts {
            for second in &texts {
                let row = [text(first), text(second), text(first)];
                let written = file(&["a", "b", "c"], [row.clone()].into_iter());
                let read = opencsv::rows(&String::from_utf8(written).unwrap(), escape_char());
                assert_eq!(read[1..], [Vec::from(row)], "{first:?}, {second:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn athena_reads_any_untrusted_text(
            rows in vec([free_text(), free_text(), free_text()], 0..6)
        ) {
            let cells = rows.iter().map(|row| row.each_ref().map(|free| text(free)));
            let written = String::from_utf8(file(&["a", "b", "c"], cells.clone())).unwrap();
            let read = opencsv::rows(&written, escape_char());
            prop_assert_eq!(&read[1..], cells.map(Vec::from).collect::<Vec<_>>());
        }

        #[test]
        fn untrusted_text_is_read_back_cell_by_cell_and_is_no_formula(
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
