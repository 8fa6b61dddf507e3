//! What is recommended about a flagged key in each state: AWS accepts it, and files,
//! digest, page, explanation and plan say the same.

use crate::{desk::Desk, night::Night};

const REFUSED: &str = "its state is PendingImport: KMS refuses to disable it";
const CHANGING: &str = "its state is Updating: KMS is changing it";
const LATER: &str = "disables it once the key store is connected again";
const DELETED: &str = "1 grant to a deleted principal, which no one can use";

const ACCOUNT: &str = r#"
[[account]]
id = "111111111111"
name = "management"
regions = ["us-east-1"]
"#;

fn key(name: &str, state: &str, more: &str) -> String {
    format!(
        "[[account.key]]\nregion = \"us-east-1\"\naliases = [\"alias/{name}\"]\nstate = \"{state}\"\n\
         created = \"900d 12h\"\nlast_used = \"200d 12h\"\n{more}\n"
    )
}

fn night() -> Night {
    let world = [
        ACCOUNT.to_owned(),
        key("enabled", "Enabled", ""),
        key("disabled", "Disabled", ""),
        key("imported", "PendingImport", "origin = \"EXTERNAL\""),
        key("hsm", "Unavailable", "origin = \"AWS_CLOUDHSM\""),
        key("moving", "Updating", ""),
        key(
            "orphaned",
            "Enabled",
            "[[account.key.grant]]\ngrantee = \"AROAEXAMPLEID12345678\"",
        ),
    ];
    let desk = Desk::new(&world.concat());
    desk.run("scan --out out").ended(3);
    let report = desk.run("report out");
    report.ended(3);
    Night::of(desk, report.stdout)
}

#[test]
fn what_is_recommended_is_what_aws_accepts_and_the_same_everywhere() {
    let night = night();
    let (steps, left_out) = night.plan.split_once("## Left out").unwrap();
    for (name, recommendation, by_hand, in_plan) in [
        ("alias/enabled", "disable_and_watch", None, "Disable it."),
        (
            "alias/disabled",
            "disable_and_watch",
            None,
            "It is disabled already.",
        ),
        ("alias/imported", "check_by_hand", Some(REFUSED), REFUSED),
        ("alias/hsm", "disable_and_watch", None, LATER),
        ("alias/moving", "check_by_hand", Some(CHANGING), CHANGING),
        ("alias/orphaned", "disable_and_watch", None, "Disable it."),
    ] {
        let row = night.row("name", name);
        assert_eq!(row["recommendation"], recommendation, "{name}");
        let explanation = night.explanation(row);
        assert!(
            explanation.contains(&format!("recommendation: {recommendation}.")),
            "{explanation}"
        );
        let part = match by_hand {
            Some(_) => left_out,
            None => steps,
        };
        let (_, entry) = part.split_once(name).unwrap();
        let entry = match by_hand {
            Some(_) => entry.lines().next().unwrap(),
            None => entry.split("####").next().unwrap(),
        };
        assert!(entry.contains(in_plan), "{name}: {entry}");
        if let Some(why) = by_hand {
            assert!(night.digest.contains(why), "{}", night.digest);
            assert!(night.page.contains(why), "{name}");
            let (_, rest) = why.split_at(1);
            assert!(explanation.contains(rest), "{explanation}");
        }
    }
}

#[test]
fn a_grant_to_a_deleted_principal_is_told_and_is_no_dependent() {
    let night = night();
    let row = night.row("name", "alias/orphaned");
    assert_eq!(row["dependents"], "grants=deleted:1");
    let needed = night.digest.contains("still needed by");
    assert!(!needed, "{}", night.digest);
    let explanation = night.explanation(row);
    for text in [&night.digest, &night.page, &explanation, &night.plan] {
        assert!(text.contains(DELETED), "{text}");
    }
}
