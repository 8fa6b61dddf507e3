//! Finds a run of the command line that was cut off, so that another goes on with it.
//!
//! A Lambda function's runs are found by their event. Those of the command line are for none: each
//! has an ID of its own, which begins with the time, and is held by the lock of a file while its
//! process lives.

use keycensus_core::{model::layout::run_folder, settings::SettingsError};

use crate::{
    error::CensusError,
    parts::resumed::Resumed,
    run::{Census, Resume, RunContext},
    store::folder::Locked,
};

/// How the IDs of runs of the command line begin.
const BY_HAND: &str = "cli-";
/// How many runs are looked at, the latest first.
const RUNS_LOOKED_AT: usize = 5;

/// The run that this one goes on with.
pub(crate) struct CutOff {
    /// The census, which is that run where there is one.
    pub(crate) census: Census,
    /// What that run has kept.
    pub(crate) resumed: Option<Resumed>,
    /// Kept while this process lives: no other goes on with the run meanwhile.
    _lock: Option<Locked>,
}

/// The latest run that was cut off, if this one is to go on with one.
///
/// # Errors
/// It must, and there is none.
pub(crate) async fn find(census: &Census, at: RunContext<'_>) -> Result<CutOff, CensusError> {
    if census.resume == Resume::Never {
        return Ok(CutOff {
            census: census.clone(),
            resumed: None,
            _lock: None,
        });
    }
    let paths = at.destination.list(at.aws, "runs/").await?;
    let run_id = |path: &String| {
        let (run_id, _) = path.strip_prefix("runs/")?.split_once('/')?;
        run_id.starts_with(BY_HAND).then(|| run_id.to_owned())
    };
    let mut run_ids: Vec<String> = paths.iter().filter_map(run_id).collect();
    run_ids.sort();
    run_ids.dedup();
    for run_id in run_ids.into_iter().rev().take(RUNS_LOOKED_AT) {
        let Some(lock) = at.destination.lock_run(&run_folder(&run_id)) else {
            continue;
        };
        let census = Census {
            run_id,
            ..census.clone()
        };
        let resumed = Resumed::of(&census, at, &census.run_id).await;
        if resumed.is_any() {
            return Ok(CutOff {
                census,
                resumed: Some(resumed),
                _lock: Some(lock),
            });
        }
    }
    match census.resume {
        Resume::Must => Err(SettingsError::Refused {
            spelling: "--resume".to_owned(),
            text: at.destination.kept_location("runs"),
            problem: "there is no scan that was cut off within the last 6 hours, with the same \
                      settings and version: scan without --resume"
                .to_owned(),
        }
        .into()),
        Resume::Never | Resume::IfCutOff => Ok(CutOff {
            _lock: at.destination.lock_run(&run_folder(&census.run_id)),
            census: census.clone(),
            resumed: None,
        }),
    }
}
