//! What the key is.

use super::{super::Explanation, Page};
use crate::{
    judge::price::{dollars, monthly_cents},
    model::{
        access_key,
        kind::{KeyId, KeyResource},
        plain_text::one_line,
        reading::{KeyKind, Manager, MultiRegionRole},
        service_credential::user_and_service,
        time::{idle_days, to_seconds},
    },
    render::digest::wording::{counted, days},
};

impl Explanation {
    pub(super) fn key(&self, page: &mut Page) {
        let key = &self.key.key;
        match (key.kind.resource(), key.kind.id()) {
            (KeyResource::KmsKey, _) => {
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
            (KeyResource::Secret, _) => {
                page.line(&format!("secret {}", one_line(&key.names.join(", "))));
                page.line("");
                page.row("arn", &key.arn);
                page.row("account", key.account.id.as_str());
                page.row("region", self.key.region());
            }
            (KeyResource::IamUser | KeyResource::RootUser, KeyId::UserName) => {
                page.line(&format!("password of {}", one_line(&key.names.join(", "))));
                page.line("");
                page.row("user", &key.arn);
                page.row("account", key.account.id.as_str());
            }
            (KeyResource::IamUser | KeyResource::RootUser, KeyId::Full | KeyId::Shortened) => {
                self.credential(page);
            }
        }
        match (&key.state, key.kind) {
            (Some(state), _) => page.row("state", state),
            (None, KeyKind::KmsKey | KeyKind::IamAccessKey) => page.row("state", "not known"),
            (None, _) => {}
        }
        if let Some(date) = key.deletion_date() {
            let left = idle_days(self.now, date);
            page.row(
                "deletion",
                &format!("{}, in {}", to_seconds(date), days(left)),
            );
        }
        if !key.kind.is_of_iam() {
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
        let created_label = match key.kind {
            KeyKind::IamPassword | KeyKind::RootPassword => "changed",
            _ => "created",
        };
        page.row(created_label, &created);
        if key.kind == KeyKind::ServiceCredential {
            let expires = key.expires_at.map(to_seconds);
            page.row("expires", expires.as_deref().unwrap_or("never"));
        }
        self.multi_region(page);
        self.cost(page);
    }

    /// A credential of a user, with its service where it is for one.
    fn credential(&self, page: &mut Page) {
        let key = &self.key.key;
        let id = access_key::shortened(&key.key_id);
        let (one, _) = key.kind.names();
        page.line(&format!("{one} {}", one_line(&id)));
        page.line("");
        match user_and_service(&key.names, &key.arn) {
            Some((user, service)) => {
                page.row("user", user);
                page.row("service", service);
            }
            None => page.row("user", &key.names.join(", ")),
        }
        page.row("account", key.account.id.as_str());
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
        if key.kind.is_of_iam() {
            return;
        }
        let is_free = monthly_cents(key) == Some(0);
        if let Some(rotations) = key.rotations {
            page.row("rotated", &counted(u64::from(rotations), "time", "times"));
        }
        if let Some(cents) = monthly_cents(key) {
            let least = match key.rotations {
                None if !is_free && self.is_kms_key() => "at least ",
                _ => "",
            };
            page.row(
                "cost",
                &format!("{least}{} USD a month at list price", dollars(cents)),
            );
        }
    }
}
