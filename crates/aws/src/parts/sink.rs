//! Keeps what is read while reading goes on.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use keycensus_core::{
    files::{
        census_plan::CensusPlan,
        part::{Header, PartWriter},
    },
    model::{
        account::Account,
        layout::{PLAN, part_name},
        partial_reading::PartialReading,
    },
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{
    error::CensusError,
    parts::index::{Index, NewPart, Stored},
    run::RunContext,
    store::bucket::{self, Condition},
};

/// How large a part becomes, about: small accounts share one.
const PART_BYTES: usize = 1 << 20;
/// How long what was read may be in memory only.
const LONGEST_UNKEPT: Duration = Duration::from_secs(15);

/// Takes what is read. Clones go to the same parts.
#[derive(Debug, Clone)]
pub(crate) struct Sink(mpsc::UnboundedSender<Kept>);

#[derive(Debug)]
enum Kept {
    Account(Arc<Account>, PartialReading),
    Plan(CensusPlan),
}

impl Sink {
    /// A sink, and the other end of it.
    pub(crate) fn new(header: Header, folder: String, slice: u32, index: Index) -> (Self, Keeper) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let keeper = Keeper {
            receiver,
            folder,
            slice,
            number: 0,
            part: PartWriter::new(&header),
            header,
            index,
        };
        (Self(sender), keeper)
    }

    /// Keeps what was read of an account.
    pub(crate) fn keep(&self, account: &Arc<Account>, reading: PartialReading) {
        // The other end listens until all clones are dropped.
        let _ = self.0.send(Kept::Account(Arc::clone(account), reading));
    }

    /// Keeps the plan.
    pub(crate) fn keep_plan(&self, plan: CensusPlan) {
        let _ = self.0.send(Kept::Plan(plan));
    }
}

/// Writes parts.
pub(crate) struct Keeper {
    receiver: mpsc::UnboundedReceiver<Kept>,
    header: Header,
    folder: String,
    slice: u32,
    number: u32,
    part: PartWriter,
    index: Index,
}

impl Keeper {
    /// Keeps what comes in until all sinks are dropped, and gives where it is, with what earlier
    /// slices have kept.
    pub(crate) async fn run(mut self, at: RunContext<'_>) -> Index {
        let mut write_at = None;
        loop {
            let next = match write_at {
                Some(write_at) => timeout_at(write_at, self.receiver.recv()).await,
                None => Ok(self.receiver.recv().await),
            };
            match next {
                Ok(Some(Kept::Account(account, reading))) => {
                    self.part.add(&account, &reading);
                    write_at.get_or_insert_with(|| Instant::now() + LONGEST_UNKEPT);
                    if self.part.len() < PART_BYTES {
                        continue;
                    }
                }
                Ok(Some(Kept::Plan(plan))) => {
                    self.write_plan(at, &plan).await;
                    continue;
                }
                Ok(None) => {
                    self.write_part(at).await;
                    return self.index;
                }
                Err(_) => {}
            }
            self.write_part(at).await;
            write_at = None;
        }
    }

    async fn write_plan(&mut self, at: RunContext<'_>, plan: &CensusPlan) {
        let path = format!("{}{PLAN}", self.folder);
        let file = plan.to_file(&self.header);
        // One that is there already could not be used.
        let kept = at
            .destination
            .keep(at.aws, &path, file.into(), Condition::None);
        if let Err(error) = kept.await {
            could_not_write(&error);
        }
    }

    /// Writes what has come in since the last part.
    async fn write_part(&mut self, at: RunContext<'_>) {
        if self.part.is_empty() {
            return;
        }
        let part = std::mem::replace(&mut self.part, PartWriter::new(&self.header));
        let (bytes, entries) = part.finish();
        let bytes = Bytes::from(bytes);
        let (path, is_stored) = self.write(at, &bytes).await;
        self.number += 1;
        self.index.add(NewPart {
            path,
            bytes,
            entries,
            is_stored,
        });
    }

    /// Writes a part under a name that no other has: another slice of the run may go on at the
    /// same time.
    async fn write(&mut self, at: RunContext<'_>, bytes: &Bytes) -> (String, Stored) {
        loop {
            let path = format!("{}{}", self.folder, part_name(self.slice, self.number));
            let kept = at
                .destination
                .keep(at.aws, &path, bytes.clone(), Condition::Absent);
            match kept.await {
                Ok(bucket::Stored::Version(_)) => return (path, Stored::Yes),
                Ok(bucket::Stored::SomebodyElse) if self.number == 0 => self.slice += 1,
                Ok(bucket::Stored::SomebodyElse) => {
                    let location = at.destination.kept_location(&path);
                    let reason = "another slice has written it".to_owned();
                    could_not_write(&CensusError::ReportNotWritten { location, reason });
                    return (path, Stored::No);
                }
                Ok(bucket::Stored::Conflict(error)) | Err(error) => {
                    could_not_write(&error);
                    return (path, Stored::No);
                }
            }
        }
    }
}

fn could_not_write(error: &CensusError) {
    tracing::warn!("what was read is in memory only, and lost if this run is cut off: {error}");
}
