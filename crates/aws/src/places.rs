//! Where accounts are in the organization: IDs and names of the root and the
//! organizational units above them.

use std::collections::HashMap;

use aws_sdk_organizations::operation::describe_organizational_unit::DescribeOrganizationalUnitOutput;
use keycensus_core::{account::AccountId, reading::Gap};

use crate::{
    call_error::{CallError, Place},
    connection::Aws,
    in_flight::Urgency,
    operations::client,
    organization::OrganizationAccount,
    pace::Pace,
    retry::retrying,
    session::Scanner,
};

pub(crate) const LIST_PARENTS: &str = "organizations:ListParents";
pub(crate) const DESCRIBE_UNIT: &str = "organizations:DescribeOrganizationalUnit";

/// Requests a second for each of the two calls in an account, shared by every
/// caller. AWS's page of quotas gives about 10.
const LOOKUPS_RPS: f64 = 8.0;
/// Organizational units nest at most five deep; more is no answer.
const DEPTH: usize = 10;

/// Looks up where accounts are. Each organizational unit is asked about once.
pub(crate) struct Places<'a> {
    aws: &'a Aws,
    client: aws_sdk_organizations::Client,
    at: Place,
    pace: Pace,
    names: HashMap<String, String>,
    parents: HashMap<String, String>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(aws: &'a Aws, scanner: &Scanner) -> Self {
        Self {
            aws,
            client: client!(aws_sdk_organizations, aws.config()),
            at: Place {
                account: Some(scanner.account),
                region: aws.region().clone(),
            },
            pace: Pace::new(LOOKUPS_RPS),
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
        Err(CallError::unreadable(LIST_PARENTS, &self.at))
    }

    async fn parent(&self, child: &str) -> Result<String, CallError> {
        let answer = retrying(|| async {
            let permit = self.aws.permit(Urgency::FIRST);
            let (permit, _outstanding) = self.pace.turn(permit).await;
            self.aws
                .send_with(permit, LIST_PARENTS, &self.at, || {
                    self.client.list_parents().child_id(child).send()
                })
                .await
        })
        .await?;
        answer
            .parents()
            .first()
            .and_then(|parent| parent.id())
            .map(str::to_owned)
            .ok_or_else(|| CallError::unreadable(LIST_PARENTS, &self.at))
    }

    /// Asks whether an organizational unit exists.
    pub(crate) async fn check_unit(&self, id: &str) -> Result<(), CallError> {
        self.describe(id).await.map(|_| ())
    }

    async fn describe(&self, id: &str) -> Result<DescribeOrganizationalUnitOutput, CallError> {
        retrying(|| async {
            let permit = self.aws.permit(Urgency::FIRST);
            let (permit, _outstanding) = self.pace.turn(permit).await;
            self.aws
                .send_with(permit, DESCRIBE_UNIT, &self.at, || {
                    self.client
                        .describe_organizational_unit()
                        .organizational_unit_id(id)
                        .send()
                })
                .await
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
        let name = match self.describe(id).await {
            Ok(answer) => answer
                .organizational_unit()
                .and_then(|unit| unit.name())
                .unwrap_or(id)
                .to_owned(),
            Err(error) => {
                error.log_gap("an organizational unit is shown by its ID");
                id.to_owned()
            }
        };
        self.names.insert(id.to_owned(), name.clone());
        name
    }
}
