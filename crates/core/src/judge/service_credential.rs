//! What to do about service-specific credentials, of which AWS records no use.

use crate::{
    judge::recommendation::Recommendation,
    model::{reading::KeyReading, service_credential::can_expire},
};

/// What to do about a credential: one that never expires is to be replaced by one that does, where its
/// service has such, and any other that is old by a new one.
pub(super) fn recommended(key: &KeyReading, is_old: bool) -> Recommendation {
    if key.state.as_deref() != Some("Active") || key.exemption.is_some() {
        return Recommendation::None;
    }
    let can_expire = || key.names.iter().any(|name| can_expire(name));
    match key.expires_at {
        None if can_expire() => Recommendation::SetExpiry,
        _ if is_old => Recommendation::Rotate,
        _ => Recommendation::None,
    }
}
