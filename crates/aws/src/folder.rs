//! A report in a folder of this machine.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use keycensus_core::settings::SettingsError;

use crate::error::CensusError;

/// Makes sure that `folder` is there and takes files.
pub(crate) fn check(folder: &Path) -> Result<(), SettingsError> {
    let probe = folder.join(".keycensus");
    let outcome = fs::create_dir_all(folder)
        .and_then(|()| fs::write(&probe, b""))
        .and_then(|()| fs::remove_file(&probe));
    outcome.map_err(|error| SettingsError::Refused {
        spelling: "--out".to_owned(),
        text: folder.display().to_string(),
        problem: format!("{error}: name a folder that can be written to"),
    })
}

/// Reads one file; `None` where there is none.
pub(crate) fn read(folder: &Path, path: &str) -> io::Result<Option<Vec<u8>>> {
    match fs::read(folder.join(path)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes one file, whole or not at all.
pub(crate) fn write(
    folder: &Path,
    path: &str,
    pieces: impl Iterator<Item = Vec<u8>>,
) -> Result<(), CensusError> {
    let file = folder.join(path);
    replace(&file, pieces).map_err(|error| CensusError::ReportNotWritten {
        location: file.display().to_string(),
        reason: error.to_string(),
    })
}

fn replace(file: &Path, pieces: impl Iterator<Item = Vec<u8>>) -> io::Result<()> {
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    let path = file.with_extension("unfinished");
    let mut unfinished = fs::File::create(&path)?;
    for piece in pieces {
        unfinished.write_all(&piece)?;
    }
    fs::rename(&path, file)
}
