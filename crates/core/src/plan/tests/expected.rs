//! A whole plan as files beside this one, for people to read.

use super::{ACCESS_KEY, plan};
use crate::expected::matches_file;

fn matches_expected(name: &str, text: &str) {
    matches_file(&format!("plan/expected/{name}"), text);
}

#[test]
fn a_plan_of_every_sort_of_key() {
    const PAYMENTS: (&str, &str) = ("account_id", "222222222222");
    const DATA: [(&str, &str); 2] = [
        ("account_id", "444444444444"),
        ("account_name", "data-platform"),
    ];
    let kms = |cells: &[(&'static str, &str)], account: &str, id: &str| {
        let arn = format!("arn:aws:kms:eu-west-1:{account}:key/{id}");
        let mut row: Vec<(&str, String)> =
            cells.iter().map(|(c, t)| (*c, (*t).to_owned())).collect();
        row.extend([("key_id", id.to_owned()), ("arn", arn)]);
        row
    };
    let rows = [
        kms(
            &[PAYMENTS],
            "222222222222",
            "f49ba8f0-1b9d-4086-bac5-e5a8ac8eb546",
        ),
        kms(
            &[
                ("name", "alias/quarterly;alias/settlement-test"),
                ("owner", "finance"),
                ("state", "Disabled"),
                ("recommendation", "schedule_deletion"),
                ("disabled_since", "2026-09-30"),
                ("monthly_cost_usd", "3.00"),
            ],
            "222222222222",
            "dd7a3a88-0438-4434-a38c-e0923c849090",
        ),
        kms(
            &[
                DATA[0],
                DATA[1],
                ("name", ""),
                ("owner", ""),
                ("last_used_at", ""),
                ("tracked_since", "2026-04-23T00:00:00Z"),
                ("verdict", "unused_since_tracking"),
                ("dependents_checked", "UnauthorizedOperation"),
                (
                    "gaps",
                    r#"[{"of":"dependents","call":"ec2:DescribeVolumes","code":"UnauthorizedOperation","cause":"refused"}]"#,
                ),
            ],
            "444444444444",
            "0b1c2d3e-4a1c-4b6e-9d57-000000000003",
        ),
        kms(
            &[
                DATA[0],
                DATA[1],
                ("name", "alias/hadoop-volumes"),
                (
                    "dependents",
                    "ebs_volumes=3;grants=autoscaling.amazonaws.com:2",
                ),
                ("recommendation", "check_dependents"),
            ],
            "444444444444",
            "0b1c2d3e-4a1c-4b6e-9d57-000000000004",
        ),
        kms(
            &[
                ("name", "alias/pci-archive-2018"),
                ("flagged", "false"),
                ("exempt", "true"),
                ("recommendation", "none"),
                ("exempt_reason", "PCI archive, legal hold until 2031"),
            ],
            "222222222222",
            "0b1c2d3e-4a1c-4b6e-9d57-000000000005",
        ),
        kms(
            &[
                ("verdict", "in_use"),
                ("flagged", "false"),
                ("recommendation", "none"),
            ],
            "222222222222",
            "0b1c2d3e-4a1c-4b6e-9d57-000000000006",
        ),
    ];
    let rows: Vec<Vec<(&str, &str)>> = rows
        .iter()
        .map(|row| row.iter().map(|(c, t)| (*c, t.as_str())).collect())
        .collect();
    let mut all: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    let inactive = [
        &ACCESS_KEY[..],
        &[
            ("key_id", "AKIAI44QH8DHBEXAMPLE"),
            ("state", "Inactive"),
            ("recommendation", "delete"),
            ("last_used_at", ""),
            ("verdict", "never_used"),
            ("idle_days", "410"),
        ],
    ]
    .concat();
    let root = [
        ("account_id", "111111111111"),
        ("account_name", "management"),
        ("kind", "root_access_key"),
        ("region", "global"),
        ("key_id", "root_access_key_1"),
        ("name", "<root_account>"),
        ("state", "Active"),
        ("last_operation", ""),
        ("last_service", "organizations"),
        ("recommendation", "remove_root_key"),
    ];
    all.extend([&ACCESS_KEY[..], &inactive, &root]);
    let plan = plan(&all);
    matches_expected("plan.md", &plan.document);
    let names: Vec<&str> = plan
        .scripts
        .iter()
        .map(|script| script.file_name.as_str())
        .collect();
    assert_eq!(names, ["222222222222.sh", "444444444444.sh"]);
    for script in &plan.scripts {
        matches_expected(&script.file_name, &script.text);
    }
}
