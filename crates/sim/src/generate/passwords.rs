//! Generated passwords of users and of root users.

use super::{
    Generator, MANAGEMENT,
    dice::Dice,
    keys::ago,
    verdict::{EXEMPT, is_unused, password_verdict, root_password_verdict},
};
use crate::world::{Account, AccountState, Password, World};

/// Separates these draws from those of keys, so that neither changes the other.
const DICE: u64 = 0x7061_7373_0000_0000;

/// Passwords older than this were set before uses were recorded without a break, in any world of the next years.
const ANCIENT: i64 = 3200;
const MOST_ANCIENT: i64 = 4700;

impl Generator {
    /// Gives some users and a few root users a password, and sets the expected verdicts.
    pub(super) fn add_passwords(&self, world: &mut World) {
        let mut dice = Dice::new(self.seed ^ DICE);
        let World {
            accounts, refusals, ..
        } = world;
        for account in accounts {
            let is_read = account.id == MANAGEMENT || !account.role.is_empty();
            let without_report = refusals.iter().any(|refusal| {
                refusal.account.as_ref() == Some(&account.id)
                    && refusal.operation == "iam:GetCredentialReport"
            });
            if account.state == AccountState::Active {
                self.give_passwords(&mut dice, account, is_read && !without_report);
            }
        }
    }

    fn give_passwords(&self, dice: &mut Dice, account: &mut Account, is_read: bool) {
        if dice.percent(30) {
            let mut password = password(dice);
            if is_read {
                let verdict = root_password_verdict(&password, self.now);
                expect(&mut password, verdict, false);
            }
            account.root_password = Some(password);
        }
        for user in &mut account.users {
            if !dice.percent(35) {
                continue;
            }
            let mut password = password(dice);
            // A password is not older than its user.
            if let Some(changed) = password.changed
                && changed.resolve(self.now) < user.created.resolve(self.now)
            {
                user.created = changed;
            }
            if is_read {
                let verdict = password_verdict(&password, self.now);
                let is_exempt = user.tags.contains_key(EXEMPT);
                expect(&mut password, verdict, is_unused(verdict) && !is_exempt);
            }
            user.password = Some(password);
        }
    }
}

fn expect(password: &mut Password, verdict: &str, flagged: bool) {
    password.expect = Some(verdict.to_owned());
    password.expect_flagged = Some(flagged);
}

/// A password with dates; some were changed after their last use.
fn password(dice: &mut Dice) -> Password {
    let used = match dice.below(100) {
        0..40 => Some(dice.days(1, 60)),
        40..65 => Some(dice.days(90, 900)),
        _ => None,
    };
    let changed = match (used, dice.below(100)) {
        (Some(used), 0..80) => dice.days(used + 1, used + 1200),
        (Some(used), _) => dice.days(0, used - 1),
        (None, 0..50) => dice.days(90, 1500),
        (None, 50..65) => dice.days(ANCIENT, MOST_ANCIENT),
        (None, _) => dice.days(1, 60),
    };
    Password {
        changed: Some(ago(changed)),
        last_used: used.map(ago),
        ..Password::default()
    }
}
