//! The keys that the last run knew: those that it listed, and those that it could
//! not see but remembered.

use std::{collections::HashMap, sync::Arc};

use jiff::civil::Date;

use crate::{
    judge::verdict::Verdict,
    model::{
        account::{Account, AccountId},
        reading::KeyKind,
    },
};

mod texts;

use texts::{TextRange, Texts};

/// Keys of an earlier report, each known by account, Region, kind and key ID.
///
/// There can be hundreds of thousands, and they are held while the organization
/// is read: what is kept of each is small.
#[derive(Debug, Default)]
pub struct KnownKeys {
    texts: Texts,
    /// Sorted by what they are known by, each once.
    keys: Vec<CompactKey>,
    scan_date: Option<Date>,
}

/// One key of an earlier report. Texts are on one line, as its files have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// Its account.
    pub account: Arc<Account>,
    /// Its Region, or `global`.
    pub region: String,
    /// Its kind.
    pub kind: KeyKind,
    /// Its ID within account, Region and kind.
    pub key_id: String,
    /// Its names, joined by `;`.
    pub name: String,
    /// Its owner; empty where there was none.
    pub owner: String,
    /// AWS's word for its state; empty where it was not known.
    pub state: String,
    /// Its last verdict.
    pub verdict: Verdict,
    /// Whether it was flagged.
    pub is_flagged: bool,
    /// Since when it has been flagged, if it is.
    pub first_flagged_on: Option<Date>,
    /// Since when it has been disabled, if it is.
    pub disabled_since: Option<Date>,
    /// The date of the last report that it was listed in.
    pub last_seen_on: Option<Date>,
}

impl KnownKey {
    /// What sorts keys, as [`KeyReading::identity`](crate::model::reading::KeyReading::identity).
    pub(crate) fn identity(&self) -> (AccountId, &str, &'static str, &str) {
        let kind = self.kind.as_str();
        (self.account.id, &self.region, kind, &self.key_id)
    }

    /// What a comparison needs of it.
    pub(crate) fn record(&self) -> LastRecord<'_> {
        LastRecord {
            state: &self.state,
            verdict: self.verdict,
            first_flagged_on: self.first_flagged_on,
            disabled_since: self.disabled_since,
        }
    }
}

#[derive(Debug)]
struct CompactKey {
    account: AccountId,
    account_name: TextRange,
    region: TextRange,
    kind: KeyKind,
    key_id: TextRange,
    name: TextRange,
    owner: TextRange,
    state: TextRange,
    verdict: Verdict,
    is_flagged: bool,
    first_flagged_on: Option<Date>,
    disabled_since: Option<Date>,
    last_seen_on: Option<Date>,
}

/// What the last run recorded of a key, as far as a comparison needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastRecord<'a> {
    pub(crate) state: &'a str,
    pub(crate) verdict: Verdict,
    pub(crate) first_flagged_on: Option<Date>,
    pub(crate) disabled_since: Option<Date>,
}

/// Known keys, while they are read.
#[derive(Debug, Default)]
pub struct KnownKeysBuilder {
    known: KnownKeys,
    words: HashMap<String, TextRange>,
}

impl KnownKeysBuilder {
    /// Adds a key; `None` when 4 GiB of text are full.
    pub fn add(&mut self, key: &KnownKey) -> Option<()> {
        let (known, words) = (&mut self.known, &mut self.words);
        let texts = &mut known.texts;
        known.keys.push(CompactKey {
            account: key.account.id,
            account_name: texts.keep_word(&key.account.name, words)?,
            region: texts.keep_word(&key.region, words)?,
            kind: key.kind,
            key_id: texts.keep(&key.key_id)?,
            name: texts.keep(&key.name)?,
            owner: texts.keep_word(&key.owner, words)?,
            state: texts.keep_word(&key.state, words)?,
            verdict: key.verdict,
            is_flagged: key.is_flagged,
            first_flagged_on: key.first_flagged_on,
            disabled_since: key.disabled_since,
            last_seen_on: key.last_seen_on,
        });
        Some(())
    }

    /// The keys of a report of `scan_date`. Of two of the same identity, the one that was added
    /// first stays.
    #[must_use]
    pub fn build(self, scan_date: Option<Date>) -> KnownKeys {
        let KnownKeys {
            mut texts,
            mut keys,
            ..
        } = self.known;
        keys.sort_by(|a, b| a.identity(&texts).cmp(&b.identity(&texts)));
        keys.dedup_by(|later, first| later.identity(&texts) == first.identity(&texts));
        keys.shrink_to_fit();
        texts.shrink_to_fit();
        KnownKeys {
            texts,
            keys,
            scan_date,
        }
    }
}

impl KnownKeys {
    /// The date of the last report; `None` where it has no key, and so no date.
    #[must_use]
    pub fn scan_date(&self) -> Option<Date> {
        self.scan_date
    }

    /// How many keys are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys of each account, in the order of their IDs.
    pub fn by_account(&self) -> impl Iterator<Item = Vec<KnownKey>> {
        let accounts = self.keys.chunk_by(|a, b| a.account == b.account);
        accounts.map(|keys| keys.iter().map(|key| self.key(key)).collect())
    }

    fn key(&self, key: &CompactKey) -> KnownKey {
        let text = |range| self.texts.at(range).to_owned();
        KnownKey {
            account: Arc::new(Account {
                id: key.account,
                name: text(key.account_name),
            }),
            region: text(key.region),
            kind: key.kind,
            key_id: text(key.key_id),
            name: text(key.name),
            owner: text(key.owner),
            state: text(key.state),
            verdict: key.verdict,
            is_flagged: key.is_flagged,
            first_flagged_on: key.first_flagged_on,
            disabled_since: key.disabled_since,
            last_seen_on: key.last_seen_on,
        }
    }
}

impl CompactKey {
    fn identity<'a>(&self, texts: &'a Texts) -> (AccountId, &'a str, &'static str, &'a str) {
        let (region, key_id) = (texts.at(self.region), texts.at(self.key_id));
        (self.account, region, self.kind.as_str(), key_id)
    }
}
