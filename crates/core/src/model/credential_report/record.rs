//! The report's records: which are intact, and their cells by column name.

use std::collections::BTreeSet;

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::cells::is_closed;

/// The column of the user's name.
pub(super) const USER: &str = "user";
/// The column of the user's ARN.
pub(super) const ARN: &str = "arn";

/// The report as records with named columns.
pub(super) struct Table {
    /// Those with as many fields as the header, all of them text, in the report's order.
    pub(super) intact: Vec<Record>,
    /// Those that were cut or damaged.
    pub(super) broken: Vec<Record>,
    header: StringRecord,
}

/// One record.
pub(super) struct Record {
    fields: StringRecord,
    /// Whether the report ends right after the record's last field, so that
    /// more of it may have been cut off.
    ends_the_report: bool,
}

/// What a record holds in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// Text.
    Text(&'a str),
    /// The report has no such column.
    NoColumn,
    /// The record ends before the cell does, or may do so.
    Cut,
}

impl Table {
    pub(super) fn parse(content: &[u8]) -> Self {
        let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(content);
        // Reading bytes from memory, any number of fields, cannot fail.
        let mut records = reader.byte_records().map_while(Result::ok).peekable();
        let header = records.next().unwrap_or_default();
        let mut table = Self {
            intact: Vec::new(),
            broken: Vec::new(),
            header: StringRecord::from_byte_record_lossy(header),
        };
        while let Some(fields) = records.next() {
            let end = match records.peek() {
                Some(_) => End::LineBreak,
                None => End::of(content, &fields),
            };
            let has_every_field = fields.len() == table.header.len() && end != End::InsideQuotes;
            let (fields, is_text) = match StringRecord::from_byte_record(fields) {
                Ok(fields) => (fields, true),
                Err(no_text) => {
                    let fields = no_text.into_byte_record();
                    (StringRecord::from_byte_record_lossy(fields), false)
                }
            };
            let record = Record {
                fields,
                ends_the_report: end != End::LineBreak,
            };
            if has_every_field && is_text {
                table.intact.push(record);
            } else {
                table.broken.push(record);
            }
        }
        table
    }

    /// Whether there is a header and every record is intact.
    pub(super) fn is_whole(&self) -> bool {
        !self.header.is_empty() && self.broken.is_empty()
    }

    /// The IDs of the accounts that the ARNs of intact records name.
    pub(super) fn accounts(&self) -> BTreeSet<String> {
        let arns = self.intact.iter().map(|record| self.cell(record, ARN));
        arns.filter_map(|arn| match arn {
            Cell::Text(arn) => arn.strip_prefix("arn:")?.split(':').nth(3),
            Cell::NoColumn | Cell::Cut => None,
        })
        .map(str::to_owned)
        .collect()
    }

    /// Whether the header names `column`.
    pub(super) fn has_column(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }

    /// What `record` holds in `column`.
    pub(super) fn cell<'a>(&self, record: &'a Record, column: &str) -> Cell<'a> {
        let Some(index) = self.header.iter().position(|name| name == column) else {
            return Cell::NoColumn;
        };
        let Some(text) = record.fields.get(index) else {
            return Cell::Cut;
        };
        let may_go_on = record.ends_the_report && index + 1 == record.fields.len();
        // Any word may begin a longer name, so nothing closes a name.
        if may_go_on && (column == USER || !is_closed(text)) {
            return Cell::Cut;
        }
        Cell::Text(text)
    }
}

/// How the report's last record ends.
#[derive(PartialEq, Eq)]
enum End {
    LineBreak,
    /// As IAM's own reports end.
    LastField,
    InsideQuotes,
}

impl End {
    fn of(content: &[u8], last: &ByteRecord) -> Self {
        let begin = last.position().map_or(0, csv::Position::byte);
        let raw = usize::try_from(begin)
            .ok()
            .and_then(|begin| content.get(begin..))
            .unwrap_or_default();
        // A quote within quotes is doubled, so one that is left open makes them odd.
        let quotes = raw.iter().filter(|byte| **byte == b'"').count();
        if quotes % 2 == 1 {
            Self::InsideQuotes
        } else if raw.ends_with(b"\n") || raw.ends_with(b"\r") {
            Self::LineBreak
        } else {
            Self::LastField
        }
    }
}
