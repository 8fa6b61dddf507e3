//! How tables name a key.

use keycensus_core::model::{
    access_key,
    account::Account,
    kind::{KeyId, KeyResource},
    reading::KeyKind,
};

use crate::columns::fitted;

const ACCOUNT_COLUMNS: usize = 34;
const NAME_COLUMNS: usize = 44;
const OWNER_COLUMNS: usize = 20;

/// `222222222222 payments-prod`.
pub(crate) fn account(account: &Account) -> String {
    fitted(&format!("{} {}", account.id, account.name), ACCOUNT_COLUMNS)
}

/// The key by its `names`, joined by `;`, or by its ID where it has none; an access
/// key by its user and the end of its ID, a password by its user, a secret by its name.
pub(crate) fn key(kind: KeyKind, names: &str, key_id: &str) -> String {
    match (kind.id(), kind.resource()) {
        (KeyId::Shortened, _) => {
            let id = access_key::shortened(key_id);
            format!("{} {id}", fitted(names, NAME_COLUMNS - 6))
        }
        (KeyId::UserName, _) => format!("{} password", fitted(names, NAME_COLUMNS - 9)),
        (KeyId::Full, KeyResource::Secret) => fitted(names, NAME_COLUMNS),
        (KeyId::Full, KeyResource::KmsKey) if !names.is_empty() => {
            fitted(&names.replace(';', ", "), NAME_COLUMNS)
        }
        (KeyId::Full, _) => fitted(key_id, NAME_COLUMNS),
    }
}

/// An owner; empty where there is none.
pub(crate) fn owner(owner: &str) -> String {
    fitted(owner, OWNER_COLUMNS)
}

/// A word of the files as people read it: `newly flagged`.
pub(crate) fn words(word: &str) -> String {
    word.replace('_', " ")
}
