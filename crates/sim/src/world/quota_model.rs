//! Which model of AWS's request quotas a world enforces.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// How request quotas are enforced. AWS documents the rates but not the algorithm, so there are two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuotaModel {
    /// Not at all (`quotas = false`).
    #[default]
    Off,
    /// A bucket that refills at the rate (`quotas = true` or `"token_bucket"`).
    TokenBucket,
    /// So many calls in each second of the clock (`quotas = "fixed_window"`).
    FixedWindow,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Switch(bool),
    Name(String),
}

impl<'de> Deserialize<'de> for QuotaModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let right = "`quotas` is true, false, \"token_bucket\" or \"fixed_window\"";
        match Written::deserialize(deserializer).map_err(|_| D::Error::custom(right))? {
            Written::Switch(false) => Ok(Self::Off),
            Written::Switch(true) => Ok(Self::TokenBucket),
            Written::Name(name) if name == "token_bucket" => Ok(Self::TokenBucket),
            Written::Name(name) if name == "fixed_window" => Ok(Self::FixedWindow),
            Written::Name(name) => Err(D::Error::custom(format_args!("{right}, not `{name}`"))),
        }
    }
}

impl Serialize for QuotaModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_bool(false),
            Self::TokenBucket => serializer.serialize_str("token_bucket"),
            Self::FixedWindow => serializer.serialize_str("fixed_window"),
        }
    }
}
