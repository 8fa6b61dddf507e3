//! Where a report goes: a bucket, a folder, or both. Destinations are checked
//! before the scan, and written in an order in which what a file links to
//! exists.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures_util::future::join_all;
use jiff::civil::Date;
use keycensus_core::{
    judge::summary::FileLocations,
    model::{layout::ReportFile, manifest::Manifest},
    settings::{Settings, Source},
};
use tokio::time::Instant;

use crate::{
    error::CensusError,
    services::aws::Aws,
    store::{
        bucket::{self, Bucket, Condition, Stored, copying::Sent},
        folder::{self, Locked},
        on_disk::{self, OnDisk},
        report_targets::ReportTargets,
        spool::SpooledFile,
    },
    transport::session::Scanner,
};

/// Where a report goes.
#[derive(Debug, Default)]
pub(crate) struct Destination {
    bucket: Option<Bucket>,
    folder: Option<PathBuf>,
}

/// A file that is there, or may be, and could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unread;

/// Checks that the report can be written, before anything is scanned.
pub(crate) async fn check(
    aws: &Aws,
    scanner: &Scanner,
    settings: &Settings,
    folder: Option<PathBuf>,
    source: Source,
) -> Result<Destination, CensusError> {
    let bucket = match &settings.report_bucket {
        Some(name) => Some(bucket::check(aws, scanner, settings, name, source).await?),
        None => None,
    };
    if let Some(folder) = &folder {
        folder::check(folder)?;
    }
    on_disk::check()?;
    Ok(Destination { bucket, folder })
}

impl Destination {
    /// Where the report's files of the day will be: in the bucket where there
    /// is one, else in the folder.
    pub(crate) fn locations(&self, scan_date: Date) -> FileLocations {
        let location = |file: ReportFile| {
            let path = file.dated_path(scan_date);
            match (&self.bucket, &self.folder) {
                (Some(bucket), _) => bucket.uri(&path),
                (None, Some(folder)) => folder.join(path).display().to_string(),
                (None, None) => String::new(),
            }
        };
        FileLocations {
            keys_csv: location(ReportFile::KeysCsv),
            coverage_csv: location(ReportFile::CoverageCsv),
            changes_csv: location(ReportFile::ChangesCsv),
            unseen_csv: location(ReportFile::UnseenCsv),
            trend_csv: location(ReportFile::TrendCsv),
            summary_json: location(ReportFile::SummaryJson),
            report_html: location(ReportFile::ReportHtml),
        }
    }

    /// A file of an earlier run's report; `None` where there is none.
    pub(crate) async fn read(&self, aws: &Aws, path: &str) -> Result<Option<Vec<u8>>, Unread> {
        match (&self.bucket, &self.folder) {
            (Some(bucket), _) => match bucket.get(aws, path).await {
                Ok(object) => Ok(object.map(|(bytes, _)| bytes)),
                Err(error) => {
                    error.log_gap("the last report could not be read");
                    Err(Unread)
                }
            },
            (None, Some(folder)) => folder::read(folder, path).map_err(|_| Unread),
            (None, None) => Ok(None),
        }
    }

    /// As [`Destination::read`], of a large file.
    pub(crate) async fn fetch(&self, aws: &Aws, path: &str) -> Result<Option<Arc<OnDisk>>, Unread> {
        match (&self.bucket, &self.folder) {
            (Some(bucket), _) => bucket.fetch(aws, path).await.map_err(|error| {
                error.log_gap("the last report could not be read");
                Unread
            }),
            (None, Some(folder)) => folder::open(folder, path).map_err(|_| Unread),
            (None, None) => Ok(None),
        }
    }

    /// Where an object of the bucket is; empty where there is no bucket.
    pub(crate) fn uri(&self, path: &str) -> String {
        self.bucket
            .as_ref()
            .map(|bucket| bucket.uri(path))
            .unwrap_or_default()
    }

    /// Whether there is a bucket.
    pub(crate) fn has_bucket(&self) -> bool {
        self.bucket.is_some()
    }

    /// An object of the bucket with its version.
    pub(crate) async fn get_versioned(
        &self,
        aws: &Aws,
        path: &str,
    ) -> Result<Option<(Vec<u8>, Option<String>)>, CensusError> {
        match &self.bucket {
            Some(bucket) => bucket
                .get(aws, path)
                .await
                .map_err(|error| bucket.not_read(path, &error)),
            None => Ok(None),
        }
    }

    /// Writes a small JSON object of the bucket, unless `condition` does not hold.
    pub(crate) async fn put_if(
        &self,
        aws: &Aws,
        path: &str,
        json: Vec<u8>,
        condition: Condition<'_>,
    ) -> Result<Stored, CensusError> {
        match &self.bucket {
            Some(bucket) => bucket.put_if(aws, path, json.into(), condition).await,
            None => Ok(Stored::Version(None)),
        }
    }

    /// Where what is kept at a path is: in the folder where there is one, else in the bucket.
    pub(crate) fn kept_location(&self, path: &str) -> String {
        match &self.folder {
            Some(folder) => folder.join(path).display().to_string(),
            None => self.uri(path),
        }
    }

    /// Keeps a file until the report is written, unless `condition` does not hold: in the folder where
    /// there is one, else in the bucket.
    pub(crate) async fn keep(
        &self,
        aws: &Aws,
        path: &str,
        bytes: Bytes,
        condition: Condition<'_>,
    ) -> Result<Stored, CensusError> {
        match (&self.folder, &self.bucket) {
            (Some(folder), _) => folder::keep(folder, path, &bytes, condition),
            (None, Some(bucket)) => bucket.put_if(aws, path, bytes, condition).await,
            (None, None) => Ok(Stored::Version(None)),
        }
    }

    /// The paths of what is kept below `folder`.
    pub(crate) async fn list(&self, aws: &Aws, below: &str) -> Result<Vec<String>, CensusError> {
        match (&self.folder, &self.bucket) {
            (Some(folder), _) => folder::list(folder, below),
            (None, Some(bucket)) => {
                let paths = bucket.list(aws, below).await;
                paths.map_err(|error| bucket.not_read(below, &error))
            }
            (None, None) => Ok(Vec::new()),
        }
    }

    /// A file that is kept; `None` where there is none.
    pub(crate) async fn read_kept(
        &self,
        aws: &Aws,
        path: &str,
    ) -> Result<Option<Vec<u8>>, CensusError> {
        match (&self.folder, &self.bucket) {
            (Some(folder), _) => {
                folder::read(folder, path).map_err(|error| CensusError::BucketUnreadable {
                    location: folder.join(path).display().to_string(),
                    reason: error.to_string(),
                })
            }
            (None, Some(_)) => {
                let object = self.get_versioned(aws, path).await?;
                Ok(object.map(|(bytes, _)| bytes))
            }
            (None, None) => Ok(None),
        }
    }

    /// Locks what a run keeps in the folder, for as long as this process lives; `None` where another
    /// process holds it. What is kept in a bucket has no lock.
    pub(crate) fn lock_run(&self, below: &str) -> Option<Locked> {
        match &self.folder {
            Some(folder) => folder::lock_run(&folder.join(below)),
            None => Some(Locked::default()),
        }
    }

    /// Removes what a run has kept in the folder. What is kept in a bucket expires by itself.
    pub(crate) fn forget(&self, below: &str) {
        if let Some(folder) = &self.folder {
            folder::forget(folder, below);
        }
    }

    /// Waits until no other scan writes to the folder, where there is one.
    pub(crate) async fn lock_folder(
        &self,
        deadline: Option<Instant>,
    ) -> Result<Option<Locked>, CensusError> {
        match &self.folder {
            Some(folder) => folder::lock(folder, deadline).await.map(Some),
            None => Ok(None),
        }
    }

    /// The report that is the latest in the folder, as far as that can be seen.
    pub(crate) fn newest_in_folder(&self) -> Option<Manifest> {
        let folder = self.folder.as_ref()?;
        let summary = folder::read(folder, &ReportFile::SummaryJson.latest_path());
        Manifest::read(&summary.ok()??)
    }

    /// Writes every file of the day, and only then the latest ones, in their order; in
    /// the folder first.
    pub(crate) async fn write(
        &self,
        aws: &Aws,
        scan_date: Date,
        files: &[SpooledFile],
        in_folder: ReportTargets,
        in_bucket: ReportTargets,
    ) -> Result<(), CensusError> {
        if let Some(folder) = &self.folder {
            folder::write(folder, scan_date, files, in_folder)?;
        }
        let Some(bucket) = &self.bucket else {
            return Ok(());
        };
        if in_bucket == ReportTargets::None {
            return Ok(());
        }
        let sending = files.iter().map(|file| async {
            let path = file.file.dated_path(scan_date);
            let version = bucket.upload(aws, &path, file).await?;
            Ok(Sent { path, version })
        });
        let sent: Result<Vec<Sent>, CensusError> = join_all(sending).await.into_iter().collect();
        let sent = sent?;
        if in_bucket == ReportTargets::DayAndLatest {
            for (sent, file) in sent.iter().zip(files) {
                let path = file.file.latest_path();
                bucket.write_again(aws, sent, &path, file).await?;
            }
        }
        Ok(())
    }
}
