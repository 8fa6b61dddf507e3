//! EC2 in one account and Region: which volumes and snapshots are encrypted under
//! which key.
//!
//! `aws-sdk-ec2` takes 8 GB of memory to compile, and these are two operations of
//! hundreds. So [`client`] puts them together from the parts that the SDK's own
//! clients are made of; that crate would replace it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use keycensus_core::model::region::Region;

use crate::{
    services::aws::Aws,
    transport::{
        answer::Unreadable,
        call_error::CallError,
        pages::{self, Page},
        requests::Requests,
        session::Session,
    },
};

mod answer;
pub(crate) mod client;

use answer::Item;
use client::Client;

pub(crate) const DESCRIBE_VOLUMES: &str = "ec2:DescribeVolumes";
pub(crate) const DESCRIBE_SNAPSHOTS: &str = "ec2:DescribeSnapshots";

/// EC2 in one account and Region.
#[derive(Debug)]
pub(crate) struct Ec2<'a> {
    requests: Requests<'a>,
    client: Arc<Client>,
}

/// How many there are of something, by the ARN of the key that it is encrypted
/// under.
pub(crate) type ByKey = HashMap<String, u64>;

/// One of the two listings.
struct Listing {
    operation: &'static str,
    /// EC2's own word for the operation.
    action: &'static str,
    parameters: &'static [(&'static str, &'static str)],
    id: fn(&Item) -> Option<&str>,
}

/// Pages are the largest that EC2 gives
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>).
const VOLUMES: Listing = Listing {
    operation: DESCRIBE_VOLUMES,
    action: "DescribeVolumes",
    parameters: &[
        ("MaxResults", "500"),
        ("Filter.1.Name", "encrypted"),
        ("Filter.1.Value.1", "true"),
        // Volumes that an AWS service manages may be hidden otherwise.
        ("IncludeManagedResources", "true"),
    ],
    id: |item| item.volume_id.as_deref(),
};

/// Without its owner, every snapshot that anybody shares with the account is listed
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html>).
const SNAPSHOTS: Listing = Listing {
    operation: DESCRIBE_SNAPSHOTS,
    action: "DescribeSnapshots",
    parameters: &[
        ("MaxResults", "1000"),
        ("Owner.1", "self"),
        ("Filter.1.Name", "encrypted"),
        ("Filter.1.Value.1", "true"),
    ],
    id: |item| item.snapshot_id.as_deref(),
};

impl<'a> Ec2<'a> {
    /// EC2 in the account of `session`.
    pub(crate) fn new(aws: &'a Aws, session: &'a Session, region: &Region) -> Self {
        let (client, endpoint) = aws.ec2(region);
        Self {
            requests: Requests::new(aws, session, endpoint, region),
            client,
        }
    }

    /// Counts the encrypted volumes of this account and Region, or as many as can be
    /// listed.
    pub(crate) async fn volumes(&self, by_key: &mut ByKey) -> Result<(), CallError> {
        self.count(&VOLUMES, by_key).await
    }

    /// Counts the encrypted snapshots that this account owns in this Region, or as
    /// many as can be listed.
    pub(crate) async fn snapshots(&self, by_key: &mut ByKey) -> Result<(), CallError> {
        self.count(&SNAPSHOTS, by_key).await
    }

    async fn count(&self, listing: &Listing, by_key: &mut ByKey) -> Result<(), CallError> {
        // Pages can repeat an item.
        let mut seen = HashSet::new();
        let page = |token| self.page(listing, token);
        let site = self.requests.site();
        pages::each(listing.operation, site, page, |items| {
            for (id, key) in items {
                if seen.insert(id) {
                    // What is not encrypted is under no key.
                    key.into_iter()
                        .for_each(|key| *by_key.entry(key).or_default() += 1);
                }
            }
        })
        .await
    }

    /// One page: the ID of each item, and the ARN of the key that it is encrypted under.
    async fn page(
        &self,
        listing: &Listing,
        token: Option<String>,
    ) -> Result<Page<(String, Option<String>)>, CallError> {
        let mut parameters = listing.parameters.to_vec();
        parameters.extend(token.as_deref().map(|token| ("NextToken", token)));
        let request = |credentials| self.client.call(listing.action, &parameters, credentials);
        self.requests
            .call_by_urgency(listing.operation, request, |page: answer::Page| {
                Page::with_token(Some(page.items.item), page.next_token)?.read(|item| {
                    let id = (listing.id)(&item).map(str::to_owned);
                    let id = id.ok_or(Unreadable("an item without ID is listed"))?;
                    Ok((id, item.key()?))
                })
            })
            .await
    }
}
