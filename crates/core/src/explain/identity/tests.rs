//! Every type of identity that AWS documents, by the examples of its page.

use serde_json::{Value, json};

use super::Identity;

/// The principal, its type, and the details, as a page shows them.
fn shown(recorded: Value) -> Vec<String> {
    let identity = Identity::new(recorded);
    let principal = identity.principal().unwrap_or_default();
    let kind = identity.principal_type().unwrap_or_default();
    let details = identity.details();
    let details = details
        .into_iter()
        .map(|(label, value)| format!("{label}: {value}"));
    [format!("{principal} ({kind})")]
        .into_iter()
        .chain(details)
        .collect()
}

#[test]
fn each_type_of_identity_is_shown_with_all_that_is_recorded_of_it() {
    for (recorded, lines) in [
        (
            json!({"type": "Root", "principalId": "222222222222", "arn": "arn:aws:iam::222222222222:root", "accountId": "222222222222", "accessKeyId": "", "userName": "acme-payments"}),
            &[
                "arn:aws:iam::222222222222:root (Root)",
                "principal ID: 222222222222",
                "user name: acme-payments",
            ][..],
        ),
        (
            json!({"type": "IAMUser", "principalId": "AIDAJ45Q7YFFAREXAMPLE", "arn": "arn:aws:iam::222222222222:user/Alice", "accountId": "222222222222", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "Alice"}),
            &[
                "arn:aws:iam::222222222222:user/Alice (IAMUser)",
                "principal ID: AIDAJ45Q7YFFAREXAMPLE",
                "access key: …MPLE",
            ],
        ),
        (
            json!({
                "type": "AssumedRole", "principalId": "AROAX:i-1", "arn": "arn:aws:sts::222222222222:assumed-role/app/i-1", "accountId": "222222222222", "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {"type": "Role", "principalId": "AROAX", "arn": "arn:aws:iam::222222222222:role/app", "accountId": "222222222222", "userName": "app"},
                    "webIdFederationData": {"federatedProvider": "accounts.google.com", "attributes": {"oidc.eks.eu-west-1.amazonaws.com/id/E4:sub": "system:serviceaccount:ci"}},
                    "attributes": {"creationDate": "2026-11-27T09:00:00Z", "mfaAuthenticated": "false"},
                    "sourceIdentity": "anna@example.com",
                    "signInSessionArn": "arn:aws:signin:us-east-1:222222222222:session/a1b2c3d4",
                    "ec2RoleDelivery": "2.0",
                },
                "inScopeOf": {"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": "arn:aws:lambda:eu-west-1:222222222222:function:billing"},
                "invokedBy": "s3.amazonaws.com",
            }),
            &[
                "arn:aws:sts::222222222222:assumed-role/app/i-1 (AssumedRole)",
                "principal ID: AROAX:i-1",
                "access key: …MPLE",
                "role: arn:aws:iam::222222222222:role/app",
                "source identity: anna@example.com",
                "identity provider: accounts.google.com",
                "session since: 2026-11-27T09:00:00Z",
                "MFA: false",
                "sign-in session: arn:aws:signin:us-east-1:222222222222:session/a1b2c3d4",
                "IMDS version: 2.0",
                "issued to: arn:aws:lambda:eu-west-1:222222222222:function:billing",
                "resource type: AWS::Lambda::Function",
                "by way of: s3.amazonaws.com",
                "sessionContext.webIdFederationData.attributes.oidc.eks.eu-west-1.amazonaws.com/id/E4:sub: system:serviceaccount:ci",
            ],
        ),
        (
            json!({"type": "Role", "principalId": "AROAX", "arn": "arn:aws:iam::222222222222:role/app", "accountId": "222222222222", "invokedByDelegate": {"accountId": "999999999999"}}),
            &[
                "arn:aws:iam::222222222222:role/app (Role)",
                "principal ID: AROAX",
                "delegate: 999999999999",
            ],
        ),
        (
            json!({
                "type": "FederatedUser", "principalId": "222222222222:anna", "arn": "arn:aws:sts::222222222222:federated-user/anna", "accountId": "222222222222",
                "sessionContext": {"sessionIssuer": {"type": "IAMUser", "principalId": "AIDAX", "arn": "arn:aws:iam::222222222222:user/broker", "accountId": "222222222222", "userName": "broker"}},
            }),
            &[
                "arn:aws:sts::222222222222:federated-user/anna (FederatedUser)",
                "principal ID: 222222222222:anna",
                "issued by: arn:aws:iam::222222222222:user/broker",
            ],
        ),
        (
            json!({"type": "Directory", "userName": "anna", "accountId": "222222222222"}),
            &["anna (Directory)", "account: 222222222222"],
        ),
        (
            json!({"type": "AWSAccount", "principalId": "AROAEXAMPLEROLEID0001:etl-session", "accountId": "999999999999"}),
            &[
                "AROAEXAMPLEROLEID0001:etl-session (AWSAccount)",
                "account: 999999999999",
            ],
        ),
        (
            json!({"type": "AWSAccount", "accountId": "999999999999", "invokedBy": "cloudformation.amazonaws.com"}),
            &[
                "cloudformation.amazonaws.com (AWSAccount)",
                "account: 999999999999",
            ],
        ),
        (
            json!({"type": "AWSService", "invokedBy": "delivery.logs.amazonaws.com"}),
            &["delivery.logs.amazonaws.com (AWSService)"],
        ),
        (
            json!({"accountId": "222222222222", "invokedBy": "AWS Internal"}),
            &["AWS Internal ()", "account: 222222222222"],
        ),
        (
            json!({"type": "IdentityCenterUser", "accountId": "222222222222", "onBehalfOf": {"userId": "544894e8-80c1-707f-60e3-3ba6510dfac1", "identityStoreArn": "arn:aws:identitystore::111111111111:identitystore/d-9067642ac7"}, "credentialId": "EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllWR_Whr1fEXAMPLE"}),
            &[
                "544894e8-80c1-707f-60e3-3ba6510dfac1 (IdentityCenterUser)",
                "account: 222222222222",
                "identity store: arn:aws:identitystore::111111111111:identitystore/d-9067642ac7",
                "credential ID: EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllWR_Whr1fEXAMPLE",
            ],
        ),
        (
            json!({"type": "SAMLUser", "principalId": "SampleUkh1i4+ExamplexL/jEvs=:SamlExample", "userName": "SamlExample", "identityProvider": "SampleUkh1i4+ExamplexL/jEvs="}),
            &[
                "SamlExample (SAMLUser)",
                "principal ID: SampleUkh1i4+ExamplexL/jEvs=:SamlExample",
                "identity provider: SampleUkh1i4+ExamplexL/jEvs=",
            ],
        ),
        (
            json!({"type": "WebIdentityUser", "principalId": "accounts.google.com:app:user", "userName": "user", "identityProvider": "accounts.google.com"}),
            &[
                "user (WebIdentityUser)",
                "principal ID: accounts.google.com:app:user",
                "identity provider: accounts.google.com",
            ],
        ),
        (json!({"type": "Unknown"}), &[" (Unknown)"]),
        (Value::Null, &[" ()"]),
    ] {
        assert_eq!(shown(recorded.clone()), lines, "{recorded}");
    }
}

#[test]
fn a_field_that_aws_adds_is_shown_by_its_own_name_unless_it_may_be_secret() {
    let recorded = json!({"type": "IAMUser", "userName": "anna", "newField": {"x": [1, true]}, "sessionToken": "hunter2"});
    assert_eq!(
        shown(recorded),
        [
            "anna (IAMUser)",
            "newField.x: [1,true]",
            "sessionToken: [removed]"
        ]
    );
}

#[test]
fn no_access_key_is_shown_whole_and_nothing_else_is_changed() {
    let recorded = json!({"type": "IAMUser", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "of AKIAIOSFODNN7EXAMPLE"});
    assert_eq!(
        serde_json::to_value(Identity::new(recorded)).unwrap(),
        json!({"type": "IAMUser", "accessKeyId": "…MPLE", "userName": "of …MPLE"})
    );
    let null = serde_json::to_value(Identity::new(Value::Null)).unwrap();
    assert_eq!(null, Value::Null);
}
