//! EBS volumes and snapshots of an account.

use serde::{Deserialize, Serialize};

use super::{Account, Key, Moment, iam::created_default};

/// An EBS volume in one Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Its Region.
    pub region: String,
    /// Its ID; derived from account, Region and position when absent.
    #[serde(default)]
    pub id: String,
    /// The key it is encrypted with: the ID or an alias of a key of this account and Region, or any key's ARN. Absent means
    /// that it is not encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// GiB.
    #[serde(default = "size_default")]
    pub size: u32,
    /// When it was created.
    #[serde(default = "created_default")]
    pub created: Moment,
    /// The instance it is attached to; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_to: Option<String>,
}

/// An EBS snapshot in one Region, owned by its account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Its Region.
    pub region: String,
    /// Its ID; derived from account, Region and position when absent.
    #[serde(default)]
    pub id: String,
    /// The key it is encrypted with, as of a volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// The volume it is of, which need not exist any more; AWS's ID for none when absent.
    #[serde(default = "no_volume")]
    pub volume: String,
    /// GiB of its volume.
    #[serde(default = "size_default")]
    pub size: u32,
    /// When it was begun.
    #[serde(default = "created_default")]
    pub created: Moment,
    /// Its description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

impl Volume {
    /// A volume of 100 GiB, created 400 days ago, that is neither encrypted nor attached.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            id: String::new(),
            kms_key: None,
            size: size_default(),
            created: created_default(),
            attached_to: None,
        }
    }
}

impl Snapshot {
    /// A snapshot of 100 GiB, created 400 days ago, that is not encrypted.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            id: String::new(),
            kms_key: None,
            volume: no_volume(),
            size: size_default(),
            created: created_default(),
            description: String::new(),
        }
    }
}

impl Account {
    /// The key of this account and Region that a world names by its ID or an alias.
    pub(crate) fn key_called(&self, region: &str, name: &str) -> Option<&Key> {
        self.keys
            .iter()
            .find(|key| key.region == region && key.is_called(name))
    }

    /// The ARN of the key that a volume or snapshot names; any other name is an ARN already.
    pub(crate) fn arn_of_key(&self, region: &str, name: &str) -> String {
        match self.key_called(region, name) {
            Some(key) => key.arn(&self.id),
            None => name.to_owned(),
        }
    }
}

fn size_default() -> u32 {
    100
}

fn no_volume() -> String {
    "vol-ffffffff".to_owned()
}
