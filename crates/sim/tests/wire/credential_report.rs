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
async fn each_account_has_its_own_report() {
    let client = client("[[account]]\nid = \"222222222222\"");
    generate(&client).await;
    let member = client.enter("222222222222").await;
    let absent = get(&member).await;
    assert_eq!(absent.failure(), (410, "ReportNotPresent".to_owned()));
    assert_eq!(generate(&member).await, "STARTED");
}

#[tokio::test(start_paused = true)]
async fn a_report_tells_of_the_root_user_and_of_every_user_by_name() {
    let client = client(
        r#"
        [account.credential_report]
        age = "0d"
        [[account.root_access_key]]
        created = "1200d"
        last_used = "20d 7m"
        last_used_region = "eu-west-1"
        [[account.root_access_key]]
        status = "Inactive"
        [[account.user]]
        name = "zoe"
        created = "10d"
        [[account.user]]
        name = "many"
        created = "20d"
        [[account.user.access_key]]
        last_used = "1h"
        service = "ec2"
        [[account.user.access_key]]
        [[account.user.access_key]]
        "#,
    );
    let found = lines(&get(&client).await);
    assert!(found[0].starts_with("user,arn,user_creation_time,password_enabled,"));
    assert_eq!(
        found[1..],
        [
            "<root_account>,arn:aws:iam::111111111111:root,2015-01-01T00:00:00+00:00,not_supported,no_information,not_supported,not_supported,false,true,2023-08-09T02:00:00+00:00,2026-11-01T01:45:00+00:00,eu-west-1,s3,false,2025-10-17T02:00:00+00:00,N/A,N/A,N/A,false,N/A,false,N/A,N/A",
            "many,arn:aws:iam::111111111111:user/many,2026-11-01T02:00:00+00:00,false,N/A,N/A,N/A,false,true,2026-11-01T02:00:00+00:00,2026-11-21T01:00:00+00:00,us-east-1,ec2,true,2026-11-01T02:00:00+00:00,N/A,N/A,N/A,false,N/A,false,N/A,Additional access keys: 1",
            "zoe,arn:aws:iam::111111111111:user/zoe,2026-11-11T02:00:00+00:00,false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A,N/A",
        ]
    );
    let columns = |line: &String| line.split(',').count();
    assert!(found.iter().all(|line| columns(line) == 23));
}

#[tokio::test(start_paused = true)]
async fn a_report_knows_nothing_that_came_after_it_began() {
    let client = client(
        r#"
        [account.credential_report]
        age = "2h"
        [[account.root_access_key]]
        created = "1h"
        [[account.user]]
        name = "busy"
        [[account.user.access_key]]
        last_used = "1h"
        [[account.user]]
        name = "new"
        created = "1h"
        "#,
    );
    let found = lines(&get(&client).await);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[1].contains(",false,false,N/A,N/A,N/A,N/A,false,"));
    assert!(found[2].starts_with("busy,"));
    assert!(
        found[2].contains(",true,2025-10-17T02:00:00+00:00,N/A,N/A,N/A,"),
        "{}",
        found[2]
    );
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

#[tokio::test(start_paused = true)]
async fn a_world_may_say_word_for_word_what_every_report_contains() {
    let client = client(
        "[account.credential_report]\ntakes_ms = 0\ncontent = \"not,a\\nreport\"\n[[account.root_access_key]]",
    );
    assert_eq!(generate(&client).await, "STARTED");
    assert_eq!(lines(&get(&client).await), ["not,a", "report"]);
}
