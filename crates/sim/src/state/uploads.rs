//! Multipart uploads that are under way
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>).

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use http::HeaderMap;

use crate::{lock::lock, state::objects::ENCRYPTION_KEY};

/// An upload: what the object will be, and what is there of it.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// Of the object.
    pub(crate) headers: HeaderMap,
    /// The algorithm of the checksums, as the request named it.
    pub(crate) checksum: Option<String>,
    /// By their numbers.
    pub(crate) parts: BTreeMap<u32, Part>,
}

impl Upload {
    /// Whether its parts have SHA-256 checksums.
    pub(crate) fn has_sums(&self) -> bool {
        self.checksum.as_deref() == Some("SHA256")
    }
}

/// A part of an object.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) bytes: Bytes,
    pub(crate) etag: String,
}

/// The uploads of every bucket, by their IDs.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    under_way: Mutex<BTreeMap<String, Upload>>,
    begun: AtomicU64,
}

impl Uploads {
    /// Begins an upload, and gives its ID.
    pub(crate) fn begin(&self, upload: Upload) -> String {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let id = format!("sim-upload-{number}");
        lock(&self.under_way).insert(id.clone(), upload);
        id
    }

    /// An upload of this object.
    pub(crate) fn get(&self, id: &str, bucket: &str, key: &str) -> Option<Upload> {
        let uploads = lock(&self.under_way);
        let upload = uploads.get(id)?;
        (upload.bucket == bucket && upload.key == key).then(|| upload.clone())
    }

    /// Puts a part, in place of an earlier one with its number.
    pub(crate) fn put(&self, id: &str, number: u32, part: Part) {
        if let Some(upload) = lock(&self.under_way).get_mut(id) {
            upload.parts.insert(number, part);
        }
    }

    /// Ends an upload.
    pub(crate) fn end(&self, id: &str) {
        lock(&self.under_way).remove(id);
    }

    /// The ARN of the KMS key that an upload is encrypted with, if it is.
    pub(crate) fn kms_key(&self, id: &str) -> Option<String> {
        let uploads = lock(&self.under_way);
        let arn = uploads.get(id)?.headers.get(ENCRYPTION_KEY)?;
        Some(arn.to_str().ok()?.to_owned())
    }
}
