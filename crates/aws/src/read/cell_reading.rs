//! What was found in a cell.

use keycensus_core::model::{coverage::CoverageRow, partial_reading::Extent, reading::KeyReading};

use crate::transport::call_error::CallError;

/// What was found in a cell.
pub(crate) struct CellReading {
    /// The keys that were read, but for those that are kept already.
    pub(crate) keys: Vec<KeyReading>,
    /// The keys that were listed, and that there was no time left to read.
    pub(crate) unread_keys: Vec<KeyReading>,
    pub(crate) coverage: CoverageRow,
    /// Whether it was read to its end, or cut off by the end of time.
    pub(crate) extent: Extent,
    /// What ended the listing of its keys, where it failed; not logged yet.
    pub(crate) listing_error: Option<CallError>,
}
