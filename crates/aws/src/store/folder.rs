//! A report in a folder of this machine.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::civil::Date;
use keycensus_core::settings::SettingsError;
use tokio::time::{Instant, sleep};

use crate::{
    error::CensusError,
    store::{
        bucket::{Condition, Stored},
        on_disk::OnDisk,
        report_targets::ReportTargets,
        spool::SpooledFile,
    },
};

/// The file by whose lock scans agree on who writes to the folder. The system gives the
/// lock up when a process ends, however it ends.
const LOCK: &str = ".keycensus.lock";
/// How often a scan looks again whether another has written its report.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How long before its deadline a scan no longer waits for another.
const TO_WRITE: Duration = Duration::from_secs(5);

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

/// Writes a file that is kept until the report is written, unless `condition` does not hold. It is there
/// whole or not at all.
pub(crate) fn keep(
    folder: &Path,
    path: &str,
    bytes: &[u8],
    condition: Condition<'_>,
) -> Result<Stored, CensusError> {
    let path = folder.join(path);
    let unfinished = path.with_extension("unfinished");
    let written = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&unfinished, bytes)?;
        match condition {
            Condition::None => fs::rename(&unfinished, &path),
            Condition::Absent | Condition::Version(_) => {
                // Unlike a rename, it fails where there is such a file.
                let linked = fs::hard_link(&unfinished, &path);
                fs::remove_file(&unfinished)?;
                linked
            }
        }
    };
    match written() {
        Ok(()) => Ok(Stored::Version(None)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Stored::SomebodyElse),
        Err(error) => Err(CensusError::ReportNotWritten {
            location: path.display().to_string(),
            reason: error.to_string(),
        }),
    }
}

/// The paths of all files below a folder of `folder`.
pub(crate) fn list(folder: &Path, below: &str) -> Result<Vec<String>, CensusError> {
    let mut paths = Vec::new();
    let mut folders = vec![below.trim_end_matches('/').to_owned()];
    while let Some(below) = folders.pop() {
        let entries = match fs::read_dir(folder.join(&below)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(CensusError::BucketUnreadable {
                    location: folder.join(&below).display().to_string(),
                    reason: error.to_string(),
                });
            }
        };
        for entry in entries.flatten() {
            let path = format!("{below}/{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                _ => paths.push(path),
            }
        }
    }
    Ok(paths)
}

/// Locks the folder of a run; `None` where another process holds it.
pub(crate) fn lock_run(folder: &Path) -> Option<Locked> {
    fs::create_dir_all(folder).ok()?;
    let file = File::create(folder.join(LOCK)).ok()?;
    file.try_lock().ok()?;
    Some(Locked { _file: Some(file) })
}

/// Removes what a run has kept, and the folder of runs when it was the last.
pub(crate) fn forget(folder: &Path, below: &str) {
    let removed = fs::remove_dir_all(folder.join(below));
    if let Err(error) = removed.as_ref()
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(
            "{} could not be removed: {error}",
            folder.join(below).display()
        );
    }
    // Fails where another run is in it.
    let _ = fs::remove_dir(folder.join("runs"));
}

/// As [`read`], of a large file.
pub(crate) fn open(folder: &Path, path: &str) -> io::Result<Option<Arc<OnDisk>>> {
    match File::open(folder.join(path)) {
        Ok(file) => OnDisk::opened(file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The right to write to a folder, until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Locked {
    _file: Option<File>,
}

/// Waits until no other scan writes to `folder`.
///
/// # Errors
/// Another one writes to it for as long as there is time to wait, or the folder takes no
/// lock.
pub(crate) async fn lock(folder: &Path, deadline: Option<Instant>) -> Result<Locked, CensusError> {
    let path = folder.join(LOCK);
    let not_locked = |reason: String| CensusError::ReportNotWritten {
        location: path.display().to_string(),
        reason,
    };
    let file = File::create(&path).map_err(|error| not_locked(error.to_string()))?;
    let mut has_said_so = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Locked { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(not_locked(error.to_string())),
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left <= TO_WRITE) {
            return Err(CensusError::OutOfTime {
                to: format!(
                    "to wait for another scan, which is writing its report to {}",
                    folder.display()
                ),
            });
        }
        if !has_said_so {
            has_said_so = true;
            tracing::info!("another scan is writing its report to the folder: waiting for it");
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// Writes a report's files, which are in the order of `ReportFile::ALL`. Only when all are on the disk, they take the names under
/// which they are looked for, the summary last, so that a full disk leaves the folder as
/// it was.
pub(crate) fn write(
    folder: &Path,
    scan_date: Date,
    files: &[SpooledFile],
    targets: ReportTargets,
) -> Result<(), CensusError> {
    let mut written = Vec::new();
    let outcome = targets
        .paths(scan_date)
        .zip(files.iter().cycle())
        .try_for_each(|((_, path), file)| {
            let path = folder.join(path);
            let unfinished = path.with_extension("unfinished");
            written.push((unfinished.clone(), path.clone()));
            write_file(&unfinished, file).map_err(|error| (path, error))
        })
        .and_then(|()| {
            written.iter().try_for_each(|(unfinished, path)| {
                fs::rename(unfinished, path).map_err(|error| (path.clone(), error))
            })
        });
    outcome.map_err(|(path, error): (PathBuf, io::Error)| {
        for (unfinished, _) in &written {
            // What is not there need not be removed.
            let _ = fs::remove_file(unfinished);
        }
        CensusError::ReportNotWritten {
            location: path.display().to_string(),
            reason: error.to_string(),
        }
    })
}

fn write_file(path: &Path, file: &SpooledFile) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut unfinished = File::create(path)?;
    io::copy(&mut file.content.reader(), &mut unfinished)?;
    unfinished.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use tokio::time::{Instant, sleep};

    use super::lock;

    #[tokio::test(start_paused = true)]
    async fn a_scan_waits_for_another_that_writes_to_the_folder_as_long_as_there_is_time() {
        let folder = std::env::temp_dir().join(format!("keycensus-lock-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let first = lock(&folder, None).await.unwrap();
        let began = Instant::now();
        let deadline = Some(began + Duration::from_secs(60));
        let error = lock(&folder, deadline).await.unwrap_err().to_string();
        assert!(
            error.contains("to wait for another scan, which is writing its report"),
            "{error}"
        );
        assert!(began.elapsed() < Duration::from_secs(60));
        let ((), second) = tokio::join!(
            async {
                sleep(Duration::from_secs(5)).await;
                drop(first);
            },
            lock(&folder, None)
        );
        assert!(second.is_ok());
        fs::remove_dir_all(&folder).unwrap();
    }
}
