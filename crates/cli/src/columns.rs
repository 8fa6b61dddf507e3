//! Tables of text, in columns that line up.

use keycensus_core::model::plain_text::one_line;
use unicode_width::UnicodeWidthStr;

const GAP: &str = "  ";

/// To which side a column is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A heading and rows below it, each a line.
pub(crate) fn table<const N: usize>(headings: [(&str, Side); N], rows: &[[String; N]]) -> String {
    let plain = |row: &[String; N]| row.each_ref().map(|cell| one_line(cell));
    let mut lines = vec![headings.map(|(heading, _)| heading.to_owned())];
    lines.extend(rows.iter().map(plain));
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.width().max(*width);
        }
    }
    let mut table = String::new();
    for line in lines {
        let mut aligned = String::new();
        for ((cell, width), (_, side)) in line.iter().zip(widths).zip(headings) {
            let padding = " ".repeat(width - cell.width());
            match side {
                Side::Left => aligned.extend([cell, &*padding, GAP]),
                Side::Right => aligned.extend([&*padding, cell, GAP]),
            }
        }
        table.push_str(aligned.trim_end());
        table.push('\n');
    }
    table
}

/// At most `columns` of a text; what is cut off is shown by `…`.
pub(crate) fn fitted(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut fitted = String::new();
    for c in text.chars() {
        if fitted.width() + c.to_string().width() >= columns {
            break;
        }
        fitted.push(c);
    }
    fitted.push('…');
    fitted
}

#[cfg(test)]
mod tests {
    use super::{Side, fitted, table};

    #[test]
    fn columns_line_up_whatever_stands_in_them() {
        let rows = [("7", "支払い"), ("1234", "a\u{1b}[2J"), ("", "orders")]
            .map(|(n, word)| [n, word, "end"].map(str::to_owned));
        let headings = [("N", Side::Right), ("WORD", Side::Left), ("", Side::Left)];
        assert_eq!(
            table(headings, &rows),
            "   N  WORD\n\
             \x20  7  支払い  end\n\
             1234  a\u{FFFD}[2J   end\n\
             \x20     orders  end\n"
        );
    }

    #[test]
    fn what_does_not_fit_is_cut_and_says_so() {
        for (text, columns, expected) in [
            ("orders", 6, "orders"),
            ("orders", 5, "orde…"),
            ("支払い", 5, "支払…"),
            ("支払い", 4, "支…"),
        ] {
            assert_eq!(fitted(text, columns), expected);
        }
    }
}
