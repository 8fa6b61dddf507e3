//! Where a report goes: a bucket, a folder, or both. Destinations are checked
//! before the scan, and written in an order in which what a file links to
//! exists.

use std::path::PathBuf;

use aws_sdk_s3::primitives::ByteStream;
use keycensus_core::{
    layout::ReportFile,
    report::Report,
    settings::{Settings, SettingsError, Source},
    summary::ReportLocations,
};

use crate::{
    call_error::{CallError, Failure, Place},
    connection::Aws,
    error::CensusError,
    folder,
    retry::retrying,
    session::Scanner,
};

/// A bucket that the census may write to.
#[derive(Debug)]
pub(crate) struct Bucket {
    client: aws_sdk_s3::Client,
    name: String,
    prefix: String,
    place: Place,
}

/// On what condition an object is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition<'a> {
    /// Always.
    None,
    /// Only where there is none.
    Absent,
    /// Only over this version.
    Version(&'a str),
}

/// What became of an object that was to be written on a condition.
#[derive(Debug)]
pub(crate) enum Stored {
    /// It is written, and has this version.
    Version(Option<String>),
    /// Somebody else has written it.
    SomebodyElse,
}

/// Where a report goes.
#[derive(Debug, Default)]
pub(crate) struct Destination {
    bucket: Option<Bucket>,
    folder: Option<PathBuf>,
}

/// Checks that the report can be written, before anything is scanned.
pub(crate) async fn check(
    aws: &Aws,
    scanner: &Scanner,
    settings: &Settings,
    folder: Option<PathBuf>,
    source: Source,
) -> Result<Destination, CensusError> {
    let bucket = match &settings.report_bucket {
        Some(name) => Some(check_bucket(aws, scanner, settings, name, source).await?),
        None => None,
    };
    if let Some(folder) = &folder {
        folder::check(folder)?;
    }
    Ok(Destination { bucket, folder })
}

async fn check_bucket(
    aws: &Aws,
    scanner: &Scanner,
    settings: &Settings,
    name: &str,
    source: Source,
) -> Result<Bucket, CensusError> {
    let bucket = Bucket {
        client: aws_sdk_s3::Client::new(aws.config()),
        name: name.to_owned(),
        prefix: settings.report_prefix.clone(),
        place: Place {
            account: Some(scanner.account),
            region: aws.region().clone(),
        },
    };
    let answer = retrying(|| {
        aws.send("s3:HeadBucket", &bucket.place, || {
            bucket
                .client
                .head_bucket()
                .bucket(name)
                .expected_bucket_owner(scanner.account.to_string())
                .send()
        })
    })
    .await;
    match answer {
        Ok(_) => Ok(bucket),
        Err(error) => match bucket_problem(&error, scanner, aws) {
            Some(problem) => {
                Err(SettingsError::refused(source, "report_bucket", name, problem).into())
            }
            None => Err(CensusError::ReportNotWritten {
                location: format!("s3://{name}"),
                reason: error.to_string(),
            }),
        },
    }
}

fn bucket_problem(error: &CallError, scanner: &Scanner, aws: &Aws) -> Option<String> {
    let (account, region) = (scanner.account, aws.region());
    match (error.status, &error.bucket_region) {
        (Some(404), _) => Some(format!(
            "there is no such bucket: create it in account {account}, {region}, or name one that exists"
        )),
        (Some(300..=400), Some(other)) if **other != *region.as_str() => Some(format!(
            "the bucket is in {other}, but the census runs in {region}: name a bucket in {region}"
        )),
        (Some(403), _) => Some(format!(
            "access is refused: the bucket must belong to account {account}, and s3:ListBucket and s3:PutObject must be allowed on it"
        )),
        (Some(300..=399), _) => Some(format!(
            "the bucket is in another Region: name a bucket in {region}"
        )),
        _ => None,
    }
}

impl Destination {
    /// Where the report's files of the day will be: in the bucket where there
    /// is one, else in the folder.
    pub(crate) fn locations(&self, scan_date: &str) -> ReportLocations {
        let location = |file: ReportFile| {
            let path = file.dated_path(scan_date);
            match (&self.bucket, &self.folder) {
                (Some(bucket), _) => bucket.uri(&path),
                (None, Some(folder)) => folder.join(path).display().to_string(),
                (None, None) => String::new(),
            }
        };
        ReportLocations {
            keys_csv: location(ReportFile::KeysCsv),
            coverage_csv: location(ReportFile::CoverageCsv),
            summary_json: location(ReportFile::SummaryJson),
            report_html: None,
        }
    }

    /// One of the latest files, as the last run left it; `None` where there is
    /// none, or it cannot be read.
    pub(crate) async fn latest(
        &self,
        aws: &Aws,
        scanner: &Scanner,
        file: ReportFile,
    ) -> Option<Vec<u8>> {
        let path = file.latest_path();
        match (&self.bucket, &self.folder) {
            (Some(bucket), _) => match bucket.get(aws, scanner, &path).await {
                Ok(object) => object.map(|(bytes, _)| bytes),
                Err(error) => {
                    error.log_gap("the last report could not be read");
                    None
                }
            },
            (None, Some(folder)) => std::fs::read(folder.join(path)).ok(),
            (None, None) => None,
        }
    }

    /// Whether there is a bucket.
    pub(crate) fn has_bucket(&self) -> bool {
        self.bucket.is_some()
    }

    /// An object of the bucket with its version.
    pub(crate) async fn get_versioned(
        &self,
        aws: &Aws,
        scanner: &Scanner,
        path: &str,
    ) -> Result<Option<(Vec<u8>, Option<String>)>, CensusError> {
        match &self.bucket {
            Some(bucket) => bucket
                .get(aws, scanner, path)
                .await
                .map_err(|error| bucket.not_written(path, &error)),
            None => Ok(None),
        }
    }

    /// Writes a small object of the bucket, unless `condition` does not hold.
    pub(crate) async fn put_if(
        &self,
        aws: &Aws,
        scanner: &Scanner,
        path: &str,
        bytes: &[u8],
        condition: Condition<'_>,
    ) -> Result<Stored, CensusError> {
        match &self.bucket {
            Some(bucket) => bucket
                .put_if(aws, scanner, path, bytes, condition)
                .await
                .map_err(|error| bucket.not_written(path, &error)),
            None => Ok(Stored::Version(None)),
        }
    }

    /// Writes every file of the day, and only then the latest ones.
    pub(crate) async fn write(
        &self,
        aws: &Aws,
        scanner: &Scanner,
        report: &Report,
    ) -> Result<(), CensusError> {
        let files = ReportFile::ALL.map(|file| (file, report.file(file)));
        let dated = files.iter().map(|(file, bytes)| {
            (
                file.dated_path(&report.scan_date),
                file.content_type(),
                bytes,
            )
        });
        let latest = files
            .iter()
            .map(|(file, bytes)| (file.latest_path(), file.content_type(), bytes));
        for (path, content_type, bytes) in dated.chain(latest) {
            if let Some(bucket) = &self.bucket {
                bucket.put(aws, scanner, &path, content_type, bytes).await?;
            }
            if let Some(folder) = &self.folder {
                folder::write(folder, &path, bytes)?;
            }
        }
        Ok(())
    }
}

impl Bucket {
    fn key(&self, path: &str) -> String {
        format!("{}/{path}", self.prefix)
    }

    fn uri(&self, path: &str) -> String {
        format!("s3://{}/{}", self.name, self.key(path))
    }

    /// An object's bytes and version; `None` where there is no such object.
    async fn get(
        &self,
        aws: &Aws,
        scanner: &Scanner,
        path: &str,
    ) -> Result<Option<(Vec<u8>, Option<String>)>, CallError> {
        const OPERATION: &str = "s3:GetObject";
        let answer = retrying(|| async {
            let answer = aws
                .send(OPERATION, &self.place, || {
                    self.client
                        .get_object()
                        .bucket(&self.name)
                        .key(self.key(path))
                        .expected_bucket_owner(scanner.account.to_string())
                        .send()
                })
                .await?;
            let bytes = answer.body.collect().await;
            let bytes = bytes.map_err(|_| CallError::cut_short(OPERATION, &self.place))?;
            Ok((bytes.to_vec(), answer.e_tag))
        })
        .await;
        match answer {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.status == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a small object, unless `condition` does not hold.
    async fn put_if(
        &self,
        aws: &Aws,
        scanner: &Scanner,
        path: &str,
        bytes: &[u8],
        condition: Condition<'_>,
    ) -> Result<Stored, CallError> {
        let (absent, version) = match condition {
            Condition::None => (None, None),
            Condition::Absent => (Some("*".to_owned()), None),
            Condition::Version(version) => (None, Some(version.to_owned())),
        };
        let answer = retrying(|| {
            aws.send("s3:PutObject", &self.place, || {
                self.client
                    .put_object()
                    .bucket(&self.name)
                    .key(self.key(path))
                    .expected_bucket_owner(scanner.account.to_string())
                    .content_type("application/json")
                    .set_if_none_match(absent.clone())
                    .set_if_match(version.clone())
                    .body(ByteStream::from(bytes.to_vec()))
                    .send()
            })
        })
        .await;
        match answer {
            Ok(answer) => Ok(Stored::Version(answer.e_tag)),
            // Failed precondition, or a conflict with a write at the same time.
            Err(error) if matches!(error.status, Some(409 | 412)) => Ok(Stored::SomebodyElse),
            Err(error) => Err(error),
        }
    }

    async fn put(
        &self,
        aws: &Aws,
        scanner: &Scanner,
        path: &str,
        content_type: &str,
        bytes: &[u8],
    ) -> Result<(), CensusError> {
        retrying(|| {
            aws.send("s3:PutObject", &self.place, || {
                self.client
                    .put_object()
                    .bucket(&self.name)
                    .key(self.key(path))
                    .expected_bucket_owner(scanner.account.to_string())
                    .content_type(content_type)
                    .body(ByteStream::from(bytes.to_vec()))
                    .send()
            })
        })
        .await
        .map(drop)
        .map_err(|error| self.not_written(path, &error))
    }

    fn not_written(&self, path: &str, error: &CallError) -> CensusError {
        let remedy = match error.failure {
            Failure::Refused => "; allow s3:PutObject and s3:GetObject below the prefix",
            _ => "",
        };
        CensusError::ReportNotWritten {
            location: self.uri(path),
            reason: format!("{error}{remedy}"),
        }
    }
}
