//! Key policies.

use crate::policy::{Policy, PolicyError};

/// Reads the policy of the key with this ARN.
pub(crate) fn read(arn: &str, text: &str) -> Result<Policy, PolicyError> {
    let wrong = |problem: String| PolicyError::Malformed {
        at: arn.to_owned(),
        problem,
    };
    let document = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    Policy::on_resource(&document).map_err(|error| wrong(error.to_string()))
}
