//! The `summary.json` that lies beside a `keys.csv`, and what it says of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use keycensus_core::model::{layout::ReportFile, manifest::Manifest};

/// Refuses a `keys.csv` of which the summary beside it names another one. A file without
/// a summary beside it is taken as it is.
///
/// # Errors
/// What is wrong, and what would be right.
pub(crate) fn check(file: &Path, keys_csv: &[u8]) -> Result<(), String> {
    if file.file_name() != Some(ReportFile::KeysCsv.name().as_ref()) {
        return Ok(());
    }
    let found = summaries(file).find_map(|path| Some((fs::read(&path).ok()?, path)));
    let Some((manifest, path)) =
        found.and_then(|(json, path)| Some((Manifest::read(&json)?, path)))
    else {
        return Ok(());
    };
    match manifest.is_file(ReportFile::KeysCsv, keys_csv) {
        true => Ok(()),
        false => Err(format!(
            "it is not the keys.csv that {} names by its SHA-256, that of run {:?}: a census is writing it, one failed \
             while it did, or the file was changed since; take the keys.csv of a day, or copy this one to another \
             folder to plan from it as it is",
            path.display(),
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
