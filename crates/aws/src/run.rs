//! A run: what it is asked for, what its stages share, and what it came to.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use keycensus_core::{
    judge::summary::Summary,
    settings::{Settings, Source, stage::Stage},
};
use tokio::time::Instant;

use crate::{
    deadline::interrupt::Interrupt, progress::Progress, services::aws::Aws,
    store::destination::Destination, transport::session::Scanner,
};

/// A run to be made.
#[derive(Debug, Clone)]
pub struct Census {
    /// The connection to AWS.
    pub aws: Arc<Aws>,
    /// The settings of the run.
    pub settings: Settings,
    /// Where settings come from, and so how errors spell them.
    pub source: Source,
    /// Unique to the run; it is in the name of every session.
    pub run_id: String,
    /// The moment the run began.
    pub now: Timestamp,
    /// A folder to write the report to, besides or instead of the bucket.
    pub folder: Option<PathBuf>,
    /// The event that the run is for: however often it is delivered, there is
    /// one report and one digest. `None`: the run is for its caller only.
    pub event_id: Option<String>,
    /// Whether it goes on with a run of the command line that was cut off.
    pub resume: Resume,
    /// What of the run is made.
    pub stage: Stage,
    /// When the run must have ended; reading stops early enough to write the
    /// report before.
    pub deadline: Option<Instant>,
    /// Counters to watch while it runs.
    pub progress: Arc<Progress>,
    /// Has it end before it is done.
    pub interrupt: Interrupt,
}

/// Whether a run goes on with one of the command line that was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Resume {
    /// No. A run for an event goes on with those of the same event all the same.
    #[default]
    Never,
    /// If there is one.
    IfCutOff,
    /// Yes: it is an error if there is none.
    Must,
}

impl Census {
    /// The ID of the event that the run is for: its own, where it is for none.
    pub(crate) fn event_id(&self) -> &str {
        self.event_id.as_ref().unwrap_or(&self.run_id)
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// The run in numbers.
    pub summary: Summary,
    /// How many keys were read before the run was cut off.
    pub keys_kept: u64,
    /// The digest's text, whether or not it was sent.
    pub digest_text: String,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// It wrote a report.
    Reported(Box<Outcome>),
    /// Another run of the same event does the work or has done it; this is what
    /// there is to say of it.
    Elsewhere(serde_json::Value),
    /// It made a stage of the run that is not the last; this is how far it came.
    Stage(serde_json::Value),
}

/// The connection to AWS, the account that the run is made in, and where its report goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunContext<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) scanner: &'a Scanner,
    pub(crate) destination: &'a Destination,
}
