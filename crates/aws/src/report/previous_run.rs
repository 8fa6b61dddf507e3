//! The report of the last run: what it left undone, so that this one begins with
//! it and successive nights cover everything, and what it said of each key, so
//! that this one can report what has changed.
//!
//! Only files of one run are used: those that the run's manifest names. They are looked
//! for in `latest/`, and where another run has written over them there, among those of
//! their day. None of it is needed to read the organization: it is given up when it costs
//! time that the report needs.

use std::{collections::HashSet, sync::Arc, time::Duration};

use keycensus_core::{
    files::unfinished,
    judge::last_run::NoLastRun,
    model::{layout::ReportFile, manifest::Manifest},
};
use tokio::time::timeout;

use crate::{
    deadline::Deadline,
    lease::report_lease,
    read::{last_night::Handover, unfinished::Unfinished},
    report::last_report::LastReport,
    run::RunContext,
    store::{destination::Unread, on_disk::OnDisk},
};

/// The longest that reading waits for what the last run left undone.
const BEFORE_READING: Duration = Duration::from_secs(10);
/// Where there is a deadline, the part of the time until then that it waits at most.
const PART_OF_THE_TIME: u32 = 20;

/// The last run's keys, as far as they are here.
#[derive(Debug)]
pub(crate) enum LastKeys {
    /// Not asked for yet: they are many, and reading need not wait for them.
    NotYet,
    /// The `keys.csv` that this manifest names.
    Here(Manifest, Arc<OnDisk>),
}

/// What there is to compare a run with.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) last: LastReport,
    /// The manifest of the run whose report it is, where that names its files.
    pub(crate) manifest: Option<Manifest>,
    /// What was found in `latest/` where that did not hold the files of one run.
    pub(crate) latest_was: Option<String>,
}

impl Compared {
    fn none(why: NoLastRun) -> Self {
        Self {
            last: LastReport::None(why),
            manifest: None,
            latest_was: None,
        }
    }
}

/// Looks into the latest coverage. Where there is none, or it cannot be read in time,
/// nothing comes first.
pub(crate) async fn unfinished(
    at: RunContext<'_>,
    time_left: Option<Duration>,
) -> (Unfinished, LastKeys) {
    let most = time_left.map_or(BEFORE_READING, |left| {
        (left / PART_OF_THE_TIME).min(BEFORE_READING)
    });
    match timeout(most, look(at)).await {
        Ok(found) => found,
        Err(_) => {
            tracing::warn!(
                "what the last run left undone was not read in time: accounts are read in no order"
            );
            (Unfinished::default(), LastKeys::NotYet)
        }
    }
}

async fn look(at: RunContext<'_>) -> (Unfinished, LastKeys) {
    let nothing = || (Unfinished::default(), LastKeys::NotYet);
    let Ok(Summary::Of(manifest)) = latest_summary(at).await else {
        return nothing();
    };
    let Ok(Some(coverage)) = file(at, &manifest, ReportFile::CoverageCsv).await else {
        return nothing();
    };
    let mut unfinished = Unfinished {
        accounts: unfinished::accounts_without_time(coverage.content.reader()),
        keys: HashSet::new(),
    };
    if unfinished.accounts.is_empty() {
        return (unfinished, LastKeys::NotYet);
    }
    match file(at, &manifest, ReportFile::KeysCsv).await {
        Ok(Some(keys)) => {
            unfinished.keys = unfinished::keys_without_time(keys.content.reader());
            let keys = match keys.is_of_its_day {
                true => LastKeys::NotYet,
                false => LastKeys::Here(manifest, keys.content),
            };
            (unfinished, keys)
        }
        _ => (unfinished, LastKeys::NotYet),
    }
}

/// What the last run said of each key, unless reading must stop before that is here. Reading may wait
/// for it.
pub(crate) async fn last_run(
    at: RunContext<'_>,
    keys: LastKeys,
    deadline: &Deadline,
    handover: Handover,
) -> Compared {
    match deadline.or(compare_with(at, keys)).await {
        Ok(compared) => {
            handover.give(compared.manifest.as_ref().zip(compared.last.keys_csv()));
            compared
        }
        Err(_) => {
            tracing::warn!(
                "the last report was not read in time: this run is compared with nothing"
            );
            Compared::none(NoLastRun::NoTime)
        }
    }
}

async fn compare_with(at: RunContext<'_>, keys: LastKeys) -> Compared {
    let (manifest, keys) = match keys {
        LastKeys::Here(manifest, keys) => (manifest, Some(keys)),
        LastKeys::NotYet => match latest_summary(at).await {
            Ok(Summary::Of(manifest)) => (manifest, None),
            Ok(Summary::Damaged) => return Compared::none(NoLastRun::Unreadable),
            Ok(Summary::Missing) => return without_summary(at).await,
            Err(Unread) => return Compared::none(NoLastRun::Unreadable),
        },
    };
    if !manifest.names_files() {
        return of_an_earlier_version(at, keys).await;
    }
    match report_of(at, &manifest, keys).await {
        Ok(Lookup::All(compared)) => compared,
        Ok(Lookup::NotAll(wrong)) => of_the_run_after(at, &manifest, wrong).await,
        Err(Unread) => Compared::none(NoLastRun::Unreadable),
    }
}

/// Where there is no summary there is no report, unless a run was cut off before it wrote
/// its first.
async fn without_summary(at: RunContext<'_>) -> Compared {
    match at
        .destination
        .fetch(at.aws, &ReportFile::KeysCsv.latest_path())
        .await
    {
        Ok(None) => Compared::none(NoLastRun::Missing),
        Ok(Some(_)) => {
            tracing::warn!(
                "latest/ has a keys.csv and no summary.json: a run ended while it wrote them"
            );
            Compared::none(NoLastRun::Mixed)
        }
        Err(Unread) => Compared::none(NoLastRun::Unreadable),
    }
}

/// Earlier versions named no files, and wrote one after another.
async fn of_an_earlier_version(at: RunContext<'_>, keys: Option<Arc<OnDisk>>) -> Compared {
    let latest = |file: ReportFile| async move {
        let path = file.latest_path();
        at.destination.fetch(at.aws, &path).await
    };
    let keys = async {
        match keys {
            Some(keys) => Ok(Some(keys)),
            None => latest(ReportFile::KeysCsv).await,
        }
    };
    let (keys, unseen) = tokio::join!(keys, latest(ReportFile::UnseenCsv));
    match (keys, unseen) {
        (Ok(keys), Ok(unseen)) => Compared {
            last: LastReport::read(keys, unseen),
            manifest: None,
            latest_was: None,
        },
        _ => Compared::none(NoLastRun::Unreadable),
    }
}

/// The report of a run that ended while it wrote over the one that `latest` names: its
/// day's files are complete, because they are written first.
async fn of_the_run_after(at: RunContext<'_>, latest: &Manifest, wrong: ReportFile) -> Compared {
    let found = format!(
        "{} is not the one that its summary.json names, that of run {}",
        wrong.name(),
        latest.run_id
    );
    let after = report_lease::find(at)
        .await
        .map(|(record, _)| record.report);
    if let Some(after) = after.filter(|after| after.run_id != latest.run_id && after.names_files())
        && let Ok(Lookup::All(compared)) = report_of(at, &after, None).await
    {
        let run_id = &after.run_id;
        tracing::warn!(
            "latest/ is not of one run: {found}; compared with the report of run {run_id}"
        );
        return Compared {
            latest_was: Some(found),
            ..compared
        };
    }
    tracing::warn!("latest/ is not of one run: {found}; this run is compared with nothing");
    Compared {
        latest_was: Some(found),
        ..Compared::none(NoLastRun::Mixed)
    }
}

/// What came of looking for the files of a run.
enum Lookup {
    All(Compared),
    /// This one is nowhere.
    NotAll(ReportFile),
}

/// The report of a run, if all of it is still there that a comparison needs.
async fn report_of(
    at: RunContext<'_>,
    manifest: &Manifest,
    keys: Option<Arc<OnDisk>>,
) -> Result<Lookup, Unread> {
    let keys = async {
        match keys {
            Some(content) => Ok(Some(File {
                content,
                is_of_its_day: false,
            })),
            None => file(at, manifest, ReportFile::KeysCsv).await,
        }
    };
    let (keys, unseen) = tokio::join!(keys, file(at, manifest, ReportFile::UnseenCsv));
    let Some(keys) = keys? else {
        return Ok(Lookup::NotAll(ReportFile::KeysCsv));
    };
    let Some(unseen) = unseen? else {
        return Ok(Lookup::NotAll(ReportFile::UnseenCsv));
    };
    let wrong = [
        (ReportFile::KeysCsv, keys.is_of_its_day),
        (ReportFile::UnseenCsv, unseen.is_of_its_day),
    ]
    .into_iter()
    .find_map(|(file, is_of_its_day)| is_of_its_day.then_some(file));
    let latest_was = wrong.map(|file| {
        let (name, run_id) = (file.name(), &manifest.run_id);
        let found =
            format!("{name} is not the one that its summary.json names, that of run {run_id}");
        tracing::warn!("latest/ is not of one run: {found}; that of its day is");
        found
    });
    Ok(Lookup::All(Compared {
        last: LastReport::read(Some(keys.content), Some(unseen.content)),
        manifest: Some(manifest.clone()),
        latest_was,
    }))
}

/// A file of a report.
struct File {
    content: Arc<OnDisk>,
    /// Whether it is the one of its day, because that in `latest/` is of another run.
    is_of_its_day: bool,
}

/// The file that `manifest` names, from wherever it still is; `None` where it is nowhere.
async fn file(
    at: RunContext<'_>,
    manifest: &Manifest,
    file: ReportFile,
) -> Result<Option<File>, Unread> {
    let locations = [
        (file.latest_path(), false),
        (file.dated_path(manifest.scan_date()), true),
    ];
    for (path, is_of_its_day) in locations {
        let found = at.destination.fetch(at.aws, &path).await?;
        if let Some(content) = found.filter(|found| manifest.is(file, &found.facts)) {
            return Ok(Some(File {
                content,
                is_of_its_day,
            }));
        }
    }
    Ok(None)
}

/// What the latest summary is.
enum Summary {
    Missing,
    Damaged,
    Of(Manifest),
}

async fn latest_summary(at: RunContext<'_>) -> Result<Summary, Unread> {
    let path = ReportFile::SummaryJson.latest_path();
    Ok(match at.destination.read(at.aws, &path).await? {
        None => Summary::Missing,
        Some(json) => Manifest::read(&json).map_or(Summary::Damaged, Summary::Of),
    })
}
