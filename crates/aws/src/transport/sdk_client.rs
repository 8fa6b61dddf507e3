//! Clients of the SDK's crates: every one calls only the operations that are listed, and
//! believes no answer that does not have the shape of its operation.

/// Makes a client of an SDK crate that calls no other operations; the config's setters
/// may follow.
macro_rules! client {
    ($sdk:ident, $config:expr $(, $set:ident($value:expr))*) => {{
        let config = $sdk::config::Builder::from($config)
            .interceptor($crate::transport::operations::OnlyListed)
            .interceptor($crate::transport::answer::ShapeOfAnswer)
            $(.$set($value))*
            .build();
        #[expect(clippy::disallowed_methods, reason = "the one place where clients are made")]
        let client = $sdk::Client::from_conf(config);
        client
    }};
}
pub(crate) use client;

#[cfg(test)]
mod tests {
    use std::{
        error::Error,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
    };

    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
    use aws_smithy_runtime_api::client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::HttpRequest,
        result::ConnectorError,
    };

    use keycensus_core::model::region::Region as Named;

    use crate::{services::ec2, transport::session::as_account};

    /// A network that counts requests and answers none.
    #[derive(Debug, Clone, Default)]
    struct Network(Arc<AtomicU32>);

    impl HttpConnector for Network {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            self.0.fetch_add(1, Ordering::Relaxed);
            HttpConnectorFuture::ready(Err(ConnectorError::io("no network".into())))
        }
    }

    fn config(network: &Network) -> SdkConfig {
        let network = network.clone();
        let credentials = Credentials::new("AKIA", "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client_fn(move |_, _| {
                SharedHttpConnector::new(network.clone())
            }))
            .build()
    }

    fn region() -> Named {
        Named::parse("eu-west-1").unwrap()
    }

    /// What the innermost cause of an error says.
    fn innermost(error: &dyn Error) -> String {
        match error.source() {
            Some(cause) => innermost(cause),
            None => error.to_string(),
        }
    }

    #[tokio::test]
    async fn a_call_that_changes_a_key_does_not_leave_the_process() {
        let network = Network::default();
        let config = config(&network);
        let kms = client!(aws_sdk_kms, &config);
        let iam = client!(aws_sdk_iam, &config);
        let s3 = client!(aws_sdk_s3, &config);
        let cloudtrail = client!(aws_sdk_cloudtrail, &config);
        let events = client!(aws_sdk_eventbridge, &config);
        let secrets = client!(aws_sdk_secretsmanager, &config);
        let ec2 = ec2::client::Client::new(&config, &region());
        let refused = [
            innermost(
                &kms.schedule_key_deletion()
                    .key_id("k")
                    .send()
                    .await
                    .unwrap_err(),
            ),
            innermost(&kms.disable_key().key_id("k").send().await.unwrap_err()),
            innermost(&kms.decrypt().key_id("k").send().await.unwrap_err()),
            innermost(
                &iam.delete_access_key()
                    .access_key_id("k")
                    .send()
                    .await
                    .unwrap_err(),
            ),
            innermost(
                &s3.delete_object()
                    .bucket("b")
                    .key("k")
                    .send()
                    .await
                    .unwrap_err(),
            ),
            innermost(
                &cloudtrail
                    .stop_logging()
                    .name("t")
                    .send()
                    .await
                    .unwrap_err(),
            ),
            // Never a value.
            innermost(
                &secrets
                    .get_secret_value()
                    .secret_id("s")
                    .send()
                    .await
                    .unwrap_err(),
            ),
            innermost(&events.delete_rule().name("r").send().await.unwrap_err()),
            // EC2 has no SDK crate.
            innermost(
                &ec2.call("DeleteVolume", &[("VolumeId", "v")], None)
                    .await
                    .unwrap_err(),
            ),
            // Nor does it with an account's own credentials.
            innermost(
                &kms.cancel_key_deletion()
                    .key_id("k")
                    .customize()
                    .config_override(as_account!(
                        aws_sdk_kms,
                        Some(Credentials::new("ASIA", "secret", None, None, "test"))
                    ))
                    .send()
                    .await
                    .unwrap_err(),
            ),
        ];
        for refused in &refused {
            assert!(
                refused.contains("no operation that a census calls"),
                "{refused}"
            );
        }
        assert_eq!(network.0.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_call_that_is_listed_leaves_it() {
        let network = Network::default();
        let config = config(&network);
        let kms = client!(aws_sdk_kms, &config);
        let events = client!(aws_sdk_eventbridge, &config);
        let secrets = client!(aws_sdk_secretsmanager, &config);
        let ec2 = ec2::client::Client::new(&config, &region());
        assert!(kms.describe_key().key_id("k").send().await.is_err());
        assert!(secrets.list_secrets().send().await.is_err());
        assert!(ec2.call("DescribeVolumes", &[], None).await.is_err());
        assert!(
            events
                .put_events()
                .set_entries(Some(Vec::new()))
                .send()
                .await
                .is_err()
        );
        assert_eq!(network.0.load(Ordering::Relaxed), 4);
    }
}
