//! The script of one account.

use jiff::civil::Date;

use super::{
    Script,
    shell::comment,
    steps::Task,
    words::{self, owner},
};
use crate::model::plain_text::one_line;

/// Writes the script of the account that `tasks` are of, which are grouped by owner.
pub(super) fn write(scan_date: Date, tasks: &[&Task<'_>]) -> Script {
    let mut lines = Vec::new();
    let mut last_owner = None;
    for task in tasks {
        let row = task.row;
        if last_owner.is_none() {
            lines.extend(head(scan_date, task));
        }
        if last_owner != Some(owner(row)) {
            last_owner = Some(owner(row));
            lines.push(String::new());
            lines.push(match owner(row) {
                "" => comment("======== no owner known"),
                name => comment(&format!("======== owner {name}")),
            });
        }
        lines.push(String::new());
        lines.push(comment(&format!(
            "-------- {}",
            words::named(row, one_line)
        )));
        lines.push(comment(&words::identified(row, one_line)));
        lines.push(comment(&words::facts(row, one_line)));
        for (at, step) in task.steps().iter().enumerate() {
            lines.push(comment(&format!("{}. {}", at + 1, step.text)));
            lines.extend(step.commands.iter().map(ToString::to_string));
        }
    }
    let account = tasks.first().map(|task| task.row.key.account.id);
    Script {
        file_name: account.map(|id| format!("{id}.sh")).unwrap_or_default(),
        text: lines.join("\n") + "\n",
    }
}

/// Refuses to go on with credentials of another account.
fn head(scan_date: Date, task: &Task<'_>) -> Vec<String> {
    let row = task.row;
    let account = row.key.account.id;
    let mut lines = vec!["#!/bin/sh".to_owned()];
    lines.push(comment(&format!(
        "Account {account} ({}), from the census of {scan_date}. Read plan.md first.",
        row.key.account.name
    )));
    lines.extend(
        HEAD.lines()
            .map(|line| line.replace("ACCOUNT", account.as_str())),
    );
    lines
}

/// `ACCOUNT` stands for the account's ID.
const HEAD: &str = r#"#
# Every command on a key is commented out with a mark. It runs once a person has removed its mark:
#   #1#  disable or deactivate    #undo1#  enable or activate again
#   #2#  watch
#   #3#  delete                   #undo3#  cancel the deletion; #undo1# must follow for a KMS key
# sed 's/^#1# //' ACCOUNT.sh | sh    takes step 1 for all keys of the account.
#
# It takes credentials of the account that may do this. Those of Keycensus only read.
set -eu

account=$(aws sts get-caller-identity --query Account --output text)
if [ "${account}" != 'ACCOUNT' ]; then
    echo "these credentials are of account ${account}, not of ACCOUNT" >&2
    exit 1
fi"#;
