//! What the key is.

use super::{super::Explanation, Page};
use crate::{
    judge::price::{dollars, monthly_cents},
    model::{
        access_key,
        plain_text::one_line,
        reading::{KeyKind, Manager, MultiRegionRole},
        time::{idle_days, to_seconds},
    },
    render::digest::wording::{counted, days},
};

impl Explanation {
    pub(super) fn key(&self, page: &mut Page) {
        let key = &self.key.key;
        match key.kind {
            KeyKind::KmsKey => {
                page.line(&format!("KMS key {}", one_line(&key.key_id)));
                page.line("");
                page.row("arn", &key.arn);
                page.row("account", key.account.id.as_str());
                page.row("region", self.key.region());
                let names = match (key.names.as_slice(), &self.names_gap) {
                    ([], Some(_)) => "not known".to_owned(),
                    ([], None) => "none".to_owned(),
                    (names, _) => names.join(", "),
                };
                page.row("aliases", &names);
            }
            KeyKind::IamAccessKey
            | KeyKind::RootAccessKey
            | KeyKind::IamPassword
            | KeyKind::RootPassword
            | KeyKind::Secret
            | KeyKind::ServiceCredential => {
                page.line(&format!(
                    "access key {}",
                    one_line(&access_key::shortened(&key.key_id))
                ));
                page.line("");
                page.row("user", &key.names.join(", "));
                page.row("account", key.account.id.as_str());
            }
        }
        page.row("state", key.state.as_deref().unwrap_or("not known"));
        if let Some(date) = key.deletion_date() {
            let left = idle_days(self.now, date);
            page.row(
                "deletion",
                &format!("{}, in {}", to_seconds(date), days(left)),
            );
        }
        if self.is_kms_key() {
            let manager = key.manager.map_or("not known", Manager::as_str);
            page.row("managed by", manager);
        }
        let owner = match (&key.owner, &key.tags_gap) {
            (Some(owner), _) => owner,
            (None, Some(_)) => "not known",
            (None, None) => "none",
        };
        page.row("owner", owner);
        let created = match (key.created_at, self.key.age_days) {
            (Some(at), Some(age)) => format!("{}, {} ago", to_seconds(at), days(age)),
            _ => "not known".to_owned(),
        };
        page.row("created", &created);
        self.multi_region(page);
        self.cost(page);
    }

    fn multi_region(&self, page: &mut Page) {
        let Some(set) = self.key.key.multi_region.as_deref() else {
            return;
        };
        let mut replicas = set.replica_regions.clone();
        replicas.sort();
        let role = match set.role {
            MultiRegionRole::Primary => "primary of its set".to_owned(),
            MultiRegionRole::Replica => {
                format!("replica; the primary is in {}", set.primary_region)
            }
        };
        page.row(
            "multi-Region",
            &format!(
                "{role}; replicas in {}; the use of each is recorded apart",
                replicas.join(", ")
            ),
        );
    }

    fn cost(&self, page: &mut Page) {
        let key = &self.key.key;
        if !self.is_kms_key() {
            return;
        }
        let is_free = monthly_cents(key) == Some(0);
        if let Some(rotations) = key.rotations {
            page.row("rotated", &counted(u64::from(rotations), "time", "times"));
        }
        if let Some(cents) = monthly_cents(key) {
            let least = match key.rotations {
                None if !is_free => "at least ",
                _ => "",
            };
            page.row(
                "cost",
                &format!("{least}{} USD a month at list price", dollars(cents)),
            );
        }
    }
}
