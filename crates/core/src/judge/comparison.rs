//! The accounts of a stored report, compared with another run than when it was written.

use crate::{
    judge::{
        changes::ComparedWith, judged_account::JudgedAccount, judging::Judging,
        known_keys::KnownKey, last_run::KnownAccounts, summary::RunFacts,
    },
    model::account::AccountId,
};

/// The judged `accounts` of a run, in the order of their IDs, compared with what another run knew of
/// the keys of each. One that only the other run knew comes in its place.
pub fn compared<E>(
    run: &RunFacts,
    accounts: impl Iterator<Item = Result<JudgedAccount, E>>,
    compared_with: ComparedWith,
    known: impl Iterator<Item = Result<Vec<KnownKey>, E>>,
) -> impl Iterator<Item = Result<JudgedAccount, E>> {
    let mut judging = Judging::new(run, compared_with);
    let beside = KnownAccounts::new(known).beside(accounts, |judged| judged.account, left);
    beside.map(move |both| both.map(|(judged, known)| judging.compare_again(judged, known)))
}

/// An account of which the run has nothing.
fn left(account: AccountId) -> JudgedAccount {
    JudgedAccount {
        account: Some(account),
        ..JudgedAccount::default()
    }
}
