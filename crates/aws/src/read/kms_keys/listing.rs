//! The listing of a cell's keys, page by page.

use std::{collections::HashSet, pin::Pin};

use crate::{
    deadline::{
        Deadline,
        unanswered::{Unanswered, answer},
    },
    progress::Unlisted,
    read::kms_keys::key::ListedKeyId,
    services::kms::{Kms, LIST_KEYS},
    transport::pages::{Page, Pages},
};

/// A listing that is under way, or has ended.
pub(crate) struct Listing<'a> {
    kms: &'a Kms<'a>,
    deadline: &'a Deadline,
    state: State<'a>,
    pages: Pages,
    /// The IDs of keys that were listed: pages can repeat a key.
    seen: HashSet<String>,
    /// Says that it has not ended.
    unlisted: Option<Unlisted>,
}

enum State<'a> {
    /// A page is to be asked for.
    Before,
    /// A page was asked for.
    Asked(Pin<Box<dyn Future<Output = Result<KeysPage, Unanswered>> + Send + 'a>>),
    Ended(Result<(), Unanswered>),
}

/// A page of keys: their IDs and ARNs.
type KeysPage = Page<(String, String)>;

impl<'a> Listing<'a> {
    pub(crate) fn new(kms: &'a Kms<'a>, deadline: &'a Deadline, unlisted: Unlisted) -> Self {
        Self {
            kms,
            deadline,
            state: State::Before,
            pages: Pages::new(LIST_KEYS, kms.requests.site()),
            seen: HashSet::new(),
            unlisted: Some(unlisted),
        }
    }

    /// Whether it has not ended.
    pub(crate) fn goes_on(&self) -> bool {
        !matches!(self.state, State::Ended(_))
    }

    /// The keys of the next page that were on none before. Cancel-safe: if the future is
    /// dropped, its request is kept for the next call.
    pub(crate) async fn next(&mut self) -> Vec<ListedKeyId> {
        let page = loop {
            match &mut self.state {
                State::Before => {
                    let page = page(self.kms, self.deadline, self.pages.token());
                    self.state = State::Asked(Box::pin(page));
                }
                State::Asked(page) => break page.await,
                State::Ended(_) => return Vec::new(),
            }
        };
        match page {
            Ok(Page { items, next }) => {
                let keys = items
                    .into_iter()
                    .map(|(key_id, arn)| ListedKeyId { key_id, arn });
                let new = keys.filter(|key| self.seen.insert(key.key_id.clone()));
                let new = new.collect();
                match self.pages.go_on(next) {
                    Ok(true) => self.state = State::Before,
                    Ok(false) => self.end_with(Ok(())),
                    Err(error) => self.end_with(Err(Unanswered::Failed(error))),
                }
                new
            }
            Err(end) => {
                self.end_with(Err(end));
                Vec::new()
            }
        }
    }

    /// What it needed to go on is given back at once: the cell may wait for long.
    fn end_with(&mut self, end: Result<(), Unanswered>) {
        self.state = State::Ended(end);
        self.seen = HashSet::new();
        self.unlisted = None;
    }

    /// How it ended; one that has not ended lacked time.
    pub(crate) fn end(self) -> Result<(), Unanswered> {
        match self.state {
            State::Ended(end) => end,
            State::Before | State::Asked(_) => Err(Unanswered::NoTimeLeft),
        }
    }
}

async fn page(
    kms: &Kms<'_>,
    deadline: &Deadline,
    marker: Option<String>,
) -> Result<KeysPage, Unanswered> {
    answer(deadline.or(Box::pin(kms.keys_page(marker))).await)
}
