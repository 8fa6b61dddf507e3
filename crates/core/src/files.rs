//! The CSV files of a report: columns, how cells are written, and how they are read back.

pub mod coverage_csv;
pub mod csv_table;
pub mod csv_text;
pub mod last_run;
pub mod report_place;
pub mod stored_report;
