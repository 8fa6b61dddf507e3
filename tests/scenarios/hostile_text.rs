//! Untrusted text: what callers of AWS can choose is in everything that the census writes,
//! sends and logs, and does no harm there.

use std::collections::HashSet;

use serde_json::{Value, json};
use tests::{
    BUCKET, Run, Scenario, as_cell,
    parts::{key_id, refusal},
};

/// The hostile corpus.
fn texts() -> Vec<String> {
    let corpus = include_str!("../../crates/core/src/model/plain_text/hostile.json");
    let corpus: Vec<Value> = serde_json::from_str(corpus).unwrap();
    let text = |hostile: &Value| hostile["text"].as_str().unwrap().to_owned();
    corpus.iter().map(text).collect()
}

/// An organization in which every text that a caller can choose is one of the hostile
/// texts: the names of units, accounts, aliases and users, tags, what AWS calls services
/// and operations, its error codes and messages, and who was refused the use of a key.
fn hostile_organization() -> Scenario {
    let accounts = texts().into_iter().enumerate();
    let accounts = accounts.map(|(n, text)| account(n, &text));
    let accounts: String = accounts.collect();
    Scenario::small("beyond_aws = true", &accounts)
        .with("KEYCENSUS_KINDS", "kms,iam,passwords,service_credentials")
        .with("KEYCENSUS_DIGEST_PER", "account")
}

/// The account of the `n`th text. Of every four, one cannot be entered, and one does not
/// let its keys be read.
fn account(n: usize, text: &str) -> String {
    let id = account_id(n);
    let quoted = toml_string(text);
    let xml = toml_string(&in_xml(text));
    let user = toml_string(&user_name(text));
    let alias = toml_string(&format!("alias/{text}"));
    let of_account = |rest: String| format!("account = '{id}'\n{rest}");
    let (role, refusals) = match n % 4 {
        0 => {
            let message = of_account(format!("message = {xml}"));
            ("role = ''\n", refusal("sts:AssumeRole", &message))
        }
        1 => {
            let message = of_account(format!("message = {quoted}"));
            let code = of_account(format!("code = {xml}\nmessage = {xml}"));
            let refusals = refusal("kms:GetKeyLastUsage", &message)
                + &refusal("iam:GenerateCredentialReport", &code);
            ("", refusals)
        }
        _ => ("", String::new()),
    };
    let exempt = match n % 4 {
        2 => format!("\"keycensus:exempt\" = {quoted}, "),
        _ => String::new(),
    };
    let (key_id, refused) = (key_id(n), key_id(REFUSED + n));
    let caller = json!({"type": "IAMUser", "arn": text, "userName": text}).to_string();
    let caller = toml_string(&caller);
    let attempt = format!(
        "[[account.key]]\nregion = 'us-east-1'\nid = '{refused}'\naliases = ['alias/refused-{n}']\n\
         created = '700d'\nlast_used = '150d'\nstate = 'Disabled'\n\
         [[account.trail_event]]\nregion = 'us-east-1'\ntime = '5h'\nkey = '{refused}'\n\
         error_code = 'DisabledException'\nuser_identity = {caller}\nuser_agent = {quoted}\n\
         source_ip = {quoted}\n"
    );
    let attempt = if n % 4 > 1 { &*attempt } else { "" };
    format!(
        "{refusals}\
         [[organizational_unit]]\nid = 'ou-exam-{n:08}'\nname = {quoted}\n\
         [[account]]\nid = '{id}'\nname = {quoted}\nparent = 'ou-exam-{n:08}'\n{role}\
         [[account.key]]\nregion = 'us-east-1'\nid = '{key_id}'\naliases = [{alias}]\n\
         created = '700d'\nlast_used = '150d'\noperation = {quoted}\ndescription = {quoted}\n\
         tags = {{ {exempt}owner = {quoted} }}\n\
         {attempt}\
         [[account.user]]\nname = {user}\ncreated = '700d'\ntags = {{ owner = {xml} }}\n\
         [[account.user.access_key]]\nid = 'AKIAHOSTILE{n:09}'\nlast_used = '150d'\n\
         service = {xml}\nlast_used_region = {xml}\n\
         [[account.user.service_credential]]\nid = 'ACCAHOSTILE{n:010}'\nservice = {xml}\n"
    )
}

/// What is added to a number for the key whose use was refused.
const REFUSED: usize = 5_000;

/// As much of `text` as IAM's longest name of a user has.
fn user_name(text: &str) -> String {
    in_xml(text).chars().take(64).collect()
}

fn account_id(n: usize) -> String {
    format!("2222{n:08}")
}

/// As much of `text` as XML can have.
fn in_xml(text: &str) -> String {
    let is_in_xml = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    let kept: String = text.chars().filter(is_in_xml).collect();
    match kept.is_empty() {
        true => "x".to_owned(),
        false => kept,
    }
}

fn toml_string(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        ' ' | '!' | '#'..='[' | ']'..='~' => c.to_string(),
        _ => format!("\\U{:08X}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Whether a reader sees all of `line`, where it is.
fn is_plain(line: &str) -> bool {
    !line.contains(|c: char| {
        c.is_control()
            || matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
            || matches!(c, '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
    })
}

#[tokio::test(start_paused = true)]
async fn hostile_text_stays_text_in_every_file() {
    let run = Scenario::named("hostile_text").run().await;
    run.matches_expected("hostile_text");
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_written_sent_and_logged_withstands_the_hostile_corpus() {
    let run = hostile_organization().run().await;
    rows_have_the_untrusted_text_and_no_cell_is_a_formula(&run);
    the_page_has_only_its_own_markup(&run);
    messages_are_plain_and_cannot_be_clicked(&run);
    each_refusal_is_logged_on_a_line_of_its_own(&run);
    let keys = run.aws.objects(BUCKET);
    assert!(keys.iter().all(|key| is_safe(key)), "{keys:?}");
}

fn rows_have_the_untrusted_text_and_no_cell_is_a_formula(run: &Run) {
    for (n, text) in texts().iter().enumerate().filter(|(n, _)| n % 4 != 0) {
        let key = run.key(&key_id(n));
        let path = format!("Root/{text}");
        for (column, written) in [
            ("account_name", text),
            ("ou_path", &path),
            ("name", &format!("alias/{text}")),
            ("owner", text),
        ] {
            assert_eq!(key[column], as_cell(written), "{column}");
        }
        if n % 4 > 1 && !text.is_empty() {
            let refused = run.key(&key_id(REFUSED + n));
            assert_eq!(refused["refused_last_by"], as_cell(text));
            assert_eq!(refused["recommendation"], "enable_again");
        }
        let of_user = run.key(&format!("AKIAHOSTILE{n:09}"));
        assert_eq!(of_user["name"], as_cell(&user_name(text)));
        assert_eq!(of_user["last_service"], as_cell(&in_xml(text)));
    }
    for file in ["keys.csv", "coverage.csv", "changes.csv", "unseen.csv"] {
        let text = run.latest(file);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for row in reader.records() {
            for cell in &row.unwrap() {
                let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
                assert!(!is_formula, "{file}: {cell:?}");
            }
        }
    }
    let accounts = HashSet::<String>::from_iter(run.column("coverage.csv", "account_id"));
    assert_eq!(accounts.len(), 1 + texts().len());
}

fn the_page_has_only_its_own_markup(run: &Run) {
    let page = run.latest("report.html");
    let policy = "http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;;";
    assert!(page.contains(policy));
    for (markup, own) in [
        ("<script", 1),
        ("<img", 0),
        ("<svg onload", 0),
        ("<!--", 0),
        ("</html", 1),
    ] {
        assert_eq!(page.matches(markup).count(), own, "{markup}");
    }
    for line in page.split('\n') {
        assert!(is_plain(line), "{line:?}");
    }
}

fn messages_are_plain_and_cannot_be_clicked(run: &Run) {
    let messages = run.aws.messages();
    assert!(messages.len() > texts().len() / 4);
    for message in messages {
        assert!(message.subject.chars().all(|c| matches!(c, ' '..='~')));
        for line in message.text().split('\n') {
            assert!(is_plain(line), "{line:?}");
            let is_link = line.contains("://") || line.to_lowercase().contains("www.");
            let is_ours = line.starts_with("s3://keycensus-reports/")
                || line
                    .starts_with("https://s3.console.aws.amazon.com/s3/object/keycensus-reports?");
            assert!(!is_link || is_ours, "{line:?}");
        }
        let summary: Value = serde_json::from_str(&message.body("sqs")).unwrap();
        assert!(summary.is_object());
        for (name, (_, value)) in &message.attributes {
            assert!(is_plain(value), "{name}: {value:?}");
        }
    }
}

fn each_refusal_is_logged_on_a_line_of_its_own(run: &Run) {
    let lines = run
        .logs
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    for (n, _) in texts().iter().enumerate() {
        let of_account = lines
            .iter()
            .filter(|line| line["account.id"] == account_id(n).as_str());
        let refused = [1, 2, 0, 0][n % 4];
        assert_eq!(of_account.count(), refused, "account of text {n}");
    }
}

/// Whether S3 calls all characters of a key safe, and no tool takes it for a way out
/// of its folder.
fn is_safe(key: &str) -> bool {
    let is_safe = |b: u8| b.is_ascii_alphanumeric() || b"/!-_.*'()=".contains(&b);
    key.bytes().all(is_safe) && key.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[tokio::test(start_paused = true)]
async fn ids_of_events_are_safe_in_object_keys_and_stay_distinct() {
    let scenario = Scenario::small("", "");
    let long = "long".repeat(500);
    let ids = [
        "../../latest/keys.csv",
        "/etc/passwd",
        "..",
        "a b",
        "a_b",
        "a\n\u{202E}",
        &long,
    ];
    for id in ids {
        let event = json!({"scheduler_execution_id": id});
        let run = scenario.clone().invoke(event).await;
        assert_eq!(run.summary()["duplicate"], Value::Null, "{id:?}");
    }
    let keys = scenario.aws.objects(BUCKET);
    assert!(keys.iter().all(|key| is_safe(key)), "{keys:?}");
    let is_of_run = |key: &&String| key.starts_with("keycensus/runs/") && key.ends_with(".json");
    let runs = keys.iter().filter(is_of_run);
    // And the lease, which is of no event.
    assert_eq!(runs.count(), ids.len() + 1);
}
