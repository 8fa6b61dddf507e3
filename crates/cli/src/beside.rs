//! The `summary.json` that lies beside a `keys.csv`, and what it says of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use keycensus_core::model::{
    layout::ReportFile,
    manifest::{FileFacts, Manifest},
};

/// Refuses a `keys.csv` of which the summary beside it names another one. A file without
/// a summary beside it is taken as it is.
///
/// # Errors
/// What is wrong, and what would be right.
pub(crate) fn check(file: &Path, keys_csv: &FileFacts) -> Result<(), String> {
    if file.file_name() != Some(ReportFile::KeysCsv.name().as_ref()) {
        return Ok(());
    }
    match summaries(file).find_map(|path| Some((fs::read(&path).ok()?, path))) {
        Some((json, path)) => check_named(&json, &path.display().to_string(), keys_csv),
        None => Ok(()),
    }
}

/// Refuses a `keys.csv` that the summary of its report does not name. A damaged summary names none.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_named(
    summary_json: &[u8],
    location: &str,
    keys_csv: &FileFacts,
) -> Result<(), String> {
    let Some(manifest) = Manifest::read(summary_json) else {
        return Ok(());
    };
    match manifest.is(ReportFile::KeysCsv, keys_csv) {
        true => Ok(()),
        false => Err(format!(
            "it is not the keys.csv that {location} names by its SHA-256, that of run {:?}: a census is writing it, \
             one failed while it did, or the file was changed since; take the keys.csv of a day, or copy this one to \
             another folder to plan from it as it is",
            manifest.run_id,
        )),
    }
}

/// Where the summary of a `keys.csv` is: beside it in `latest/`, or under its date.
fn summaries(file: &Path) -> impl Iterator<Item = PathBuf> {
    let name = ReportFile::SummaryJson.name();
    let folder = file.parent();
    let latest = folder.map(|folder| folder.join(name));
    let dated = folder.and_then(|folder| {
        let day = folder.file_name()?;
        let root = folder.parent()?.parent()?;
        Some(root.join("summary").join(day).join(name))
    });
    latest.into_iter().chain(dated)
}
