//! The last run's report, as far as a run is compared with it: on the disk of this machine, because
//! its keys are too many to be kept in memory.

use std::sync::Arc;

use keycensus_core::{
    files::{
        damage::Damage,
        last_run::{self, Checked},
    },
    judge::{changes::ComparedWith, known_keys::KnownKey, last_run::NoLastRun},
};

use crate::store::on_disk::OnDisk;

/// What there is to compare a run with.
#[derive(Debug)]
pub(crate) enum LastReport {
    /// Nothing: this is the first census.
    None(NoLastRun),
    /// The files of the last run.
    Files {
        checked: Checked,
        keys_csv: Arc<OnDisk>,
        unseen_csv: Option<Arc<OnDisk>>,
    },
}

/// The known keys of each account.
pub(crate) type KnownByAccount = Box<dyn Iterator<Item = Result<Vec<KnownKey>, Damage>> + Send>;

impl LastReport {
    /// Reads the last run's files through; `None`: there is no such file.
    pub(crate) fn read(keys_csv: Option<Arc<OnDisk>>, unseen_csv: Option<Arc<OnDisk>>) -> Self {
        let reader = |file: &Option<Arc<OnDisk>>| file.as_ref().map(OnDisk::reader);
        let checked = last_run::check(reader(&keys_csv), reader(&unseen_csv));
        match (checked, keys_csv) {
            (Ok(checked), Some(keys_csv)) => Self::Files {
                checked,
                keys_csv,
                unseen_csv,
            },
            (Ok(_), None) => Self::None(NoLastRun::Missing),
            (Err(why), _) => Self::None(why),
        }
    }

    /// The last run's `keys.csv`.
    pub(crate) fn keys_csv(&self) -> Option<&Arc<OnDisk>> {
        match self {
            Self::None(_) => None,
            Self::Files { keys_csv, .. } => Some(keys_csv),
        }
    }

    /// What a run is compared with by this.
    pub(crate) fn compared_with(&self) -> ComparedWith {
        match self {
            Self::None(why) => ComparedWith::Nothing(*why),
            Self::Files { checked, .. } => ComparedWith::LastRun(checked.scan_date),
        }
    }

    /// The keys of each account that the last run knew, in the order of the accounts' IDs.
    pub(crate) fn accounts(&self) -> Result<KnownByAccount, Damage> {
        Ok(match self {
            Self::None(_) => Box::new(std::iter::empty()),
            Self::Files {
                checked,
                keys_csv,
                unseen_csv,
            } => {
                let unseen_csv = unseen_csv.as_ref().map(OnDisk::reader);
                Box::new(checked.accounts(keys_csv.reader(), unseen_csv)?)
            }
        })
    }
}
