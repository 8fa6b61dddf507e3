//! What depends on a KMS key, as far as it can be read.

use std::collections::BTreeMap;

use crate::model::gap::Gap;

/// What is looked for.
pub const LOOKED_FOR: [&str; 3] = ["EBS volumes", "EBS snapshots", "grants"];

/// The most frequent dependents that are not looked for.
pub const NOT_LOOKED_FOR: [&str; 6] = [
    "objects in S3",
    "storage of RDS and other services without a grant",
    "volumes and snapshots of other accounts",
    "snapshots in the Recycle Bin",
    "data that applications encrypted themselves",
    "data outside AWS",
];

/// Stands for grantees that are users, roles or accounts.
pub const IAM: &str = "iam";
/// Stands for grantees that were users or roles and are deleted. Their grants cannot be used: a new
/// user or role of the same name is another principal.
pub const DELETED: &str = "deleted";
/// Stands for a grantee that KMS did not name.
const UNNAMED: &str = "unknown";

/// What was found to depend on a key. Where a call failed, there may be more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependents {
    /// EBS volumes of its account and Region that are encrypted under it.
    pub ebs_volumes: u64,
    /// EBS snapshots of its account and Region that are encrypted under it.
    pub ebs_snapshots: u64,
    /// How many grants allow its use, by [`grantee`].
    pub grants: BTreeMap<String, u64>,
    /// The failed calls: of volumes, snapshots and grants, in this order.
    pub gaps: Vec<Gap>,
}

impl Dependents {
    /// Whether there is none. A grant to a deleted principal does not count: it cannot be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ebs_volumes == 0 && self.ebs_snapshots == 0 && self.usable_grants().next().is_none()
    }

    /// The grants that can be used, by grantee.
    pub fn usable_grants(&self) -> impl Iterator<Item = (&str, u64)> {
        let grants = self
            .grants
            .iter()
            .map(|(grantee, n)| (grantee.as_str(), *n));
        grants.filter(|(grantee, _)| *grantee != DELETED)
    }

    /// How many grants were made to principals that are deleted.
    #[must_use]
    pub fn grants_to_deleted(&self) -> u64 {
        self.grants.get(DELETED).copied().unwrap_or(0)
    }

    /// Whether no call failed, so that there are no more.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.gaps.is_empty()
    }

    /// `ebs_volumes=3;ebs_snapshots=12;grants=rds.amazonaws.com:2,iam:1`; empty
    /// where there is none.
    #[must_use]
    pub fn to_cell(&self) -> String {
        let mut parts = Vec::new();
        for (what, n) in [
            ("ebs_volumes", self.ebs_volumes),
            ("ebs_snapshots", self.ebs_snapshots),
        ] {
            if n > 0 {
                parts.push(format!("{what}={n}"));
            }
        }
        if !self.grants.is_empty() {
            let grants: Vec<String> = self
                .grants
                .iter()
                .map(|(grantee, n)| format!("{grantee}:{n}"))
                .collect();
            parts.push(format!("grants={}", grants.join(",")));
        }
        parts.join(";")
    }

    /// Parses what [`Dependents::to_cell`] writes; `None` for any other text.
    #[must_use]
    pub fn parse(cell: &str) -> Option<Self> {
        let mut found = Self::default();
        // Grantees are untrusted text, and come last.
        let (numbers, grants) = match cell.split_once("grants=") {
            Some((numbers, grants)) => (numbers, Some(grants)),
            None => (cell, None),
        };
        for part in numbers.split(';').filter(|part| !part.is_empty()) {
            match part.split_once('=')? {
                ("ebs_volumes", n) => found.ebs_volumes = n.parse().ok()?,
                ("ebs_snapshots", n) => found.ebs_snapshots = n.parse().ok()?,
                _ => return None,
            }
        }
        for grant in grants.iter().flat_map(|grants| grants.split(',')) {
            let (grantee, n) = grant.rsplit_once(':')?;
            found.grants.insert(grantee.to_owned(), n.parse().ok()?);
        }
        Some(found)
    }

    /// Whether they were checked: `yes`, the first error code, or `no` where there was no time.
    #[must_use]
    pub fn checked(&self) -> &str {
        let mut codes = self.gaps.iter().map(Gap::code);
        match self.gaps.as_slice() {
            [] => "yes",
            _ => codes.find(|code| !code.is_empty()).unwrap_or("no"),
        }
    }
}

/// The name under which a grant is counted: the AWS service that has it, or [`IAM`].
///
/// KMS names a service by its principal, in one of two fields
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html>).
/// Some services have grants as a role of their own instead: a service-linked role, whose path is
/// the service's principal, or the one with which EC2 attaches volumes
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/determining-access-grants.html>).
#[must_use]
pub fn grantee<'a>(service_principal: Option<&'a str>, principal: Option<&'a str>) -> &'a str {
    let given = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
    let Some(named) = given(service_principal).or_else(|| given(principal)) else {
        return UNNAMED;
    };
    if !named.starts_with("arn:") {
        // The name of a service has dots.
        return match named.contains('.') {
            true => service(named),
            false if is_unique_id(named) => DELETED,
            false => IAM,
        };
    }
    let resource = named.splitn(6, ':').nth(5).unwrap_or_default();
    let mut parts = resource.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("aws-service-role"), Some(name)) => service(name),
        (Some("aws:ec2-infrastructure"), _) => "ec2.amazonaws.com",
        _ => IAM,
    }
}

/// The principal of a service; [`UNNAMED`] where its name is not of the form of one, so that
/// a cell with it can be read back.
fn service(name: &str) -> &str {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    match name.bytes().all(is_of_name) {
        true => name,
        false => UNNAMED,
    }
}

/// Whether `principal` is the unique ID of a user or role, which AWS shows instead of
/// the ARN of one that is deleted
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>).
fn is_unique_id(principal: &str) -> bool {
    let id = ["AIDA", "AROA"]
        .iter()
        .find_map(|prefix| principal.strip_prefix(prefix));
    id.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::{Dependents, grantee};
    use crate::model::{cause::Cause, gap::Gap};

    fn found() -> Dependents {
        Dependents {
            ebs_volumes: 3,
            ebs_snapshots: 12,
            grants: [("rds.amazonaws.com".to_owned(), 2), ("iam".to_owned(), 1)].into(),
            gaps: Vec::new(),
        }
    }

    #[test]
    fn a_cell_has_only_the_dependents_that_there_are() {
        assert_eq!(
            found().to_cell(),
            "ebs_volumes=3;ebs_snapshots=12;grants=iam:1,rds.amazonaws.com:2"
        );
        assert_eq!(Dependents::parse(&found().to_cell()), Some(found()));
        let mut snapshots = Dependents::default();
        assert_eq!(Dependents::parse(""), Some(snapshots.clone()));
        assert_eq!(snapshots.to_cell(), "");
        assert!(snapshots.is_empty());
        snapshots.ebs_snapshots = 1;
        assert_eq!(snapshots.to_cell(), "ebs_snapshots=1");
        assert!(!snapshots.is_empty());
        assert_eq!(Dependents::parse("ebs_snapshots=1"), Some(snapshots));
        for none in [
            "ebs_snapshots",
            "ebs_snapshots=many",
            "tapes=1",
            "grants=iam",
        ] {
            assert_eq!(Dependents::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_grant_to_a_deleted_principal_is_counted_and_is_no_dependent() {
        let deleted = Dependents {
            grants: [("deleted".to_owned(), 2)].into(),
            ..Dependents::default()
        };
        assert!(deleted.is_empty());
        assert_eq!(deleted.grants_to_deleted(), 2);
        assert_eq!(deleted.to_cell(), "grants=deleted:2");
        let mut with_another = deleted.clone();
        with_another.grants.insert("iam".to_owned(), 1);
        assert!(!with_another.is_empty());
        let usable: Vec<(&str, u64)> = with_another.usable_grants().collect();
        assert_eq!(usable, [("iam", 1)]);
    }

    #[test]
    fn they_are_checked_where_no_call_failed_and_otherwise_the_first_error_code_is_given() {
        let refused = Gap::unanswered(
            "ec2:DescribeSnapshots",
            "UnauthorizedOperation",
            Cause::REFUSED,
        );
        let throttled = Gap::unanswered("kms:ListGrants", "ThrottlingException", Cause::Throttled);
        for (gaps, expected) in [
            (vec![], "yes"),
            (vec![Gap::NoTimeLeft], "no"),
            (
                vec![Gap::NoTimeLeft, refused.clone(), throttled.clone()],
                "UnauthorizedOperation",
            ),
            (vec![throttled, refused], "ThrottlingException"),
        ] {
            let dependents = Dependents { gaps, ..found() };
            assert_eq!(dependents.checked(), expected);
            assert_eq!(dependents.is_whole(), expected == "yes");
        }
    }

    #[test]
    fn grants_are_counted_by_service_and_those_of_users_roles_and_accounts_together() {
        let account = "arn:aws:iam::111122223333";
        for (service, principal, expected) in [
            (
                Some("dynamodb.amazonaws.com"),
                None,
                "dynamodb.amazonaws.com",
            ),
            (
                None,
                Some("rds.eu-west-1.amazonaws.com"),
                "rds.eu-west-1.amazonaws.com",
            ),
            (
                None,
                Some(&*format!(
                    "{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
                )),
                "autoscaling.amazonaws.com",
            ),
            (
                None,
                Some("arn:aws-cn:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-5d476fab"),
                "ec2.amazonaws.com",
            ),
            (None, Some(&*format!("{account}:user/anna")), "iam"),
            (None, Some(&*format!("{account}:role/app/deploy")), "iam"),
            (None, Some(&*format!("{account}:root")), "iam"),
            (None, Some("AROAEXAMPLEID1234567"), "deleted"),
            (None, Some("AIDAEXAMPLEID1234567"), "deleted"),
            (None, Some("AGPAEXAMPLEID1234567"), "iam"),
            (None, Some("AROAEXAMPLEID1234567:session"), "iam"),
            (None, Some("AROA"), "iam"),
            (None, Some(""), "unknown"),
            (None, None, "unknown"),
        ] {
            assert_eq!(grantee(service, principal), expected, "{principal:?}");
        }
    }
}
