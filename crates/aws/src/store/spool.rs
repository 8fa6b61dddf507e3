//! The files of a report on the disk of this machine, from when they are made until they are where
//! they belong. Their hashes are known then, which the summary names, and by which requests are
//! signed.

use std::{io, sync::Arc};

use jiff::Timestamp;
use keycensus_core::{
    files::csv_file::CsvFile, judge::judged_account::JudgedAccount, model::layout::ReportFile,
};

use crate::{
    error::CensusError,
    store::on_disk::{OnDisk, Spool, not_held},
};

/// The CSV files of a report that is being made.
#[derive(Debug)]
pub(crate) struct CsvSpools {
    files: Vec<(CsvFile, Spool)>,
    now: Timestamp,
}

/// A file of a report that is complete.
#[derive(Debug, Clone)]
pub(crate) struct SpooledFile {
    pub(crate) file: ReportFile,
    pub(crate) content: Arc<OnDisk>,
}

impl CsvSpools {
    /// The files of a report of a run that began at `now`, with their headers.
    pub(crate) fn begin(now: Timestamp) -> Result<Self, CensusError> {
        let begun = CsvFile::ALL.into_iter().map(|csv| {
            let mut spool = Spool::begin()?;
            spool.add(&csv.header())?;
            Ok((csv, spool))
        });
        let files = begun.collect::<io::Result<_>>().map_err(not_held)?;
        Ok(Self { files, now })
    }

    /// Adds the rows of the next account.
    pub(crate) fn add(&mut self, account: &JudgedAccount) -> Result<(), CensusError> {
        let now = self.now;
        let mut files = self.files.iter_mut();
        let added = files.try_for_each(|(csv, spool)| spool.add(&csv.rows(account, now)));
        added.map_err(not_held)
    }

    /// The files, which are complete.
    pub(crate) fn finish(self) -> Result<Vec<SpooledFile>, CensusError> {
        let finished = self.files.into_iter().map(|(csv, spool)| {
            Ok(SpooledFile {
                file: csv.file(),
                content: spool.finish()?,
            })
        });
        finished.collect::<io::Result<_>>().map_err(not_held)
    }
}

impl SpooledFile {
    /// A file that was made in memory.
    pub(crate) fn of(file: ReportFile, bytes: &[u8]) -> Result<Self, CensusError> {
        let content = Spool::begin().and_then(|mut spool| {
            spool.add(bytes)?;
            spool.finish()
        });
        Ok(Self {
            file,
            content: content.map_err(not_held)?,
        })
    }
}
