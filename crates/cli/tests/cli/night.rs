//! What a census has left, and an AWS to ask further.

use crate::desk::{Desk, Row};

pub(crate) struct Night {
    pub(crate) desk: Desk,
    pub(crate) rows: Vec<Row>,
    pub(crate) digest: String,
    pub(crate) page: String,
    pub(crate) plan: String,
}

impl Night {
    /// Of the census in `out`, with a plan for it.
    pub(crate) fn of(desk: Desk, digest: String) -> Self {
        desk.run("plan out/latest/keys.csv --out plan").ended(0);
        Self {
            rows: desk.rows("out/latest/keys.csv"),
            digest,
            page: desk.folder.read("out/latest/report.html"),
            plan: desk.folder.read("plan/plan.md"),
            desk,
        }
    }

    /// The one row that `column` says this of.
    pub(crate) fn row(&self, column: &str, value: &str) -> &Row {
        let mut rows = self.rows.iter().filter(|row| row[column] == value);
        let row = rows.next().unwrap();
        assert_eq!(rows.next(), None, "{column} {value}");
        row
    }

    pub(crate) fn explanation(&self, row: &Row) -> String {
        let output = self.desk.run(&format!("explain {}", row["arn"]));
        output.ended(0);
        output.stdout
    }
}
