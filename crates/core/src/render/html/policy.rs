//! The Content Security Policy of the page: its own script and style sheet, by their hashes, and
//! nothing else. A script injected by untrusted text would not run.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// The page's style sheet.
pub(super) const STYLE: &str = include_str!("../../../templates/report.css");
/// The page's script.
pub(super) const SCRIPT: &str = include_str!("../../../templates/report.js");

/// <https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy>
pub(super) fn content_security_policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// `sha256-…`, of the exact text between the element's tags.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}
