//! The product whose findings these are.

use crate::model::{account::AccountId, region::Region};

/// The product that Security Hub has for findings of an account's own: one in each Region, once Security Hub is
/// enabled there. Only that account may import them, and its ID is that of each finding, whichever account the
/// key is in
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-custom-providers.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The account that imports.
    pub account: AccountId,
    /// The ARN of the product.
    pub arn: String,
    /// The partition that all accounts are in.
    pub(super) partition: &'static str,
}

impl Product {
    /// The default product of `account` in `region`.
    #[must_use]
    pub fn default_of(account: AccountId, region: &Region) -> Self {
        let partition = region.partition();
        Self {
            account,
            partition,
            arn: format!(
                "arn:{partition}:securityhub:{region}:{account}:product/{account}/default"
            ),
        }
    }
}
