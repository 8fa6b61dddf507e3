//! The Regions of each partition.

/// Regions that every new account has, in the order in which generated worlds take them
/// (<https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>).
pub(crate) const DEFAULT_REGIONS: [&str; 17] = [
    "us-east-1",
    "eu-west-1",
    "eu-central-1",
    "us-west-2",
    "ap-southeast-1",
    "us-east-2",
    "eu-west-2",
    "ap-northeast-1",
    "ap-southeast-2",
    "eu-west-3",
    "ca-central-1",
    "ap-south-1",
    "eu-north-1",
    "sa-east-1",
    "ap-northeast-2",
    "us-west-1",
    "ap-northeast-3",
];

/// Regions that an account must opt in to.
pub(crate) const OPT_IN_REGIONS: [&str; 17] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

const CHINA: [&str; 2] = ["cn-north-1", "cn-northwest-1"];
const GOV_CLOUD: [&str; 2] = ["us-gov-east-1", "us-gov-west-1"];

/// The partition of a Region, as ARNs write it.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// The Region of a partition in which STS cannot be deactivated
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>).
pub(crate) fn sts_home(region: &str) -> &'static str {
    match partition(region) {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// Every known Region of a partition, default-enabled ones first.
pub(crate) fn known(partition: &str) -> impl Iterator<Item = &'static str> {
    let (first, second): (&[&str], &[&str]) = match partition {
        "aws-cn" => (&CHINA, &[]),
        "aws-us-gov" => (&GOV_CLOUD, &[]),
        _ => (&DEFAULT_REGIONS, &OPT_IN_REGIONS),
    };
    first.iter().chain(second).copied()
}

/// `RegionOptStatus` of a Region. A world may leave out a default-enabled Region, which AWS does not allow.
pub(crate) fn opt_status(region: &str, enabled: bool) -> &'static str {
    match enabled {
        false => "DISABLED",
        true if OPT_IN_REGIONS.contains(&region) => "ENABLED",
        true => "ENABLED_BY_DEFAULT",
    }
}
