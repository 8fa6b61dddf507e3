//! The Regions that are enabled in an account.

use std::collections::BTreeSet;

use aws_sdk_account::types::{Region as ListedRegion, RegionOptStatus};
use keycensus_core::{
    model::region::Region,
    settings::{Settings, SettingsError, Source},
};

use crate::{
    services::aws::Aws,
    transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite},
        pages::{self, Page},
        retry::retrying,
        session::{Scanner, Session, as_account},
    },
};

const LIST_REGIONS: &str = "account:ListRegions";

/// The largest page of ListRegions
/// (<https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>).
const PAGE: i32 = 50;

/// The Regions that exist for an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AccountRegions {
    /// Those in which something can be: enabled, by default or by choice, or
    /// still being disabled.
    pub(crate) enabled: BTreeSet<Region>,
    /// Those that are not.
    pub(crate) others: BTreeSet<Region>,
}

/// Lists the Regions of the account of `session`. Where Account Management has no endpoint
/// in the Region that the census runs in, only the first account's are asked for.
pub(crate) async fn list(aws: &Aws, session: &Session) -> Result<AccountRegions, CallError> {
    let outcome = ask(aws, session).await;
    aws.account_management().learn(&outcome);
    outcome
}

async fn ask(aws: &Aws, session: &Session) -> Result<AccountRegions, CallError> {
    let site = CallSite {
        account: Some(session.account.id),
        region: aws.region().clone(),
    };
    let mut regions = AccountRegions::default();
    let page = |token: Option<String>| {
        let site = &site;
        retrying(move || {
            let token = token.clone();
            async move {
                if !aws.account_management().has_endpoint() {
                    return Err(CallError::no_endpoint(LIST_REGIONS, site));
                }
                let credentials = session.credentials(aws).await?;
                let answer = aws.send(LIST_REGIONS, site, || {
                    aws.account_management()
                        .client()
                        .list_regions()
                        .max_results(PAGE)
                        .set_next_token(token)
                        .customize()
                        .config_override(as_account!(aws_sdk_account, credentials))
                        .send()
                });
                let answer = answer.await?;
                Page::with_token(answer.regions, answer.next_token)
                    .and_then(|page| page.read(parse_region))
                    .map_err(|why| CallError::unreadable(LIST_REGIONS, site, why))
            }
        })
    };
    pages::each(LIST_REGIONS, &site, page, |page| {
        for (name, is_enabled) in page {
            match is_enabled {
                true => regions.enabled.insert(name),
                false => regions.others.insert(name),
            };
        }
    })
    .await?;
    if regions.enabled.is_empty() {
        let why = Unreadable("no Region is enabled");
        return Err(CallError::unreadable(LIST_REGIONS, &site, why).never_again());
    }
    Ok(regions)
}

/// Whether an error code is how a Region answers credentials that it does not know,
/// such as those of an account that has not enabled it. It is also how a Region answers
/// tokens that are not valid there, so that the code alone does not say
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>).
pub(crate) fn is_answer_of_unknown_region(code: &str) -> bool {
    matches!(
        code,
        "InvalidClientTokenId" | "OptInRequired" | "UnrecognizedClientException"
    )
}

/// The name of a Region, and whether it is enabled.
fn parse_region(region: ListedRegion) -> Result<(Region, bool), Unreadable> {
    let name = region.region_name().and_then(Region::parse);
    match (name, region.region_opt_status) {
        (Some(name), Some(RegionOptStatus::Disabled | RegionOptStatus::Enabling)) => {
            Ok((name, false))
        }
        (Some(name), Some(_)) => Ok((name, true)),
        _ => Err(Unreadable("a Region without name or status is listed")),
    }
}

/// Checks that every Region that the settings name exists, in the partition
/// that the census runs in. A Region that is newer than this version is looked
/// up in the list of the account that the census runs in.
pub(crate) async fn check(
    aws: &Aws,
    scanner: &Scanner,
    settings: &Settings,
    source: Source,
) -> Result<(), SettingsError> {
    let refused = |region: &Region, problem: String| {
        SettingsError::refused(source, "regions", region, problem)
    };
    let named = settings.regions.iter().flatten();
    let (known, new): (Vec<&Region>, Vec<&Region>) = named.partition(|region| region.is_known());
    for region in known {
        if region.partition() != scanner.partition {
            let problem = format!(
                "this Region is in partition {}, but the census runs in {}",
                region.partition(),
                scanner.partition
            );
            return Err(refused(region, problem));
        }
    }
    // Access keys are in no Region: where nothing else is read, no account is asked for its Regions.
    if new.is_empty() || !settings.reads_regions() {
        return Ok(());
    }
    let listed = list(aws, &Session::own(scanner)).await.unwrap_or_default();
    for region in new {
        if !listed.enabled.contains(region) && !listed.others.contains(region) {
            let closest = region.closest_known();
            let problem = format!("there is no such Region: did you mean {closest}?");
            return Err(refused(region, problem));
        }
    }
    Ok(())
}
