//! One account: whether it can be entered, and what is asked of it beside keys.

use std::sync::Arc;

use keycensus_core::{
    model::{
        account::Account,
        coverage::{CoverageRow, CoverageStatus, Scope},
        reading::KeyKind,
    },
    render::digest::remedy_of,
};

use super::{Problem, Question};
use crate::{
    read::regions,
    services::cloudtrail::{CloudTrail, LookupBy},
    transport::{
        call_error::{CallError, Failure},
        session::{Entry, Session},
    },
};

/// The ID of no event: whether events may be looked up is all that is asked.
const NO_EVENT: &str = "00000000-0000-0000-0000-000000000000";

/// Enters an account, and makes the first of those requests that a census makes there.
pub(super) async fn check(
    question: &Question,
    entry: &Arc<Entry>,
    account: &Arc<Account>,
) -> Result<String, Problem> {
    let (aws, settings) = (&question.aws, &question.settings);
    let session = Session::enter(aws, entry, account).await;
    let session = session.map_err(|error| {
        let gap = Some(error.gap());
        let status = CoverageStatus::Unreachable;
        let row = CoverageRow::unlisted(account, Scope::WholeAccount, status, gap, "");
        problem(&error, remedy_of(&row, &settings.member_role))
    })?;
    let mut fine = vec![match account.id == entry.scanner().account {
        true => "read with the scanner's own credentials".to_owned(),
        false => format!("entered by {}", settings.member_role),
    }];
    if settings.reads_regions() && settings.regions.is_none() {
        let listed = regions::list(aws, &session).await.map_err(|error| {
            let scope = Scope::EveryRegion {
                kind: KeyKind::KmsKey,
            };
            let status = CoverageStatus::of_unlisted(error.cause);
            let row = CoverageRow::unlisted(account, scope, status, Some(error.gap()), "");
            problem(&error, remedy_of(&row, &settings.member_role))
        })?;
        fine.push(format!("Regions: {}", listed.enabled.len()));
    }
    if settings.reads_refused_uses() {
        let trail = CloudTrail::new(aws, &session, aws.region());
        let looked_up = trail.latest(LookupBy::EventId(NO_EVENT), 1).await;
        looked_up.map_err(|error| {
            let remedy = (error.failure == Failure::Refused).then(|| {
                "deploy the member role with RefusedUses=on, or set KEYCENSUS_REFUSED_USES=off"
                    .to_owned()
            });
            problem(&error, remedy)
        })?;
        fine.push("event history".to_owned());
    }
    Ok(fine.join("; "))
}

fn problem(error: &CallError, remedy: Option<String>) -> Problem {
    Problem {
        what: error.to_string(),
        remedy,
    }
}
