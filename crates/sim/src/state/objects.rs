//! The objects of S3 buckets.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use crate::{
    lock::lock,
    wire::{AwsError, s3::ObjectRequest},
};

/// The header that names an object's encryption.
pub(crate) const ENCRYPTION: &str = "x-amz-server-side-encryption";
/// The header that names its KMS key.
pub(crate) const ENCRYPTION_KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";

/// An object.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
    /// Headers of a read: content type, encoding, disposition, cache control, user metadata.
    pub(crate) headers: HeaderMap,
}

impl Object {
    /// The object that a `PutObject` request carries.
    pub(crate) fn new(request: &ObjectRequest, modified: Timestamp) -> Self {
        Self {
            bytes: request.body.clone(),
            etag: etag(&request.body),
            modified,
            headers: kept_headers(request),
        }
    }

    /// Its encryption as S3's headers.
    pub(crate) fn encryption(&self) -> Vec<(&'static str, String)> {
        encryption(&self.headers)
    }

    /// An object that existed before the simulation.
    pub(crate) fn existing(bytes: Bytes, modified: Timestamp) -> Self {
        Self {
            etag: etag(&bytes),
            bytes,
            modified,
            headers: HeaderMap::new(),
        }
    }
}

/// The headers of a request that creates an object, of which reads have some again.
pub(crate) fn kept_headers(request: &ObjectRequest) -> HeaderMap {
    let kept = [
        header::CONTENT_TYPE,
        header::CONTENT_DISPOSITION,
        header::CONTENT_LANGUAGE,
        header::CACHE_CONTROL,
    ];
    let mut headers: HeaderMap = request
        .headers
        .iter()
        .filter(|(name, _)| {
            kept.contains(name) || name.as_str().starts_with("x-amz-meta-") || is_encryption(name)
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(codings) = request.header("content-encoding") {
        let codings = codings
            .split(',')
            .map(str::trim)
            .filter(|coding| *coding != "aws-chunked");
        let codings = codings.collect::<Vec<_>>().join(", ");
        if let Some(value) = HeaderValue::from_str(&codings)
            .ok()
            .filter(|value| !value.is_empty())
        {
            headers.insert(header::CONTENT_ENCODING, value);
        }
    }
    headers
}

/// Whether a header is about encryption.
pub(crate) fn is_encryption(name: &HeaderName) -> bool {
    [ENCRYPTION, ENCRYPTION_KEY].contains(&name.as_str())
}

/// The encryption in an object's headers, as S3 says it; by default, S3 encrypts with keys of its own.
pub(crate) fn encryption(headers: &HeaderMap) -> Vec<(&'static str, String)> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut said = vec![(ENCRYPTION, text(ENCRYPTION).unwrap_or("AES256").to_owned())];
    said.extend(text(ENCRYPTION_KEY).map(|key| (ENCRYPTION_KEY, key.to_owned())));
    said
}

/// The entity tag of an object that was put in one piece: its MD5, in quotes.
pub(crate) fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex(&Md5::digest(bytes)))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The objects of every bucket.
#[derive(Debug, Default)]
pub(crate) struct Objects(Mutex<BTreeMap<String, BTreeMap<String, Arc<Object>>>>);

impl Objects {
    /// Puts an object if `check`, which gets the present one, accepts it.
    pub(crate) fn put(
        &self,
        bucket: &str,
        key: &str,
        object: Object,
        check: impl FnOnce(Option<&Object>) -> Result<(), AwsError>,
    ) -> Result<(), AwsError> {
        let mut buckets = lock(&self.0);
        let objects = buckets.entry(bucket.to_owned()).or_default();
        check(objects.get(key).map(Arc::as_ref))?;
        objects.insert(key.to_owned(), Arc::new(object));
        Ok(())
    }

    pub(crate) fn insert(&self, bucket: &str, key: &str, object: Object) {
        let mut buckets = lock(&self.0);
        let objects = buckets.entry(bucket.to_owned()).or_default();
        objects.insert(key.to_owned(), Arc::new(object));
    }

    /// Puts every object of another simulation.
    pub(crate) fn take(&self, other: &Self) {
        let taken = lock(&other.0).clone();
        for (bucket, objects) in taken {
            lock(&self.0).entry(bucket).or_default().extend(objects);
        }
    }

    pub(crate) fn get(&self, bucket: &str, key: &str) -> Option<Arc<Object>> {
        lock(&self.0).get(bucket)?.get(key).cloned()
    }

    pub(crate) fn remove(&self, bucket: &str, key: &str) {
        if let Some(objects) = lock(&self.0).get_mut(bucket) {
            objects.remove(key);
        }
    }

    /// The ARN of the KMS key that an object is encrypted with, if it is.
    pub(crate) fn kms_key(&self, bucket: &str, key: &str) -> Option<String> {
        let object = self.get(bucket, key)?;
        let arn = object.headers.get(ENCRYPTION_KEY)?.to_str().ok()?;
        Some(arn.to_owned())
    }

    /// The keys of a bucket, sorted.
    pub(crate) fn keys(&self, bucket: &str) -> Vec<String> {
        lock(&self.0)
            .get(bucket)
            .map(|objects| objects.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Objects that begin with `prefix` and come after `after`, sorted by key.
    pub(crate) fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> Vec<(String, Arc<Object>)> {
        let buckets = lock(&self.0);
        let Some(objects) = buckets.get(bucket) else {
            return Vec::new();
        };
        let start = if after < prefix {
            Bound::Included(prefix)
        } else {
            Bound::Excluded(after)
        };
        objects
            .range::<str, _>((start, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, object)| (key.clone(), Arc::clone(object)))
            .collect()
    }
}
