//! What must hold of the files that are there: those of `latest/` are of one run, and so
//! are those of a day.

use keycensus_core::model::{
    layout::ReportFile,
    manifest::{FileFacts, Manifest},
};
use keycensus_sim::LoggedCall;

use crate::{BUCKET, Run, Scenario};

/// Whatever the run was that wrote last, its summary names all other files.
pub(super) fn is_whole(run: &Run, broken: &mut Vec<String>) {
    let Some(manifest) = manifest(run, ReportFile::latest_path) else {
        broken.push("there is no latest summary".to_owned());
        return;
    };
    let day = manifest.scan_date();
    let of_the_day = |file: ReportFile| file.dated_path(day);
    are_of(&manifest, run, "latest", ReportFile::latest_path, broken);
    are_of(&manifest, run, "the day's", of_the_day, broken);
}

/// A run writes the files of `latest/` one after the other. Only a run that begins anew may
/// follow before the last: another at the same time would go on where it is.
pub(super) fn is_written_by_one_run_at_a_time(calls: &[LoggedCall], broken: &mut Vec<String>) {
    let written = calls
        .iter()
        .filter(|call| call.operation == "s3:PutObject" && call.status == 200);
    let positions = written.filter_map(|call| {
        ReportFile::ALL
            .iter()
            .position(|file| call.resource.ends_with(&file.latest_path()))
    });
    let positions: Vec<usize> = positions.collect();
    for pair in positions.windows(2) {
        // The same one again: its answer was lost.
        let goes_on = pair[1] == pair[0] || pair[1] == pair[0] + 1;
        if !goes_on && pair[1] != 0 {
            broken.push(format!(
                "the latest files were written in the order {positions:?}"
            ));
            return;
        }
    }
}

fn are_of(
    manifest: &Manifest,
    run: &Run,
    which: &str,
    path: impl Fn(ReportFile) -> String,
    broken: &mut Vec<String>,
) {
    let others = ReportFile::ALL
        .into_iter()
        .filter(|file| *file != ReportFile::SummaryJson);
    for file in others {
        let bytes = object(run, &path(file)).unwrap_or_default();
        if !manifest.is(file, &FileFacts::of(&bytes)) {
            let (name, run_id) = (file.name(), &manifest.run_id);
            broken.push(format!("{which} {name} is not that of run {run_id}"));
        }
    }
}

/// The run whose summary is the latest.
pub(super) fn latest_run(scenario: &Scenario) -> Option<String> {
    let path = format!("keycensus/{}", ReportFile::SummaryJson.latest_path());
    let summary = scenario.aws.object(BUCKET, &path)?;
    Some(Manifest::read(&summary)?.run_id)
}

fn manifest(run: &Run, path: impl Fn(ReportFile) -> String) -> Option<Manifest> {
    Manifest::read(&object(run, &path(ReportFile::SummaryJson))?)
}

fn object(run: &Run, path: &str) -> Option<Vec<u8>> {
    run.aws.object(BUCKET, &format!("keycensus/{path}"))
}
