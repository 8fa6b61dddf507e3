//! An HTTP client for the AWS SDK for Rust in the same process.

use std::{fmt, io, time::Duration};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use crate::{
    simulator::Simulator,
    wire::answer::{Answer, ConnectionReset},
};

/// An HTTP client whose network is a [`Simulator`]. Give it to an SDK configuration's `http_client`: signing, parsing
/// and retries stay the SDK's own, and its read timeout bounds the wait for an answer's headers.
#[derive(Clone)]
pub struct SimClient {
    simulator: Simulator,
    read_timeout: Option<Duration>,
}

impl SimClient {
    async fn exchange(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request
            .try_into_http1x()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let (head, body) = request.into_parts();
        let body = body
            .collect()
            .await
            .map_err(ConnectorError::user)?
            .to_bytes();
        let answer = self
            .simulator
            .respond(http::Request::from_parts(head, body));
        let answer = match self.read_timeout {
            None => answer.await,
            Some(most) => timeout(most, answer)
                .await
                .map_err(|elapsed| ConnectorError::timeout(elapsed.into()))?,
        };
        let response = sdk_response(answer.map_err(reset)?);
        HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
    }
}

fn sdk_response(answer: Answer) -> http::Response<SdkBody> {
    if answer.body_after.is_zero() && answer.padding == 0 {
        answer.response.map(SdkBody::from)
    } else {
        answer.send().map(SdkBody::from_body_1_x)
    }
}

fn reset(error: ConnectionReset) -> ConnectorError {
    ConnectorError::io(io::Error::new(io::ErrorKind::ConnectionReset, error).into())
}

impl Simulator {
    /// An HTTP client for the AWS SDK for Rust whose network is this simulator.
    pub fn http_client(&self) -> SimClient {
        SimClient {
            simulator: self.clone(),
            read_timeout: None,
        }
    }
}

impl fmt::Debug for SimClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimClient")
    }
}

impl HttpConnector for SimClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().exchange(request))
    }
}

impl HttpClient for SimClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Self {
            simulator: self.simulator.clone(),
            read_timeout: settings.read_timeout(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        World,
        world::{Effect, FaultRule},
    };

    #[tokio::test(start_paused = true)]
    async fn a_read_timeout_ends_the_wait_for_a_call_that_hangs() {
        let world = World {
            faults: vec![FaultRule::new("*", Effect::Hang)],
            ..World::default()
        };
        let access_key = &world.scanner.access_key_id;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/20261121/eu-west-1/sts/aws4_request, Signature=00"
        );
        let body = SdkBody::from("Action=GetCallerIdentity");
        let request = http::Request::post("https://sts.eu-west-1.amazonaws.com/")
            .header("authorization", authorization)
            .body(body)
            .unwrap();
        let client = SimClient {
            read_timeout: Some(Duration::from_secs(5)),
            ..Simulator::new(world).http_client()
        };
        let error = client.call(request.try_into().unwrap()).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(client.simulator.elapsed_ms(), 5000);
    }
}
