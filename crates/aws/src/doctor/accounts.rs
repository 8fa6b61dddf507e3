//! Which accounts a census would read.

use std::sync::Arc;

use keycensus_core::model::account::Account;
use tokio::sync::mpsc;

use super::{Problem, Question};
use crate::{
    deadline::Deadline,
    plan::{
        organization::{ACCOUNTS_AHEAD, Listing},
        ou_paths::OuPaths,
        selecting::{Unselected, select},
    },
    transport::session::Scanner,
};

/// The accounts of the organization, as settings select them.
pub(super) struct Listed {
    /// Those that are to be read.
    pub(super) to_read: Vec<Arc<Account>>,
    /// What is said of the organization, and of each name in a setting that is not there.
    pub(super) results: Vec<Result<String, Problem>>,
}

/// Lists the organization to its end.
pub(super) async fn list(
    question: &Question,
    scanner: &Scanner,
    listing: Listing<'_>,
    deadline: &Deadline,
) -> Listed {
    let (listed, accounts) = mpsc::channel(ACCOUNTS_AHEAD);
    let ou_paths = OuPaths::new(&question.aws, scanner);
    let mut to_read = Vec::new();
    let each = |account, _| to_read.push(account);
    let (ended, unselected) = tokio::join!(
        listing.finish(listed, deadline),
        select(&question.settings, ou_paths, deadline, accounts, each),
    );
    let Unselected {
        left_out,
        not_found,
    } = unselected;
    let mut results = vec![match ended {
        Ok(()) => Ok(words(to_read.len(), left_out.len(), question.sample)),
        Err(error) => Err(error.into()),
    }];
    let gaps = left_out.iter().chain(&not_found);
    let gaps = gaps.filter(|row| row.gap.is_some());
    results.extend(gaps.map(|row| {
        Err(Problem {
            what: match &row.account {
                Some(account) => format!("{}: {}", account.id, row.detail),
                None => row.detail.clone(),
            },
            remedy: None,
        })
    }));
    Listed { to_read, results }
}

fn words(to_read: usize, left_out: usize, sample: Option<usize>) -> String {
    let tried = match sample {
        Some(sample) if sample < to_read => format!("; {sample} of them are tried"),
        _ => String::new(),
    };
    format!("{to_read} accounts to read, {left_out} left out{tried}")
}

/// So many of the accounts, spread evenly.
pub(super) fn sample(accounts: Vec<Arc<Account>>, sample: Option<usize>) -> Vec<Arc<Account>> {
    let all = accounts.len();
    let Some(sample) = sample.filter(|sample| *sample < all) else {
        return accounts;
    };
    let nth = |n: usize| accounts.get(n * all / sample).cloned();
    (0..sample).filter_map(nth).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use keycensus_core::model::account::{Account, AccountId};

    use super::sample;

    #[test]
    fn a_sample_is_spread_evenly_and_of_as_many_as_are_asked_for() {
        let accounts: Vec<_> = (1..=10)
            .map(|n| {
                let id = AccountId::parse(&format!("{n:012}")).unwrap();
                let name = n.to_string();
                Arc::new(Account { id, name })
            })
            .collect();
        for (of, expected) in [
            (None, "1 2 3 4 5 6 7 8 9 10"),
            (Some(1), "1"),
            (Some(2), "1 6"),
            (Some(3), "1 4 7"),
            (Some(9), "1 2 3 4 5 6 7 8 9"),
            (Some(10), "1 2 3 4 5 6 7 8 9 10"),
            (Some(11), "1 2 3 4 5 6 7 8 9 10"),
        ] {
            let names: Vec<_> = sample(accounts.clone(), of)
                .iter()
                .map(|account| account.name.clone())
                .collect();
            assert_eq!(names.join(" "), expected, "{of:?}");
        }
    }
}
