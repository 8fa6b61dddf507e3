//! The remedies in the digest.

use crate::{
    arbitrary::run,
    examples::{FIRST_CENSUS, access_key, account, cell, kms_key, report_of, with_coverage},
    judge::summary::RunFacts,
    model::{
        cause::{Cause, PolicyKind, Refusal},
        coverage::{
            ACCOUNT_NOT_FOUND, CellKeys, CoverageRow, CoverageStatus, Scope, UNIT_NOT_FOUND,
        },
        gap::Gap,
        reading::{KeyKind, KeyReading, Usage},
    },
    render::digest::compose,
};

use CoverageStatus::{Deferred, Denied, Failed, Partial, Scanned};

const ROLE: &str = "- account not entered: deploy the member role audit/Reader to it, and let the role trust the scanner";
const STS: &str = "- account not entered for RegionDisabledException: STS is not active there in the scanner's Region; activate it in the account (IAM, Account settings), or let the scanner reach STS of the partition's default Region";
const KEY: &str = "- key refused: let its key policy allow kms:GetKeyLastUsage to the role audit/Reader, or delegate to IAM";
const REGION: &str = "- Region denied: a service control policy denies it, or the role audit/Reader lacks the call; \
                      KEYCENSUS_REGIONS can leave the Region out";
const REFUSED: &str = "- other call refused: allow it to the role audit/Reader; a service control policy may deny it too";
const EXCEPT_SCP: &str = "- explicitly denied by a service control policy: except the role audit/Reader in that policy; \
                          no other policy can allow it";
const EXCEPT_KEY_POLICY: &str = "- explicitly denied by a resource-based policy, of a key its key policy: except the role \
                                 audit/Reader in that policy; no other policy can allow it";
const EXCEPT_UNNAMED: &str = "- explicitly denied by a policy that AWS does not name: except the role audit/Reader in that \
                              policy; no other policy can allow it";
const SETTING: &str = "- not in the organization: correct the setting that names it";
const ANSWER: &str = "- no answer: nothing to do unless it happens again; then check AWS Health, and whether the scanner's \
                      network reaches that service";
const REPORT: &str =
    "- answer not readable: nothing to do unless it happens again; then report it, with the log";
const DELETED: &str = "- not found: nothing to do, it was deleted during the census";
const LOOK_UP: &str =
    "- other error: coverage.csv and keys.csv have its code, the log its message and request ID";
const REGIONS: &str = "- Regions not known: allow account:ListRegions to the role audit/Reader, or name the Regions to read in KEYCENSUS_REGIONS";
const TAGS: &str = "- exemption not known: let the key's policy allow kms:ListResourceTags to the role audit/Reader, or delegate to IAM";
const TIME: &str =
    "- throttled or no time left: nothing to do, it is read first in the next census";

/// The lines of remedies.
fn helps(keys: Vec<KeyReading>, coverage: Vec<CoverageRow>) -> Vec<String> {
    let reading = with_coverage(keys, coverage);
    let run = RunFacts {
        member_role: "audit/Reader".to_owned(),
        ..run()
    };
    let text = compose(&report_of(&run, reading, &FIRST_CENSUS)).text;
    let lines = text
        .lines()
        .skip_while(|line| *line != "To see more the next time:");
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

fn row(region: Option<&str>, status: CoverageStatus, gap: impl Into<Option<Gap>>) -> CoverageRow {
    let keys = CellKeys {
        listed: 2,
        unreadable: 1,
        is_whole: true,
    };
    let gaps: Vec<Gap> = gap.into().into_iter().collect();
    CoverageRow::of_cell(&account(1, "one"), cell(region), status, keys, &gaps, "")
}

fn whole_account(gap: Gap) -> CoverageRow {
    CoverageRow {
        scope: Scope::WholeAccount,
        ..row(None, CoverageStatus::Unreachable, Some(gap))
    }
}

fn denied_by_scp(operation: &'static str) -> Gap {
    let refusal = Refusal::ExplicitDeny(Some(PolicyKind::ServiceControl));
    Gap::unanswered(operation, "AccessDeniedException", Cause::Refused(refusal))
}

fn every_region(status: CoverageStatus, gap: Gap) -> CoverageRow {
    CoverageRow {
        scope: Scope::EveryRegion {
            kind: KeyKind::KmsKey,
        },
        ..row(None, status, Some(gap))
    }
}

fn unreadable(mut key: KeyReading, gap: Gap) -> KeyReading {
    key.usage = Usage::Unreadable(gap);
    key
}

#[test]
fn each_gap_has_its_remedy() {
    let denied = |operation| Gap::unanswered(operation, "AccessDeniedException", Cause::REFUSED);
    let throttled = Gap::unanswered("kms:ListKeys", "ThrottlingException", Cause::Throttled);
    let missing = Gap::unanswered("organizations:ListAccounts", ACCOUNT_NOT_FOUND, Cause::Gone);
    let unit = Gap::unanswered(
        "organizations:DescribeOrganizationalUnit",
        UNIT_NOT_FOUND,
        Cause::Gone,
    );
    let west = Some("eu-west-1");
    let cases = [
        (row(west, Scanned, None), None),
        (whole_account(denied("sts:AssumeRole")), Some(ROLE)),
        (
            whole_account(Gap::unanswered(
                "sts:AssumeRole",
                "RegionDisabledException",
                Cause::REFUSED,
            )),
            Some(STS),
        ),
        (
            CoverageRow {
                account: None,
                ..whole_account(unit)
            },
            Some(SETTING),
        ),
        (
            every_region(Denied, denied("account:ListRegions")),
            Some(REGIONS),
        ),
        (
            every_region(
                Failed,
                Gap::unanswered("account:ListRegions", "Timeout", Cause::NotAnswering),
            ),
            Some(ANSWER),
        ),
        (every_region(Deferred, Gap::NoTimeLeft), Some(TIME)),
        (whole_account(missing), Some(SETTING)),
        (
            whole_account(denied_by_scp("sts:AssumeRole")),
            Some(EXCEPT_SCP),
        ),
        (
            row(west, Denied, denied_by_scp("kms:ListKeys")),
            Some(EXCEPT_SCP),
        ),
        (
            row(None, Partial, denied_by_scp("iam:ListUsers")),
            Some(EXCEPT_SCP),
        ),
        (whole_account(denied("account:ListRegions")), Some(REFUSED)),
        (row(west, Denied, denied("kms:ListKeys")), Some(REGION)),
        (row(None, Denied, denied("iam:ListUsers")), Some(REFUSED)),
        (
            row(None, Partial, denied("iam:ListAccessKeys")),
            Some(REFUSED),
        ),
        (row(west, Partial, denied("kms:GetKeyLastUsage")), None),
        (row(west, Partial, throttled), Some(TIME)),
        (row(west, Deferred, Gap::NoTimeLeft), Some(TIME)),
        (
            row(
                west,
                Failed,
                Gap::unanswered("kms:ListKeys", "Timeout", Cause::NotAnswering),
            ),
            Some(ANSWER),
        ),
        (
            row(west, Failed, Gap::unreadable_answer("kms:ListKeys")),
            Some(REPORT),
        ),
        (
            row(
                west,
                Failed,
                Gap::unanswered("keycensus:Read", "InternalError", Cause::Fault),
            ),
            Some(LOOK_UP),
        ),
    ];
    for (row, help) in cases {
        let row_text = format!("{row:?}");
        let helps = helps(Vec::new(), vec![row]);
        assert_eq!(helps, Vec::from_iter(help.map(str::to_owned)), "{row_text}");
    }
}

#[test]
fn each_remedy_is_listed_once_and_in_one_order() {
    let one = account(1, "one");
    let refused = || {
        Gap::unanswered(
            "kms:GetKeyLastUsage",
            "AccessDeniedException",
            Cause::REFUSED,
        )
    };
    let key = |n, gap| unreadable(kms_key(&one, n, "2026-05-01T00:00:00Z"), gap);
    let keys = vec![
        key(1, Gap::NoTimeLeft),
        key(2, refused()),
        key(3, refused()),
        unreadable(
            access_key(&one, "anna", 4, "2026-05-01T00:00:00Z"),
            refused(),
        ),
    ];
    let coverage = vec![
        row(Some("eu-west-1"), Partial, Some(refused())),
        whole_account(Gap::unanswered(
            "sts:AssumeRole",
            "AccessDenied",
            Cause::REFUSED,
        )),
    ];
    assert_eq!(helps(keys, coverage), [ROLE, KEY, TIME]);
}

#[test]
fn each_cause_for_which_a_key_could_not_be_read_has_a_remedy_of_its_own() {
    let denied = |kind| Cause::Refused(Refusal::ExplicitDeny(kind));
    for (cause, help) in [
        (Cause::REFUSED, KEY),
        (denied(Some(PolicyKind::ServiceControl)), EXCEPT_SCP),
        (denied(Some(PolicyKind::ResourceBased)), EXCEPT_KEY_POLICY),
        (denied(None), EXCEPT_UNNAMED),
        (Cause::Throttled, TIME),
        (Cause::OutOfTime, TIME),
        (Cause::NotAnswering, ANSWER),
        (Cause::UnreadableAnswer, REPORT),
        (Cause::Gone, DELETED),
        (Cause::Fault, LOOK_UP),
    ] {
        let key = kms_key(&account(1, "one"), 1, "2026-05-01T00:00:00Z");
        // What the code is does not matter.
        let gap = Gap::unanswered("kms:GetKeyLastUsage", "SomethingNew", cause);
        let west = row(Some("eu-west-1"), Partial, Some(gap.clone()));
        assert_eq!(
            helps(vec![unreadable(key, gap)], vec![west]),
            [help],
            "{cause:?}"
        );
    }
}

#[test]
fn tags_that_leave_it_open_whether_flagged_keys_are_exempt_have_a_remedy_of_their_own() {
    let denied = Refusal::ExplicitDeny(Some(PolicyKind::ServiceControl));
    for (cause, help) in [
        (Cause::REFUSED, TAGS),
        (Cause::Refused(denied), EXCEPT_SCP),
        (Cause::OutOfTime, TIME),
    ] {
        let gap = Gap::unanswered("kms:ListResourceTags", "SomethingNew", cause);
        let cell = CoverageRow {
            keys: Some(CellKeys {
                listed: 2,
                unreadable: 0,
                is_whole: true,
            }),
            ..row(Some("eu-west-1"), Partial, Some(gap))
        };
        assert_eq!(helps(Vec::new(), vec![cell]), [help]);
    }
}
