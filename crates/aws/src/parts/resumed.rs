//! A run that goes on with what it has kept.

use jiff::{SignedDuration, Timestamp};
use keycensus_core::{files::part::Header, model::layout::run_folder};

use crate::{
    error::CensusError,
    parts::{
        index::Index,
        kept::{self, KeptRun},
        sink::{Keeper, Sink},
    },
    run::{Census, RunContext},
};

/// How old what was read may be when a run goes on with it.
const LONGEST_BREAK: SignedDuration = SignedDuration::from_hours(6);

/// A run with what it has kept.
pub(crate) struct Resumed {
    /// The run in whose folder it is.
    run_id: String,
    pub(crate) kept: KeptRun,
}

impl Resumed {
    /// Nothing that was kept.
    pub(crate) fn none(census: &Census) -> Self {
        Self {
            run_id: census.run_id.clone(),
            kept: KeptRun::default(),
        }
    }

    /// What the run `run_id` has kept, if it can be used.
    pub(crate) async fn of(census: &Census, at: RunContext<'_>, run_id: &str) -> Self {
        let kept = kept::read(at, run_id, &census.settings.fingerprint()).await;
        let kept = kept.unwrap_or_else(|error| {
            tracing::warn!("what the run had read is not used: {error}");
            KeptRun::default()
        });
        let is_too_old = |began: Timestamp| census.now.duration_since(began) > LONGEST_BREAK;
        if kept.began.is_some_and(is_too_old) {
            tracing::warn!("what the run had read is not used: it is more than 6 hours old");
            return Self::none(census);
        }
        if kept.began.is_some() {
            census.progress.keys_kept(kept.keys);
            tracing::info!(
                run.id = run_id,
                keys.kept = kept.keys,
                "the run goes on where it was cut off"
            );
        }
        Self {
            run_id: run_id.to_owned(),
            kept,
        }
    }

    /// Whether anything was kept.
    pub(crate) fn is_any(&self) -> bool {
        self.kept.began.is_some()
    }

    /// What a slice of the run `run_id` goes on with.
    ///
    /// # Errors
    /// It cannot be read, or there is no plan.
    pub(crate) async fn of_slice(census: &Census, at: RunContext<'_>) -> Result<Self, CensusError> {
        let run_id = &census.run_id;
        let kept = kept::read(at, run_id, &census.settings.fingerprint()).await?;
        if kept.plan.is_none() {
            return Err(CensusError::NoPlan {
                run_id: run_id.clone(),
                reason: match kept.unusable.first() {
                    Some((path, why)) => format!("{}: {why}", at.destination.kept_location(path)),
                    None => "the stage plan comes first, with the same run".to_owned(),
                },
            });
        }
        Ok(Self {
            run_id: run_id.clone(),
            kept,
        })
    }

    /// The moment the run began: now, where nothing was kept.
    pub(crate) fn began(&self, census: &Census) -> Timestamp {
        self.kept.began.unwrap_or(census.now)
    }

    /// The census as it was when the run began.
    pub(crate) fn census(&self, census: &Census) -> Census {
        Census {
            now: self.began(census),
            ..census.clone()
        }
    }

    /// Where what is read of this run from now on is kept, and who keeps it.
    pub(crate) fn sink(&self, census: &Census) -> (Sink, Keeper) {
        let fingerprint = census.settings.fingerprint();
        let mut header = Header::new(&self.run_id, self.began(census), fingerprint);
        header.goes_on_with.clone_from(&self.kept.parts);
        let index = Index::clone(&self.kept.index);
        Sink::new(header, run_folder(&self.run_id), self.kept.slice, index)
    }
}
