//! An access key of a user, and what it was used for lately.

use keycensus_core::{
    explain::{
        Explanation, LastUsers,
        athena::{self, EventSearch, Query},
        is_before_history,
        requested_key::AccessKeyId,
    },
    model::{
        reading::{LastUse, Usage},
        region::Region,
    },
};

use super::{Inside, found};
use crate::{
    explain::ExplainError,
    read::access_keys::user,
    services::cloudtrail::{CloudTrail, LookupBy},
};

/// How many of its latest events are reported.
const EVENTS: i32 = 5;

pub(super) async fn explain(
    inside: &Inside<'_>,
    id: &AccessKeyId,
) -> Result<Explanation, ExplainError> {
    let context = inside.iam();
    // AWS gives the same answer for a key that does not exist, one of another account, and
    // one that the caller may not see.
    let holder = context.iam.holder(id.as_str()).await;
    let holder =
        holder.map_err(|error| inside.not_found("access key that could be read", error))?;
    context.iam.requests.key_listed();
    let user = user::read(&context, holder, String::new()).await;
    let key = user.keys.into_iter().find(|key| key.key_id == id.as_str());
    let key = match (key, user.listing) {
        (Some(key), _) => key,
        (None, Ok(_)) => {
            return Err(inside.not_found("access key", "its user has none of this ID any more"));
        }
        (None, Err(unknown)) => {
            return Err(ExplainError::Unreadable { gap: unknown.gap() });
        }
    };
    let mut explanation = inside.judged(key);
    if let Usage::Recorded(last) = &explanation.key.key.usage {
        let region = last.region.as_deref().and_then(Region::parse);
        explanation.query = query(inside, id, last, region.as_ref());
        explanation.last_users = last_users(inside, id, last, region.as_ref()).await;
    }
    Ok(explanation)
}

fn query(
    inside: &Inside<'_>,
    id: &AccessKeyId,
    last: &LastUse,
    region: Option<&Region>,
) -> Option<Query> {
    let search = EventSearch {
        account: inside.session.account.id,
        region,
        at: last.at,
        key: athena::EventKey::AccessKeyId(id.as_str()),
    };
    Some(Query::new(inside.trail_table?, &search))
}

async fn last_users(
    inside: &Inside<'_>,
    id: &AccessKeyId,
    last: &LastUse,
    region: Option<&Region>,
) -> LastUsers {
    if is_before_history(last.at, inside.now) {
        return LastUsers::TooOld;
    }
    let Some(region) = region else {
        return LastUsers::NotReported;
    };
    let trail = CloudTrail::new(inside.aws, &inside.session, region);
    found(
        trail
            .latest(LookupBy::AccessKeyId(id.as_str()), EVENTS)
            .await,
    )
}
