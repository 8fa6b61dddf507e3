use std::time::Duration;

use crate::request::estate;

#[tokio::test(start_paused = true)]
async fn a_session_ends_when_its_time_is_over() {
    let member = estate("").enter("222222222222").await;
    tokio::time::sleep(Duration::from_secs(899)).await;
    assert_eq!(member.call("kms:ListKeys").await.status, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let late = member.call("kms:ListKeys").await;
    assert_eq!(late.failure(), (400, "ExpiredTokenException".to_owned()));
    let late = member.call("sts:GetCallerIdentity").await;
    assert_eq!(late.failure(), (403, "ExpiredToken".to_owned()));
}
