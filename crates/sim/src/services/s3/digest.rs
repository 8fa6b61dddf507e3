//! Compares the SHA-256 that a request gives for its body with the body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use crate::{
    state::objects::hex,
    wire::{AwsError, s3::ObjectRequest},
};

/// Refuses a body that does not match the hash of the signature or the checksum.
pub(crate) fn check(request: &ObjectRequest) -> Result<(), AwsError> {
    let signed = request.header("x-amz-content-sha256");
    // Other values are `UNSIGNED-PAYLOAD` and those of chunked bodies.
    let signed = signed.filter(|value| value.len() == 64);
    let sum = request.header("x-amz-checksum-sha256");
    if (signed, sum) == (None, None) {
        return Ok(());
    }
    let hash = Sha256::digest(&request.body);
    if signed.is_some_and(|signed| signed != hex(&hash)) {
        let message =
            "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return Err(AwsError::new("XAmzContentSHA256Mismatch", 400, message));
    }
    if sum.is_some_and(|sum| sum != STANDARD.encode(hash)) {
        let message = "The SHA256 you specified did not match the calculated checksum.";
        return Err(AwsError::new("BadDigest", 400, message));
    }
    Ok(())
}
