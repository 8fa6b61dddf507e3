//! How much of what a report lists its digest and its page show.

use super::{digest, html};
use crate::judge::findings::limits::Limits;

/// The most that the digest or the page shows of each list: of those that both show, the page shows
/// more.
pub const LIMITS: Limits = Limits {
    flagged: html::KEYS_SHOWN,
    root_keys: html::root_keys::KEYS_SHOWN,
    needed: html::needed::KEYS_SHOWN,
    pending_deletion: html::before_deletion::KEYS_SHOWN,
    changed: html::changes::KEYS_SHOWN,
    gone: html::changes::KEYS_SHOWN,
    all_service_credentials: html::service_credentials::KEYS_SHOWN,
    unseen: 0,
    gaps: html::gaps::GAPS_SHOWN,
    cells: html::heat_map::ACCOUNTS_SHOWN,
    ..digest::LIMITS
};
