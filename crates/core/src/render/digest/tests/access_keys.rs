//! The digest's sections of access keys, of users and of root users.

use super::{SNS_MESSAGE_BYTES, bytes, grouped};
use crate::{
    examples::{access_key, account, cell, first_report, kms_key, root_key, with_coverage},
    expected::matches_file,
    model::{
        access_key::none_recorded,
        account::Account,
        cause::Cause,
        coverage::{CellKeys, CoverageRow, CoverageStatus},
        gap::Gap,
        organization_reading::Reading,
        reading::{KeyReading, Usage},
    },
    render::digest::{Digest, compose},
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T10:15:00Z";

fn digest(keys: Vec<KeyReading>, coverage: Vec<CoverageRow>) -> Digest {
    compose(&first_report(with_coverage(keys, coverage)))
}

/// The lines from a heading to the next empty line.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let begin = text
        .find(&format!("\n\n{heading}"))
        .unwrap_or_else(|| panic!("{heading} in\n{text}"));
    let section = &text[begin + 2..];
    section.split("\n\n").next().unwrap()
}

fn access_keys_cell(account: &std::sync::Arc<Account>, status: CoverageStatus) -> CoverageRow {
    CoverageRow::unlisted(account, cell(None), status, None, "")
}

#[test]
fn root_access_keys_follow_the_first_line_and_active_ones_come_first() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let mut inactive = root_key(&one, 1, STALE);
    inactive.state = Some("Inactive".to_owned());
    let mut unused = root_key(&one, 2, IN_USE);
    unused.created_at = None;
    unused.usage = none_recorded(None);
    let mut unread = root_key(&two, 2, IN_USE);
    unread.usage = Usage::Unreadable(Gap::unreadable_answer("iam:GetCredentialReport"));

    let digest = digest(
        vec![inactive, unused, unread, root_key(&two, 1, IN_USE)],
        Vec::new(),
    );

    matches_file(
        "render/digest/expected/root_access_keys.txt",
        &digest
            .text
            .split_inclusive('\n')
            .take(9)
            .collect::<String>(),
    );
    assert_eq!(digest.text.matches("root_access_key_").count(), 4);
    assert!(!digest.text.contains("UNUSED ACCESS KEYS"));
    assert!(!digest.text.contains("KEYS TO ROTATE"));
}

#[test]
fn a_root_access_key_is_in_the_subject_even_when_it_is_in_use() {
    let root_keys = vec![root_key(&account(1, "one"), 1, IN_USE)];
    assert_eq!(
        digest(root_keys, Vec::new()).subject,
        "Keycensus: 0 keys unused for 90 days or more; 1 root access key"
    );
    let access_keys = vec![access_key(&account(1, "one"), "anna", 1, IN_USE)];
    assert_eq!(
        digest(access_keys, Vec::new()).subject,
        "Keycensus: 0 keys unused for 90 days or more"
    );
}

#[test]
fn the_longest_subject_of_any_organization_is_within_the_limit_of_sns() {
    let mut report = first_report(Reading::default());
    report.summary.keys.flagged = 9_999_999;
    report.summary.stale_after_days = 3650;
    report.summary.coverage.complete = false;
    report.summary.keys.by_kind.insert("root_access_key", 9_999);
    let subject = compose(&report).subject;
    assert!(subject.len() < 100, "{} bytes: {subject}", subject.len());
}

#[test]
fn unused_access_keys_have_their_own_section_with_what_to_do() {
    let one = account(1, "one");
    let mut inactive = access_key(&one, "old, \"bot\"", 2, "2026-06-01T00:00:00Z");
    inactive.state = Some("Inactive".to_owned());
    inactive.owner = None;
    let mut never_used = access_key(&one, "anna", 3, IN_USE);
    never_used.usage = none_recorded(never_used.created_at);
    let mut ancient = access_key(&account(2, "two"), "root-of-all", 4, IN_USE);
    ancient.usage = none_recorded(Some("2012-01-01T00:00:00Z".parse().unwrap()));

    let text = digest(
        vec![
            inactive,
            kms_key(&one, 5, STALE),
            never_used,
            ancient,
            access_key(&one, "deploy-bot", 1, STALE),
        ],
        Vec::new(),
    )
    .text;

    let begin = text.find("UNUSED ACCESS KEYS").unwrap();
    let end = text.find("Looked for what depends on them").unwrap();
    matches_file(
        "render/digest/expected/unused_access_keys.txt",
        &text[begin..end],
    );
    assert!(text.starts_with("5 keys unused for 90 days or more in 2 accounts (1 KMS key, 4 access keys), 1.00 USD a month"));
}

#[test]
fn keys_to_rotate_are_counted_by_account_and_the_oldest_are_named() {
    let mut keys: Vec<KeyReading> = (0..30)
        .map(|n| {
            let account = account(1 + n as u64 / 28, "acme");
            let mut key = access_key(&account, &format!("bot-{n}"), n, IN_USE);
            key.created_at = Some(
                format!("20{:02}-01-01T00:00:00Z", 16 + n % 10)
                    .parse()
                    .unwrap(),
            );
            key
        })
        .collect();
    let mut young = access_key(&account(3, "young"), "anna", 99, IN_USE);
    young.created_at = Some("2026-11-01T00:00:00Z".parse().unwrap());
    keys.push(young);

    let text = digest(keys, Vec::new()).text;

    matches_file(
        "render/digest/expected/keys_to_rotate.txt",
        &(section(&text, "KEYS TO ROTATE").to_owned() + "\n"),
    );
    assert!(text.starts_with("No key unused for 90 days or more"));
}

#[test]
fn a_few_keys_to_rotate_are_named_and_not_counted_by_account() {
    let mut keys = vec![
        access_key(&account(1, "one"), "anna", 1, IN_USE),
        access_key(&account(2, "two"), "ben", 2, IN_USE),
    ];
    keys[1].owner = None;
    assert_eq!(
        section(&digest(keys, Vec::new()).text, "KEYS TO ROTATE"),
        "KEYS TO ROTATE: 2\n\
         Access keys in use that are 90 days old or older.\n\
         - 365 days old: anna, key …0001; 000000000001 one; owner ci\n\
         - 365 days old: ben, key …0002; 000000000002 two"
    );
}

#[test]
fn gaps_of_access_keys_are_listed_as_such_and_not_as_a_region() {
    let (one, two, three) = (account(1, "one"), account(2, "two"), account(3, "three"));
    let gap = Gap::unanswered("iam:ListUsers", "AccessDenied", Cause::REFUSED);
    let denied = CoverageRow::unlisted(&one, cell(None), CoverageStatus::Denied, Some(gap), "");
    let partial = |account, unreadable, detail| {
        let keys = CellKeys {
            listed: 3,
            unreadable,
            is_whole: true,
        };
        CoverageRow::of_cell(
            account,
            cell(None),
            CoverageStatus::Partial,
            keys,
            &[],
            detail,
        )
    };
    let some_unread = partial(&two, 1, "");
    let root_unknown = partial(
        &three,
        0,
        "the credential report has no row for <root_account>",
    );

    let text = digest(Vec::new(), vec![denied, some_unread, root_unknown]).text;

    assert!(text.starts_with(
        "No key unused for 90 days or more; the access keys of 3 accounts could not be read in full.\n"
    ));
    assert_eq!(
        section(&text, "WHAT COULD NOT BE SEEN"),
        "WHAT COULD NOT BE SEEN\n\
         - 000000000001 one, IAM access keys: denied: iam:ListUsers AccessDenied\n\
         - 000000000002 two, IAM access keys: 1 of 3 keys not read\n\
         - 000000000003 three, IAM access keys: not read in full: the credential report has no row for <root_account>\n\
         Keys that could not be seen may or may not be in use."
    );
}

#[test]
fn an_organization_full_of_keys_of_every_kind_fits_and_everything_left_out_is_counted() {
    let name = "\"quoted\" name ".repeat(20);
    let accounts: Vec<_> = (1..=500).map(|n| account(n, &name)).collect();
    let mut keys = Vec::new();
    for (at, account) in accounts.iter().enumerate() {
        keys.push(root_key(account, 1, IN_USE));
        keys.push(root_key(account, 2, STALE));
        for n in 0..40 {
            let n = at * 40 + n;
            keys.push(access_key(account, &format!("{name}{n}"), n, STALE));
            keys.push(access_key(
                account,
                &format!("{name}{n}"),
                500_000 + n,
                IN_USE,
            ));
            keys.push(kms_key(account, n, STALE));
        }
    }
    let coverage = accounts
        .iter()
        .map(|account| access_keys_cell(account, CoverageStatus::Failed))
        .collect();

    let digest = digest(keys, coverage);

    assert!(bytes(&digest) < SNS_MESSAGE_BYTES, "{}", bytes(&digest));
    let text = &digest.text;
    let has_line = |line: &str| assert!(text.contains(line), "{line} in\n{text}");

    let root_keys = section(text, "ROOT ACCESS KEYS: 1,000");
    let listed = root_keys.matches(": root_access_key_").count();
    assert_eq!(listed, 40);
    has_line(&format!(
        "- and {} more; keys.csv has every one",
        1000 - listed
    ));

    let listed = text.matches("- 204 days: \"quoted\"").count();
    assert!(listed > 20, "{listed} access keys listed");
    has_line(&format!(
        "{} unused access keys are not listed here",
        grouped(20_000 - listed as u64)
    ));

    let listed = text.matches("- 204 days: alias/").count();
    assert!(listed > 20, "{listed} KMS keys listed");
    has_line(&format!(
        "{} unused KMS keys are not listed here",
        grouped(20_000 - listed as u64)
    ));

    let rotation = section(text, "KEYS TO ROTATE: 20,000");
    let listed = rotation.matches("\n- 40 in 0").count();
    assert!(listed > 5, "{listed} accounts listed");
    let (accounts, keys) = (500 - listed, 40 * (500 - listed));
    let keys = grouped(keys as u64);
    has_line(&format!("- {keys} in {accounts} more accounts"));
    assert_eq!(rotation.matches(" days old: ").count(), 5);

    let listed = text.matches(", IAM access keys: failed").count();
    assert_eq!(listed, 40);
    has_line(&format!("- and {} gaps more", 500 - listed));
    has_line("THE WHOLE REPORT");
}
