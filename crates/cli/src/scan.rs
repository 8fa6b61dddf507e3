//! `keycensus scan`: the same census as the Lambda's, from here.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::ArgMatches;
use jiff::{SignedDuration, Timestamp};
use keycensus_aws::{
    census,
    deadline::interrupt::Interrupt,
    error::CensusError,
    progress::Progress,
    run::{Census, Ended, Resume},
    services::aws::Aws,
    transport::ambient::ambient_config,
};
use keycensus_core::settings::{Settings, SettingsError, Source, Written, stage::Stage};
use tokio::time::Instant;

use crate::{
    arguments,
    exit::Exit,
    logs, outcome_table,
    signals::{self, Watched},
    terminal, watch,
};

pub(crate) async fn run(matches: &ArgMatches) -> Exit {
    logs::begin(matches.get_flag("verbose"));
    let interrupt = Interrupt::default();
    let work = census(matches, interrupt.clone());
    let Watched { output, exit } = signals::while_running(&interrupt, work).await;
    match (output, exit) {
        (Some(Err(CensusError::Interrupted { is_kept })), Some(exit)) => {
            terminal::error(&interrupted(is_kept, resume(matches)));
            exit
        }
        (Some(ended), _) => told(ended),
        (None, exit) => exit.unwrap_or(Exit::Interrupted),
    }
}

/// What to say of a scan that a person ended, and how to go on with it.
fn interrupted(is_kept: bool, resume: Resume) -> &'static str {
    match (is_kept, resume) {
        (false, _) => "the scan was interrupted, and what it read is not kept",
        (true, Resume::Never) => {
            "the scan was interrupted: the same command with --resume goes on with it within 6 hours of its beginning"
        }
        (true, Resume::IfCutOff | Resume::Must) => {
            "the scan was interrupted: the same command goes on with it within 6 hours of its beginning"
        }
    }
}

fn told(ended: Result<Ended, CensusError>) -> Exit {
    match ended {
        Ok(Ended::Reported(outcome)) => match terminal::print(&outcome_table::render(&outcome)) {
            Ok(()) => Exit::of_summary(&outcome.summary),
            Err(error) => {
                terminal::error(&error);
                Exit::Internal
            }
        },
        // A scan from here is for no event, so no other run can have handled it, and it makes all
        // stages.
        Ok(Ended::Elsewhere(_) | Ended::Stage(_)) => Exit::Internal,
        Err(error) => {
            terminal::error(&error);
            Exit::of_error(&error)
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge: the environment and the clock are read here and handed on"
)]
async fn census(matches: &ArgMatches, interrupt: Interrupt) -> Result<Ended, CensusError> {
    let environment = Written::from_environment(std::env::vars());
    let settings = Settings::read(environment.chain(arguments::written(matches)))?;
    let folder = matches.get_one::<PathBuf>("out").cloned();
    if folder.is_none() && settings.report_bucket.is_none() {
        return Err(SettingsError::Missing {
            spelling: "--out".to_owned(),
            accepts: "a folder to write the report to, or --report-bucket the name of a bucket",
        }
        .into());
    }
    let time_limit = time_limit(matches)?;
    let clock_back = clock_back(matches, std::env::var_os("AWS_ENDPOINT_URL").is_some())?;
    let now = Timestamp::now() - clock_back;
    let progress = Arc::new(Progress::default());
    let pace = settings.last_usage_rps;
    let census = Census {
        aws: Arc::new(Aws::new(ambient_config(arguments::chosen(matches)).await?)?),
        settings,
        source: Source::CommandLine,
        run_id: run_id(now),
        now,
        event_id: None,
        resume: resume(matches),
        stage: Stage::All,
        folder,
        deadline: time_limit.map(|limit| Instant::now() + limit),
        progress: Arc::clone(&progress),
        interrupt,
    };
    watch::while_running(&progress, pace, census::run(census)).await
}

/// A scan to the same folder goes on with one that was cut off. Those to a bucket may be of another
/// machine, and still be under way.
fn resume(matches: &ArgMatches) -> Resume {
    match (matches.get_flag("resume"), matches.contains_id("out")) {
        (true, _) => Resume::Must,
        (false, true) => Resume::IfCutOff,
        (false, false) => Resume::Never,
    }
}

/// How far a clock may be back: the simulated uses reach back a few months.
const LONGEST_BACK: SignedDuration = SignedDuration::from_hours(100 * 24);
/// The shortest time in which a report on anything can be written.
const SHORTEST_TIME: Duration = Duration::from_secs(30);

fn time_limit(matches: &ArgMatches) -> Result<Option<Duration>, SettingsError> {
    let Some(text) = matches.get_one::<String>("time_limit") else {
        return Ok(None);
    };
    let limit = text.parse::<SignedDuration>().ok();
    match limit.and_then(|limit| Duration::try_from(limit).ok()) {
        Some(limit) if limit >= SHORTEST_TIME => Ok(Some(limit)),
        _ => Err(SettingsError::Malformed {
            spelling: "--time-limit".to_owned(),
            text: text.clone(),
            accepts: "a time of 30 seconds or more, such as 90s, 15m or 2h",
        }),
    }
}

/// How far the clock of a simulated AWS is back; the real one has no other time than
/// now, and a census that pretended so would lie.
fn clock_back(matches: &ArgMatches, is_simulated: bool) -> Result<SignedDuration, SettingsError> {
    let Some(text) = matches.get_one::<String>("clock_back") else {
        return Ok(SignedDuration::ZERO);
    };
    let back = text.parse::<SignedDuration>().ok();
    match back.filter(|back| is_simulated && (SignedDuration::ZERO..=LONGEST_BACK).contains(back)) {
        Some(back) => Ok(back),
        None => Err(SettingsError::Malformed {
            spelling: "--clock-back".to_owned(),
            text: text.clone(),
            accepts: "a time such as 24h, at most 100 days, and only where AWS_ENDPOINT_URL names a simulated AWS",
        }),
    }
}

/// Unique enough for one organization's CloudTrail, and readable there.
fn run_id(now: Timestamp) -> String {
    let process = std::process::id();
    format!("cli-{}-{process}", now.strftime("%Y%m%dT%H%M%SZ"))
}
