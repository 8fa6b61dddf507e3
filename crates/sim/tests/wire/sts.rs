use crate::request::scanner;

const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    [[account]]
    id = "222222222222"
    role = "audit/KeycensusReader"
    external_id = "abc"
    [[account]]
    id = "333333333333"
    role = ""
    [[account]]
    id = "444444444444"
    trusts = ["999999999999"]
    [[account]]
    id = "555555555555"
    state = "SUSPENDED"
"#;

#[tokio::test]
async fn the_scanner_is_a_session_of_its_role() {
    let answer = scanner(WORLD).query("sts", "GetCallerIdentity", &[]).await;
    assert_eq!(answer.element("Account"), "111111111111");
    assert_eq!(
        answer.element("Arn"),
        "arn:aws:sts::111111111111:assumed-role/KeycensusScanner/sim"
    );
}

#[tokio::test]
async fn a_role_is_assumed_by_its_name_with_path_and_its_external_id() {
    let client = scanner(WORLD);
    let given = [("ExternalId", "abc")];
    let answer = client
        .assume("222222222222", "audit/KeycensusReader", &given)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.element("Expiration"), "2026-11-21T03:00:00Z");
    assert!(answer.element("AccessKeyId").starts_with("ASIA"));
    assert!(
        answer
            .text()
            .contains("<Arn>arn:aws:sts::222222222222:assumed-role/KeycensusReader/census</Arn>")
    );

    let denied = (403, "AccessDenied".to_owned());
    let no_id = client
        .assume("222222222222", "audit/KeycensusReader", &[])
        .await;
    assert_eq!(no_id.failure(), denied);
    let no_path = client
        .assume("222222222222", "KeycensusReader", &given)
        .await;
    assert_eq!(no_path.failure(), denied);
    assert_eq!(
        no_path.element("Message"),
        "User: arn:aws:sts::111111111111:assumed-role/KeycensusScanner/sim is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/KeycensusReader"
    );
}

#[tokio::test]
async fn a_role_that_is_absent_distrustful_or_in_a_suspended_account_is_denied_alike() {
    let client = scanner(WORLD);
    for account in [
        "333333333333",
        "444444444444",
        "555555555555",
        "666666666666",
    ] {
        let answer = client.assume(account, "KeycensusReader", &[]).await;
        assert_eq!(
            answer.failure(),
            (403, "AccessDenied".to_owned()),
            "{account}"
        );
    }
}

#[tokio::test]
async fn a_session_assumes_a_role_for_an_hour_at_most() {
    let client = scanner(WORLD);
    for (seconds, status) in [
        ("900", 200),
        ("3600", 200),
        ("3601", 400),
        ("43201", 400),
        ("899", 400),
    ] {
        let further = [("ExternalId", "abc"), ("DurationSeconds", seconds)];
        let answer = client
            .assume("222222222222", "audit/KeycensusReader", &further)
            .await;
        assert_eq!(answer.status, status, "{seconds}");
    }
    let user = scanner(&format!("{WORLD}\n[scanner]\nrole = \"\""));
    let further = [("ExternalId", "abc"), ("DurationSeconds", "43200")];
    let answer = user
        .assume("222222222222", "audit/KeycensusReader", &further)
        .await;
    assert_eq!(answer.status, 200, "an IAM user's sessions may be longer");
}

#[tokio::test]
async fn a_session_name_has_two_to_64_plain_characters() {
    let client = scanner(WORLD);
    for (name, status) in [
        ("ok", 200),
        ("a=b,c.d@e-f_g+h", 200),
        ("x", 400),
        ("a b", 400),
        ("a/b", 400),
        (&"x".repeat(65), 400),
    ] {
        let further = [("ExternalId", "abc"), ("RoleSessionName", name)];
        let answer = client
            .assume("222222222222", "audit/KeycensusReader", &further)
            .await;
        assert_eq!(answer.status, status, "{name}");
    }
}

#[tokio::test]
async fn everybody_is_told_whose_account_an_access_key_belongs_to() {
    let world = "[[account]]\nid = \"111111111111\"\n[[account]]\nid = \"222222222222\"\n[[account.user]]\nname = \"bot\"\n[[account.user.access_key]]\nid = \"AKIABOT0000000000001\"";
    let client = scanner(world);
    let asked = async |id| {
        client
            .query("sts", "GetAccessKeyInfo", &[("AccessKeyId", id)])
            .await
    };
    let told = asked("AKIABOT0000000000001").await;
    assert_eq!(told.element("Account"), "222222222222");
    for unknown in ["AKIANOBODY0000000001", "root_access_key_1"] {
        let refused = asked(unknown).await.failure();
        assert_eq!(refused, (400, "ValidationError".to_owned()));
    }
}
