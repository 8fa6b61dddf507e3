//! The bucket that reports are written to.

pub(crate) mod copying;
pub(crate) mod sending;

use std::{cell::Cell, io, sync::Arc};

use aws_sdk_s3::{operation::put_object::builders::PutObjectFluentBuilder, primitives::ByteStream};
use bytes::Bytes;
use keycensus_core::{
    model::account::AccountId,
    settings::{Settings, SettingsError, Source},
};

use crate::{
    error::CensusError,
    services::aws::Aws,
    store::{
        object_encryption::ObjectEncryption,
        on_disk::{OnDisk, Spool},
    },
    transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite, Failure},
        pages::{self, Page},
        retry::retrying,
        sdk_client::client,
        session::Scanner,
    },
};

/// A bucket with reports below a prefix.
#[derive(Debug)]
pub(crate) struct Bucket {
    client: aws_sdk_s3::Client,
    name: String,
    prefix: String,
    /// Where it is called. Its account, where there is one, must own the bucket.
    site: CallSite,
    encryption: ObjectEncryption,
}

const GET_OBJECT: &str = "s3:GetObject";
const PUT_OBJECT: &str = "s3:PutObject";

const BROKEN_OFF: Unreadable = Unreadable("the answer broke off or is too large");
const NOT_HELD: Unreadable = Unreadable("the disk of this machine takes no more");

/// S3's error code for a bucket that is not there.
pub(crate) const NO_SUCH_BUCKET: &str = "NoSuchBucket";

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
    /// S3 went on answering that another write was under way. Nobody may have written it.
    Conflict(CensusError),
}

/// Checks that there is such a bucket and that it may be written to.
pub(crate) async fn check(
    aws: &Aws,
    scanner: &Scanner,
    settings: &Settings,
    name: &str,
    source: Source,
) -> Result<Bucket, CensusError> {
    let bucket = Bucket {
        encryption: ObjectEncryption::new(settings, source),
        ..Bucket::new(aws, name, &settings.report_prefix, Some(scanner.account))
    };
    let answer = retrying(|| {
        aws.send("s3:HeadBucket", &bucket.site, || {
            bucket
                .client
                .head_bucket()
                .bucket(name)
                .set_expected_bucket_owner(bucket.owner())
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
            None => Err(CensusError::BucketUnreadable {
                location: format!("s3://{name}"),
                reason: error.to_string(),
            }),
        },
    }
}

fn key(object: aws_sdk_s3::types::Object) -> Result<String, Unreadable> {
    object
        .key
        .ok_or(Unreadable("an object without a key is listed"))
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

impl Bucket {
    /// A bucket that `owner` must own, where one is given; whether it does is seen
    /// with each call.
    pub(crate) fn new(aws: &Aws, name: &str, prefix: &str, owner: Option<AccountId>) -> Self {
        Self {
            client: client!(aws_sdk_s3, aws.config()),
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            site: CallSite {
                account: owner,
                region: aws.region().clone(),
            },
            encryption: ObjectEncryption::default(),
        }
    }

    fn owner(&self) -> Option<String> {
        self.site.account.map(|account| account.to_string())
    }

    fn key(&self, path: &str) -> String {
        format!("{}/{path}", self.prefix)
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        format!("s3://{}/{}", self.name, self.key(path))
    }

    /// An object's bytes and version; `None` where there is no such object.
    pub(crate) async fn get(
        &self,
        aws: &Aws,
        path: &str,
    ) -> Result<Option<(Vec<u8>, Option<String>)>, CallError> {
        let begin = || Ok(Vec::new());
        let add = |bytes: &mut Vec<u8>, part: &[u8]| {
            bytes.extend_from_slice(part);
            Ok(())
        };
        self.get_part_by_part(aws, path, begin, add).await
    }

    /// A large object on the disk of this machine; `None` where there is no such object.
    pub(crate) async fn fetch(
        &self,
        aws: &Aws,
        path: &str,
    ) -> Result<Option<Arc<OnDisk>>, CallError> {
        let object = self
            .get_part_by_part(aws, path, Spool::begin, Spool::add)
            .await?;
        let object = object.map(|(spool, _)| spool.finish()).transpose();
        object.map_err(|_| CallError::unreadable(GET_OBJECT, &self.site, NOT_HELD))
    }

    /// An object as it was made of its parts, and its version.
    async fn get_part_by_part<T>(
        &self,
        aws: &Aws,
        path: &str,
        begin: impl Fn() -> io::Result<T>,
        add: impl Fn(&mut T, &[u8]) -> io::Result<()>,
    ) -> Result<Option<(T, Option<String>)>, CallError> {
        let unreadable = |why| CallError::unreadable(GET_OBJECT, &self.site, why);
        let answer = retrying(|| async {
            let answer = aws
                .send(GET_OBJECT, &self.site, || {
                    self.client
                        .get_object()
                        .bucket(&self.name)
                        .key(self.key(path))
                        .set_expected_bucket_owner(self.owner())
                        .send()
                })
                .await?;
            let mut body = answer.body;
            let mut object = begin().map_err(|_| unreadable(NOT_HELD))?;
            while let Some(part) = body.next().await {
                let part = part.map_err(|_| unreadable(BROKEN_OFF))?;
                add(&mut object, &part).map_err(|_| unreadable(NOT_HELD))?;
            }
            Ok((object, answer.e_tag))
        })
        .await;
        match answer {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.status == Some(404) && &*error.code != NO_SUCH_BUCKET => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The paths of all objects below `folder`.
    pub(crate) async fn list(&self, aws: &Aws, folder: &str) -> Result<Vec<String>, CallError> {
        const OPERATION: &str = "s3:ListObjectsV2";
        let prefix = self.key(folder);
        let mut paths = Vec::new();
        let page = |token: Option<String>| {
            let prefix = &prefix;
            retrying(move || {
                let token = token.clone();
                async move {
                    let answer = aws.send(OPERATION, &self.site, || {
                        self.client
                            .list_objects_v2()
                            .bucket(&self.name)
                            .prefix(prefix)
                            .set_continuation_token(token)
                            .set_expected_bucket_owner(self.owner())
                            .send()
                    });
                    let answer = answer.await?;
                    let token = answer.next_continuation_token;
                    Page::with_marker(
                        // An empty listing has no list of its own.
                        Some(answer.contents.unwrap_or_default()),
                        answer.is_truncated.unwrap_or_default(),
                        token,
                    )
                    .and_then(|page| page.read(key))
                    .map_err(|why| CallError::unreadable(OPERATION, &self.site, why))
                }
            })
        };
        let below = format!("{}/", self.prefix);
        pages::each(OPERATION, &self.site, page, |page| {
            let keys = page.into_iter();
            paths.extend(keys.filter_map(|key| Some(key.strip_prefix(&below)?.to_owned())));
        })
        .await?;
        Ok(paths)
    }

    /// Writes a small object of JSON, unless `condition` does not hold.
    ///
    /// S3 answers 409 where another write of the object is under way, and 404 where the
    /// object of the wanted version has been deleted; either is to be sent again
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>).
    /// What is not there any more cannot have that version: the condition is then that
    /// there is none.
    pub(crate) async fn put_if(
        &self,
        aws: &Aws,
        path: &str,
        json: Bytes,
        condition: Condition<'_>,
    ) -> Result<Stored, CensusError> {
        let wanted = Cell::new(condition);
        let answer = retrying(|| async {
            let (absent, version) = match wanted.get() {
                Condition::None => (None, None),
                Condition::Absent => (Some("*"), None),
                Condition::Version(version) => (None, Some(version)),
            };
            let answer = aws.send(PUT_OBJECT, &self.site, || {
                self.put_object(path, "application/json")
                    .set_if_none_match(absent.map(str::to_owned))
                    .set_if_match(version.map(str::to_owned))
                    .body(ByteStream::from(json.clone()))
                    .send()
            });
            answer.await.map_err(|mut error| {
                let was_deleted = error.status == Some(404) && &*error.code != NO_SUCH_BUCKET;
                if was_deleted && version.is_some() {
                    wanted.set(Condition::Absent);
                }
                if was_deleted || error.status == Some(409) {
                    error.failure = Failure::Transient;
                }
                error
            })
        })
        .await;
        let error = match answer {
            Ok(answer) => return Ok(Stored::Version(answer.e_tag)),
            Err(error) => error,
        };
        let not_written = self.not_written(path, &error);
        match (condition, error.status) {
            (Condition::Absent | Condition::Version(_), Some(412)) => Ok(Stored::SomebodyElse),
            (Condition::Absent | Condition::Version(_), Some(409)) => {
                Ok(Stored::Conflict(not_written))
            }
            _ => Err(not_written),
        }
    }

    fn put_object(&self, path: &str, content_type: &str) -> PutObjectFluentBuilder {
        let (encryption, key) = self.encryption.asked();
        self.client
            .put_object()
            .bucket(&self.name)
            .key(self.key(path))
            .set_expected_bucket_owner(self.owner())
            .content_type(content_type)
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(key)
    }

    /// What to say of an object that was not read.
    pub(crate) fn not_read(&self, path: &str, error: &CallError) -> CensusError {
        let remedy = self.encryption.remedy(error);
        CensusError::BucketUnreadable {
            location: self.uri(path),
            reason: format!("{error}{remedy}"),
        }
    }

    /// What to say of an object that was not written.
    fn not_written(&self, path: &str, error: &CallError) -> CensusError {
        let remedy = self.encryption.remedy(error);
        CensusError::ReportNotWritten {
            location: self.uri(path),
            reason: format!("{error}{remedy}"),
        }
    }
}
