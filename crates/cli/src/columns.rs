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

/// Headings and rows below them, each a line.
pub(crate) struct Table<const N: usize> {
    headings: [(&'static str, Side); N],
    widths: [usize; N],
}

/// A row of a table, which may have to wait for wider ones.
pub(crate) struct TableRow(Box<str>);

/// What stands between the cells of a row that waits: no cell has it.
const NEXT_CELL: &str = "\t";

impl<const N: usize> Table<N> {
    pub(crate) fn new(headings: [(&'static str, Side); N]) -> Self {
        Self {
            headings,
            widths: headings.map(|(heading, _)| heading.width()),
        }
    }

    /// A row that the columns are wide enough for.
    pub(crate) fn row(&mut self, cells: &[String; N]) -> TableRow {
        let cells = cells.each_ref().map(|cell| one_line(cell));
        for (width, cell) in self.widths.iter_mut().zip(&cells) {
            *width = cell.width().max(*width);
        }
        TableRow(cells.join(NEXT_CELL).into())
    }

    /// The lines of the table, with these rows.
    pub(crate) fn lines<'a>(
        &self,
        rows: impl Iterator<Item = &'a TableRow>,
    ) -> impl Iterator<Item = String> {
        let headings = self.headings.map(|(heading, _)| heading).join(NEXT_CELL);
        let rows = rows.map(|row| self.aligned(&row.0));
        [self.aligned(&headings)].into_iter().chain(rows)
    }

    fn aligned(&self, row: &str) -> String {
        let mut aligned = String::new();
        let sides = self.headings.iter().map(|(_, side)| side);
        for ((cell, width), side) in row.split(NEXT_CELL).zip(self.widths).zip(sides) {
            let padding = " ".repeat(width - cell.width());
            match side {
                Side::Left => aligned.extend([cell, &*padding, GAP]),
                Side::Right => aligned.extend([&*padding, cell, GAP]),
            }
        }
        aligned.truncate(aligned.trim_end().len());
        aligned.push('\n');
        aligned
    }
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
    use super::{Side, Table, fitted};

    #[test]
    fn columns_line_up_whatever_stands_in_them() {
        let rows = [("7", "支払い"), ("1234", "a\u{1b}[2J"), ("", "orders")]
            .map(|(n, word)| [n, word, "end"].map(str::to_owned));
        let headings = [("N", Side::Right), ("WORD", Side::Left), ("", Side::Left)];
        let mut table = Table::new(headings);
        let rows = rows.map(|row| table.row(&row));
        assert_eq!(
            table.lines(rows.iter()).collect::<String>(),
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
