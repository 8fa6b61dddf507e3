//! Rows as Athena reads them: Hadoop's text input ends a row at each line break, and
//! Hive's OpenCSVSerde gives it to opencsv 2.3
//! (<https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html>).

/// The cells of each row, as a table with this `escapeChar`, `,` and `"` reads them. As in
/// opencsv, a row whose quotes are not closed has no last cell.
pub(super) fn rows(file: &str, escape: char) -> Vec<Vec<String>> {
    let file = file.replace("\r\n", "\n");
    let rows = file.strip_suffix('\n').unwrap_or(&file).split(['\n', '\r']);
    rows.map(|row| cells(row, escape)).collect()
}

fn cells(row: &str, escape: char) -> Vec<String> {
    let row: Vec<char> = row.chars().collect();
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut in_quotes = false;
    let mut at = 0;
    while let Some(&c) = row.get(at) {
        let next = row.get(at + 1).copied();
        if c == escape {
            // What is behind it is text, if it is a quote or another one; it itself never is.
            let escaped = next.filter(|&next| in_quotes && (next == '"' || next == escape));
            at += escaped.iter().len();
            cell.extend(escaped);
        } else if c == '"' && in_quotes && next == Some('"') {
            cell.push('"');
            at += 1;
        } else if c == '"' {
            let is_inside = at > 2 && row[at - 1] != ',' && next.is_some_and(|next| next != ',');
            if is_inside && !cell.is_empty() && cell.trim().is_empty() {
                cell.clear();
            } else if is_inside {
                cell.push('"');
            }
            in_quotes = !in_quotes;
        } else if c == ',' && !in_quotes {
            cells.push(std::mem::take(&mut cell));
        } else {
            cell.push(c);
        }
        at += 1;
    }
    if !in_quotes {
        cells.push(cell);
    }
    cells
}

#[test]
fn a_backslash_that_escapes_takes_cells_away_and_a_line_break_ends_a_row() {
    for (file, read) in [
        ("a,\"b\"\"c\",d\n", vec![vec!["a", "b\"c", "d"]]),
        ("a\\b,c\n", vec![vec!["ab", "c"]]),
        ("\"a\\\"\"\",b\n", vec![vec![]]),
        ("\"a\nb\",c\n", vec![vec![], vec![]]),
    ] {
        assert_eq!(rows(file, '\\'), read, "{file}");
    }
}
