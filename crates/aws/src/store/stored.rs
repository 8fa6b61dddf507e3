//! A report that a census has stored, read from where it is.

use std::{fs::File, io, path::Path, sync::Arc};

use keycensus_core::{
    files::{
        report_location::{ReportLocation, Store},
        stored_report::{StoredFile, StoredFiles},
    },
    model::{layout::ReportFile, manifest::FileFacts},
    settings::SettingsError,
};
use thiserror::Error;

use crate::{
    services::aws::Aws,
    store::{
        bucket::{Bucket, NO_SUCH_BUCKET},
        folder,
        on_disk::{DiskReader, OnDisk},
    },
    transport::{
        ambient::{Chosen, ambient_config},
        call_error::{CallError, Failure},
        first_call,
    },
};

/// Why a stored report could not be read.
#[derive(Debug, Error)]
pub enum NotRead {
    /// There is no Region to ask for the bucket in.
    #[error(transparent)]
    SettingsError(#[from] SettingsError),
    /// A file of it is not there.
    #[error(
        "there is no {location}: name {right}, and after an @ a day, such as 2026-11-20, of which there is a report"
    )]
    Missing {
        /// The path, or bucket and key.
        location: String,
        /// What would be right.
        right: String,
    },
    /// A file of it is there, or may be, and could not be read.
    #[error("{location} could not be read: {reason}")]
    Unreadable {
        /// The path, or bucket and key.
        location: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

/// A file of a stored report: that of a folder, or what was fetched of a bucket to the disk of this
/// machine. What is written under its name later does not change it.
#[derive(Debug)]
pub struct FetchedFile(Arc<OnDisk>);

impl FetchedFile {
    /// A file by its path.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        OnDisk::opened(File::open(path)?).map(Self)
    }
}

impl StoredFile for FetchedFile {
    type Reader<'a> = DiskReader;

    fn facts(&self) -> FileFacts {
        self.0.facts.clone()
    }

    fn reader(&self) -> DiskReader {
        self.0.reader()
    }
}

/// The `keys.csv` of a stored report, and the summary that names it.
#[derive(Debug)]
pub struct KeysFile {
    /// One row for each key.
    pub keys_csv: FetchedFile,
    /// The run in numbers.
    pub summary_json: Vec<u8>,
}

/// Fetches the files of a stored report, with the ambient credentials, or those `chosen`,
/// where they are in a bucket. Whose bucket it is does not matter: reading asks for
/// `s3:GetObject`, and for `s3:ListBucket` to distinguish a file that is not there from one
/// that may not be read.
///
/// # Errors
/// A file is not there or cannot be read.
pub async fn files(
    place: &ReportLocation,
    chosen: Chosen,
) -> Result<StoredFiles<FetchedFile>, NotRead> {
    let store = Opened::at(place, chosen).await?;
    let fetch = |file| fetch(place, &store, file);
    let (keys_csv, coverage_csv, changes_csv, unseen_csv, trend_csv, summary_json) = tokio::join!(
        fetch(ReportFile::KeysCsv),
        fetch(ReportFile::CoverageCsv),
        fetch(ReportFile::ChangesCsv),
        fetch(ReportFile::UnseenCsv),
        fetch(ReportFile::TrendCsv),
        read(place, &store, ReportFile::SummaryJson),
    );
    Ok(StoredFiles {
        keys_csv: keys_csv?,
        coverage_csv: coverage_csv?,
        changes_csv: changes_csv?,
        unseen_csv: unseen_csv?,
        trend_csv: if_there(trend_csv)?,
        summary_json: summary_json?,
    })
}

/// As [`files`], of the keys only.
///
/// # Errors
/// As [`files`].
pub async fn keys(place: &ReportLocation, chosen: Chosen) -> Result<KeysFile, NotRead> {
    let store = Opened::at(place, chosen).await?;
    let (keys_csv, summary_json) = tokio::join!(
        fetch(place, &store, ReportFile::KeysCsv),
        read(place, &store, ReportFile::SummaryJson),
    );
    Ok(KeysFile {
        keys_csv: keys_csv?,
        summary_json: summary_json?,
    })
}

/// A file that reports of earlier versions have not.
fn if_there(file: Result<FetchedFile, NotRead>) -> Result<Option<FetchedFile>, NotRead> {
    match file {
        Ok(file) => Ok(Some(file)),
        Err(NotRead::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What writes reports to a folder.
const OUT: &str = "keycensus scan --out";

/// Where files are read from.
enum Opened<'a> {
    Folder(&'a Path),
    Bucket(Bucket, Box<Aws>),
}

impl<'a> Opened<'a> {
    async fn at(place: &'a ReportLocation, chosen: Chosen) -> Result<Self, NotRead> {
        Ok(match &place.store {
            Store::Folder(folder) if folder.is_file() => {
                return Err(NotRead::Unreadable {
                    location: folder.display().to_string(),
                    reason: format!("it is a file: name the folder that {OUT} has written to"),
                });
            }
            Store::Folder(folder) => Self::Folder(folder),
            Store::Bucket { name, prefix } => {
                let aws = Aws::new(ambient_config(chosen).await?)?;
                Self::Bucket(Bucket::new(&aws, name, prefix, None), Box::new(aws))
            }
        })
    }

    /// What would be right where a file is not there.
    fn right(&self) -> String {
        match self {
            Self::Folder(_) => format!("a folder that {OUT} has written to"),
            Self::Bucket(..) => "a bucket and prefix that a census has written to".to_owned(),
        }
    }
}

/// A large file, on the disk of this machine.
async fn fetch(
    place: &ReportLocation,
    store: &Opened<'_>,
    file: ReportFile,
) -> Result<FetchedFile, NotRead> {
    let path = place.path(file);
    let found = match store {
        Opened::Folder(folder) => folder::open(folder, &path).map_err(|error| error.to_string()),
        Opened::Bucket(bucket, aws) => {
            let object = bucket.fetch(aws, &path).await;
            object.map_err(|error| remedied(&error))
        }
    };
    found_at(place, store, file, found).map(FetchedFile)
}

/// A small file, in memory.
async fn read(
    place: &ReportLocation,
    store: &Opened<'_>,
    file: ReportFile,
) -> Result<Vec<u8>, NotRead> {
    let path = place.path(file);
    let found = match store {
        Opened::Folder(folder) => folder::read(folder, &path).map_err(|error| error.to_string()),
        Opened::Bucket(bucket, aws) => {
            let object = bucket.get(aws, &path).await;
            let object = object.map_err(|error| remedied(&error));
            object.map(|object| object.map(|(bytes, _)| bytes))
        }
    };
    found_at(place, store, file, found)
}

fn found_at<T>(
    place: &ReportLocation,
    store: &Opened<'_>,
    file: ReportFile,
    found: Result<Option<T>, String>,
) -> Result<T, NotRead> {
    let found = found.map_err(|reason| NotRead::Unreadable {
        location: place.location(file),
        reason,
    })?;
    found.ok_or_else(|| NotRead::Missing {
        location: place.location(file),
        right: store.right(),
    })
}

/// What is wrong, with what would be right where we know.
fn remedied(error: &CallError) -> String {
    if let Some(message) = first_call::known(error) {
        return message;
    }
    match (&*error.code, &error.bucket_region, error.failure) {
        (NO_SUCH_BUCKET, _, _) => "there is no such bucket".to_owned(),
        (_, Some(region), _) if **region != *error.site.region.as_str() => {
            format!("the bucket is in {region}: set AWS_REGION={region}")
        }
        (_, _, Failure::Refused) => {
            format!("{error}; s3:GetObject and s3:ListBucket must be allowed on the bucket")
        }
        _ => error.to_string(),
    }
}
