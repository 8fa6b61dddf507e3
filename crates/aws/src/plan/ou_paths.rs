//! Where accounts are in the organization: IDs and names of the root and the
//! organizational units above them.

use std::collections::HashMap;

use aws_sdk_organizations::operation::{
    describe_organizational_unit::DescribeOrganizationalUnitOutput, list_parents::ListParentsOutput,
};
use keycensus_core::model::{account::AccountId, gap::Gap};

use crate::{
    plan::organization::OrganizationAccount,
    services::aws::Aws,
    transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite},
        priority_semaphore::Urgency,
        rate_limit::RateLimit,
        retry::retrying,
        sdk_client::client,
        session::Scanner,
    },
};

pub(crate) const LIST_PARENTS: &str = "organizations:ListParents";
pub(crate) const DESCRIBE_UNIT: &str = "organizations:DescribeOrganizationalUnit";

/// Requests a second for each of the two calls in an account, shared by every
/// caller. AWS's page of quotas gives about 10.
const LOOKUPS_RPS: f64 = 8.0;
/// Organizational units nest at most five deep; more is no answer.
const DEPTH: usize = 10;

/// Looks up where accounts are. Each organizational unit is asked about once.
pub(crate) struct OuPaths<'a> {
    aws: &'a Aws,
    client: aws_sdk_organizations::Client,
    at: CallSite,
    rate_limit: RateLimit,
    names: HashMap<String, String>,
    parents: HashMap<String, String>,
}

impl<'a> OuPaths<'a> {
    pub(crate) fn new(aws: &'a Aws, scanner: &Scanner) -> Self {
        Self {
            aws,
            client: client!(aws_sdk_organizations, aws.config()),
            at: CallSite {
                account: Some(scanner.account),
                region: aws.region().clone(),
            },
            rate_limit: RateLimit::new(LOOKUPS_RPS),
            names: HashMap::new(),
            parents: HashMap::new(),
        }
    }

    /// The IDs of the root and the organizational units above an account, from
    /// the root down. Where the listing does not say, they are asked step by step.
    pub(crate) async fn unit_ids(
        &mut self,
        account: &OrganizationAccount,
    ) -> Result<Vec<String>, Gap> {
        match &account.unit_ids {
            Some(ids) => Ok(ids.clone()),
            None => self.ancestors(account.id).await.map_err(|error| {
                error.log_gap("where an account is in the organization is not known");
                error.gap()
            }),
        }
    }

    /// The path by name: `Root/Prod/Payments`; an ID where a name is refused.
    pub(crate) async fn path(&mut self, unit_ids: &[String]) -> String {
        let mut names = Vec::with_capacity(unit_ids.len());
        for id in unit_ids {
            names.push(self.name(id).await);
        }
        names.join("/")
    }

    async fn ancestors(&mut self, id: AccountId) -> Result<Vec<String>, CallError> {
        let mut ids = Vec::new();
        let mut child = id.to_string();
        for _ in 0..DEPTH {
            let parent = match self.parents.get(&child) {
                Some(parent) => parent.clone(),
                None => {
                    let parent = self.parent(&child).await?;
                    self.parents.insert(child, parent.clone());
                    parent
                }
            };
            ids.push(parent.clone());
            if parent.starts_with("r-") {
                ids.reverse();
                return Ok(ids);
            }
            child = parent;
        }
        let why = Unreadable("the organizational units have no root");
        Err(CallError::unreadable(LIST_PARENTS, &self.at, why).never_again())
    }

    async fn parent(&self, child: &str) -> Result<String, CallError> {
        retrying(|| async {
            let permit = self.aws.permit(Urgency::FIRST);
            let (permit, _outstanding) = self.rate_limit.acquire(permit).await;
            let answer = self.aws.send_with(permit, LIST_PARENTS, &self.at, || {
                self.client.list_parents().child_id(child).send()
            });
            only_parent(answer.await?)
                .map_err(|why| CallError::unreadable(LIST_PARENTS, &self.at, why))
        })
        .await
    }

    /// Asks whether an organizational unit exists.
    pub(crate) async fn check_unit(&self, id: &str) -> Result<(), CallError> {
        self.ask_name(id).await.map(drop)
    }

    /// Asks for the name of an organizational unit.
    async fn ask_name(&self, id: &str) -> Result<String, CallError> {
        retrying(|| async {
            let permit = self.aws.permit(Urgency::FIRST);
            let (permit, _outstanding) = self.rate_limit.acquire(permit).await;
            let answer = self.aws.send_with(permit, DESCRIBE_UNIT, &self.at, || {
                self.client
                    .describe_organizational_unit()
                    .organizational_unit_id(id)
                    .send()
            });
            name_of(answer.await?, id)
                .map_err(|why| CallError::unreadable(DESCRIBE_UNIT, &self.at, why))
        })
        .await
    }

    async fn name(&mut self, id: &str) -> String {
        if id.starts_with("r-") {
            // A root's name cannot be changed.
            return "Root".to_owned();
        }
        if let Some(name) = self.names.get(id) {
            return name.clone();
        }
        let name = match self.ask_name(id).await {
            Ok(name) => name,
            Err(error) => {
                error.log_gap("an organizational unit is shown by its ID");
                id.to_owned()
            }
        };
        self.names.insert(id.to_owned(), name.clone());
        name
    }
}

/// The ID of the one parent that everything in an organization has but its root
/// (<https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html>).
fn only_parent(answer: ListParentsOutput) -> Result<String, Unreadable> {
    let ids = answer.parents().iter().map(|parent| parent.id());
    match ids.collect::<Vec<_>>()[..] {
        [Some(id)] if id.starts_with("r-") || id.starts_with("ou-") => Ok(id.to_owned()),
        _ => Err(Unreadable("not one root or unit is named as the parent")),
    }
}

fn name_of(answer: DescribeOrganizationalUnitOutput, id: &str) -> Result<String, Unreadable> {
    let unit = answer
        .organizational_unit
        .filter(|unit| unit.id() == Some(id));
    let unit = unit.ok_or(Unreadable("the answer is about another unit"))?;
    unit.name.ok_or(Unreadable("a unit without a name"))
}
