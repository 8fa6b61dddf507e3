//! An organization in which a census calls everything that it can call.

use keycensus_sim::{Use, cloudformation::Stack};
use serde_json::json;

use super::cases::{Case, SETTINGS};
use crate::{BUCKET, NOW, Run, Scenario, TOPIC, Templates};

/// What two nights came to.
pub(super) struct Nights {
    pub(super) stack: Stack,
    pub(super) uses: Vec<Use>,
    pub(super) gaps: Vec<String>,
}

/// A key, a user with an access key, and a root access key.
const KEYS: &str = r#"
    [[account.root_access_key]]
    created = "900d"
    [[account.user]]
    name = "deploy-bot"
    path = "/ci/"
    tags = { owner = "platform" }
    [[account.user.access_key]]
    last_used = "10d"
    [[account.key]]
    region = "us-east-1"
    aliases = ["alias/payments"]
    last_used = "LAST_USED"
"#;

/// The accounts do not tell their paths, so that their parents are asked for.
fn world(last_used: &str) -> String {
    let keys = KEYS.replace("LAST_USED", last_used);
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
        {keys}
        [[account]]
        id = "222222222222"
        name = "payments"
        parent = "ou-exam-paym0001"
        role = "security/Reader"
        external_id = "census-1"
        {keys}
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
    let settings = SETTINGS.iter().chain(case.settings);
    settings.fold(scenario, |scenario, (name, value)| {
        scenario.with(name, value)
    })
}

/// A census on two nights: on the second there is a last report.
pub(super) async fn nights(templates: &Templates, case: &Case) -> Nights {
    let first = function(templates, case, FIRST_NIGHT);
    let mut nights = Nights {
        stack: first.stack(),
        uses: Vec::new(),
        gaps: Vec::new(),
    };
    nights.add(&first, "event-1").await;
    let second = first.a_night_later(&function(templates, case, SECOND_NIGHT));
    nights.add(&second, "event-2").await;
    nights
}

impl Nights {
    async fn add(&mut self, function: &Scenario, event_id: &str) {
        let event = json!({"detail-type": "Scheduled Event", "id": event_id, "detail": {}});
        let run = function.invoke(event).await;
        self.uses.extend(run.aws.uses());
        self.gaps.extend(gaps(&run));
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
