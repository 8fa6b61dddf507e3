//! Keys that somebody was refused of late, because they are disabled or pending deletion.

use super::words::{AccountName, breakable, counted_if_any, key_id_text};
use crate::{
    judge::report::Report,
    render::digest::{
        needed::{refused_text, state_text, what_to_run},
        wording::{NAME_CHARACTERS, shortened},
    },
};

pub(crate) const KEYS_SHOWN: usize = 200;

pub(super) struct Needed {
    /// The keys, in the order in which KMS deletes them; disabled ones last.
    pub(super) keys: Vec<NeededKey>,
    /// How many are not shown; empty where all are.
    pub(super) left_out: String,
}

/// A key that somebody was refused.
pub(super) struct NeededKey {
    pub(super) account: AccountName,
    pub(super) region: String,
    pub(super) name: String,
    pub(super) key_id: String,
    /// In parts between which a line may break.
    pub(super) refused: Vec<String>,
    /// That it is disabled, or when it is deleted.
    pub(super) state: String,
    /// In words; a line breaks between two of them, and within one of more than [`UNBROKEN_CHARACTERS`] only.
    pub(super) to_run: Vec<Word>,
}

/// A word of what to run. A Region has hyphens, at which browsers would break the line.
pub(super) struct Word {
    pub(super) text: String,
    /// Whether it stands on one line.
    pub(super) is_unbroken: bool,
}

/// The longest word that the column has room for, such as `cancel-key-deletion`.
const UNBROKEN_CHARACTERS: usize = 20;

impl Needed {
    pub(super) fn of(report: &Report) -> Self {
        let keys = &report.findings.needed;
        let left_out = keys.all().saturating_sub(KEYS_SHOWN as u64);
        let rows = keys.iter().take(KEYS_SHOWN).map(|judged| NeededKey {
            account: AccountName::of(&judged.key.account),
            region: judged.region().to_owned(),
            name: shortened(&judged.key.names.join(", "), NAME_CHARACTERS),
            key_id: key_id_text(judged),
            refused: breakable(
                &judged
                    .key
                    .refused_uses()
                    .and_then(refused_text)
                    .unwrap_or_default(),
            ),
            state: state_text(judged, report),
            to_run: words_of(&what_to_run(judged)),
        });
        Self {
            keys: rows.collect(),
            left_out: counted_if_any(left_out, "more key is", "more keys are"),
        }
    }
}

fn words_of(text: &str) -> Vec<Word> {
    text.split(' ')
        .map(|word| Word {
            text: word.to_owned(),
            is_unbroken: word.chars().count() <= UNBROKEN_CHARACTERS,
        })
        .collect()
}
