//! Two nights and explanations in the world of `worlds/every_call.toml`.

use keycensus_sim::{Use, cloudformation::Stack};

use super::cases::Case;
use crate::{
    BUCKET, Run, Scenario, Templates,
    parts::{MEMBER, key_id},
    scheduled_event,
};

/// What two nights came to.
pub(super) struct Nights {
    pub(super) stack: Stack,
    pub(super) uses: Vec<Use>,
    pub(super) gaps: Vec<String>,
}

/// The function with the settings of `case`.
pub(super) fn function(templates: &Templates, case: &Case) -> Scenario {
    let mut scenario = Scenario::named("every_call").deployed_by(templates.clone());
    for (variable, value) in case.settings() {
        scenario = scenario.with(variable, value);
    }
    for (parameter, value) in case.parameters() {
        scenario = scenario.with_parameter(parameter, value);
    }
    scenario
}

/// A census on two nights, on the second of which there is a last report, with
/// explanations of the member account's keys in between if the member role is made for
/// them.
pub(super) async fn nights(templates: &Templates, case: &Case) -> Nights {
    let first = function(templates, case);
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
    // Where files of the last report are another run's, the files of their day are read
    // instead.
    for file in ["coverage.csv", "keys.csv", "unseen.csv"] {
        let path = format!("keycensus/latest/{file}");
        first.aws.put_object(BUCKET, &path, "of another run");
    }
    let second = first.a_night_later(&first);
    nights.census(&second, "event-2").await;
    nights.uses.extend(second.aws.uses());
    nights
}

impl Nights {
    async fn census(&mut self, function: &Scenario, event_id: &str) {
        let run = function.invoke(scheduled_event(event_id)).await;
        self.gaps.extend(gaps(&run));
    }

    /// Explains keys that the role may be used to read.
    async fn explanations(&mut self, function: &Scenario, case: &Case) {
        let kms_key = format!("arn:aws:kms:us-east-1:{MEMBER}:key/{}", key_id(1));
        for (kind, key) in [("kms", &*kms_key), ("iam", "AKIA222222222222BOT1")] {
            if case.reads(kind) {
                match function.explain(key, MEMBER).await {
                    Ok(explanation) if explanation.is_whole() => {}
                    Ok(explanation) => self.gaps.push(explanation.page()),
                    Err(error) => self.gaps.push(format!("{key}: {error}")),
                }
            }
        }
    }
}

fn gaps(run: &Run) -> Vec<String> {
    if let Err((kind, message)) = &run.outcome {
        return vec![format!("{kind}: {message}")];
    }
    let incomplete = run.rows("coverage.csv").into_iter();
    let incomplete = incomplete.filter(|row| row["status"] != "scanned");
    let unread = run.rows("keys.csv").into_iter();
    let unread = unread.filter(|row| row["verdict"] == "unreadable");
    let rows = incomplete.chain(unread);
    rows.map(|row| format!("{row:?}")).collect()
}
