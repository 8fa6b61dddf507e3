//! An organization in which a census calls everything that it can call, and so do
//! explanations.

use keycensus_sim::{Use, cloudformation::Stack};

use super::cases::Case;
use crate::{BUCKET, NOW, Run, Scenario, TOPIC, Templates, scheduled_event};

/// What two nights came to.
pub(super) struct Nights {
    pub(super) stack: Stack,
    pub(super) uses: Vec<Use>,
    pub(super) gaps: Vec<String>,
}

/// The account that is entered.
const MEMBER: &str = "222222222222";

/// The ID of the KMS key in each account.
const KEY: &str = "22220000-0000-4000-8000-000000000001";

/// The access key of the user in an account.
fn access_key(account: &str) -> String {
    format!("AKIA{account}BOT1")
}

/// A key, a user with an access key, and a root access key.
fn keys(account: &str, last_used: &str) -> String {
    let access_key = access_key(account);
    format!(
        r#"
        [[account.root_access_key]]
        created = "900d"
        [[account.user]]
        name = "deploy-bot"
        path = "/ci/"
        tags = {{ owner = "platform" }}
        [[account.user.access_key]]
        id = "{access_key}"
        last_used = "10d"
        service = "s3"
        last_used_region = "us-east-1"
        [[account.key]]
        region = "us-east-1"
        id = "{KEY}"
        aliases = ["alias/payments"]
        last_used = "{last_used}"
        "#
    )
}

/// The accounts do not tell their paths, so that their parents are asked for.
fn world(last_used: &str) -> String {
    let of_management = keys("111111111111", last_used);
    let of_member = keys(MEMBER, last_used);
    format!(
        r#"
        now = "{NOW}"
        [organization]
        paths = false
        [[organizational_unit]]
        id = "ou-exam-prod0001"
        name = "Prod"
        [[organizational_unit]]
        id = "ou-exam-paym0001"
        name = "Payments"
        parent = "ou-exam-prod0001"
        [[bucket]]
        name = "{BUCKET}"
        [[topic]]
        arn = "{TOPIC}"
        [[event_bus]]
        name = "audit"
        [[account]]
        id = "111111111111"
        name = "management"
        {of_management}
        [[account]]
        id = "{MEMBER}"
        name = "payments"
        parent = "ou-exam-paym0001"
        role = "security/Reader"
        external_id = "census-1"
        {of_member}
        "#
    )
}

/// When keys were last used, seen from the first night: on the second one they are
/// newly flagged.
pub(super) const FIRST_NIGHT: &str = "89d";
const SECOND_NIGHT: &str = "90d";

/// The function with the settings of `case`, in this organization.
pub(super) fn function(templates: &Templates, case: &Case, last_used: &str) -> Scenario {
    let scenario = Scenario::of(&world(last_used)).deployed_by(templates.clone());
    let scenario = case.settings().fold(scenario, |scenario, (name, value)| {
        scenario.with(name, value)
    });
    let parameters = case.parameters();
    parameters.fold(scenario, |scenario, (name, value)| {
        scenario.with_parameter(name, value)
    })
}

/// Files of the last report that a run which was cut off has left to be those of another:
/// the files of their day are read instead.
const OF_ANOTHER_RUN: [&str; 3] = ["coverage.csv", "keys.csv", "unseen.csv"];

/// A census on two nights, on the second of which there is a last report, with
/// explanations of the member account's keys in between if the member role is made for
/// them.
pub(super) async fn nights(templates: &Templates, case: &Case) -> Nights {
    let first = function(templates, case, FIRST_NIGHT);
    let mut nights = Nights {
        stack: first.stack(),
        uses: Vec::new(),
        gaps: Vec::new(),
    };
    nights.census(&first, "event-1").await;
    if case.explains() {
        nights.explanations(&first, case).await;
    }
    nights.uses.extend(first.aws.uses());
    for file in OF_ANOTHER_RUN {
        let path = format!("keycensus/latest/{file}");
        first.aws.put_object(BUCKET, &path, "of another run");
    }
    let second = first.a_night_later(&function(templates, case, SECOND_NIGHT));
    nights.census(&second, "event-2").await;
    nights.uses.extend(second.aws.uses());
    nights
}

impl Nights {
    async fn census(&mut self, function: &Scenario, event_id: &str) {
        let run = function.invoke(scheduled_event(event_id)).await;
        self.gaps.extend(gaps(&run));
    }

    /// What is told of keys that the role may be used to read.
    async fn explanations(&mut self, function: &Scenario, case: &Case) {
        let mut asked = Vec::new();
        if case.reads("kms") {
            asked.push(format!("arn:aws:kms:us-east-1:{MEMBER}:key/{KEY}"));
        }
        if case.reads("iam") {
            asked.push(access_key(MEMBER));
        }
        for key in asked {
            match function.explain(&key, MEMBER).await {
                Ok(explanation) if explanation.is_whole() => {}
                Ok(explanation) => self.gaps.push(explanation.page()),
                Err(error) => self.gaps.push(format!("{key}: {error}")),
            }
        }
    }
}

fn gaps(run: &Run) -> Vec<String> {
    if let Err((kind, message)) = &run.outcome {
        return vec![format!("{kind}: {message}")];
    }
    let rows = run.rows("coverage.csv").into_iter();
    let incomplete = rows.filter(|row| row["status"] != "scanned");
    let unread = run.rows("keys.csv").into_iter();
    let unread = unread.filter(|row| row["verdict"] == "unreadable");
    incomplete
        .chain(unread)
        .map(|row| format!("{row:?}"))
        .collect()
}
