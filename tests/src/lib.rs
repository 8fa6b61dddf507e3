//! A harness for scenarios: a world, one invocation of the Lambda handler in
//! it, and what came out.
//!
//! Time is tokio's paused clock: waits cost nothing, and every run begins at the
//! world's own `now`. A [`Night`] later another world can follow, with what the
//! runs before have left.
//!
//! Callers may do what the repository's templates allow, deployed with the
//! scenario's settings as parameters: what these lack, a scenario lacks.

#![expect(clippy::panic, reason = "a harness fails its test by panicking")]

mod deployment;
mod exchanges;
mod expected;
mod explanation;
mod logs;
mod night;
pub mod parts;
pub mod permissions;
mod run;
pub mod soak;

use std::{fs, path::PathBuf, sync::Arc};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use keycensus_lambda::handler::{Function, Invocation, InvocationError};
use keycensus_sim::{Simulator, World};
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};

use self::parts::MEMBER;
pub use self::{
    deployment::Templates,
    expected::as_cell,
    night::Night,
    run::{Row, Run, same_report},
};

/// The bucket that every world of these tests has.
pub const BUCKET: &str = "keycensus-reports";
/// The topic of every small world.
pub const TOPIC: &str = "arn:aws:sns:us-east-1:111111111111:keycensus";
/// The moment at which every world of these tests begins, but for those of later
/// nights.
pub const NOW: &str = "2026-11-21T02:00:00Z";

/// The event with which the schedule invokes the function.
#[must_use]
pub fn scheduled_event(id: &str) -> Value {
    json!({"detail-type": "Scheduled Event", "id": id, "detail": {}})
}

/// A world to run the census in. A clone is the same function in the same world.
#[derive(Clone)]
pub struct Scenario {
    /// The embedded AWS.
    pub aws: Simulator,
    environment: Vec<(String, String)>,
    parameters: Vec<(String, String)>,
    region: String,
    request_id: String,
    deadline_ms: u64,
    night: Night,
    templates: Arc<Templates>,
}

impl Scenario {
    /// The world of `worlds/<name>.toml`.
    ///
    /// # Panics
    /// There is no such world, or it does not hold.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::named_with(name, "")
    }

    /// The world of `worlds/<name>.toml`, followed by TOML that goes on with its last account.
    ///
    /// # Panics
    /// There is no such world, or it does not hold.
    #[must_use]
    pub fn named_with(name: &str, more: &str) -> Self {
        Self::of(&(world_file(name) + more))
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

    /// A small world: [`BUCKET`], a topic, and the account 111111111111, in which
    /// the census runs. `head` is TOML that comes before these, `more` goes on
    /// with the account.
    ///
    /// # Panics
    /// The world does not hold.
    #[must_use]
    pub fn small(head: &str, more: &str) -> Self {
        Self::of(&format!(
            "now = \"{NOW}\"\n{head}\n\
             [[bucket]]\nname = '{BUCKET}'\n\
             [[topic]]\narn = '{TOPIC}'\n\
             [[account]]\nid = '111111111111'\nname = 'management'\n{more}"
        ))
    }

    /// A small world with the account [`MEMBER`] in it, with which `rest` goes on.
    ///
    /// # Panics
    /// The world does not hold.
    #[must_use]
    pub fn member(head: &str, rest: &str) -> Self {
        Self::small(head, &parts::account(MEMBER, rest))
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
            aws: exchanges::simulator(world),
            environment: Vec::new(),
            parameters: Vec::new(),
            region,
            request_id: "run-1".to_owned(),
            deadline_ms: 0,
            night: Night::First,
            templates: Arc::new(Templates::here().clone()),
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

    /// Gives the templates that have it a parameter, whatever the function's environment
    /// says.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.retain(|(other, _)| other != name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives the invocation so many seconds from the night's beginning on.
    #[must_use]
    pub fn ending_after(mut self, seconds: u64) -> Self {
        let now = u64::try_from(self.night.begins().as_millisecond()).unwrap_or_default();
        self.deadline_ms = now + seconds * 1_000;
        self
    }

    /// The same function in the same world, invoked by another request of Lambda's.
    #[must_use]
    pub fn again(&self, request_id: &str) -> Self {
        self.clone().as_request(request_id)
    }

    /// Deploys these templates instead of the repository's.
    #[must_use]
    pub fn deployed_by(mut self, templates: Templates) -> Self {
        self.templates = Arc::new(templates);
        self
    }

    /// Invokes the function as another request of Lambda's.
    #[must_use]
    pub fn as_request(mut self, request_id: &str) -> Self {
        self.request_id = request_id.to_owned();
        self
    }

    /// Deploys the templates and invokes the function with `event`.
    ///
    /// # Panics
    /// The templates cannot be deployed, or have what the simulator does not
    /// enforce; or it logs what no log may have in it.
    pub async fn invoke(&self, event: Value) -> Run {
        self.deploy();
        let function = Function {
            config: sdk_config(&self.aws, &self.region),
            environment: self.environment.clone(),
            clock: self.night.clock(),
            metrics: None,
        };
        let invocation = Invocation {
            request_id: self.request_id.clone(),
            deadline_ms: self.deadline_ms,
        };
        logs::collect();
        let outcome = function.handle(event, invocation).await;
        let logs = logs::collected();
        logs::look_through(&logs, &self.aws);
        Run {
            outcome: outcome.map_err(reported),
            aws: self.aws.clone(),
            logs,
        }
    }

    /// Has callers do what the templates allow, and nothing else.
    fn deploy(&self) {
        let enforced = self.aws.enforce(self.policies());
        enforced.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Invokes the function with `{}`.
    ///
    /// # Panics
    /// It logs what no log may have in it.
    pub async fn run(&self) -> Run {
        self.invoke(json!({})).await
    }
}

/// `errorType` and `errorMessage`.
fn reported(error: InvocationError) -> (String, String) {
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

/// Runs `future` in virtual time.
///
/// # Panics
/// There are no threads or files left for a runtime.
pub fn in_virtual_time<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap_or_else(|e| panic!("{e}")).block_on(future)
}

/// The text of `worlds/<name>.toml`.
///
/// # Panics
/// There is no such world.
#[must_use]
pub fn world_file(name: &str) -> String {
    let file = here(&format!("worlds/{name}.toml"));
    fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn here(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}
