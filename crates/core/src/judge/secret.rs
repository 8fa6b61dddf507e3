//! What of a secret takes a person.

use crate::model::{
    reading::{KeyKind, KeyReading},
    secret::ROTATION_ENABLED,
};

/// Why a flagged secret is to be looked at by a person. `None`: its deletion can be scheduled, or it
/// is no secret.
#[must_use]
pub fn why_by_hand(key: &KeyReading) -> Option<&'static str> {
    if key.kind != KeyKind::Secret {
        return None;
    }
    // <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>
    if key.multi_region.is_some() {
        return Some(
            "it is replicated: AWS deletes no secret that has replicas, and a replica without recovery; look at it by hand \
             in all Regions",
        );
    }
    // Whether rotation counts as a retrieval is not documented.
    (key.state.as_deref() == Some(ROTATION_ENABLED)).then_some(
        "it is rotated, which may count as a use and shows that it was set up to last; look at it by hand",
    )
}
