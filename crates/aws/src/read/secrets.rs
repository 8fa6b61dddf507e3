//! Reading a cell of secrets: those of one account and Region. Its listing has all that is read of
//! them.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use keycensus_core::{
    model::{
        account::Account,
        coverage::Scope,
        partial_reading::Extent,
        reading::{KeyKind, KeyReading, MultiRegion, MultiRegionRole},
        region::Region,
        secret::ROTATION_ENABLED,
    },
    settings::Settings,
};

use crate::{
    deadline::{
        Deadline,
        unanswered::{Unanswered, answer},
    },
    progress::Progress,
    read::{
        cell_reading::CellReading,
        coverage_of_listing::{ListedKeys, coverage, failed},
        tags::first_of,
    },
    services::secrets_manager::{ListedSecret, SecretsManager},
};

/// What a cell is read with.
pub(crate) struct SecretsContext<'a> {
    pub(crate) secrets_manager: SecretsManager<'a>,
    pub(crate) account: &'a Arc<Account>,
    pub(crate) region: &'a Region,
    pub(crate) settings: &'a Settings,
    pub(crate) progress: &'a Progress,
    pub(crate) deadline: &'a Deadline,
    /// The moment the run began.
    pub(crate) now: Timestamp,
}

/// Reads a cell. One whose listing was cut off by the end of time is listed again by a later slice.
pub(crate) async fn read(context: &SecretsContext<'_>) -> CellReading {
    let (keys, listing) = list(context).await;
    let scope = Scope::Cell {
        region: Some(context.region.clone()),
        kind: KeyKind::Secret,
    };
    let found = ListedKeys {
        listed: keys.len() as u64,
        ..ListedKeys::default()
    };
    let coverage = coverage(context.account, scope, found, &listing);
    let (extent, keys, unread_keys) = match listing {
        Err(Unanswered::NoTimeLeft) => (Extent::Cut, Vec::new(), keys),
        Ok(()) | Err(Unanswered::Failed(_)) => (Extent::Whole, keys, Vec::new()),
    };
    CellReading {
        keys,
        unread_keys,
        coverage,
        extent,
        listing_error: failed(listing),
    }
}

/// Lists the secrets, or as many as can be listed.
pub(crate) async fn list(
    context: &SecretsContext<'_>,
) -> (Vec<KeyReading>, Result<(), Unanswered>) {
    let mut listed = BTreeMap::new();
    let listing = Box::pin(context.secrets_manager.list(&mut listed, context.now));
    let listing = answer(context.deadline.or(listing).await);
    let secrets = listed.into_values();
    (
        secrets.map(|secret| key(context, secret)).collect(),
        listing,
    )
}

fn key(context: &SecretsContext<'_>, secret: ListedSecret) -> KeyReading {
    context.progress.key_listed();
    context.progress.key_read();
    let settings = context.settings;
    let tags = secret.tags.iter();
    let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
    let region = Some(context.region.clone());
    KeyReading {
        names: vec![secret.name],
        owner: first_of(tags.clone(), &settings.owner_tags),
        exemption: first_of(tags, std::slice::from_ref(&settings.exempt_tag)),
        manager: Some(secret.manager),
        state: secret.is_rotated.then(|| ROTATION_ENABLED.to_owned()),
        created_at: Some(secret.created_at),
        usage: secret.usage,
        multi_region: secret
            .primary_region
            .map(|primary_region| Box::new(set(context.region, primary_region))),
        ..KeyReading::listed(
            context.account,
            region,
            KeyKind::Secret,
            secret.id,
            secret.arn,
        )
    }
}

/// The set of a secret of `region`. In which Regions the replicas of a primary secret are, ListSecrets
/// does not say.
fn set(region: &Region, primary_region: String) -> MultiRegion {
    MultiRegion {
        role: match primary_region == region.as_str() {
            true => MultiRegionRole::Primary,
            false => MultiRegionRole::Replica,
        },
        primary_region,
        replica_regions: Vec::new(),
    }
}
