//! The stage of a census that an invocation is to make.
//!
//! Without one, an invocation makes all of them. A census of any size is made of many invocations,
//! which a state machine makes one after the other: one that plans, as many that read as it takes,
//! and one that reports.

use serde_json::{Map, Value, json};

use super::SettingsError;

/// What an invocation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Everything: it plans, reads, and reports what it could read.
    #[default]
    All,
    /// It lists the organization, and keeps the plan.
    Plan,
    /// It reads what is missing of the accounts of a shard, until its time is over.
    Read(Shard),
    /// It reports what was read.
    Report,
    /// None: it checks what a census needs, and reads no key.
    Doctor,
}

/// Some of the accounts of a plan: each is in one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Its number, from 0.
    pub number: u32,
    /// How many shards there are; never 0.
    pub of: u32,
}

impl Shard {
    /// Whether the `n`th account, from 0, of those sorted by their IDs is in the shard.
    #[must_use]
    pub fn has(self, n: usize) -> bool {
        n as u64 % u64::from(self.of) == u64::from(self.number)
    }
}

/// The most shards that there are.
const MOST_SHARDS: u32 = 100;

/// A stage of a run, as an event asks for it:
/// `{"stage": "read", "run": "…", "shard": 0, "shards": 4, "event": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageOfRun {
    /// The stage.
    pub stage: Stage,
    /// The ID of the run.
    pub run_id: String,
}

/// The field that makes an event one of a stage.
pub(super) const STAGE: &str = "stage";

/// Takes the stage out of an event, with the event of the run; `None` where the event asks for no
/// stage.
///
/// # Errors
/// It asks for one in another form.
pub(super) fn take(
    fields: &mut Map<String, Value>,
) -> Result<Option<(StageOfRun, Value)>, SettingsError> {
    if !fields.contains_key(STAGE) {
        return Ok(None);
    }
    let fields = std::mem::take(fields);
    if let Some(other) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        let right = "the event of a stage has stage, run, shard, shards and event";
        return Err(malformed(other, &fields[other], right));
    }
    let is_doctor = fields[STAGE] == DOCTOR;
    let run_id = match fields.get("run").and_then(Value::as_str) {
        Some(run_id) if !run_id.is_empty() => run_id.to_owned(),
        None if is_doctor && !fields.contains_key("run") => DOCTOR.to_owned(),
        _ => {
            let right = "the ID of the run, which is the same in all its stages";
            let run = fields.get("run").unwrap_or(&Value::Null);
            return Err(malformed("run", run, right));
        }
    };
    let stage = match fields[STAGE].as_str() {
        Some("plan") => Stage::Plan,
        Some("read") => Stage::Read(shard(&fields)?),
        Some("report") => Stage::Report,
        Some(DOCTOR) => Stage::Doctor,
        _ => {
            let right = "plan, read, report or doctor";
            return Err(malformed(STAGE, &fields[STAGE], right));
        }
    };
    let event = fields.get("event").cloned().unwrap_or_else(|| json!({}));
    Ok(Some((StageOfRun { stage, run_id }, event)))
}

const DOCTOR: &str = "doctor";
const FIELDS: [&str; 5] = [STAGE, "run", "shard", "shards", "event"];

fn shard(fields: &Map<String, Value>) -> Result<Shard, SettingsError> {
    let of = number(fields, "shards", 1, 1..=MOST_SHARDS)?;
    let number = number(fields, "shard", 0, 0..=of - 1)?;
    Ok(Shard { number, of })
}

fn number(
    fields: &Map<String, Value>,
    name: &str,
    usual: u32,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, SettingsError> {
    let Some(value) = fields.get(name) else {
        return Ok(usual);
    };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let right = format!("a whole number from {} to {}", range.start(), range.end());
            malformed(name, value, &right)
        })
}

fn malformed(name: &str, value: &Value, right: &str) -> SettingsError {
    SettingsError::Event(format!("{name} is {value}: {right}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Shard, Stage, StageOfRun, take};

    fn taken(event: Value) -> Result<Option<(StageOfRun, Value)>, String> {
        let Value::Object(mut fields) = event else {
            panic!("an object");
        };
        take(&mut fields).map_err(|error| error.to_string())
    }

    #[test]
    fn a_stage_names_its_run_and_has_the_event_of_the_run_with_it() {
        let shard = |number, of| Stage::Read(Shard { number, of });
        for (event, stage) in [
            (json!({"stage": "plan", "run": "night-1"}), Stage::Plan),
            (json!({"stage": "read", "run": "night-1"}), shard(0, 1)),
            (
                json!({"stage": "read", "run": "night-1", "shard": 2, "shards": 3}),
                shard(2, 3),
            ),
            (
                json!({"stage": "report", "run": "night-1", "event": {}}),
                Stage::Report,
            ),
            (json!({"stage": "doctor", "run": "night-1"}), Stage::Doctor),
        ] {
            let run_id = "night-1".to_owned();
            let expected = (StageOfRun { stage, run_id }, json!({}));
            assert_eq!(taken(event), Ok(Some(expected)));
        }
        let doctor = taken(json!({"stage": "doctor"})).unwrap().unwrap().0;
        assert_eq!(
            (doctor.stage, doctor.run_id.as_str()),
            (Stage::Doctor, "doctor")
        );
        let event = json!({"stage": "plan", "run": "night-1", "event": {"watch_days": 5}});
        assert_eq!(taken(event).unwrap().unwrap().1, json!({"watch_days": 5}));
        assert_eq!(taken(json!({"watch_days": 5})), Ok(None));
    }

    #[test]
    fn a_stage_in_another_form_is_an_error_that_names_what_is_wrong() {
        for (event, error) in [
            (
                json!({"stage": "sleep", "run": "night-1"}),
                "stage is \"sleep\": plan, read, report or doctor",
            ),
            (
                json!({"stage": "plan", "run": ""}),
                "run is \"\": the ID of the run, which is the same in all its stages",
            ),
            (
                json!({"stage": "read", "run": "night-1", "shard": 3, "shards": 3}),
                "shard is 3: a whole number from 0 to 2",
            ),
            (
                json!({"stage": "read", "run": "night-1", "shards": 0}),
                "shards is 0: a whole number from 1 to 100",
            ),
            (
                json!({"stage": "plan", "run": "night-1", "watch_days": 5}),
                "watch_days is 5: the event of a stage has stage, run, shard, shards and event",
            ),
        ] {
            assert_eq!(taken(event), Err(error.to_owned()));
        }
    }

    #[test]
    fn every_account_is_in_one_shard() {
        for of in 1..=7 {
            for n in 0..100 {
                let shards = (0..of).map(|number| Shard { number, of });
                assert_eq!(shards.filter(|shard| shard.has(n)).count(), 1);
            }
        }
    }
}
