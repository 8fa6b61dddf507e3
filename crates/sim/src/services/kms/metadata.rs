//! `DescribeKey`.

use serde_json::{Value, json};

use super::{Names, find, seconds};
use crate::{
    aws::regions::partition,
    call::Call,
    state::{State, key_changes::KeyLifecycle},
    wire::AwsError,
    world::{Key, KeyManager, KeyState, MultiRegion},
};

pub(super) fn describe_key(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let key = find(
        state,
        call,
        call.input.required("KeyId")?,
        Names::IdsAndAliases,
    )?;
    let account = call.caller.account.as_str();
    let lifecycle = state.changes.lifecycle(account, key, state.clock.epoch());
    let key_state = lifecycle.state;
    let spec = key.spec.as_deref().unwrap_or("SYMMETRIC_DEFAULT");
    let usage = key.usage.as_deref().unwrap_or("ENCRYPT_DECRYPT");
    let origin = key.origin.as_deref().unwrap_or("AWS_KMS");
    let mut body = json!({
        "AWSAccountId": account,
        "KeyId": key.id,
        "Arn": key.arn(account),
        "CreationDate": seconds(key.created.resolve(state.clock.epoch())),
        "Enabled": key_state == KeyState::Enabled,
        "Description": key.description,
        "KeyUsage": usage,
        "KeyState": key_state.as_str(),
        "Origin": origin,
        "KeyManager": match key.manager {
            KeyManager::Customer => "CUSTOMER",
            KeyManager::Aws => "AWS",
        },
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        "MultiRegion": key.multi_region.is_some(),
    });
    if let Some((name, algorithms)) = algorithms(spec, usage) {
        body[name] = json!(algorithms);
    }
    if origin == "EXTERNAL" && key_state != KeyState::PendingImport {
        body["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE".into();
    }
    if let Some(kind) = key.multi_region {
        body["MultiRegionConfiguration"] = multi_region(account, key, kind);
    }
    add_deletion(&mut body, lifecycle);
    Ok(json!({"KeyMetadata": body}))
}

/// `DeletionDate` of a key whose waiting period runs, or the length of one that has not begun.
fn add_deletion(body: &mut Value, lifecycle: KeyLifecycle) {
    match lifecycle.state {
        KeyState::PendingDeletion => body["DeletionDate"] = seconds(lifecycle.deletion_date).into(),
        KeyState::PendingReplicaDeletion => {
            body["PendingDeletionWindowInDays"] = lifecycle.window_days.into();
        }
        _ => {}
    }
}

fn multi_region(account: &str, key: &Key, kind: MultiRegion) -> Value {
    let at = |region: &str| {
        let arn = format!(
            "arn:{}:kms:{region}:{account}:key/{}",
            partition(region),
            key.id
        );
        json!({"Arn": arn, "Region": region})
    };
    let (word, primary) = match kind {
        MultiRegion::Primary => ("PRIMARY", key.region.as_str()),
        MultiRegion::Replica => (
            "REPLICA",
            key.multi_region_primary.as_deref().unwrap_or("us-east-1"),
        ),
    };
    let mut replicas: Vec<&str> = key
        .multi_region_replicas
        .iter()
        .map(String::as_str)
        .collect();
    if kind == MultiRegion::Replica && !replicas.contains(&key.region.as_str()) {
        replicas.push(&key.region);
    }
    let replicas: Vec<_> = replicas.into_iter().map(at).collect();
    json!({"MultiRegionKeyType": word, "PrimaryKey": at(primary), "ReplicaKeys": replicas})
}

/// The algorithms that a key of this spec supports, and the field that lists them.
fn algorithms(spec: &str, usage: &str) -> Option<(&'static str, &'static [&'static str])> {
    let algorithms: (_, &[_]) = match (usage, spec) {
        ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT") => {
            ("EncryptionAlgorithms", &["SYMMETRIC_DEFAULT"])
        }
        ("ENCRYPT_DECRYPT", _) => (
            "EncryptionAlgorithms",
            &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
        ),
        ("SIGN_VERIFY", "ECC_NIST_P256" | "ECC_SECG_P256K1") => {
            ("SigningAlgorithms", &["ECDSA_SHA_256"])
        }
        ("SIGN_VERIFY", "ECC_NIST_P384") => ("SigningAlgorithms", &["ECDSA_SHA_384"]),
        ("SIGN_VERIFY", "ECC_NIST_P521") => ("SigningAlgorithms", &["ECDSA_SHA_512"]),
        ("SIGN_VERIFY", _) => (
            "SigningAlgorithms",
            &["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PSS_SHA_256"],
        ),
        ("GENERATE_VERIFY_MAC", "HMAC_224") => ("MacAlgorithms", &["HMAC_SHA_224"]),
        ("GENERATE_VERIFY_MAC", "HMAC_384") => ("MacAlgorithms", &["HMAC_SHA_384"]),
        ("GENERATE_VERIFY_MAC", "HMAC_512") => ("MacAlgorithms", &["HMAC_SHA_512"]),
        ("GENERATE_VERIFY_MAC", _) => ("MacAlgorithms", &["HMAC_SHA_256"]),
        ("KEY_AGREEMENT", _) => ("KeyAgreementAlgorithms", &["ECDH"]),
        _ => return None,
    };
    Some(algorithms)
}
