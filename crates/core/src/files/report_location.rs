//! The location of a stored report, as it is written on a command line.

use std::{fmt, path::PathBuf, str::FromStr};

use jiff::civil::Date;
use thiserror::Error;

use crate::model::layout::ReportFile;

/// A stored report: `census`, `s3://bucket/prefix`, either with `@2026-11-20` for
/// the report of that day instead of the latest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLocation {
    /// Where the reports are.
    pub store: Store,
    /// The UTC date of the report; `None`: the latest.
    pub day: Option<Date>,
}

/// Where the reports of all days are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// A folder that `keycensus scan --out` writes to.
    Folder(PathBuf),
    /// A bucket that a census writes to.
    Bucket {
        /// Its name.
        name: String,
        /// The prefix of reports in it, without a slash at either end.
        prefix: String,
    },
}

/// Why a text is not the location of a stored report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidReportLocation {
    /// There is nothing before the `@`.
    #[error("name a folder that keycensus scan --out wrote to, or s3://bucket/prefix")]
    Nothing,
    /// A bucket without a prefix, or a prefix without a bucket.
    #[error("name the bucket and the prefix of the reports in it: s3://bucket/prefix")]
    NoPrefix,
    /// What stands after the `@` is not a day.
    #[error("after the @, name the day of a report: @2026-11-20")]
    NoSuchDay,
}

impl ReportLocation {
    /// The path of one of the report's files below its folder or prefix.
    #[must_use]
    pub fn path(&self, file: ReportFile) -> String {
        match self.day {
            Some(day) => file.dated_path(day),
            None => file.latest_path(),
        }
    }

    /// Where one of the report's files is: a path, or `s3://…`.
    #[must_use]
    pub fn location(&self, file: ReportFile) -> String {
        let path = self.path(file);
        match &self.store {
            Store::Folder(folder) => folder.join(path).display().to_string(),
            Store::Bucket { name, prefix } => format!("s3://{name}/{prefix}/{path}"),
        }
    }
}

impl FromStr for ReportLocation {
    type Err = InvalidReportLocation;

    fn from_str(text: &str) -> Result<Self, InvalidReportLocation> {
        let (store, day) = match text.rsplit_once('@') {
            Some((store, day)) if looks_like_a_day(day) => (
                store,
                Some(day.parse().map_err(|_| InvalidReportLocation::NoSuchDay)?),
            ),
            _ => (text, None),
        };
        let store = match store.strip_prefix("s3://") {
            Some(bucket) => {
                let (name, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
                let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
                if name.is_empty() || prefix.is_empty() {
                    return Err(InvalidReportLocation::NoPrefix);
                }
                Store::Bucket {
                    name: name.to_owned(),
                    prefix: prefix.to_owned(),
                }
            }
            None if store.is_empty() => return Err(InvalidReportLocation::Nothing),
            None => Store::Folder(store.into()),
        };
        Ok(Self { store, day })
    }
}

/// Whether a text is meant as a day; a folder's name may have an `@`, too.
fn looks_like_a_day(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '-')
}

impl fmt::Display for ReportLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.store {
            Store::Folder(folder) => write!(f, "{}", folder.display())?,
            Store::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}")?,
        }
        match self.day {
            Some(day) => write!(f, "@{day}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidReportLocation, ReportLocation};
    use crate::model::layout::ReportFile;

    #[test]
    fn a_location_is_a_folder_or_a_prefix_of_a_bucket_and_may_have_a_day() {
        for (text, keys) in [
            ("census", "census/latest/keys.csv"),
            ("./a/b/", "./a/b/latest/keys.csv"),
            ("census@2026-11-20", "census/keys/date=2026-11-20/keys.csv"),
            ("me@home", "me@home/latest/keys.csv"),
            (
                "me@home@2026-11-20",
                "me@home/keys/date=2026-11-20/keys.csv",
            ),
            ("s3://b/keycensus", "s3://b/keycensus/latest/keys.csv"),
            ("s3://b/a/b/", "s3://b/a/b/latest/keys.csv"),
            (
                "s3://b/keycensus@2026-11-20",
                "s3://b/keycensus/keys/date=2026-11-20/keys.csv",
            ),
        ] {
            let location: ReportLocation = text.parse().unwrap();
            assert_eq!(location.location(ReportFile::KeysCsv), keys);
            let written = location.to_string();
            assert_eq!(
                written,
                text.strip_suffix('/')
                    .filter(|_| text.starts_with("s3"))
                    .unwrap_or(text)
            );
        }
    }

    #[test]
    fn a_text_that_names_no_report_is_an_error_with_the_accepted_form() {
        for (text, why) in [
            ("", InvalidReportLocation::Nothing),
            ("@2026-11-20", InvalidReportLocation::Nothing),
            ("s3://", InvalidReportLocation::NoPrefix),
            ("s3://bucket", InvalidReportLocation::NoPrefix),
            ("s3://bucket/", InvalidReportLocation::NoPrefix),
            ("s3:///keycensus", InvalidReportLocation::NoPrefix),
            ("census@2026-13-01", InvalidReportLocation::NoSuchDay),
            ("census@2026-11", InvalidReportLocation::NoSuchDay),
            ("s3://b/keycensus@20", InvalidReportLocation::NoSuchDay),
        ] {
            assert_eq!(text.parse::<ReportLocation>(), Err(why), "{text}");
        }
    }
}
