//! Runs that are cut off at any moment, and what becomes of what they have kept until a retry goes on.

use std::{ops::Range, time::Duration};

use serde_json::Value;

use crate::{BUCKET, Run, Scenario};

/// When a run is cut off, in milliseconds after it began.
const AFTER_MS: Range<u64> = 50..60_000;

/// A run that is cut off.
#[derive(Debug, Clone, Copy)]
pub(super) struct CutOff {
    after_ms: u64,
    damage: Option<Damage>,
    /// Which of the parts is damaged.
    nth: usize,
}

/// What becomes of a part, or of the plan, before the next run.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Missing,
    Cut,
    Garbled,
    /// It is there a second time, after all others of its slice.
    Twice,
}

const DAMAGES: [Damage; 4] = [Damage::Missing, Damage::Cut, Damage::Garbled, Damage::Twice];

impl CutOff {
    /// The runs of an event that are cut off; none of most events.
    pub(super) fn any(random: &mut fastrand::Rng) -> Vec<Self> {
        let runs = match random.u8(..8) {
            0 => 2,
            1 | 2 => 1,
            _ => 0,
        };
        let cut_off = |_| Self {
            after_ms: random.u64(AFTER_MS),
            damage: random
                .bool()
                .then(|| DAMAGES[random.usize(..DAMAGES.len())]),
            nth: random.usize(..16),
        };
        (0..runs).map(cut_off).collect()
    }

    /// Invokes the function, and cuts it off; gives its run where that had ended before.
    pub(super) async fn invoke(self, scenario: &Scenario, event: &Value) -> Option<Run> {
        let run = scenario.invoke(event.clone());
        let cut_off = tokio::time::timeout(Duration::from_millis(self.after_ms), run);
        let run = cut_off.await.ok();
        self.damage(scenario);
        run
    }

    fn damage(self, scenario: &Scenario) {
        let Some(damage) = self.damage else { return };
        let aws = &scenario.aws;
        let kept: Vec<String> = aws
            .objects(BUCKET)
            .into_iter()
            .filter(|path| path.ends_with(".jsonl"))
            .collect();
        let Some(path) = kept.get(self.nth % kept.len().max(1)) else {
            return;
        };
        let mut bytes = aws.object(BUCKET, path).unwrap_or_default();
        let middle = bytes.len() / 2;
        match damage {
            Damage::Missing => return aws.remove_object(BUCKET, path),
            Damage::Cut => bytes.truncate(middle),
            Damage::Garbled => {
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 1;
                }
            }
            Damage::Twice => {
                let slice = path.rsplit_once('-').map_or("", |(slice, _)| slice);
                let of_slice = kept.iter().filter(|path| path.starts_with(slice));
                let next = format!("{slice}-{:06}.jsonl", of_slice.count());
                return aws.put_object(BUCKET, &next, bytes);
            }
        }
        aws.put_object(BUCKET, path, bytes);
    }
}
