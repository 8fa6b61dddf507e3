//! What to know before the key is deleted.

use super::{super::Explanation, Page};
use crate::{
    model::{
        dependents::{Dependents, NOT_LOOKED_FOR},
        key_policy::{Guard, GuardPeriod},
        reading::Manager,
    },
    render::digest::{dependents::deleted_grants_text, wording::counted},
};

impl Explanation {
    pub(super) fn before_deletion(&self, page: &mut Page) {
        let key = &self.key.key;
        if key.manager != Some(Manager::Customer) {
            return;
        }
        page.heading("BEFORE IT IS DELETED");
        match key.dependents() {
            Some(found) => dependents_text(page, found),
            None => page.line("What depends on it was not looked for."),
        }
        page.line(&format!("Not looked for: {}.", NOT_LOOKED_FOR.join(", ")));
        page.line(&match key.guard() {
            None => "How its key policy guards it is not known.".to_owned(),
            Some(guard) => guard_text(guard),
        });
    }
}

fn dependents_text(page: &mut Page, found: &Dependents) {
    let Dependents {
        ebs_volumes,
        ebs_snapshots,
        ..
    } = found;
    if let Some(deleted) = deleted_grants_text(found) {
        page.line(&format!("It has {deleted}."));
    }
    if found.is_empty() {
        page.line(match found.is_whole() {
            true => "No EBS volume, EBS snapshot or grant depends on it.",
            false => "Nothing was found to depend on it, but not everything could be read.",
        });
        return;
    }
    page.row("EBS volumes", &ebs_volumes.to_string());
    page.row("EBS snapshots", &ebs_snapshots.to_string());
    let grants: Vec<String> = found
        .usable_grants()
        .map(|(grantee, n)| format!("{n} of {grantee}"))
        .collect();
    let grants = match grants.is_empty() {
        true => "0".to_owned(),
        false => grants.join(", "),
    };
    page.row("grants", &grants);
}

fn guard_text(guard: Guard) -> String {
    let sentence = |whom: &str, period: GuardPeriod| match period {
        GuardPeriod::Days(n) => format!(
            "Its key policy keeps {whom} from disabling or deleting it until it has been unused for more than {}.",
            counted(n, "day", "days")
        ),
        GuardPeriod::Always => {
            format!("Its key policy keeps {whom} from disabling or deleting it.")
        }
    };
    match guard {
        Guard::Unguarded => {
            "Its key policy does not guard it: any principal with the permissions can disable and delete it at any time."
                .to_owned()
        }
        Guard::Everyone(period) => sentence("everyone", period),
        Guard::Partial(period) => sentence("some principals, or requests under further conditions,", period),
    }
}
