//! Hashes of objects: what a request says of its body's SHA-256, which S3 compares with
//! what it got.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use crate::{
    state::objects::hex,
    wire::{Fault, s3::ObjectRequest},
};

/// Refuses a body that is not the one that the request was signed with, or that its
/// checksum is of.
pub(crate) fn check(request: &ObjectRequest) -> Result<(), Fault> {
    let signed = request.header("x-amz-content-sha256");
    // Others say that the body is not signed, or how its chunks are.
    let signed = signed.filter(|value| value.len() == 64);
    let sum = request.header("x-amz-checksum-sha256");
    if (signed, sum) == (None, None) {
        return Ok(());
    }
    let hash = Sha256::digest(&request.body);
    if signed.is_some_and(|signed| signed != hex(&hash)) {
        let message =
            "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return Err(Fault::new("XAmzContentSHA256Mismatch", 400, message));
    }
    if sum.is_some_and(|sum| sum != STANDARD.encode(hash)) {
        let message = "The SHA256 you specified did not match the calculated checksum.";
        return Err(Fault::new("BadDigest", 400, message));
    }
    Ok(())
}
