//! A harness for scenarios: a world, one invocation of the Lambda handler in
//! it, and what came out.
//!
//! Time is tokio's paused clock: waits cost nothing, and every run begins at the
//! world's own `now`.

#![expect(clippy::panic, reason = "a harness fails its test by panicking")]

pub mod soak;

use std::{collections::BTreeMap, fs, path::PathBuf};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use jiff::Timestamp;
use keycensus_lambda::handler::{Function, Invocation, InvocationError};
use keycensus_sim::{Message, Simulator, World};
use lambda_runtime::Diagnostic;
use serde_json::Value;

/// The bucket that every world of these tests has.
pub const BUCKET: &str = "keycensus-reports";
/// The moment at which every world of these tests begins.
pub const NOW: &str = "2026-11-21T02:00:00Z";

/// A world to run the census in.
pub struct Scenario {
    /// The embedded AWS.
    pub aws: Simulator,
    environment: Vec<(String, String)>,
    region: String,
    request_id: String,
    deadline_ms: u64,
}

/// What an invocation came to.
pub struct Run {
    /// The summary, or `errorType` and `errorMessage`.
    pub outcome: Result<Value, (String, String)>,
    /// The embedded AWS, as the run left it.
    pub aws: Simulator,
}

impl Scenario {
    /// The world of `worlds/<name>.toml`.
    ///
    /// # Panics
    /// There is no such world, or it does not hold.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let file = here(&format!("worlds/{name}.toml"));
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        Self::of(&text)
    }

    /// The world of a TOML text, which begins at [`NOW`] and has [`BUCKET`] and
    /// a topic in the scanner's Region.
    ///
    /// # Panics
    /// The world does not hold.
    #[must_use]
    pub fn of(toml: &str) -> Self {
        Self::in_world(World::parse(toml).unwrap_or_else(|e| panic!("{e}")))
    }

    /// A world built by a program.
    #[must_use]
    pub fn in_world(world: World) -> Self {
        let region = world
            .buckets
            .first()
            .map_or("us-east-1", |bucket| &bucket.region)
            .to_owned();
        let topic = world.topics.first().map(|topic| topic.arn.clone());
        let mut scenario = Self {
            aws: Simulator::new(world),
            environment: Vec::new(),
            region,
            request_id: "run-1".to_owned(),
            deadline_ms: 0,
        }
        .with("KEYCENSUS_REPORT_BUCKET", BUCKET)
        .with("PATH", "/bin");
        if let Some(topic) = topic {
            scenario = scenario.with("KEYCENSUS_TOPIC_ARN", &topic);
        }
        scenario
    }

    /// Sets a variable of the function's environment.
    #[must_use]
    pub fn with(mut self, variable: &str, text: &str) -> Self {
        self.environment.retain(|(name, _)| name != variable);
        self.environment
            .push((variable.to_owned(), text.to_owned()));
        self
    }

    /// Gives the invocation so many seconds from [`NOW`] on.
    ///
    /// # Panics
    /// Never: [`NOW`] is a moment.
    #[must_use]
    pub fn ending_after(mut self, seconds: u64) -> Self {
        let now: Timestamp = NOW.parse().unwrap_or_else(|e| panic!("{e}"));
        let now = u64::try_from(now.as_millisecond()).unwrap_or_default();
        self.deadline_ms = now + seconds * 1_000;
        self
    }

    /// The same function in the same world, for another invocation.
    #[must_use]
    pub fn sharing(&self) -> Self {
        Self {
            aws: self.aws.clone(),
            environment: self.environment.clone(),
            region: self.region.clone(),
            request_id: self.request_id.clone(),
            deadline_ms: self.deadline_ms,
        }
    }

    /// Invokes the function as another request of Lambda's.
    #[must_use]
    pub fn as_request(mut self, request_id: &str) -> Self {
        self.request_id = request_id.to_owned();
        self
    }

    /// Invokes the function with `event`.
    pub async fn invoke(&self, event: Value) -> Run {
        let function = Function {
            config: sdk_config(&self.aws, &self.region),
            environment: self.environment.clone(),
            clock: || NOW.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        };
        let invocation = Invocation {
            request_id: self.request_id.clone(),
            deadline_ms: self.deadline_ms,
        };
        let outcome = function.handle(event, invocation).await;
        Run {
            outcome: outcome.map_err(told),
            aws: self.aws.clone(),
        }
    }

    /// Invokes the function with `{}`.
    pub async fn run(&self) -> Run {
        self.invoke(serde_json::json!({})).await
    }
}

fn told(error: InvocationError) -> (String, String) {
    let diagnostic = Diagnostic::from(error);
    (diagnostic.error_type, diagnostic.error_message)
}

/// The real SDK, with the embedded AWS where its network would be.
fn sdk_config(aws: &Simulator, region: &str) -> SdkConfig {
    let scanner = &aws.world().scanner;
    let credentials = Credentials::new(
        &scanner.access_key_id,
        &scanner.secret_access_key,
        None,
        None,
        "scenario",
    );
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws.http_client())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .build()
}

impl Run {
    /// The summary.
    ///
    /// # Panics
    /// The invocation failed.
    #[must_use]
    pub fn summary(&self) -> &Value {
        match &self.outcome {
            Ok(summary) => summary,
            Err((kind, message)) => panic!("{kind}: {message}"),
        }
    }

    /// `errorType` and `errorMessage`.
    ///
    /// # Panics
    /// The invocation succeeded.
    #[must_use]
    pub fn error(&self) -> (&str, &str) {
        match &self.outcome {
            Ok(summary) => panic!("succeeded: {summary}"),
            Err((kind, message)) => (kind, message),
        }
    }

    /// One of the latest files, as text.
    ///
    /// # Panics
    /// There is no such file.
    #[must_use]
    pub fn latest(&self, file: &str) -> String {
        let bytes = self.aws.object(BUCKET, &format!("keycensus/latest/{file}"));
        String::from_utf8(bytes.unwrap_or_else(|| panic!("there is a latest {file}")))
            .unwrap_or_default()
    }

    /// The keys of all objects of reports, sorted: not those that say which runs
    /// there were.
    #[must_use]
    pub fn reports(&self) -> Vec<String> {
        let mut keys = self.aws.objects(BUCKET);
        keys.retain(|key| !key.contains("/runs/"));
        keys
    }

    /// The rows of `keys.csv` or `coverage.csv`, by column.
    #[must_use]
    pub fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        let text = self.latest(file);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.deserialize().filter_map(Result::ok).collect()
    }

    /// The row of the key with this ID.
    ///
    /// # Panics
    /// There is not exactly one.
    #[must_use]
    pub fn key(&self, id: &str) -> BTreeMap<String, String> {
        let mut rows = self.rows("keys.csv");
        rows.retain(|row| row["key_id"] == id);
        assert_eq!(rows.len(), 1, "rows of key {id}");
        rows.remove(0)
    }

    /// The coverage row of an account and Region.
    ///
    /// # Panics
    /// There is not exactly one.
    #[must_use]
    pub fn cell(&self, account: &str, region: &str) -> BTreeMap<String, String> {
        let mut rows = self.rows("coverage.csv");
        rows.retain(|row| row["account_id"] == account && row["region"] == region);
        assert_eq!(rows.len(), 1, "coverage rows of {account} {region}");
        rows.remove(0)
    }

    /// The one digest that was sent.
    ///
    /// # Panics
    /// There is not exactly one.
    #[must_use]
    pub fn digest(&self) -> Message {
        let mut messages = self.aws.messages();
        assert_eq!(messages.len(), 1, "digests sent");
        messages.remove(0)
    }

    /// Compares every file of the report and the digest with those in
    /// `expected/<name>/`, and every key's verdict with the one that the world
    /// expects. With `KEYCENSUS_BLESS=1` the files are written instead.
    ///
    /// # Panics
    /// Something differs.
    pub fn matches_expected(&self, name: &str) {
        self.verdicts_match_the_world();
        let mut files = vec![
            ("keys.csv", self.latest("keys.csv")),
            ("coverage.csv", self.latest("coverage.csv")),
            ("summary.json", without_time(&self.latest("summary.json"))),
        ];
        if let Some(message) = self.aws.messages().first() {
            files.push(("digest.txt", message.text()));
        }
        let folder = here(&format!("expected/{name}"));
        #[expect(
            clippy::disallowed_methods,
            reason = "how a person asks for new expected files"
        )]
        let is_blessed = std::env::var("KEYCENSUS_BLESS").is_ok();
        for (file, text) in files {
            let path = folder.join(file);
            if is_blessed {
                fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{e}"));
                fs::write(&path, text).unwrap_or_else(|e| panic!("{e}"));
            } else {
                let expected = fs::read_to_string(&path).unwrap_or_default();
                assert!(
                    text == expected,
                    "{} differs (`make bless` writes it anew); it would be:\n{text}",
                    path.display()
                );
            }
        }
    }

    /// Every key for which the world says what is expected has exactly one row,
    /// and it says so.
    ///
    /// # Panics
    /// One does not.
    pub fn verdicts_match_the_world(&self) {
        let rows = self.rows("keys.csv");
        let mut wrong = Vec::new();
        for (account, key) in self.aws.world().keys() {
            let Some(expected) = &key.expect else {
                continue;
            };
            let of_key: Vec<_> = rows
                .iter()
                .filter(|row| {
                    row["account_id"] == account.id
                        && row["region"] == key.region
                        && row["key_id"] == key.id
                })
                .collect();
            let verdicts: Vec<&str> = of_key.iter().map(|row| row["verdict"].as_str()).collect();
            if verdicts != [expected] {
                wrong.push(format!(
                    "{} {} {}: {verdicts:?} is not {expected}",
                    account.id, key.region, key.id
                ));
            }
            let flagged = key.expect_flagged.map(|flagged| flagged.to_string());
            if flagged.is_some_and(|flagged| of_key.iter().any(|row| row["flagged"] != flagged)) {
                wrong.push(format!("{} is flagged wrongly", key.id));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The summary without what differs from machine to machine.
fn without_time(summary: &str) -> String {
    let lines = summary
        .lines()
        .filter(|line| !line.contains("\"elapsed_ms\""));
    lines.map(|line| format!("{line}\n")).collect()
}

fn here(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}
