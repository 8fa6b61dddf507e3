//! Faults of the connection, through the in-process door as the SDK sees it.

use std::{future::Future, time::Duration};

use aws_smithy_runtime_api::client::{
    http::HttpConnector as _,
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::request::{Client, estate};

/// The scanner of a world in which one effect strikes the first call.
fn client(effect: &str) -> Client {
    estate(&format!("[[fault]]\n{effect}\nfirst = 1"))
}

/// Sends a listing of keys through the SDK's interface.
fn list_keys(
    client: &Client,
) -> impl Future<Output = Result<HttpResponse, ConnectorError>> + use<> {
    let request = client.kms_request("ListKeys", json!({})).map(SdkBody::from);
    let request = HttpRequest::try_from(request).unwrap();
    client.simulator.http_client().call(request)
}

#[tokio::test(start_paused = true)]
async fn a_reset_connection_is_an_error_of_input_and_output_and_is_logged_without_status() {
    for effect in ["reset_before", "reset_after"] {
        let client = client(&format!("effect = \"{effect}\""));
        let error = list_keys(&client).await.unwrap_err();
        assert!(error.is_io(), "{error:?}");
        assert_eq!(list_keys(&client).await.unwrap().status().as_u16(), 200);
        let log = client.simulator.log();
        assert_eq!((log[0].status, log[0].fault), (0, Some(effect)));
        assert_eq!((log[1].status, log[1].fault), (200, None));
        assert_eq!(client.simulator.calls().sent("kms:ListKeys"), 2);
    }
}

#[tokio::test]
async fn a_reset_before_the_request_is_read_does_nothing_and_one_after_it_only_hides_the_answer() {
    for (effect, stored) in [("reset_before", 0), ("reset_after", 1)] {
        let client = client(&format!(
            "effect = \"{effect}\"\noperation = \"s3:PutObject\""
        ));
        let put = client.request("s3", "PUT", "/reports/a", &[], "text");
        assert!(client.simulator.respond(put).await.is_err());
        assert_eq!(
            client.simulator.objects("reports").len(),
            stored,
            "{effect}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_is_never_answered() {
    let client = client("effect = \"hang\"");
    let day = Duration::from_secs(86_400);
    assert!(timeout(day, list_keys(&client)).await.is_err());
    assert_eq!(client.simulator.log()[0].fault, Some("hang"));
    assert_eq!(list_keys(&client).await.unwrap().status().as_u16(), 200);
}

#[tokio::test(start_paused = true)]
async fn the_headers_of_a_slow_body_come_at_once_and_the_body_after_its_delay() {
    for (delay, expected_ms) in [("", 60_000), ("delay_ms = 250", 250)] {
        let client = client(&format!("effect = \"slow_body\"\n{delay}"));
        let start = Instant::now();
        let response = list_keys(&client).await.unwrap();
        assert_eq!(start.elapsed().as_millis(), 0);
        assert_eq!(response.status().as_u16(), 200);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(start.elapsed().as_millis(), expected_ms);
        assert!(body.starts_with(br#"{"Keys":["#), "{body:?}");
        assert!(body.ends_with(br#"],"Truncated":false}"#), "{body:?}");
    }
}
