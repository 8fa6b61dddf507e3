//! Files of `latest/`, which S3 copies from those of the day.

use super::Bucket;
use crate::{
    error::CensusError,
    services::aws::Aws,
    store::{
        bucket::sending::{PART_BYTES, limits},
        spool::SpooledFile,
        upload::Upload,
    },
    transport::{call_error::CallError, retry::retrying},
};

const COPY: &str = "s3:CopyObject";
/// The largest object that one request copies
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).
const MOST_BYTES: u64 = 5_000_000_000;

/// A file of a report that is in the bucket.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) path: String,
    /// As S3 said it.
    pub(crate) version: Option<String>,
}

impl Bucket {
    /// Writes a file of a report a second time. A large one is copied within S3. One that is sent in one request is
    /// sent again: a copy would be one request as well, and would need the permission to read the file.
    ///
    /// What cannot be copied is sent, whatever the reason: the role may not read the file, the version that was sent is
    /// no more, or a policy demands conditions that a copy cannot have
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html>).
    pub(crate) async fn write_again(
        &self,
        aws: &Aws,
        sent: &Sent,
        path: &str,
        file: &SpooledFile,
    ) -> Result<(), CensusError> {
        let bytes = file.content.facts.bytes;
        if let Some(version) = sent.version.as_deref()
            && (PART_BYTES + 1..=MOST_BYTES).contains(&bytes)
        {
            match self.copy(aws, (&sent.path, version), path, file).await {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tracing::debug!("{} is sent and not copied: {error}", self.uri(path));
                }
            }
        }
        self.upload(aws, path, file).await.map(drop)
    }

    /// Copies the version that was sent, and no other: another run may have written its own meanwhile. The copy has the
    /// content type of what it is made from, and an encryption of its own.
    async fn copy(
        &self,
        aws: &Aws,
        (from, version): (&str, &str),
        to: &str,
        file: &SpooledFile,
    ) -> Result<(), CallError> {
        let (encryption, key) = self.encryption.asked();
        // Neither a prefix nor a path has a character that would have to be escaped here.
        let source = format!("{}/{}", self.name, self.key(from));
        let limits = limits(&Upload::whole(file));
        let answer = retrying(|| {
            aws.send(COPY, &self.site, || {
                self.client
                    .copy_object()
                    .bucket(&self.name)
                    .key(self.key(to))
                    .copy_source(&source)
                    .copy_source_if_match(version)
                    .set_expected_bucket_owner(self.owner())
                    .set_expected_source_bucket_owner(self.owner())
                    .set_server_side_encryption(encryption.clone())
                    .set_ssekms_key_id(key.clone())
                    .customize()
                    .config_override(limits.clone())
                    .send()
            })
        });
        answer.await.map(drop)
    }
}
