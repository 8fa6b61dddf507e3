//! A report that a census has stored, read from where it is.

use std::path::Path;

use keycensus_core::{
    files::{
        report_location::{ReportLocation, Store},
        stored_report::StoredFiles,
    },
    model::layout::ReportFile,
    settings::SettingsError,
};
use thiserror::Error;

use crate::{
    services::aws::Aws,
    store::{
        bucket::{Bucket, NO_SUCH_BUCKET},
        folder,
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
        "there is no {location}: name {right}, and after an @ a day of which there is a report"
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

/// Reads the files of a stored report, with the ambient credentials, or those `chosen`,
/// where they are in a bucket. Whose bucket it is does not matter: reading asks for
/// `s3:GetObject`, and for `s3:ListBucket` to distinguish a file that is not there from one
/// that may not be read.
///
/// # Errors
/// A file is not there or cannot be read.
pub async fn files(place: &ReportLocation, chosen: Chosen) -> Result<StoredFiles, NotRead> {
    let store = match &place.store {
        Store::Folder(folder) if folder.is_file() => {
            return Err(NotRead::Unreadable {
                location: folder.display().to_string(),
                reason: format!("it is a file: name the folder that {OUT} has written to"),
            });
        }
        Store::Folder(folder) => Opened::Folder(folder),
        Store::Bucket { name, prefix } => {
            let aws = Aws::new(ambient_config(chosen).await?)?;
            Opened::Bucket(Bucket::new(&aws, name, prefix, None), Box::new(aws))
        }
    };
    let read = |file| read(place, &store, file);
    let (keys_csv, coverage_csv, changes_csv, unseen_csv, summary_json) = tokio::join!(
        read(ReportFile::KeysCsv),
        read(ReportFile::CoverageCsv),
        read(ReportFile::ChangesCsv),
        read(ReportFile::UnseenCsv),
        read(ReportFile::SummaryJson),
    );
    Ok(StoredFiles {
        keys_csv: keys_csv?,
        coverage_csv: coverage_csv?,
        changes_csv: changes_csv?,
        unseen_csv: unseen_csv?,
        summary_json: summary_json?,
    })
}

/// What writes reports to a folder.
const OUT: &str = "keycensus scan --out";

/// Where files are read from.
enum Opened<'a> {
    Folder(&'a Path),
    Bucket(Bucket, Box<Aws>),
}

async fn read(
    place: &ReportLocation,
    store: &Opened<'_>,
    file: ReportFile,
) -> Result<Vec<u8>, NotRead> {
    let path = place.path(file);
    let unreadable = |reason| NotRead::Unreadable {
        location: place.location(file),
        reason,
    };
    let (found, right) = match store {
        Opened::Folder(folder) => (
            folder::read(folder, &path).map_err(|error| unreadable(error.to_string()))?,
            format!("a folder that {OUT} has written to"),
        ),
        Opened::Bucket(bucket, aws) => {
            let object = bucket.get(aws, &path).await;
            let object = object.map_err(|error| unreadable(remedied(&error)))?;
            (
                object.map(|(bytes, _)| bytes),
                "a bucket and prefix that a census has written to".to_owned(),
            )
        }
    };
    found.ok_or_else(|| NotRead::Missing {
        location: place.location(file),
        right,
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
