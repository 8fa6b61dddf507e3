//! Keys of the demo's world that must not just be deleted: files, digest, page,
//! explanation and plan tell the same of each.

use std::sync::OnceLock;

use crate::{
    demo_world::{demo_world, scan_and_tell},
    desk::{Desk, Row},
    night::Night,
};

fn night() -> &'static Night {
    static NIGHT: OnceLock<Night> = OnceLock::new();
    NIGHT.get_or_init(|| {
        let desk = Desk::of(demo_world());
        let digest = scan_and_tell(&desk);
        Night::of(desk, digest)
    })
}

impl Night {
    /// What the digest says of a key, up to the next one.
    fn in_digest(&self, name: &str) -> &str {
        let (_, entry) = self.digest.split_once(&format!(": {name}, ")).unwrap();
        entry.split("\n- ").next().unwrap()
    }

    /// Whether the plan has steps for a key, and else the reason why it has none.
    fn in_plan(&self, row: &Row) -> Result<(), &str> {
        let (steps, left_out) = self.plan.split_once("\n## Left out").unwrap();
        let key_id = &row["key_id"];
        match left_out.lines().find(|line| line.contains(key_id)) {
            None => {
                assert!(steps.contains(key_id), "{key_id} is nowhere");
                Ok(())
            }
            Some(line) => {
                assert!(!steps.contains(key_id), "{key_id} is in both");
                Err(line)
            }
        }
    }
}

#[test]
fn a_key_that_volumes_need_or_grants_are_out_for_is_no_key_to_disable() {
    let night = night();
    for (name, dependents, text, explained) in [
        (
            "alias/hadoop-volumes",
            "ebs_volumes=3;ebs_snapshots=2",
            "3 EBS volumes, 2 EBS snapshots",
            "EBS volumes   3\n",
        ),
        (
            "alias/psp-gateway-2019",
            "grants=rds.amazonaws.com:2",
            "2 grants (rds.amazonaws.com)",
            "rds.amazonaws.com",
        ),
    ] {
        let row = night.row("name", name);
        let columns = ["flagged", "dependents", "recommendation"];
        let expected = ["true", dependents, "check_dependents"];
        assert_eq!(columns.map(|column| &*row[column]), expected);
        let entry = night.in_digest(name);
        assert!(
            entry.contains(&format!("still needed by {text}")),
            "{entry}"
        );
        // Where a long word may break.
        let page = night.page.replace("<wbr>", "");
        assert!(page.contains(text), "{text}");
        let explanation = night.explanation(row);
        assert!(explanation.contains(explained), "{explanation}");
        let reason = night.in_plan(row).unwrap_err();
        assert!(reason.contains(dependents), "{reason}");
    }
}

#[test]
fn a_guarded_key_cannot_be_disabled_yet() {
    let night = night();
    let row = night.row("name", "alias/exports");
    assert_eq!(row["flagged"], "true");
    assert_eq!(row["guard_days"], "365");
    let denied =
        "its key policy denies disabling and deleting it until it is unused for more than 365 days";
    let entry = night.in_digest("alias/exports");
    assert!(entry.contains(denied), "{entry}");
    let counted = "Key policies let 38 of 39 customer managed KMS keys be disabled";
    assert!(night.digest.contains(counted), "{}", night.digest);
    assert!(night.page.contains("A key is guarded when its key policy"));
    let explanation = night.explanation(row);
    assert!(explanation.contains("365 days"), "{explanation}");
    let reason = night.in_plan(row).unwrap_err();
    assert!(reason.contains(denied), "{reason}");
}

#[test]
fn a_key_pending_deletion_that_somebody_tries_to_use_is_told_as_such() {
    let night = night();
    let row = night.row("key_id", "bd98a769-e4e5-415f-934e-b609c8c58e75");
    let date = &row["deletion_date"][..10];
    assert_eq!(row["verdict"], "pending_deletion");
    let entry = format!("- in 12 days, on {date}: no alias, eu-central-1");
    assert!(night.digest.contains(&entry), "{}", night.digest);
    assert!(night.page.contains(date));
    let explanation = night.explanation(row);
    let attempt = "1 attempt to use it since then: it is still needed.";
    assert!(explanation.contains(attempt), "{explanation}");
    assert!(explanation.contains("KMSInvalidStateException"));
    let reason = night.in_plan(row).unwrap_err();
    assert!(reason.contains("somebody still needs it"), "{reason}");
    let found = ["refused_uses", "recommendation"].map(|column| &*row[column]);
    assert_eq!(found, ["1", "cancel_deletion"]);
}

#[test]
fn a_disabled_key_that_a_nightly_job_asks_for_comes_first_and_one_that_nobody_does_is_said_to_be_so()
 {
    let night = night();
    let row = night.row("name", "alias/balance-statements-2021");
    let caller = "arn:aws:sts::333333333333:assumed-role/balance-statements/nightly";
    assert_eq!(
        ["refused_uses", "refused_last_by", "recommendation"].map(|column| &*row[column]),
        ["3", caller, "enable_again"]
    );
    let (_, first) = night
        .digest
        .split_once("SOMEBODY STILL NEEDS: 2\n")
        .unwrap();
    let (first, _) = first.split_once("\n\n").unwrap();
    let refused = format!("by {caller}; disabled. Run aws kms enable-key --region eu-west-1");
    assert!(
        first.contains("refused 3 times, last at ") && first.contains(&refused),
        "{first}"
    );
    let (_, page) = night.page.split_once("<h2 id=\"needed\">").unwrap();
    let (page, _) = page.split_once("</section>").unwrap();
    let page = page.replace("<wbr>", "");
    assert!(
        page.contains("alias/balance-statements-2021") && page.contains(caller),
        "{page}"
    );
    assert!(
        night
            .plan
            .contains("Not planned: somebody still needs it: its use was refused")
    );
    let explanation = night.explanation(row);
    for line in [
        "3 attempts to use it since then: it is still needed.",
        "recommendation: enable_again",
    ] {
        assert!(explanation.contains(line), "{explanation}");
    }
    let nobody = night.row("name", "alias/newsletter-2019");
    let found = ["refused_uses", "recommendation"].map(|column| &*nobody[column]);
    assert_eq!(found, ["0", "none"]);
    let (_, pending) = night
        .digest
        .split_once(": alias/newsletter-2019, ")
        .unwrap();
    let (pending, _) = pending.split_once('\n').unwrap();
    assert!(pending.ends_with("; no refused use found"), "{pending}");
}
