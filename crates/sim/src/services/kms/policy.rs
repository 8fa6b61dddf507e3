//! `GetKeyPolicy`.

use serde_json::{Value, json};

use super::{Names, find, not_found};
use crate::{aws::regions::partition, call::Call, state::State, wire::AwsError};

/// The only policy that a key has, unless it is shared through RAM.
const NAME: &str = "default";

/// The world's key policy, else the one of a key that was created without a policy.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
pub(super) fn get_key_policy(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let key = find(state, call, call.input.required("KeyId")?, Names::Ids)?;
    let named = call.input.text("PolicyName").unwrap_or(NAME);
    if named != NAME {
        return Err(not_found(format!("No such policy exists: {named}")));
    }
    let policy = key
        .policy
        .clone()
        .unwrap_or_else(|| default_policy(&call.caller.account, &key.region));
    Ok(json!({"Policy": policy, "PolicyName": NAME}))
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
fn default_policy(account: &str, region: &str) -> String {
    let partition = partition(region);
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}
