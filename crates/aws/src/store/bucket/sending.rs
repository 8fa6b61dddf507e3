//! Files of a report on their way into the bucket: a small one in one request, a large one in parts.

use aws_sdk_s3::{
    config::Builder,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};

use super::{Bucket, PUT_OBJECT};
use crate::{
    error::CensusError,
    services::aws::Aws,
    store::{spool::SpooledFile, upload::Upload},
    transport::{
        answer::Unreadable,
        call_error::{CallError, Failure},
        retry::retrying,
    },
};

/// The size of a part. What fits in one is sent in one request. S3 takes parts of 5 MiB to 5 GiB, 10,000 of them
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>): 156 GiB in parts of this size.
pub(crate) const PART_BYTES: u64 = 16 << 20;

const CREATE_UPLOAD: &str = "s3:CreateMultipartUpload";
const UPLOAD_PART: &str = "s3:UploadPart";
const COMPLETE_UPLOAD: &str = "s3:CompleteMultipartUpload";
const NO_SUCH_UPLOAD: &str = "NoSuchUpload";

const NOT_GIVEN_BACK: Unreadable = Unreadable("the disk of this machine does not give a file back");

impl Bucket {
    /// Writes a file of a report, and says which version it has.
    ///
    /// Where a policy refuses parts, the file is sent in one request, which S3 takes up to 5 GB: a policy that denies
    /// `s3:PutObject` without a header for the encryption may deny UploadPart, which has no such header
    /// (<https://github.com/boto/botocore/issues/471>).
    pub(crate) async fn upload(
        &self,
        aws: &Aws,
        path: &str,
        file: &SpooledFile,
    ) -> Result<Option<String>, CensusError> {
        let written = match file.content.facts.bytes > PART_BYTES {
            false => self.put_whole(aws, path, file).await,
            true => match self.put_in_parts(aws, path, file).await {
                Err(error) if error.failure == Failure::Refused => {
                    tracing::debug!("{} is sent in one request: {error}", self.uri(path));
                    self.put_whole(aws, path, file).await
                }
                written => written,
            },
        };
        written.map_err(|error| self.not_written(path, &error))
    }

    async fn put_whole(
        &self,
        aws: &Aws,
        path: &str,
        file: &SpooledFile,
    ) -> Result<Option<String>, CallError> {
        let upload = Upload::whole(file);
        let answer = retrying(|| {
            aws.send(PUT_OBJECT, &self.site, || {
                self.put_object(path, file.file.content_type())
                    .checksum_sha256(upload.checksum())
                    .body(upload.body())
                    .customize()
                    .config_override(limits(&upload))
                    .interceptor(upload.signing())
                    .send()
            })
        });
        Ok(answer.await?.e_tag)
    }

    /// An upload that S3 does not know any more begins again, once. It is complete, and the answer that said so was
    /// lost; or somebody has aborted it
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
    async fn put_in_parts(
        &self,
        aws: &Aws,
        path: &str,
        file: &SpooledFile,
    ) -> Result<Option<String>, CallError> {
        match self.put_in_parts_once(aws, path, file).await {
            Err(error) if &*error.code == NO_SUCH_UPLOAD => {
                self.put_in_parts_once(aws, path, file).await
            }
            written => written,
        }
    }

    /// The parts are sent one after the other: each has the whole connection, and its time limit counts on that. An
    /// upload that fails stays incomplete: the role may not abort it, and the bucket's lifecycle does.
    async fn put_in_parts_once(
        &self,
        aws: &Aws,
        path: &str,
        file: &SpooledFile,
    ) -> Result<Option<String>, CallError> {
        let upload_id = self.create_upload(aws, path, file).await?;
        let mut parts = CompletedMultipartUpload::builder();
        for (number, at) in (1..).zip((0..file.content.facts.bytes).step_by(PART_BYTES as usize)) {
            let part = Upload::part(file, at, PART_BYTES)
                .map_err(|_| CallError::unreadable(UPLOAD_PART, &self.site, NOT_GIVEN_BACK))?;
            parts = parts.parts(self.put_part(aws, path, &upload_id, number, &part).await?);
        }
        let parts = parts.build();
        let answer = retrying(|| {
            aws.send(COMPLETE_UPLOAD, &self.site, || {
                self.client
                    .complete_multipart_upload()
                    .bucket(&self.name)
                    .key(self.key(path))
                    .upload_id(&upload_id)
                    .multipart_upload(parts.clone())
                    .set_expected_bucket_owner(self.owner())
                    .send()
            })
        });
        Ok(answer.await?.e_tag)
    }

    /// Begins an upload. S3 checks each part by its SHA-256, and the object's checksum is that of the parts'
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>).
    async fn create_upload(
        &self,
        aws: &Aws,
        path: &str,
        file: &SpooledFile,
    ) -> Result<String, CallError> {
        let (encryption, key) = self.encryption.asked();
        let answer = retrying(|| {
            aws.send(CREATE_UPLOAD, &self.site, || {
                self.client
                    .create_multipart_upload()
                    .bucket(&self.name)
                    .key(self.key(path))
                    .set_expected_bucket_owner(self.owner())
                    .content_type(file.file.content_type())
                    .checksum_algorithm(ChecksumAlgorithm::Sha256)
                    .set_server_side_encryption(encryption.clone())
                    .set_ssekms_key_id(key.clone())
                    .send()
            })
        });
        let unnamed = Unreadable("an upload without an ID is begun");
        let upload_id = answer.await?.upload_id;
        upload_id.ok_or_else(|| CallError::unreadable(CREATE_UPLOAD, &self.site, unnamed))
    }

    async fn put_part(
        &self,
        aws: &Aws,
        path: &str,
        upload_id: &str,
        number: i32,
        part: &Upload<'_>,
    ) -> Result<CompletedPart, CallError> {
        let answer = retrying(|| {
            aws.send(UPLOAD_PART, &self.site, || {
                self.client
                    .upload_part()
                    .bucket(&self.name)
                    .key(self.key(path))
                    .upload_id(upload_id)
                    .part_number(number)
                    .set_expected_bucket_owner(self.owner())
                    .checksum_sha256(part.checksum())
                    .body(part.body())
                    .customize()
                    .config_override(limits(part))
                    .interceptor(part.signing())
                    .send()
            })
        });
        let version = answer.await?.e_tag;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(version)
            .checksum_sha256(part.checksum())
            .build())
    }
}

/// The time limits of a request that sends this, or has S3 copy it.
pub(super) fn limits(upload: &Upload<'_>) -> Builder {
    Builder::new().timeout_config(upload.time_limits())
}
