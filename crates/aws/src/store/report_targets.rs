//! Which files of a report a run writes: those of its day, and the latest.

use jiff::{Timestamp, civil::Date};
use keycensus_core::model::{layout::ReportFile, manifest::Manifest, time::date};

/// Where a run writes its report. If another run that began later has written its report
/// meanwhile, this run does not overwrite it: the newer report stays, and the next run is not
/// compared with an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportTargets {
    /// Its day's files and the latest ones.
    DayAndLatest,
    /// Its day's files: the latest are of a run of a later day.
    Day,
    /// Nowhere: the files of its day are of a run that began later, too.
    None,
}

impl ReportTargets {
    /// Where a run of `scanned_at` writes, if the report of `newest` is the latest.
    pub(crate) fn of(scanned_at: Timestamp, newest: Option<&Manifest>) -> Self {
        match newest.filter(|newest| newest.scanned_at > scanned_at) {
            None => Self::DayAndLatest,
            Some(newest) if newest.scan_date() == date(scanned_at) => Self::None,
            Some(_) => Self::Day,
        }
    }

    /// Every file with its path below the prefix or the folder, in the order in which
    /// they are written.
    pub(crate) fn paths(self, scan_date: Date) -> impl Iterator<Item = (ReportFile, String)> {
        let files = |is_wanted: bool| ReportFile::ALL.into_iter().filter(move |_| is_wanted);
        let of_the_day =
            files(self != Self::None).map(move |file| (file, file.dated_path(scan_date)));
        let latest = files(self == Self::DayAndLatest).map(|file| (file, file.latest_path()));
        of_the_day.chain(latest)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use keycensus_core::model::manifest::{Files, Manifest};

    use super::ReportTargets;

    #[test]
    fn a_report_never_replaces_one_of_a_run_that_began_later() {
        let ours: Timestamp = "2026-11-21T22:00:00Z".parse().unwrap();
        for (newest, targets, files) in [
            (None, ReportTargets::DayAndLatest, 14),
            (
                Some("2026-11-20T02:00:00Z"),
                ReportTargets::DayAndLatest,
                14,
            ),
            (
                Some("2026-11-21T22:00:00Z"),
                ReportTargets::DayAndLatest,
                14,
            ),
            (Some("2026-11-21T22:00:01Z"), ReportTargets::None, 0),
            (Some("2026-11-22T02:00:00Z"), ReportTargets::Day, 7),
        ] {
            let newest = newest.map(|at| Manifest {
                run_id: "other".to_owned(),
                scanned_at: at.parse().unwrap(),
                settings: None,
                files: Files::new(),
            });
            let found = ReportTargets::of(ours, newest.as_ref());
            assert_eq!(found, targets, "{newest:?}");
            let paths: Vec<_> = found.paths("2026-11-21".parse().unwrap()).collect();
            assert_eq!(paths.len(), files);
            let latest = paths.iter().filter(|(_, path)| path.starts_with("latest/"));
            assert_eq!(latest.count(), files.saturating_sub(7));
        }
    }
}
