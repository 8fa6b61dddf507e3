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

use crate::{
    store::{on_disk::OnDisk, spool::SpooledFile},
    transport::connection::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT, READ_TIMEOUT},
};

/// The slowest connection that a file gets through: 2 Mbit/s.
const BYTES_A_SECOND: u64 = 250_000;

/// A file to be sent. Its length and its hash are known before it: S3 wants to know the
/// one, and the other is in the request's signature.
#[derive(Debug)]
pub(crate) struct Upload<'a>(pub(crate) &'a SpooledFile);

impl Upload<'_> {
    /// The file's hash as S3's `x-amz-checksum-sha256` has it.
    pub(crate) fn checksum(&self) -> String {
        base64::encode(self.0.content.facts.digest())
    }

    /// What has the request signed by the file's hash.
    pub(crate) fn signing(&self) -> SignedByHash {
        SignedByHash(self.0.content.facts.sha256.clone())
    }

    /// How long sending it may take. By the time limits of other requests, a large file
    /// would get through a fast connection only.
    pub(crate) fn time_limits(&self) -> TimeoutConfig {
        let sending = time_to_send(self.0.content.facts.bytes);
        TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT + sending)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT + sending)
            .build()
    }

    /// The file, from its beginning.
    pub(crate) fn body(&self) -> ByteStream {
        ByteStream::new(SdkBody::from_body_1_x(Sending {
            file: Arc::clone(&self.0.content),
            sent: 0,
        }))
    }
}

fn time_to_send(bytes: u64) -> Duration {
    Duration::from_secs(bytes / BYTES_A_SECOND)
}

/// A file that is being sent.
struct Sending {
    file: Arc<OnDisk>,
    sent: u64,
}

impl Sending {
    fn left(&self) -> u64 {
        self.file.facts.bytes.saturating_sub(self.sent)
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
            _ => Some(self.file.piece(self.sent)),
        };
        Poll::Ready(piece.map(|piece| {
            let piece = piece?;
            self.sent += piece.len() as u64;
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

    use super::time_to_send;

    #[test]
    fn a_large_file_gets_through_a_slow_connection_and_a_small_one_waits_no_longer_than_others() {
        assert_eq!(time_to_send(3_675), Duration::ZERO);
        // 200,000 keys at 2 Mbit/s.
        assert_eq!(time_to_send(80_000_000), Duration::from_secs(320));
    }
}
