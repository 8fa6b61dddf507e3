//! A file of a report on its way into a bucket, read piece by piece while it is sent.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use aws_runtime::auth::PayloadSigningOverride;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextMut},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{base64, config_bag::ConfigBag, timeout::TimeoutConfig};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use keycensus_core::model::manifest::FileFacts;

use crate::{
    store::{on_disk::OnDisk, spool::SpooledFile},
    transport::connection::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, READ_TIMEOUT},
};

/// The slowest connection that a file gets through: 2 Mbit/s.
const BYTES_A_SECOND: u64 = 250_000;

/// A file to be sent, or a part of one. Its length and its hash are known before it: S3 wants to know the
/// one, and the other is in the request's signature.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    file: &'a SpooledFile,
    /// The byte of the file that it begins with.
    at: u64,
    facts: FileFacts,
}

impl<'a> Upload<'a> {
    /// All of a file.
    pub(crate) fn whole(file: &'a SpooledFile) -> Self {
        Self {
            file,
            at: 0,
            facts: file.content.facts.clone(),
        }
    }

    /// The part of a file that begins at this byte, of `most` bytes or what is left.
    pub(crate) fn part(file: &'a SpooledFile, at: u64, most: u64) -> io::Result<Self> {
        let facts = file.content.facts_of(at, most)?;
        Ok(Self { file, at, facts })
    }

    /// Its hash as S3's `x-amz-checksum-sha256` has it.
    pub(crate) fn checksum(&self) -> String {
        base64::encode(self.facts.digest())
    }

    /// What has the request signed by its hash.
    pub(crate) fn signing(&self) -> SignedByHash {
        SignedByHash(self.facts.sha256.clone())
    }

    /// How long sending it may take. By the time limits of other requests, a large file
    /// would get through a fast connection only.
    pub(crate) fn time_limits(&self) -> TimeoutConfig {
        let sending = time_to_send(self.facts.bytes);
        TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT + sending)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT + sending)
            .build()
    }

    /// It, from its beginning.
    pub(crate) fn body(&self) -> ByteStream {
        ByteStream::new(SdkBody::from_body_1_x(Sending {
            file: Arc::clone(&self.file.content),
            at: self.at,
            end: self.at + self.facts.bytes,
        }))
    }
}

fn time_to_send(bytes: u64) -> Duration {
    Duration::from_secs(bytes / BYTES_A_SECOND)
}

/// Bytes of a file that are being sent.
struct Sending {
    file: Arc<OnDisk>,
    at: u64,
    end: u64,
}

impl Sending {
    fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = match self.left() {
            0 => None,
            left => Some(self.file.piece(self.at, left)),
        };
        Poll::Ready(piece.map(|piece| {
            let piece = piece?;
            self.at += piece.len() as u64;
            Ok(Frame::data(piece))
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

/// Signs a request by its body's SHA-256, in hexadecimal digits. A body that is not in
/// memory would go unsigned, and a bucket's policy may refuse that.
#[derive(Debug)]
pub(crate) struct SignedByHash(String);

impl Intercept for SignedByHash {
    fn name(&self) -> &'static str {
        "SignedByHash"
    }

    fn modify_before_signing(
        &self,
        _context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let hash = PayloadSigningOverride::Precomputed(self.0.clone());
        config.interceptor_state().store_put(hash);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;
    use keycensus_core::model::{layout::ReportFile, manifest::FileFacts};

    use super::{Upload, time_to_send};
    use crate::store::spool::SpooledFile;

    #[test]
    fn a_large_file_gets_through_a_slow_connection_and_a_small_one_waits_no_longer_than_others() {
        assert_eq!(time_to_send(3_675), Duration::ZERO);
        // 200,000 keys at 2 Mbit/s.
        assert_eq!(time_to_send(80_000_000), Duration::from_secs(320));
    }

    #[tokio::test]
    async fn the_parts_of_a_file_are_the_file_and_each_has_its_own_hash() {
        // More than is read of a file at a time.
        let bytes: Vec<u8> = (0..5_000_007_u32).map(|n| n as u8).collect();
        let file = SpooledFile::of(ReportFile::KeysCsv, &bytes).unwrap();
        let mut sent = Vec::new();
        for (at, length) in [(0, 3_000_000), (3_000_000, 2_000_007)] {
            let part = Upload::part(&file, at, 3_000_000).unwrap();
            let body = part.body().into_inner().collect().await.unwrap().to_bytes();
            assert_eq!(part.facts, FileFacts::of(&body));
            assert_eq!(part.facts.bytes, length);
            sent.extend_from_slice(&body);
        }
        assert!(sent == bytes);
        assert_eq!(Upload::whole(&file).facts, FileFacts::of(&bytes));
    }
}
