//! Key policies.

use crate::policy::Policy;

/// Reads a key policy; `None` where the text is none that can be enforced. Worlds may have any text there, which KMS
/// would not have taken.
pub(crate) fn read(text: &str) -> Option<Policy> {
    let document = serde_json::from_str(text).ok()?;
    Policy::on_resource(&document).ok()
}
