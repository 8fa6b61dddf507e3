//! AWS Regions and the partitions they belong to.

use std::{borrow::Cow, fmt};

use serde::Serialize;

/// What stands in the place of a Region where there is none.
pub const GLOBAL: &str = "global";

/// The name of an AWS Region, such as `eu-west-1`: lower-case letters, dashes,
/// and a number at the end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Cow<'static, str>);

impl Region {
    /// Reads a Region's name, or nothing when `text` is not of a Region's form.
    /// Whether such a Region exists is another question: [`Region::is_known`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(known) = KNOWN.iter().find(|known| **known == text) {
            return Some(Self(Cow::Borrowed(known)));
        }
        let parts: Vec<&str> = text.split('-').collect();
        let (number, words) = parts.split_last()?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let are_words = words.len() >= 2
            && words
                .iter()
                .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
        (is_number && are_words).then(|| Self(Cow::Owned(text.to_owned())))
    }

    /// The Region's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this version knows the Region. AWS adds Regions, so one that is
    /// not known may still exist; the account's own list of Regions decides.
    #[must_use]
    pub fn is_known(&self) -> bool {
        KNOWN.contains(&self.as_str())
    }

    /// The partition the Region belongs to, by the prefix of its name.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        match self.as_str() {
            name if name.starts_with("cn-") => "aws-cn",
            name if name.starts_with("us-gov-") => "aws-us-gov",
            name if name.starts_with("eusc-") => "aws-eusc",
            name if name.starts_with("us-isob-") => "aws-iso-b",
            name if name.starts_with("us-isof-") => "aws-iso-f",
            name if name.starts_with("eu-isoe-") => "aws-iso-e",
            name if name.starts_with("us-iso-") => "aws-iso",
            _ => "aws",
        }
    }

    /// The Region that stands for the whole partition: IAM's requests are signed for it, and STS is
    /// active in it in every account. A Region of a partition that is not known stands for itself.
    /// <https://docs.aws.amazon.com/general/latest/gr/iam-service.html>
    #[must_use]
    pub fn partition_default(&self) -> Self {
        let name = match self.partition() {
            "aws" => "us-east-1",
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-eusc" => "eusc-de-east-1",
            "aws-iso" => "us-iso-east-1",
            "aws-iso-b" => "us-isob-east-1",
            "aws-iso-e" => "eu-isoe-west-1",
            "aws-iso-f" => "us-isof-south-1",
            _ => return self.clone(),
        };
        Self(Cow::Borrowed(name))
    }

    /// The known Region whose name is closest to this one, for an error's hint.
    #[must_use]
    pub fn closest_known(&self) -> &'static str {
        let distance = |known: &&str| strsim::damerau_levenshtein(known, self.as_str());
        KNOWN
            .iter()
            .copied()
            .min_by_key(distance)
            .unwrap_or("us-east-1")
    }
}

/// The known Regions of a partition.
pub fn known_in(partition: &str) -> impl Iterator<Item = Region> {
    KNOWN
        .iter()
        .map(|name| Region(Cow::Borrowed(*name)))
        .filter(move |region| region.partition() == partition)
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The Regions that exist, as of 2026-11
/// (<https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>).
const KNOWN: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

#[cfg(test)]
mod tests {
    use super::{KNOWN, Region};

    #[test]
    fn a_region_has_the_form_of_a_region() {
        for (text, is_region) in [
            ("eu-west-1", true),
            ("us-gov-west-1", true),
            ("zz-nowhere-9", true),
            ("eu-west", false),
            ("eu-west-", false),
            ("EU-WEST-1", false),
            ("eu_west_1", false),
            ("global", false),
            ("", false),
        ] {
            assert_eq!(Region::parse(text).is_some(), is_region, "{text:?}");
        }
    }

    #[test]
    fn a_region_that_does_not_exist_is_not_known_and_has_a_closest_one() {
        let region = Region::parse("eu-wset-1").unwrap();
        assert!(!region.is_known());
        assert_eq!(region.closest_known(), "eu-west-1");
    }

    #[test]
    fn a_region_belongs_to_the_partition_of_its_prefix() {
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            assert_eq!(Region::parse(region).unwrap().partition(), partition);
        }
    }

    #[test]
    fn a_partition_has_a_default_region_of_its_own() {
        for (region, expected) in [
            ("eu-central-2", "us-east-1"),
            ("us-east-1", "us-east-1"),
            ("cn-northwest-1", "cn-north-1"),
            ("us-gov-east-1", "us-gov-west-1"),
            ("eusc-de-east-1", "eusc-de-east-1"),
            ("us-isob-west-1", "us-isob-east-1"),
        ] {
            let default = Region::parse(region).unwrap().partition_default();
            assert_eq!(default.as_str(), expected, "{region}");
            assert!(default.is_known(), "{default}");
        }
        for region in KNOWN {
            let region = Region::parse(region).unwrap();
            let default = region.partition_default();
            assert_eq!(default.partition(), region.partition(), "{region}");
        }
    }
}
