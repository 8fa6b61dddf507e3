use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ACCESS_KEY, MARKS, commands, csv_of_columns, plan};
use crate::plan::{NEEDED, Plan, make};

type Cells<'a> = &'a [(&'a str, &'a str)];

/// The operations behind each mark of the only script there is, in order.
fn operations(cells: Cells<'_>) -> String {
    operations_of(&plan(&[cells]))
}

fn operations_of(plan: &Plan) -> String {
    let script = plan.scripts.first().map_or("", |script| &script.text);
    let marked = script.lines().filter_map(|line| {
        let mark = MARKS.iter().find(|mark| line.starts_with(**mark))?;
        let line = &line[mark.len()..];
        let (_, aws) = line.split_once("aws ")?;
        let operation = aws.split(' ').nth(1)?;
        Some(format!("{}{operation}", mark.trim_end()))
    });
    marked.collect::<Vec<_>>().join(" ")
}

fn with(base: Cells<'_>, cells: Cells<'_>) -> String {
    operations(&[base, cells].concat())
}

const MRK: &str = "mrk-1234abcd12ab34cd56ef1234567890ab";

const DENIED: &str = "AccessDeniedException";
const GRANTS_NOT_READ: &str = r#"[{"of":"dependents","call":"kms:ListGrants","code":"AccessDeniedException","cause":"refused"}]"#;

const ALL_OF_KMS: &str = "#1#disable-key #undo1#enable-key #2#lookup-events #3#describe-key \
    #3#schedule-key-deletion #undo3#cancel-key-deletion";

#[test]
fn a_flagged_kms_key_is_disabled_watched_and_deleted() {
    assert_eq!(operations(&[]), ALL_OF_KMS);
    assert_eq!(
        operations(&[("state", "Disabled")]),
        ALL_OF_KMS.replace("#1#disable-key ", "")
    );
    let due: Cells<'_> = &[
        ("state", "Disabled"),
        ("recommendation", "schedule_deletion"),
        ("disabled_since", "2026-09-01"),
    ];
    assert_eq!(operations(due), ALL_OF_KMS.replace("#1#disable-key ", ""));
    let document = plan(&[due]).document;
    assert!(document.contains("censuses have seen it disabled for long enough"));
    assert!(document.contains("seen disabled since 2026-09-01"));
}

#[test]
fn a_key_that_somebody_was_refused_is_enabled_again_and_not_deleted() {
    let needed: Cells<'_> = &[
        ("state", "Disabled"),
        ("recommendation", "enable_again"),
        ("refused_uses", "3"),
        ("refused_last_at", "2026-11-20T03:00:00Z"),
        ("refused_last_by", "`id`"),
    ];
    assert_eq!(operations(needed), "#undo1#enable-key #2#lookup-events");
    let why = "somebody still needs it: its use was refused, the last time on 2026-11-20";
    let document = plan(&[needed]).document;
    assert!(
        document.contains(&format!("Not planned: {why}; enable it again.")),
        "{document}"
    );
    let in_use: Cells<'_> = &[
        ("verdict", "in_use"),
        ("flagged", "false"),
        ("idle_days", "3"),
        ("last_used_at", "2026-11-18T11:30:00Z"),
        ("dependents_checked", ""),
    ];
    let document = plan(&[&[needed, in_use].concat()]).document;
    assert!(
        document.contains(&format!("{why}; enable it again")),
        "{document}"
    );
    let pending: Cells<'_> = &[
        ("state", "PendingDeletion"),
        ("verdict", "pending_deletion"),
        ("recommendation", "cancel_deletion"),
        ("flagged", "false"),
        ("idle_days", ""),
        ("last_used_at", ""),
        ("last_operation", ""),
    ];
    let document = plan(&[&[needed, pending].concat()]).document;
    assert!(
        document.contains(&format!("{why}; cancel its deletion, and enable it again")),
        "{document}"
    );
}

#[test]
fn nothing_is_planned_for_a_key_that_may_be_exempt() {
    let unread = r#"[{"of":"tags","call":"kms:ListResourceTags","code":"AccessDeniedException","cause":"refused"}]"#;
    for cells in [&[][..], &ACCESS_KEY] {
        let cells = [cells, &[("gaps", unread)]].concat();
        assert_eq!(operations(&cells), "");
        let document = plan(&[&cells]).document;
        assert!(document.contains(
            "whether it is exempt is not known: kms:ListResourceTags AccessDeniedException"
        ));
    }
}

#[test]
fn deletion_is_not_planned_where_dependents_were_not_checked() {
    for (checked, gaps) in [("no", ""), (DENIED, GRANTS_NOT_READ)] {
        let cells: Cells<'_> = &[("dependents_checked", checked), ("gaps", gaps)];
        let not_deleted = "#1#disable-key #undo1#enable-key #2#lookup-events";
        assert_eq!(operations(cells), not_deleted, "{checked}");
        let plan = plan(&[cells]);
        for text in [&plan.document, &plan.scripts[0].text] {
            assert!(text.contains("1. Dependents not checked: look for what may need it first."));
            assert!(text.contains("3. Not planned: dependents not checked."));
            assert!(text.contains(checked));
        }
    }
}

#[test]
fn what_an_older_report_does_not_have_is_no_reason_to_delete_a_key() {
    let planned =
        |cells: Cells<'_>| operations_of(&make(&*csv_of_columns(&NEEDED, &[cells])).unwrap());
    // Neither dependents nor guards were looked for.
    assert_eq!(
        planned(&[]),
        "#1#disable-key #undo1#enable-key #2#lookup-events"
    );
    // The detail may mean that its tags could not be read.
    assert_eq!(planned(&[("detail", "already disabled")]), "");
    // What the others of its set do is not known.
    let mrk_arn = format!("arn:aws:kms:eu-west-1:222222222222:key/{MRK}");
    assert_eq!(planned(&[("key_id", MRK), ("arn", &mrk_arn)]), "");
}

#[test]
fn an_unused_access_key_is_deactivated_watched_and_deleted() {
    assert_eq!(
        operations(&ACCESS_KEY),
        "#1#update-access-key #undo1#update-access-key #2#get-access-key-last-used #3#list-access-keys \
         #3#delete-access-key"
    );
    assert_eq!(
        with(
            &ACCESS_KEY,
            &[("state", "Inactive"), ("recommendation", "delete")]
        ),
        "#undo1#update-access-key #2#get-access-key-last-used #3#list-access-keys #3#delete-access-key"
    );
}

#[test]
fn the_commands_are_those_of_the_aws_cli() {
    let text = &plan(&[&[], &ACCESS_KEY]).scripts[0].text;
    let key = "--region 'eu-west-1' --key-id '1234abcd-12ab-34cd-56ef-1234567890ab'";
    let user = "--user-name='deploy-bot' --access-key-id 'AKIAIOSFODNN7EXAMPLE'";
    let lines = commands(text, &MARKS);
    for line in [
        format!("aws kms disable-key {key}"),
        format!("aws kms enable-key {key}"),
        format!("aws kms schedule-key-deletion {key} --pending-window-in-days 30"),
        format!("aws kms cancel-key-deletion {key}"),
        format!("aws iam update-access-key {user} --status Inactive"),
        format!("aws iam update-access-key {user} --status Active"),
        format!("aws iam delete-access-key {user}"),
    ] {
        assert!(
            lines.iter().any(|lines| lines.contains(&line)),
            "{line}\n{text}"
        );
    }
    assert!(text.contains("'AttributeKey=ResourceName,AttributeValue=arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab'"));
    assert!(text.contains("DisabledException"));
}

/// The cells that are unusual of a key, and why a plan leaves it out.
#[derive(Deserialize)]
struct LeftOut<'a> {
    reason: &'a str,
    cells: BTreeMap<String, String>,
}

#[test]
fn what_must_not_be_touched_is_left_out_with_the_reason() {
    let cases: Vec<LeftOut<'_>> = serde_json::from_str(include_str!("left_out.json")).unwrap();
    for LeftOut { reason, cells } in &cases {
        let cells: Vec<_> = cells
            .iter()
            .map(|(c, t)| (c.as_str(), t.as_str()))
            .collect();
        let plan = plan(&[&cells]);
        assert!(plan.scripts.is_empty(), "{reason}");
        let (_, left_out) = plan.document.split_once("## Left out\n").unwrap();
        assert!(left_out.contains(reason), "{left_out}");
        let names_key = left_out.contains("1234abcd") || left_out.contains("AKIA");
        assert!(names_key, "{left_out}");
        assert!(plan.document.contains("Left out, with the reason: 1."));
    }
}

#[test]
fn a_key_whose_custom_key_store_is_disconnected_is_disabled_once_it_is_connected() {
    let cells: Cells<'_> = &[("state", "Unavailable")];
    assert_eq!(operations(cells), ALL_OF_KMS);
    let document = plan(&[cells]).document;
    assert!(document.contains("disables it once the key store is connected again"));
}

#[test]
fn a_grant_to_a_deleted_principal_does_not_keep_a_key_and_is_shown() {
    let cells: Cells<'_> = &[("dependents", "grants=deleted:2")];
    assert_eq!(operations(cells), ALL_OF_KMS);
    let document = plan(&[cells]).document;
    assert!(
        document
            .contains("no dependents found; 2 grants to deleted principals, which no one can use")
    );
}

#[test]
fn a_set_that_is_idle_as_a_whole_and_a_guard_that_has_run_out_do_not_keep_a_key() {
    let mrk = MRK;
    let mrk_arn = format!("arn:aws:kms:eu-west-1:222222222222:key/{mrk}");
    let set: Cells<'_> = &[("key_id", mrk), ("arn", &mrk_arn)];
    let idle = with(set, &[("multi_region_set", mrk), ("rest_of_set", "idle")]);
    assert_eq!(idle, ALL_OF_KMS);
    for guard in ["0", "181", ""] {
        assert_eq!(operations(&[("guard_days", guard)]), ALL_OF_KMS, "{guard}");
    }
    assert_eq!(operations(&[("guard_days", "partial:365")]), ALL_OF_KMS);
    let document = plan(&[&[("guard_days", "partial:365")]]).document;
    assert!(document.contains("Its key policy denies step 1 and step 3 to some."));
}

#[test]
fn a_password_is_looked_at_and_then_deleted() {
    let password: Cells<'_> = &[
        ("kind", "iam_password"),
        ("region", "global"),
        ("key_id", "anna"),
        ("name", "anna"),
        ("arn", "arn:aws:iam::222222222222:user/staff/anna"),
        ("state", ""),
        ("last_operation", ""),
        ("recommendation", "remove_password"),
        ("monthly_cost_usd", "0.00"),
        ("dependents_checked", ""),
    ];
    let of_root = [
        password,
        &[
            ("kind", "root_password"),
            ("key_id", "<root_account>"),
            ("name", "<root_account>"),
            ("arn", "arn:aws:iam::222222222222:root"),
            ("flagged", "false"),
            ("recommendation", "none"),
        ],
    ]
    .concat();
    let plan = plan(&[password, &of_root]);
    let script = &plan.scripts[0].text;
    let marked: Vec<&str> = script.lines().filter(|line| is_marked(line)).collect();
    assert_eq!(
        marked,
        [
            "#2# aws iam get-user --user-name='anna' --query User.PasswordLastUsed --output text",
            "#3# aws iam delete-login-profile --user-name='anna' || echo \"left as it is: anna\" >&2",
        ]
    );
    assert!(
        plan.document
            .contains("#### user `anna`\n\nPassword of `anna`: last use on 2026-05-23")
    );
    assert!(
        plan.document
            .ends_with("## Not concerned\n\n- 1 passwords of root users\n")
    );
}

#[test]
fn a_service_specific_credential_is_replaced_deactivated_and_deleted() {
    let credential: Cells<'_> = &[
        ("kind", "service_credential"),
        ("region", "global"),
        ("key_id", "ACCAEXAMPLE0EXAMPLE01"),
        ("name", "anna;bedrock.amazonaws.com"),
        ("arn", "arn:aws:iam::222222222222:user/staff/anna"),
        ("state", "Active"),
        ("verdict", "not_recorded"),
        ("flagged", "false"),
        ("idle_days", ""),
        ("last_used_at", ""),
        ("last_operation", ""),
        ("usage_read_at", ""),
        ("recommendation", "set_expiry"),
        ("monthly_cost_usd", "0.00"),
        ("dependents_checked", ""),
    ];
    let made = plan(&[credential]);
    let script = &made.scripts[0].text;
    let marked: Vec<&str> = script.lines().filter(|line| is_marked(line)).collect();
    let id = "--user-name='anna' --service-specific-credential-id 'ACCAEXAMPLE0EXAMPLE01'";
    let update = format!("aws iam update-service-specific-credential {id} --status");
    let status = "aws iam list-service-specific-credentials --user-name='anna' --query \
        \"ServiceSpecificCredentials[?ServiceSpecificCredentialId=='ACCAEXAMPLE0EXAMPLE01'].Status\" --output text";
    assert_eq!(
        marked,
        [
            format!("#1# {update} Inactive"),
            format!(
                "#undo1# {update} Active || echo \"left as it is: ACCAEXAMPLE0EXAMPLE01\" >&2"
            ),
            format!("#2# {status}"),
            format!("#3# state=$({status})"),
            "#3# [ \"${state}\" = Inactive ] || echo \"left alone: ACCAEXAMPLE0EXAMPLE01 is '${state}'\" >&2"
                .to_owned(),
            format!(
                "#3# [ \"${{state}}\" != Inactive ] || aws iam delete-service-specific-credential {id}"
            ),
        ]
    );
    let document = &made.document;
    assert!(document.contains("its use is not recorded"), "{document}");
    let fine = [credential, &[("recommendation", "none")]].concat();
    let concern = "- 1 service-specific credentials that are not to be replaced\n";
    assert!(plan_of(&fine).ends_with(concern), "{}", plan_of(&fine));
    let unread =
        r#"[{"of":"tags","call":"iam:ListUserTags","code":"AccessDenied","cause":"refused"}]"#;
    let may_be_exempt = [credential, &[("gaps", unread)]].concat();
    assert!(plan_of(&may_be_exempt).contains("whether it is exempt is not known"));
}

#[test]
fn a_secret_is_looked_at_and_its_deletion_scheduled_so_that_it_can_be_restored() {
    let secret: Cells<'_> = &[
        ("kind", "secret"),
        ("key_id", "prod/db-a1b2c3"),
        ("name", "prod/db"),
        (
            "arn",
            "arn:aws:secretsmanager:eu-west-1:222222222222:secret:prod/db-a1b2c3",
        ),
        ("state", ""),
        ("last_operation", ""),
        ("recommendation", "schedule_deletion"),
        ("monthly_cost_usd", "0.40"),
        ("dependents_checked", ""),
    ];
    let plan = plan(&[secret]);
    let script = &plan.scripts[0].text;
    let marked: Vec<&str> = script.lines().filter(|line| is_marked(line)).collect();
    let id = "--region 'eu-west-1' --secret-id \
        'arn:aws:secretsmanager:eu-west-1:222222222222:secret:prod/db-a1b2c3'";
    let arn = "arn:aws:secretsmanager:eu-west-1:222222222222:secret:prod/db-a1b2c3";
    assert_eq!(
        marked,
        [
            format!(
                "#2# aws secretsmanager describe-secret {id} --query LastAccessedDate --output text"
            ),
            format!(
                "#3# state=$(aws secretsmanager describe-secret {id} --query DeletedDate --output text)"
            ),
            format!(
                "#3# [ \"${{state}}\" = None ] || echo \"left alone: {arn} is '${{state}}'\" >&2"
            ),
            format!(
                "#3# [ \"${{state}}\" != None ] || aws secretsmanager delete-secret {id} --recovery-window-in-days 30"
            ),
            format!(
                "#undo3# aws secretsmanager restore-secret {id} || echo \"left as it is: {arn}\" >&2"
            ),
        ]
    );
    let document = &plan.document;
    assert!(document.contains("Secret `prod/db-a1b2c3` in `eu-west-1`: last use on 2026-05-23"));
    assert!(document.contains("182 days idle; 0.40 USD a month"));
    let rotated = [
        secret,
        &[
            ("state", "RotationEnabled"),
            ("recommendation", "check_by_hand"),
        ],
    ];
    assert!(plan_of(&rotated.concat()).contains("it is rotated"));
    let replica: Cells<'_> = &[
        ("recommendation", "check_by_hand"),
        ("multi_region_set", "prod/db-a1b2c3"),
        ("multi_region_role", "replica"),
        ("rest_of_set", "idle"),
    ];
    assert!(plan_of(&[secret, replica].concat()).contains("it is replicated"));
}

/// The document of a plan without steps.
fn plan_of(cells: Cells<'_>) -> String {
    let plan = plan(&[cells]);
    assert!(plan.scripts.is_empty(), "{}", plan.scripts[0].text);
    plan.document
}

fn is_marked(line: &str) -> bool {
    MARKS.iter().any(|mark| line.starts_with(mark))
}

#[test]
fn root_access_keys_are_for_people_and_keys_in_use_are_counted() {
    let root: Cells<'_> = &[
        ("kind", "root_access_key"),
        ("region", "global"),
        ("key_id", "root_access_key_1"),
        ("state", "Active"),
        ("recommendation", "remove_root_key"),
    ];
    let unflagged = |verdict: &'static str, recommendation: &'static str, id: &'static str| {
        [
            ("verdict", verdict),
            ("flagged", "false"),
            ("recommendation", recommendation),
            ("key_id", id),
        ]
    };
    let plan = plan(&[
        root,
        &unflagged("in_use", "none", "a"),
        &unflagged("in_use", "none", "b"),
        &unflagged("in_use", "rotate", "c"),
        &unflagged("aws_managed", "none", "d"),
    ]);
    assert!(plan.scripts.is_empty());
    let (_, by_hand) = plan
        .document
        .split_once("## Root access keys, by hand\n")
        .unwrap();
    assert!(
        by_hand.contains("- 222222222222 `payments-prod`: `root_access_key_1`, state `Active`")
    );
    assert!(!plan.document.contains("```"));
    assert!(plan.document.ends_with(
        "## Not concerned\n\n- 2 in use\n- 1 in use, and to be rotated\n- 1 managed by AWS\n"
    ));
}
