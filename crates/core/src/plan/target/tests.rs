use super::of_row;
use crate::plan::tests::{csv, keys};

const KMS: &[(&str, &str)] = &[];
const ACCESS_KEY: &[(&str, &str)] = &[
    ("kind", "iam_access_key"),
    ("region", "global"),
    ("key_id", "AKIAIOSFODNN7EXAMPLE"),
    ("name", "deploy-bot"),
    ("arn", "arn:aws:iam::222222222222:user/ci/deploy-bot"),
];

const PASSWORD: &[(&str, &str)] = &[
    ("kind", "iam_password"),
    ("region", "global"),
    ("key_id", "anna"),
    ("name", "anna"),
    ("arn", "arn:aws:iam::222222222222:user/staff/anna"),
];

const CREDENTIAL: &[(&str, &str)] = &[
    ("kind", "service_credential"),
    ("region", "global"),
    ("key_id", "ACCAEXAMPLE0EXAMPLE01"),
    ("name", "anna;bedrock.amazonaws.com"),
    ("arn", "arn:aws:iam::222222222222:user/staff/anna"),
    ("flagged", "false"),
    ("verdict", "not_recorded"),
    ("idle_days", ""),
    ("last_used_at", ""),
    ("recommendation", "set_expiry"),
];

const SECRET: &[(&str, &str)] = &[
    ("kind", "secret"),
    ("key_id", "prod/db-a1b2c3"),
    ("name", "prod/db"),
    (
        "arn",
        "arn:aws:secretsmanager:eu-west-1:222222222222:secret:prod/db-a1b2c3",
    ),
];

#[test]
fn a_key_whose_names_are_not_of_the_form_of_aws_is_never_part_of_a_command() {
    for (base, change, is_fine) in [
        (KMS, ("owner", "anybody"), true),
        (KMS, ("key_id", "mrk-1234; rm"), false),
        (KMS, ("key_id", ""), false),
        (KMS, ("key_id", "alias/orders"), false),
        (KMS, ("region", "global"), false),
        (KMS, ("region", "eu-west-1 --profile admin"), false),
        (KMS, ("region", "cn-north-1"), false),
        (KMS, ("arn", ""), false),
        (
            KMS,
            (
                "arn",
                "arn:aws:kms:eu-west-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            ),
            false,
        ),
        (ACCESS_KEY, ("owner", "anybody"), true),
        (
            ACCESS_KEY,
            ("arn", "arn:aws-cn:iam::222222222222:user/deploy-bot"),
            true,
        ),
        (
            ACCESS_KEY,
            ("arn", "arn:aws:iam::999999999999:user/deploy-bot"),
            false,
        ),
        (
            ACCESS_KEY,
            ("arn", "arn:aws:iam::222222222222:user/other"),
            false,
        ),
        (ACCESS_KEY, ("arn", "arn:aws:iam::222222222222:root"), false),
        (ACCESS_KEY, ("key_id", "AKIA"), false),
        (ACCESS_KEY, ("key_id", "AKIAIOSFODNN7'EXAMPLE"), false),
        (ACCESS_KEY, ("name", "deploy bot"), false),
        (ACCESS_KEY, ("name", "$(deploy-bot)"), false),
        (ACCESS_KEY, ("kind", "root_access_key"), false),
        (SECRET, ("owner", "anybody"), true),
        (SECRET, ("key_id", "prod/other-a1b2c3"), false),
        (SECRET, ("key_id", "$(prod)-a1b2c3"), false),
        (SECRET, ("region", "us-east-1"), false),
        (SECRET, ("region", "global"), false),
        (SECRET, ("account_id", "999999999999"), false),
        (CREDENTIAL, ("owner", "anybody"), true),
        (CREDENTIAL, ("key_id", "ACCA$(reboot)EXAMPLE01"), false),
        (CREDENTIAL, ("key_id", "ACCA'] || 'EXAMPLE0EXA"), false),
        (CREDENTIAL, ("name", "anna"), false),
        (CREDENTIAL, ("name", "ben;bedrock.amazonaws.com"), false),
        (
            CREDENTIAL,
            ("arn", "arn:aws:iam::999999999999:user/anna"),
            false,
        ),
        (PASSWORD, ("owner", "anybody"), true),
        (PASSWORD, ("key_id", "ben"), false),
        (PASSWORD, ("name", "ben"), false),
        (PASSWORD, ("name", "$(anna)"), false),
        (
            PASSWORD,
            ("arn", "arn:aws:iam::999999999999:user/anna"),
            false,
        ),
    ] {
        let cells = [base, &[change]].concat();
        let is_target = match keys(&csv(&[&cells])) {
            Ok(keys) => of_row(&keys[0]).is_ok(),
            // A Region that is none makes no row.
            Err(damage) => !damage.problem.starts_with("region is"),
        };
        assert_eq!(is_target, is_fine, "{change:?}");
    }
}

#[test]
fn a_user_of_an_odd_name_is_still_a_user() {
    // The report defuses the first letter, which a spreadsheet would take for a formula.
    for (cell, user) in [
        ("'-anna", "-anna"),
        ("'=anna", "=anna"),
        ("'@a,b+c", "@a,b+c"),
    ] {
        let arn = format!("arn:aws:iam::222222222222:user/{user}");
        let cells = [ACCESS_KEY, &[("name", cell), ("arn", &arn)]].concat();
        let rows = keys(&csv(&[&cells])).unwrap();
        assert!(of_row(&rows[0]).is_ok(), "{user}");
        assert_eq!(rows[0].key.names, [user]);
    }
}
