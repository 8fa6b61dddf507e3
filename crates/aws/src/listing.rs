//! The listing of a cell's keys, page by page.

use std::{collections::HashSet, pin::Pin};

use crate::{
    call_error::CallError,
    cell::Cell,
    kms::LIST_KEYS,
    kms_key::Listed,
    pages::{Page, Pages},
    stop::NoTimeLeft,
};

/// A listing that is under way, or has ended.
pub(crate) struct Listing<'a> {
    cell: &'a Cell<'a>,
    state: State<'a>,
    pages: Pages,
    /// The IDs of keys that were listed: pages can repeat a key.
    seen: HashSet<String>,
}

enum State<'a> {
    /// A page is to be asked for.
    Before,
    /// A page was asked for.
    Asked(Pin<Box<dyn Future<Output = Result<KeysPage, ListingEnd>> + Send + 'a>>),
    Ended(Result<(), ListingEnd>),
}

/// A page of keys: their IDs and ARNs.
type KeysPage = Page<(String, String)>;

/// Why a listing ended before its time.
#[derive(Debug)]
pub(crate) enum ListingEnd {
    NoTimeLeft,
    Failed(CallError),
}

impl<'a> Listing<'a> {
    pub(crate) fn new(cell: &'a Cell<'a>) -> Self {
        Self {
            cell,
            state: State::Before,
            pages: Pages::new(LIST_KEYS, cell.kms.requests.place()),
            seen: HashSet::new(),
        }
    }

    /// Whether it has not ended.
    pub(crate) fn goes_on(&self) -> bool {
        !matches!(self.state, State::Ended(_))
    }

    /// The keys of the next page that were on none before. Whoever goes away while
    /// it waits misses nothing: the request is kept for the next call.
    pub(crate) async fn next(&mut self) -> Vec<Listed> {
        let page = loop {
            match &mut self.state {
                State::Before => {
                    let page = page(self.cell, self.pages.token());
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
                    .map(|(key_id, arn)| Listed { key_id, arn });
                let new = keys.filter(|key| self.seen.insert(key.key_id.clone()));
                let new = new.collect();
                match self.pages.go_on(next) {
                    Ok(true) => self.state = State::Before,
                    Ok(false) => self.end_with(Ok(())),
                    Err(error) => self.end_with(Err(ListingEnd::Failed(error))),
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
    fn end_with(&mut self, end: Result<(), ListingEnd>) {
        self.state = State::Ended(end);
        self.seen = HashSet::new();
    }

    /// How it ended.
    pub(crate) fn end(self) -> Result<(), ListingEnd> {
        match self.state {
            State::Ended(end) => end,
            State::Before | State::Asked(_) => Ok(()),
        }
    }
}

async fn page(cell: &Cell<'_>, marker: Option<String>) -> Result<KeysPage, ListingEnd> {
    let page = cell.stop.or(Box::pin(cell.kms.keys_page(marker))).await;
    page.map_err(|NoTimeLeft| ListingEnd::NoTimeLeft)?
        .map_err(ListingEnd::Failed)
}
