//! Where a service is: as the SDK says where KMS is, which has the same rules.

use aws_config::SdkConfig;
use aws_sdk_kms::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_types::service_config::ServiceConfigKey;
use keycensus_core::model::region::Region;

use super::Service;

/// The URL of a service in a Region: the one that the surroundings name for the service
/// (`AWS_ENDPOINT_URL_EC2`, a profile's `services`) or for everything, else AWS's own.
///
/// # Errors
/// The Region's partition has no endpoint of the kind that the surroundings ask for
/// (FIPS, dual-stack).
pub(super) async fn url(
    service: &Service,
    config: &SdkConfig,
    region: &Region,
) -> Result<String, BoxError> {
    let named = named(service, config);
    let is_named = named.is_some();
    let (fips, dual_stack) = (config.use_fips(), config.use_dual_stack());
    let params = Params::builder()
        .region(region.as_str())
        .set_use_fips(fips)
        .set_use_dual_stack(dual_stack)
        .set_endpoint(named)
        .build()?;
    let of_kms = DefaultResolver::new().resolve_endpoint(&params).await?;
    if is_named {
        return Ok(of_kms.url().to_owned());
    }
    let rest = of_kms
        .url()
        .strip_prefix("https://kms")
        .ok_or("the endpoint of KMS is not of its usual form")?;
    let is_fips_as_usual = service.is_fips_in_govcloud
        && region.partition() == "aws-us-gov"
        && dual_stack != Some(true);
    let rest = match rest.strip_prefix("-fips") {
        Some(rest) if is_fips_as_usual => rest,
        _ => rest,
    };
    Ok(format!("https://{}{rest}", service.name))
}

/// The URL that the surroundings name, found as the SDK's own clients find theirs.
fn named(service: &Service, config: &SdkConfig) -> Option<String> {
    let for_everything = config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return for_everything;
    }
    let key = ServiceConfigKey::builder()
        .service_id(service.id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let for_service = config.service_config().and_then(|of| of.load_config(key));
    for_service.or(for_everything)
}

#[cfg(test)]
mod tests {
    use aws_config::SdkConfig;
    use keycensus_core::model::region::Region;

    use super::url;
    use crate::{
        services::{ec2::client::EC2, security_hub::SECURITY_HUB},
        transport::light_client::Service,
    };

    async fn of(service: &Service, region: &str, fips: bool, dual_stack: bool) -> Option<String> {
        let config = SdkConfig::builder()
            .use_fips(fips)
            .use_dual_stack(dual_stack)
            .build();
        url(service, &config, &Region::parse(region).unwrap())
            .await
            .ok()
    }

    /// As EC2's own endpoint rules have it.
    #[tokio::test]
    async fn ec2_is_where_awss_rules_say() {
        for (region, fips, dual_stack, expected) in [
            (
                "eu-west-1",
                false,
                false,
                "https://ec2.eu-west-1.amazonaws.com",
            ),
            ("eu-west-1", false, true, "https://ec2.eu-west-1.api.aws"),
            (
                "us-east-2",
                true,
                false,
                "https://ec2-fips.us-east-2.amazonaws.com",
            ),
            (
                "us-east-2",
                true,
                true,
                "https://ec2-fips.us-east-2.api.aws",
            ),
            (
                "cn-north-1",
                false,
                false,
                "https://ec2.cn-north-1.amazonaws.com.cn",
            ),
            (
                "us-gov-west-1",
                false,
                false,
                "https://ec2.us-gov-west-1.amazonaws.com",
            ),
            (
                "us-gov-west-1",
                true,
                false,
                "https://ec2.us-gov-west-1.amazonaws.com",
            ),
            (
                "us-gov-west-1",
                true,
                true,
                "https://ec2-fips.us-gov-west-1.api.aws",
            ),
            (
                "us-iso-east-1",
                false,
                false,
                "https://ec2.us-iso-east-1.c2s.ic.gov",
            ),
        ] {
            let found = of(&EC2, region, fips, dual_stack).await;
            assert_eq!(
                found.as_deref(),
                Some(expected),
                "{region} {fips} {dual_stack}"
            );
        }
    }

    /// As its own endpoint rules have it.
    #[tokio::test]
    async fn security_hub_is_where_awss_rules_say() {
        for (region, fips, expected) in [
            (
                "eu-west-1",
                false,
                "https://securityhub.eu-west-1.amazonaws.com",
            ),
            (
                "us-east-2",
                true,
                "https://securityhub-fips.us-east-2.amazonaws.com",
            ),
            (
                "cn-north-1",
                false,
                "https://securityhub.cn-north-1.amazonaws.com.cn",
            ),
            (
                "us-gov-west-1",
                true,
                "https://securityhub-fips.us-gov-west-1.amazonaws.com",
            ),
        ] {
            let found = of(&SECURITY_HUB, region, fips, false).await;
            assert_eq!(found.as_deref(), Some(expected), "{region} {fips}");
        }
    }

    #[tokio::test]
    async fn an_endpoint_that_is_named_is_taken_as_it_is() {
        let config = SdkConfig::builder()
            .endpoint_url("http://127.0.0.1:4566/kms")
            .build();
        let region = Region::parse("eu-west-1").unwrap();
        let found = url(&EC2, &config, &region).await.unwrap();
        assert_eq!(found, "http://127.0.0.1:4566/kms");
    }
}
