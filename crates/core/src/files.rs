//! The CSV files of a report: columns, how cells are written, and how they are read back.

pub mod census_plan;
pub mod changes_csv;
pub mod coverage_csv;
pub mod csv_file;
pub mod csv_text;
pub mod damage;
pub mod keys_csv;
pub mod last_readings;
pub mod last_run;
pub mod part;
pub mod report_location;
pub mod stopped_rows;
pub mod stored_report;
pub mod trend_csv;
pub mod unfinished;
pub mod unseen_csv;

pub(crate) mod account_rows;
pub(crate) mod gap_cell;
pub(crate) mod table;
