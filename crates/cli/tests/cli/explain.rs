//! `keycensus explain`: one key with everything that is known of it.

use keycensus_sim::Simulator;
use serde_json::Value;

use crate::{command_output::CommandOutput, desk::Desk};

const MEMBER: &str = "222222222222";
const USED: &str = "arn:aws:kms:eu-west-1:222222222222:key/22220000-0000-4000-8000-000000000001";
const OLD: &str = "arn:aws:kms:eu-west-1:222222222222:key/22220000-0000-4000-8000-000000000002";
const NEVER: &str = "arn:aws:kms:eu-west-1:222222222222:key/22220000-0000-4000-8000-000000000003";
const LEAVING: &str = "arn:aws:kms:eu-west-1:222222222222:key/22220000-0000-4000-8000-000000000004";
const OWN: &str = "arn:aws:kms:eu-west-1:111111111111:key/11110000-0000-4000-8000-000000000001";
const BOT: &str = "AKIABOT0000000000001";
const UNUSED_BOT: &str = "AKIABOT0000000000002";

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:222222222222:secret:prod/db-AbCdEf";
const CREDENTIAL: &str = "ACCAANNA000000000001";

const ORGANIZATION: &str = include_str!("../worlds/explained.toml");

/// Runs `keycensus explain` in the organization, with `more` of the world before it;
/// gives what it output and the AWS that it asked.
fn explain(more: &str, arguments: &[&str]) -> (CommandOutput, Simulator) {
    explain_in(&format!("{more}\n{ORGANIZATION}"), arguments)
}

fn explain_in(world: &str, arguments: &[&str]) -> (CommandOutput, Simulator) {
    let desk = Desk::new(world);
    let output = desk.run(&format!("explain {}", arguments.join(" ")));
    (output, desk.aws.clone())
}

impl CommandOutput {
    #[track_caller]
    fn tells(&self, lines: &[&str]) {
        for line in lines {
            self.printed(line);
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

#[test]
fn a_used_key_is_told_with_who_used_it_and_what_needs_it() {
    let (output, aws) = explain("", &[USED]);
    output.ended_quietly(0).tells(&[
        "KMS key 22220000-0000-4000-8000-000000000001\n",
        "\naliases       alias/payments\n",
        "\nowner         payments\n",
        "\nrotated       1 time\n",
        "\ncost          2.00 USD a month at list price\n",
        "\nVERDICT: in use\nLast GenerateDataKey on ",
        "\nevent         eeee0001-0000-4000-8000-000000000000\n",
        "\nprincipal     arn:aws:sts::222222222222:assumed-role/settlement/nightly (AssumedRole)\n",
        "\nrole          arn:aws:iam::222222222222:role/settlement\n",
        "\nsource        10.9.8.7\nuser agent    Boto3/1.42\n",
        "\nparameters    {\"encryptionContext\":{\"password\":\"[removed]\",\"table\":\"ledger\"}}\n",
        "\nEBS volumes   1\nEBS snapshots 0\ngrants        1 of rds.amazonaws.com\n",
        "until it has been unused for more than 365 days.\n",
    ]);
    output.omitted("hunter2").omitted("COULD NOT BE SEEN");
    let account = |operation| aws.calls().count(operation, Some(MEMBER), None).sent;
    assert_eq!(account("cloudtrail:LookupEvents"), 1);
    assert_eq!(account("kms:GetKeyLastUsage"), 1);
}

#[test]
fn an_event_that_is_too_old_is_told_with_the_query_that_finds_it() {
    let (output, aws) = explain("", &[OLD]);
    output.ended_quietly(0).tells(&[
        "\nVERDICT: stale\n",
        "before the 90 days of CloudTrail's event history.\nWith --trail-table DATABASE.TABLE,",
        "It is flagged; recommendation: disable_and_watch.",
        "No EBS volume, EBS snapshot or grant depends on it.",
        "Its key policy does not guard it",
    ]);
    assert_eq!(aws.calls().sent("cloudtrail:LookupEvents"), 0);
    let (output, _) = explain("", &[OLD, "--trail-table", "logs.cloudtrail"]);
    output.ended_quietly(0).tells(&[
        "\n  FROM \"logs\".\"cloudtrail\"\n  WHERE account = '222222222222' AND region = 'eu-west-1'\n    AND ((year = '",
        "\n    AND eventid = 'eeee0002-0000-4000-8000-000000000000'\n",
    ]);
}

#[test]
fn a_key_that_was_never_used_has_nobody_to_tell_of() {
    let (output, aws) = explain("", &[NEVER]);
    output.ended_quietly(0).tells(&[
        "\nVERDICT: never used\n",
        "\nLAST USE\nNone is recorded since ",
        "\nrotated       0 times\n",
    ]);
    assert_eq!(aws.calls().sent("cloudtrail:LookupEvents"), 0);
}

#[test]
fn a_key_about_to_be_deleted_is_told_with_who_was_refused_since() {
    let (output, _) = explain("", &[LEAVING]);
    output.ended_quietly(0).tells(&[
        "\nstate         PendingDeletion\ndeletion      ",
        "\nVERDICT: pending deletion\n",
        "\nStopped by:\ncalled        kms:ScheduleKeyDeletion at ",
        "\nprincipal     arn:aws:iam::222222222222:user/anna (IAMUser)\n",
        // Those before do not count.
        "\n1 attempt to use it since then: it is still needed.\n",
        "\nprincipal     arn:aws:sts::222222222222:assumed-role/fraud/scoring (AssumedRole)\n",
        "\nrefused with  KMSInvalidStateException\n",
    ]);
    let json = explain("", &[LEAVING, "--json"]).0.json();
    assert_eq!(json["refused"]["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(json["refused"]["complete"], true);
    // A census would not have asked.
    assert_eq!(json["last_use"]["operation"], "Decrypt");
}

#[test]
fn scripts_get_json() {
    let (output, _) = explain("", &[USED, "--json"]);
    let json = output.json();
    for (pointer, value) in [
        ("/schema", Value::from(1)),
        ("/kind", "kms_key".into()),
        ("/arn", USED.into()),
        ("/verdict", "in_use".into()),
        ("/last_users/status", "found".into()),
        (
            "/last_users/events/0/record/request_parameters/encryptionContext/password",
            "[removed]".into(),
        ),
        ("/dependents/grants/rds.amazonaws.com", 1.into()),
        ("/guard_days", "365".into()),
        ("/monthly_cost_usd", 2.0.into()),
    ] {
        assert_eq!(json.pointer(pointer), Some(&value), "{pointer}");
    }
    output.ended(0);
}

#[test]
fn a_key_of_the_own_account_needs_no_role() {
    let (output, aws) = explain("", &[OWN]);
    output
        .ended_quietly(0)
        .tells(&["\naccount       111111111111\n", "/application/"]);
    assert_eq!(aws.calls().sent("sts:AssumeRole"), 0);
}

#[test]
fn what_is_refused_is_told_and_the_rest_of_the_page_is_there() {
    for line in "
        cloudtrail:LookupEvents - who used it last: cloudtrail:LookupEvents AccessDeniedException; Explain=on in the stack of member-role.yaml
        kms:ListAliases - its aliases: kms:ListAliases AccessDeniedException
        ec2:DescribeSnapshots - everything that depends on it: ec2:DescribeSnapshots UnauthorizedOperation
        kms:GetKeyPolicy - how its key policy guards it: kms:GetKeyPolicy
        kms:GetKeyLastUsage - when it was used last: kms:GetKeyLastUsage AccessDeniedException
        kms:DescribeKey - when it was used last: kms:DescribeKey AccessDeniedException
    "
    .trim()
    .lines()
    {
        let (operation, gap) = line.trim().split_once(' ').unwrap();
        let (output, _) = explain(&format!("[[refuse]]\noperation = \"{operation}\""), &[USED]);
        output.ended_quietly(4).tells(&[
            "KMS key 22220000-0000-4000-8000-000000000001\n",
            "\nWHAT COULD NOT BE SEEN\n",
            gap,
        ]);
    }
}

#[test]
fn a_throttled_lookup_is_made_again_and_an_empty_page_read_on() {
    let faults = "[[fault]]\noperation = \"cloudtrail:*\"\neffect = \"throttle\"\nnth = 1\n[[fault]]\noperation = \"cloudtrail:*\"\neffect = \"empty_page\"\nnth = 2";
    let (output, aws) = explain(faults, &[USED]);
    let user = "assumed-role/settlement/nightly";
    output.ended(0).printed(user);
    assert_eq!(aws.calls().sent("cloudtrail:LookupEvents"), 3);
}

#[test]
fn an_access_key_is_told_with_what_it_did_lately() {
    let (output, aws) = explain("", &[BOT]);
    output.ended_quietly(0).tells(&[
        "access key …0001\n",
        "\nuser          bot\naccount       222222222222\n",
        "\nstate         Active\nowner         platform\n",
        ", 300 days ago\n",
        "\nservice       sts\nregion        us-east-1\n",
        "\ncalled        sts:AssumeRole at ",
        "\nprincipal     arn:aws:iam::222222222222:user/bot (IAMUser)\n",
        "recommendation: rotate.",
    ]);
    output.omitted(BOT);
    assert_eq!(aws.calls().sent("sts:GetAccessKeyInfo"), 1);
    let (named, aws) = explain("", &[BOT, "--account", MEMBER, "--json"]);
    assert_eq!(aws.calls().sent("sts:GetAccessKeyInfo"), 0);
    assert_eq!(named.json()["key_id"], BOT);

    let (unused, aws) = explain("", &[UNUSED_BOT]);
    unused
        .ended_quietly(0)
        .tells(&["\nstate         Inactive\n", "None is recorded since "]);
    assert_eq!(aws.calls().sent("cloudtrail:LookupEvents"), 0);
}

#[test]
fn a_secret_is_told_with_the_day_of_its_last_retrieval_and_what_it_costs() {
    let (output, aws) = explain("", &[SECRET]);
    output.ended_quietly(0).tells(&[
        "secret prod/db\n\narn           arn:aws:secretsmanager:eu-west-1:222222222222:secret:prod/db-AbCdEf\n",
        "\nregion        eu-west-1\nmanaged by    customer\nowner         payments\n",
        "\ncost          0.40 USD a month at list price\n",
        "\nVERDICT: in use\n",
        "\nLAST USE\non            20",
        "CloudTrail records a retrieval as GetSecretValue.",
    ]);
    output.omitted("COULD NOT BE SEEN");
    assert_eq!(aws.calls().sent("secretsmanager:ListSecrets"), 1);
}

#[test]
fn a_password_is_told_by_the_arn_of_its_user() {
    let (output, _) = explain("", &["arn:aws:iam::222222222222:user/ops/anna"]);
    output.ended_quietly(0).tells(&[
        "password of anna\n\nuser          arn:aws:iam::222222222222:user/ops/anna\n",
        "\nowner         platform\nchanged       ",
        "\nVERDICT: stale\n",
        "It is flagged; recommendation: remove_password.",
    ]);
    let (root, _) = explain("", &["arn:aws:iam::222222222222:root"]);
    root.ended_quietly(0).tells(&[
        "password of <root_account>\n",
        "It is not flagged",
        "CloudTrail records a sign-in as ConsoleLogin.",
    ]);
}

#[test]
fn a_service_specific_credential_is_told_with_its_age_and_expiry() {
    let (output, _) = explain("", &[CREDENTIAL, "--account", MEMBER]);
    output.ended_quietly(0).tells(&[
        "service-specific credential …0001\n\nuser          anna\nservice       bedrock.amazonaws.com\n",
        ", 400 days ago\nexpires       never\n",
        "\nVERDICT: not recorded\nAWS does not record its use.\n",
        "It is not flagged; recommendation: set_expiry.",
        "\nLAST USE\nAWS does not record it.\n",
    ]);
    let (json, _) = explain("", &[CREDENTIAL, "--account", MEMBER, "--json"]);
    assert_eq!(json.json()["kind"], "service_credential");
    assert_eq!(json.json()["expires_at"], Value::Null);
}

#[test]
fn a_key_that_is_not_there_or_cannot_be_reached_ends_with_two_and_says_why() {
    let unknown = "arn:aws:kms:eu-west-1:222222222222:key/99990000-0000-4000-8000-000000000009";
    let nobodys = "arn:aws:kms:eu-west-1:999999999999:key/99990000-0000-4000-8000-000000000009";
    let beijing = "arn:aws-cn:kms:cn-north-1:222222222222:key/99990000-0000-4000-8000-000000000009";
    let desk = Desk::new(ORGANIZATION);
    desk.refuses(&format!(
        r#"
        explain {unknown}
            error: there is no such key in account 222222222222: kms:DescribeKey NotFoundException
        explain {nobodys}
            error: account 999999999999 cannot be entered with the role arn:aws:iam::999999999999:role/KeycensusReader: sts:AssumeRole
        explain {beijing}
            error: the key is in the partition aws-cn, and the AWS credentials are of aws: 
        explain {USED} --account 111111111111
            error: the key's ARN says that it is in account 222222222222, and --account 111111111111
        explain AKIANOBODY0000000001
            error: which account the access key belongs to is not known: sts:GetAccessKeyInfo
        explain AKIANOBODY0000000001 --account {MEMBER}
            error: there is no such access key that could be read in account 222222222222: iam:GetAccessKeyLastUsed
        explain arn:aws:kms:eu-west-1:222222222222:alias/payments
            error: KEY is "arn:aws:kms:eu-west-1:222222222222:alias/payments": give the ARN of a KMS key, such as 
        explain {SECRET}2
            error: there is no such secret in account 222222222222: the account's listing does not have it
        explain arn:aws:iam::222222222222:user/otto
            error: there is no such user in account 222222222222
        explain arn:aws:iam::222222222222:user/bot
            error: there is no such password in account 222222222222: its user has none
        explain {CREDENTIAL}
            error: AWS does not report which account a service-specific credential belongs to: give the account's ID with --account
        explain ACCANOBODY0000000001 --account {MEMBER}
            error: there is no such service-specific credential in account 222222222222
        explain ASIATEMPORARY0000001
            error: KEY is "ASIATEMPORARY0000001": give 
        explain {USED} --trail-table cloudtrail
            error: --trail-table is "cloudtrail": give the names of a database and a table
        explain {USED} --account 12
            error: --account is "12": give an account ID of 12 digits
        explain {USED} --stale-after-days ninety
            error: --stale-after-days is "ninety": give
        explain
            error: the following required arguments were not provided
        "#
    ));
    for arguments in ["", "--account 222222222222"] {
        let output = desk.run(&format!("explain AKIANOBODY0000000001 {arguments}"));
        output.ended(2).omitted("AKIANOBODY");
    }
}

#[test]
fn a_key_of_another_partition_is_explained_with_credentials_of_that() {
    let world = r#"
        [[account]]
        id = "111111111111"
        regions = ["cn-north-1"]
        [[account]]
        id = "222222222222"
        regions = ["cn-north-1"]
        [[account.key]]
        region = "cn-north-1"
        id = "22220000-0000-4000-8000-000000000001"
        last_used = "1d"
    "#;
    let arn = "arn:aws-cn:kms:cn-north-1:222222222222:key/22220000-0000-4000-8000-000000000001";
    let (output, _) = explain_in(world, &[arn]);
    output.tells(&[
        arn,
        "\nprincipal     arn:aws-cn:sts::222222222222:assumed-role/application/",
    ]);
    output.ended(0);
}

#[test]
fn whoever_used_a_key_is_told_with_all_that_is_recorded_of_them() {
    for (identity, lines) in [
        (
            r#"{"type": "AWSAccount", "principalId": "AROAX:etl-session", "accountId": "999999999999"}"#,
            &["\nprincipal     AROAX:etl-session (AWSAccount)\naccount       999999999999\n"][..],
        ),
        (
            r#"{"type": "AWSAccount", "principalId": "AIDAX:f59", "accountId": "999999999999", "invokedBy": "cloudformation.amazonaws.com"}"#,
            &[
                "\nprincipal     AIDAX:f59 (AWSAccount)\naccount       999999999999\nby way of     cloudformation.amazonaws.com\n",
            ],
        ),
        (
            r#"{"type": "AWSService", "invokedBy": "delivery.logs.amazonaws.com"}"#,
            &["\nprincipal     delivery.logs.amazonaws.com (AWSService)\nsource  "],
        ),
        (
            r#"{"accountId": "222222222222", "invokedBy": "AWS Internal"}"#,
            &["\nprincipal     AWS Internal\naccount       222222222222\n"],
        ),
        (
            r#"{"type": "IdentityCenterUser", "accountId": "222222222222", "onBehalfOf": {"userId": "544894e8-80c1-707f-60e3-3ba6510dfac1", "identityStoreArn": "arn:aws:identitystore::111111111111:identitystore/d-9067642ac7"}, "credentialId": "EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllWR_Whr1fEXAMPLE"}"#,
            &[
                "\nprincipal     544894e8-80c1-707f-60e3-3ba6510dfac1 (IdentityCenterUser)\n",
                "\nidentity store arn:aws:identitystore::111111111111:identitystore/d-9067642ac7\n",
                "\ncredential ID EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllWR_Whr1fEXAMPLE\n",
            ],
        ),
        (
            r#"{"type": "WebIdentityUser", "principalId": "accounts.google.com:app:user", "userName": "user", "identityProvider": "accounts.google.com"}"#,
            &[
                "\nprincipal     user (WebIdentityUser)\nprincipal ID  accounts.google.com:app:user\nidentity provider accounts.google.com\n",
            ],
        ),
        (
            r#"{"type": "AssumedRole", "principalId": "AROAX:i-1", "arn": "arn:aws:sts::222222222222:assumed-role/app/i-1", "accountId": "222222222222", "accessKeyId": "ASIAIOSFODNN7EXAMPLE", "sessionContext": {"sourceIdentity": "anna@example.com"}, "inScopeOf": {"credentialsIssuedTo": "arn:aws:lambda:eu-west-1:222222222222:function:billing"}}"#,
            &[
                "\naccess key    …MPLE\n",
                "\nsource identity anna@example.com\n",
                "\nissued to     arn:aws:lambda:eu-west-1:222222222222:function:billing\n",
            ],
        ),
        ("null", &["\nprincipal     not recorded\n"]),
    ] {
        let world = ORGANIZATION.replace(
            r#"caller = "arn:aws:sts::222222222222:assumed-role/settlement/nightly""#,
            &format!("user_identity = '{identity}'"),
        );
        let (output, _) = explain_in(&world, &[USED]);
        output.tells(lines);
        output.ended(0);
        let json = explain_in(&world, &[USED, "--json"]).0.json();
        let recorded: Value = serde_json::from_str(
            &identity
                .replace("ASIAIOSFODNN7EX", "…")
                .replace("…AMPLE", "…MPLE"),
        )
        .unwrap();
        assert_eq!(
            json["last_users"]["events"][0]["record"]["user_identity"],
            recorded
        );
    }
}

#[test]
fn reading_the_public_key_of_a_disabled_key_is_a_refused_use() {
    let world = ORGANIZATION
        .replace("state = \"PendingDeletion\"\ndeletion_date = \"-12d 12h\"", "state = \"Disabled\"")
        .replace("name = \"ScheduleKeyDeletion\"", "name = \"DisableKey\"")
        .replace(
            "caller = \"arn:aws:sts::222222222222:assumed-role/fraud/scoring\"\nerror_code = \"KMSInvalidStateException\"",
            "name = \"GetPublicKey\"\nerror_code = \"DisabledException\"",
        );
    let (output, _) = explain_in(&world, &[LEAVING]);
    output.tells(&[
        "\n1 attempt to use it since then: it is still needed.\n",
        "\ncalled        kms:GetPublicKey at ",
        "\nrefused with  DisabledException\n",
    ]);
    output.ended(0);
}
