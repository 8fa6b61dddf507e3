//! What earlier slices of a run have kept.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use keycensus_core::{
    files::{
        census_plan::CensusPlan,
        part::{self, Header, Unusable},
    },
    judge::summary::CallCounts,
    model::layout::{PLAN, parse_part_name, run_folder},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::CensusError,
    parts::index::{Index, NewPart, Stored},
    run::RunContext,
    store::bucket::{self, Condition},
};

/// How many files are fetched at once.
const FETCHED_AT_ONCE: usize = 16;
/// Where the records of slices are, in the folder of a run.
const SLICES: &str = "slices/";

/// What the report has to know of a slice that ended.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SliceRecord {
    pub(crate) run_id: String,
    /// What it asked of AWS.
    pub(crate) calls: BTreeMap<String, CallCounts>,
}

impl SliceRecord {
    /// Keeps the record in the `folder` of the run, under a name that no other has.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) async fn keep(
        &self,
        at: RunContext<'_>,
        folder: &str,
        slice: u32,
    ) -> Result<(), CensusError> {
        let json = serde_json::to_vec(self).unwrap_or_default();
        for number in slice.. {
            let path = format!("{folder}{SLICES}{number:06}.json");
            let json = json.clone().into();
            let stored = at.destination.keep(at.aws, &path, json, Condition::Absent);
            match stored.await? {
                bucket::Stored::Version(_) => break,
                bucket::Stored::SomebodyElse => {}
                bucket::Stored::Conflict(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What a run has kept.
#[derive(Debug, Default)]
pub(crate) struct KeptRun {
    /// The moment the run began; `None` where nothing was kept.
    pub(crate) began: Option<Timestamp>,
    /// The plan, where it was kept whole.
    pub(crate) plan: Option<CensusPlan>,
    pub(crate) index: Index,
    /// How many parts of each slice there are.
    pub(crate) parts: BTreeMap<u32, u32>,
    /// The number of the slice that goes on.
    pub(crate) slice: u32,
    /// What each earlier slice asked of AWS.
    pub(crate) calls: Vec<BTreeMap<String, CallCounts>>,
    /// How many keys were read.
    pub(crate) keys: u64,
    /// Files that are not used, each with why.
    pub(crate) unusable: Vec<(String, Unusable)>,
}

/// Reads what the run `run_id` has kept with settings of this `fingerprint`.
///
/// # Errors
/// What it has kept cannot be listed or fetched.
pub(crate) async fn read(
    at: RunContext<'_>,
    run_id: &str,
    fingerprint: &str,
) -> Result<KeptRun, CensusError> {
    let folder = run_folder(run_id);
    let mut kept = KeptRun::default();
    let mut paths = at.destination.list(at.aws, &folder).await?;
    paths.sort();
    let files = paths.into_iter().filter_map(|path| {
        let kind = Kind::of(path.strip_prefix(&folder)?)?;
        Some(async move {
            let bytes = at.destination.read_kept(at.aws, &path).await?;
            Ok::<_, CensusError>((path, kind, bytes))
        })
    });
    let mut files = stream::iter(files).buffered(FETCHED_AT_ONCE);
    while let Some(file) = files.next().await {
        let (path, kind, bytes) = file?;
        if let Kind::Part(slice, _) = kind {
            kept.slice = kept.slice.max(slice + 1);
        }
        let Some(bytes) = bytes else { continue };
        let added = match kind {
            Kind::Plan => kept.add_plan(&bytes, run_id, fingerprint),
            Kind::Record => kept.add_record(&bytes, run_id),
            Kind::Part(slice, number) => {
                let part = (slice, number);
                kept.add_part(&path, part, bytes.into(), run_id, fingerprint)
            }
        };
        if let Err(why) = added {
            tracing::warn!("{} is not used: {why}", at.destination.kept_location(&path));
            kept.unusable.push((path, why));
        }
    }
    Ok(kept)
}

/// What a file in the folder of a run is.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Plan,
    /// The record of a slice.
    Record,
    /// A part, with its slice and its number in it.
    Part(u32, u32),
}

impl Kind {
    /// By its name; `None`: it is not of a census.
    fn of(name: &str) -> Option<Self> {
        match name {
            PLAN => Some(Self::Plan),
            _ if name.starts_with(SLICES) => Some(Self::Record),
            _ => parse_part_name(name).map(|(slice, number)| Self::Part(slice, number)),
        }
    }
}

impl KeptRun {
    fn add_part(
        &mut self,
        path: &str,
        (slice, number): (u32, u32),
        bytes: Bytes,
        run_id: &str,
        fingerprint: &str,
    ) -> Result<(), Unusable> {
        let (header, entries) = part::read(&bytes)?;
        self.check(&header, run_id, fingerprint)?;
        let used = |slice| self.parts.get(slice).copied().unwrap_or(0);
        let mut goes_on_with = header.goes_on_with.iter();
        if used(&slice) != number || !goes_on_with.all(|(slice, parts)| used(slice) >= *parts) {
            return Err(Unusable::WithoutOthers);
        }
        self.parts.insert(slice, number + 1);
        self.keys += entries.iter().map(|entry| entry.keys).sum::<u64>();
        self.index.add(NewPart {
            path: path.to_owned(),
            entries,
            bytes,
            is_stored: Stored::Yes,
        });
        Ok(())
    }

    fn add_plan(&mut self, bytes: &[u8], run_id: &str, fingerprint: &str) -> Result<(), Unusable> {
        let (header, plan) = CensusPlan::read(bytes)?;
        self.check(&header, run_id, fingerprint)?;
        self.plan = Some(plan);
        Ok(())
    }

    fn add_record(&mut self, bytes: &[u8], run_id: &str) -> Result<(), Unusable> {
        let record: SliceRecord = serde_json::from_slice(bytes).map_err(|_| Unusable::Damaged)?;
        if record.run_id != run_id {
            return Err(Unusable::OtherCensus);
        }
        self.calls.push(record.calls);
        Ok(())
    }

    fn check(&mut self, header: &Header, run_id: &str, fingerprint: &str) -> Result<(), Unusable> {
        header.check(fingerprint)?;
        let began = self.began.unwrap_or(header.now);
        if header.run_id != run_id || header.now != began {
            return Err(Unusable::OtherCensus);
        }
        self.began = Some(began);
        Ok(())
    }
}
