//! Keys that somebody still needs: requests for them were refused of late.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::judge::{findings::top::Top, judged_key::JudgedKey};

/// What sorts keys that are pending deletion: by their dates, those without a date last.
pub type DeletionOrder = (bool, Option<Timestamp>);

/// The order in which KMS deletes a key.
pub(crate) fn deletion_order(judged: &JudgedKey) -> DeletionOrder {
    let date = judged.key.deletion_date();
    (date.is_none(), date)
}

/// Keys that somebody needs: those that KMS deletes first, and then disabled ones, the latest refusal first.
pub type NeededKeys = Top<(DeletionOrder, Reverse<Option<Timestamp>>), JudgedKey>;

impl NeededKeys {
    /// Takes a key, if somebody needs it.
    pub(crate) fn add(&mut self, judged: &JudgedKey) {
        if judged.is_needed() {
            let refused = judged.key.refused_uses();
            let last = refused.and_then(|found| found.last.as_ref());
            let latest = Reverse(last.map(|last| last.at));
            self.offer((deletion_order(judged), latest), || judged.clone());
        }
    }
}
