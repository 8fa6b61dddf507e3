//! The plan for people, in Markdown.

use std::{collections::BTreeMap, fmt::Write};

use jiff::civil::Date;

use super::{
    DELETION_WINDOW_DAYS, NotConcerned,
    decision::Decision,
    markdown::code,
    place_in_plan,
    steps::Task,
    words::{self, owner, state},
};
use crate::{
    judge::{judged_key::JudgedKey, price::dollars},
    model::{
        account::AccountId,
        dependents::{LOOKED_FOR, NOT_LOOKED_FOR},
    },
    render::digest::wording::{capitalized, counted},
};

/// Writes the plan.
pub(super) fn write(
    scan_date: Option<Date>,
    decided: &[(&JudgedKey, Decision<'_>)],
    not_concerned: &NotConcerned,
    by_account: &BTreeMap<AccountId, Vec<&Task<'_>>>,
) -> String {
    let mut tasks: Vec<&Task<'_>> = by_account.values().flatten().copied().collect();
    tasks.sort_by_key(|task| place_in_plan(task.row));
    let mut page = Page::default();
    summary(&mut page, scan_date, decided, &tasks, by_account.len());
    if !tasks.is_empty() {
        before(&mut page);
        steps(&mut page, &tasks);
    }
    by_hand(&mut page, decided);
    left_out(&mut page, decided);
    nothing_to_do(&mut page, not_concerned);
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// A paragraph, heading or item, after an empty line unless it is an item.
    fn line(&mut self, text: &str) {
        // Writing into memory cannot fail.
        let _ = writeln!(self.0, "{text}");
    }

    fn paragraph(&mut self, text: &str) {
        self.line("");
        self.line(text);
    }
}

fn summary(
    page: &mut Page,
    scan_date: Option<Date>,
    decided: &[(&JudgedKey, Decision<'_>)],
    tasks: &[&Task<'_>],
    accounts: usize,
) {
    page.line("# Plan for unused keys");
    let Some(scan_date) = scan_date else {
        page.paragraph("The report has no keys.");
        return;
    };
    let count =
        |is: fn(&Decision<'_>) -> bool| decided.iter().filter(|(_, decision)| is(decision)).count();
    let by_hand = count(|decision| matches!(decision, Decision::ByHand));
    let left_out = count(|decision| matches!(decision, Decision::LeftOut(_)));
    let cents = tasks.iter().filter_map(|task| task.row.monthly_cents).sum();
    page.paragraph(&format!(
        "From the census of {scan_date}. Keys with steps: {} in {}, {} USD a month at list price. \
         Root access keys to remove by hand: {by_hand}. Left out, with the reason: {left_out}. \
         Nothing has been changed.",
        tasks.len(),
        counted(accounts as u64, "account", "accounts"),
        dollars(cents),
    ));
}

fn before(page: &mut Page) {
    page.paragraph("## Before the first step");
    page.line("");
    page.line(
        "- *Unused is not unneeded.* Ask the owner. Take one step at a time, and the next one when the last has shown \
         nothing.",
    );
    page.line(
        "- Each account has a script beside this file, with the same commands. Every command on a key is commented out \
         with a mark, here as there: `#1#`, `#2#`, `#3#` for the steps, `#undo1#` and `#undo3#` for taking them back. \
         It runs once a person has removed the mark.",
    );
    page.line(
        "- Run them with credentials of the account that may do this. The role of the census only reads.",
    );
    page.line(
        "- Take a new census right before step 1 and before step 3, and make the plan anew: this one does not include what has happened since.",
    );
    page.line(
        "- Set up the alarm on refused uses first: `pending-deletion-alarm.yaml`. Its saved query \
         `keycensus/refused-key-use` finds them for all keys at once, also where CloudTrail names no resource and the \
         command of step 2 finds nothing. Both need a trail.",
    );
    page.line(&format!(
        "- A key whose deletion is scheduled can be saved for {DELETION_WINDOW_DAYS} days: cancelling leaves it \
         disabled, and enabling it must follow.",
    ));
    page.line(&format!(
        "- Where dependents were checked, {} were looked for. Not looked for: {}.",
        LOOKED_FOR.join(", "),
        NOT_LOOKED_FOR.join(", ")
    ));
}

fn steps(page: &mut Page, tasks: &[&Task<'_>]) {
    let mut last_owner = None;
    let mut account = None;
    for task in tasks {
        let row = task.row;
        if last_owner != Some(owner(row)) {
            (last_owner, account) = (Some(owner(row)), None);
            page.paragraph(&match owner(row) {
                "" => "## No owner known".to_owned(),
                name => format!("## Owner {}", code(name)),
            });
        }
        if account != Some(row.key.account.id) {
            account = Some(row.key.account.id);
            let (id, name) = (row.key.account.id, code(&row.key.account.name));
            page.paragraph(&format!("### Account {id} {name}, script `{id}.sh`"));
        }
        page.paragraph(&format!("#### {}", words::named(row, code)));
        page.paragraph(&format!(
            "{}: {}.",
            capitalized(&words::identified(row, code)),
            words::facts(row, code)
        ));
        page.line("");
        for (at, step) in task.steps().iter().enumerate() {
            page.line(&format!("{}. {}", at + 1, step.text));
            if !step.commands.is_empty() {
                page.line("   ```sh");
                for command in &step.commands {
                    page.line(&format!("   {command}"));
                }
                page.line("   ```");
            }
        }
    }
}

fn by_hand(page: &mut Page, decided: &[(&JudgedKey, Decision<'_>)]) {
    let mut keys = decided
        .iter()
        .filter(|(_, decision)| matches!(decision, Decision::ByHand))
        .peekable();
    if keys.peek().is_none() {
        return;
    }
    page.paragraph("## Root access keys, by hand");
    page.paragraph(
        "No command here can remove them. Sign in as the root user, deactivate the key under *Security credentials*, \
         watch, and delete it. In a member account, an administrator of the organization can remove the root user's \
         credentials instead, with centralized root access (`sts:AssumeRoot`).",
    );
    page.line("");
    for (row, _) in keys {
        page.line(&format!(
            "- {} {}: {}, state {}; {}",
            row.key.account.id,
            code(&row.key.account.name),
            code(&row.key.key_id),
            code(state(row)),
            words::facts(row, code)
        ));
    }
}

fn left_out(page: &mut Page, decided: &[(&JudgedKey, Decision<'_>)]) {
    let mut is_first = true;
    for (row, decision) in decided {
        let Decision::LeftOut(reason) = decision else {
            continue;
        };
        if is_first {
            page.paragraph("## Left out");
            page.line("");
            is_first = false;
        }
        page.line(&format!(
            "- {} {}: {}, {}: {}",
            row.key.account.id,
            code(&row.key.account.name),
            words::named(row, code),
            words::identified(row, code),
            code(reason)
        ));
    }
}

fn nothing_to_do(page: &mut Page, not_concerned: &NotConcerned) {
    if not_concerned.is_empty() {
        return;
    }
    page.paragraph("## Not concerned");
    page.line("");
    for (word, n) in not_concerned {
        page.line(&format!("- {n} {word}"));
    }
}
