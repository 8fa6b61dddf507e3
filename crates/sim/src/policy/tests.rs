//! The evaluation logic of AWS's documentation, case by case.

use serde_json::{Value, json};

use super::*;

const ME: &str = "arn:aws:iam::111111111111:role/me";
const MY_ACCOUNT: &str = "arn:aws:iam::111111111111:root";
const OBJECT: &str = "arn:aws:s3:::reports/nightly/keys.csv";

fn document(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn identity(statements: Value) -> Policy {
    Policy::identity(&document(statements)).unwrap()
}

fn on_resource(statements: Value) -> Policy {
    Policy::on_resource(&document(statements)).unwrap()
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn deny(action: &str, resource: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

fn of(principal: &str, mut statement: Value) -> Value {
    statement["Principal"] = match principal {
        "*" => "*".into(),
        arn => json!({"AWS": arn}),
    };
    statement
}

fn ask(
    identity: &[Policy],
    resource_in: ResourceIn<'_>,
    action: &str,
    resource: &str,
) -> Result<(), Because> {
    let context = Context::default().with("aws:SecureTransport", "true");
    let request = Request {
        principal: Principal {
            account: "111111111111",
            arn: ME,
        },
        action,
        resource,
        context: &context,
    };
    decide(&request, identity, resource_in)
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_request_is_denied_unless_it_is_allowed_and_a_deny_overrides_every_allow() {
    let get = "s3:GetObject";
    for (statements, expected) in [
        (json!([]), Err(Because::NoIdentityPolicy)),
        (json!([allow(get, OBJECT)]), Ok(())),
        (
            json!([allow("s3:Get*", "arn:aws:s3:::reports/nightly/*")]),
            Ok(()),
        ),
        (json!([allow("S3:gETobject", OBJECT)]), Ok(())),
        (json!([allow("*", "*")]), Ok(())),
        (
            json!([allow("s3:PutObject", OBJECT)]),
            Err(Because::NoIdentityPolicy),
        ),
        (
            json!([allow("s3:GetObjectAcl", OBJECT)]),
            Err(Because::NoIdentityPolicy),
        ),
        (
            json!([allow(get, "arn:aws:s3:::reports")]),
            Err(Because::NoIdentityPolicy),
        ),
        (
            json!([allow(get, "arn:aws:s3:::Reports/nightly/*")]),
            Err(Because::NoIdentityPolicy),
        ),
        (
            json!([allow("*", "*"), deny(get, "*")]),
            Err(Because::DenyInIdentityPolicy),
        ),
        (
            json!([deny(get, OBJECT), allow("*", "*")]),
            Err(Because::DenyInIdentityPolicy),
        ),
        (
            json!([allow("*", "*"), deny(get, "arn:aws:s3:::other/*")]),
            Ok(()),
        ),
    ] {
        let policies = [identity(statements.clone())];
        let decision = ask(&policies, ResourceIn::OwnAccount(None), get, OBJECT);
        assert_eq!(decision, expected, "{statements}");
    }
}

#[test]
fn all_policies_of_an_identity_count_together() {
    let get = "s3:GetObject";
    let (may, may_not) = (
        identity(json!([allow(get, "*")])),
        identity(json!([deny(get, "*")])),
    );
    let nothing = identity(json!([]));
    let ask = |policies: &[Policy]| ask(policies, ResourceIn::OwnAccount(None), get, OBJECT);
    assert_eq!(ask(&[nothing.clone(), may.clone()]), Ok(()));
    assert_eq!(ask(&[may, may_not]), Err(Because::DenyInIdentityPolicy));
    assert_eq!(ask(&[nothing]), Err(Because::NoIdentityPolicy));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>
/// and <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>
#[test]
fn a_resources_policy_is_another_way_in_at_home_and_the_second_lock_elsewhere() {
    let get = "s3:GetObject";
    let may = [identity(json!([allow(get, OBJECT)]))];
    let (let_in, no) = (Ok(()), |because| Err(because));
    for (statement, own_may, own, other_may, other) in [
        // What the resource's policy says; what comes of it with and without an allow of the caller's own, in the
        // caller's account and in another.
        (
            of(ME, allow(get, OBJECT)),
            let_in,
            let_in,
            let_in,
            no(Because::NoIdentityPolicy),
        ),
        (
            of("*", allow(get, OBJECT)),
            let_in,
            let_in,
            let_in,
            no(Because::NoIdentityPolicy),
        ),
        (
            of(MY_ACCOUNT, allow(get, OBJECT)),
            let_in,
            no(Because::NoIdentityPolicy),
            let_in,
            no(Because::NoIdentityPolicy),
        ),
        (
            of("111111111111", allow(get, OBJECT)),
            let_in,
            no(Because::NoIdentityPolicy),
            let_in,
            no(Because::NoIdentityPolicy),
        ),
        (
            of(
                "arn:aws:iam::111111111111:role/somebody",
                allow(get, OBJECT),
            ),
            let_in,
            no(Because::NoIdentityPolicy),
            no(Because::NoResourcePolicy),
            no(Because::NoIdentityPolicy),
        ),
        (
            of("*", deny("s3:*", "*")),
            no(Because::DenyInResourcePolicy),
            no(Because::DenyInResourcePolicy),
            no(Because::DenyInResourcePolicy),
            no(Because::DenyInResourcePolicy),
        ),
    ] {
        let policy = on_resource(json!([statement]));
        let ask = |identity: &[Policy], resource_in| ask(identity, resource_in, get, OBJECT);
        let (at_home, elsewhere) = (
            ResourceIn::OwnAccount(Some(&policy)),
            ResourceIn::OtherAccount(Some(&policy)),
        );
        assert_eq!(ask(&may, at_home), own_may, "{statement}");
        assert_eq!(ask(&[], at_home), own, "{statement}");
        assert_eq!(ask(&may, elsewhere), other_may, "{statement}");
        assert_eq!(ask(&[], elsewhere), other, "{statement}");
    }
    let nowhere = ask(&may, ResourceIn::OtherAccount(None), get, OBJECT);
    assert_eq!(nowhere, Err(Because::NoResourcePolicy));
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html>
#[test]
fn a_key_is_its_policys_to_give() {
    let (action, key) = (
        "kms:DescribeKey",
        "arn:aws:kms:eu-west-1:111111111111:key/k",
    );
    let may = [identity(json!([allow("kms:*", "*")]))];
    for (statements, with_allow, without) in [
        (
            json!([]),
            Err(Because::NoResourcePolicy),
            Err(Because::NoResourcePolicy),
        ),
        (
            json!([of(MY_ACCOUNT, allow("kms:*", "*"))]),
            Ok(()),
            Err(Because::NoIdentityPolicy),
        ),
        (
            json!([of(MY_ACCOUNT, allow("kms:Encrypt", "*"))]),
            Err(Because::NoResourcePolicy),
            Err(Because::NoResourcePolicy),
        ),
        (json!([of(ME, allow("kms:Describe*", "*"))]), Ok(()), Ok(())),
        (
            json!([
                of(MY_ACCOUNT, allow("kms:*", "*")),
                of(ME, deny(action, "*"))
            ]),
            Err(Because::DenyInResourcePolicy),
            Err(Because::DenyInResourcePolicy),
        ),
    ] {
        let policy = on_resource(statements.clone());
        let guarded = ResourceIn::OwnGuarded(&policy);
        assert_eq!(ask(&may, guarded, action, key), with_allow, "{statements}");
        assert_eq!(ask(&[], guarded, action, key), without, "{statements}");
    }
}

#[test]
fn a_trust_policy_names_one_role_a_service_or_every_principal_under_conditions() {
    let trust = |principal: Value, condition: Value| {
        let statement = json!({
            "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition,
        });
        Policy::trust(&document(json!([statement]))).unwrap()
    };
    let role = "arn:aws:iam::222222222222:role/reader";
    let may = [identity(json!([allow("sts:AssumeRole", role)]))];
    let ask = |trust: &Policy| {
        ask(
            &may,
            ResourceIn::OtherAccount(Some(trust)),
            "sts:AssumeRole",
            role,
        )
    };
    let refused = Err(Because::NoResourcePolicy);
    assert_eq!(ask(&trust(json!({"AWS": ME}), json!({}))), Ok(()));
    assert_eq!(
        ask(&trust(json!({"AWS": [MY_ACCOUNT, role]}), json!({}))),
        Ok(())
    );
    assert_eq!(ask(&trust(json!({"AWS": role}), json!({}))), refused);
    assert_eq!(
        ask(&trust(
            json!({"Service": "lambda.amazonaws.com"}),
            json!({})
        )),
        refused
    );
    let with_id = json!({"StringEquals": {"sts:ExternalId": "census"}});
    assert_eq!(ask(&trust(json!({"AWS": ME}), with_id)), refused);
    let by_tls = json!({"Bool": {"aws:SecureTransport": "true"}});
    assert_eq!(ask(&trust(json!({"AWS": ME}), by_tls)), Ok(()));
}

#[test]
fn what_is_not_enforced_is_an_error_that_names_it() {
    for (statement, message) in [
        (
            json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}),
            "NotAction",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:*", "NotResource": "*"}),
            "NotResource",
        ),
        (
            json!({"Effect": "allow", "Action": "s3:*", "Resource": "*"}),
            "Effect",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3", "Resource": "*"}),
            "s3 is no action",
        ),
        (
            json!({"Effect": "Allow", "Action": [], "Resource": "*"}),
            "has no Action",
        ),
        (
            json!({"Effect": "Allow", "Action": "s3:*"}),
            "has no Resource",
        ),
        (of("*", allow("s3:*", "*")), "Principal has no place"),
        (
            json!({"Sid": "Mine", "Effect": "Allow"}),
            "Mine: has no Action",
        ),
        (json!("Allow"), "is no object"),
    ] {
        let error = Policy::identity(&document(json!([statement]))).unwrap_err();
        assert!(
            error.to_string().contains(message),
            "{error}, for {statement}"
        );
    }
    for (principal, message) in [
        (json!({"Federated": "accounts.google.com"}), "Federated"),
        (
            json!({"AWS": "arn:aws:iam::111111111111:role/*"}),
            "wildcard",
        ),
        (json!({"AWS": "somebody"}), "no principal"),
        (json!("somebody"), "Principal"),
    ] {
        let statement =
            json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": principal});
        let error = Policy::on_resource(&document(json!([statement]))).unwrap_err();
        assert!(
            error.to_string().contains(message),
            "{error}, for {principal}"
        );
    }
    for (document, message) in [
        (
            json!({"Version": "2008-10-17", "Statement": []}),
            "a version other than 2012-10-17",
        ),
        (json!({"Statement": []}), "a version other than 2012-10-17"),
        (json!({"Version": "2012-10-17"}), "has no Statement"),
        (
            json!({"Version": "2012-10-17", "Statement": [], "Statements": []}),
            "Statements",
        ),
        (json!([]), "is no object"),
    ] {
        let error = Policy::identity(&document).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}
