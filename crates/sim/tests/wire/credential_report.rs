//! IAM's credential report: how it comes about, how long it is good, what stands in it.

use std::time::Duration;

use aws_smithy_types::base64;

use crate::request::{Answer, Client, scanner};

const NOW: &str = "now = \"2026-11-21T02:00:00Z\"";

/// The scanner of an account that has only what is given.
fn client(account: &str) -> Client {
    scanner(&format!(
        "{NOW}\n[[account]]\nid = \"111111111111\"\n{account}"
    ))
}

async fn generate(client: &Client) -> String {
    let answer = client.query("iam", "GenerateCredentialReport", &[]).await;
    answer.element("State")
}

async fn get(client: &Client) -> Answer {
    client.query("iam", "GetCredentialReport", &[]).await
}

fn lines(answer: &Answer) -> Vec<String> {
    let content = base64::decode(answer.element("Content")).unwrap();
    let text = String::from_utf8(content).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_report_is_started_comes_about_and_expires_after_four_hours() {
    let client = client("[account.credential_report]\ntakes_ms = 2000");
    let absent = get(&client).await;
    assert_eq!(absent.failure(), (410, "ReportNotPresent".to_owned()));
    assert_eq!(generate(&client).await, "STARTED");
    tokio::time::sleep(Duration::from_millis(1999)).await;
    assert_eq!(generate(&client).await, "INPROGRESS");
    let running = get(&client).await;
    assert_eq!(running.failure(), (404, "ReportInProgress".to_owned()));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(generate(&client).await, "COMPLETE");
    let report = get(&client).await;
    assert_eq!(report.element("ReportFormat"), "text/csv");
    // The moment it began.
    assert_eq!(report.element("GeneratedTime"), "2026-11-21T02:00:00Z");

    tokio::time::sleep(Duration::from_secs(4 * 3600 - 3)).await;
    assert_eq!(get(&client).await.status, 200);
    assert_eq!(generate(&client).await, "COMPLETE");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let expired = get(&client).await;
    assert_eq!(expired.failure(), (410, "ReportExpired".to_owned()));
    assert_eq!(generate(&client).await, "STARTED");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        get(&client).await.element("GeneratedTime"),
        "2026-11-21T06:00:00Z"
    );
}

#[tokio::test(start_paused = true)]
async fn generating_takes_a_second_unless_the_world_says_otherwise() {
    let client = client("");
    generate(&client).await;
    tokio::time::sleep(Duration::from_millis(999)).await;
    assert_eq!(get(&client).await.status, 404);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(get(&client).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_report_may_exist_when_the_world_begins() {
    let fresh = client("[account.credential_report]\nage = \"3h 59m\"");
    assert_eq!(generate(&fresh).await, "COMPLETE");
    assert_eq!(
        get(&fresh).await.element("GeneratedTime"),
        "2026-11-20T22:01:00Z"
    );
    let old = client("[account.credential_report]\nage = \"4h\"");
    let expired = get(&old).await;
    assert_eq!(expired.failure(), (410, "ReportExpired".to_owned()));
    assert_eq!(generate(&old).await, "STARTED");
}

#[tokio::test(start_paused = true)]
async fn a_name_with_commas_quotes_or_line_breaks_stays_one_field() {
    let client =
        client("[account.credential_report]\nage = \"0d\"\n[[account.user]]\nname = 'a,\"b\"'");
    let found = lines(&get(&client).await);
    assert!(
        found[2].starts_with(
            r#""a,""b""","arn:aws:iam::111111111111:user/a,""b""",2025-10-17T02:00:00+00:00,"#
        ),
        "{}",
        found[2]
    );
}
