//! The last use of the keys of a cell that AWS manages: read at the pace of the cell and after the
//! customer's keys, because no verdict rests on it.

use futures_util::stream::{FuturesUnordered, StreamExt};
use keycensus_core::model::{
    gap::Gap,
    partial_reading::Extent,
    reading::{KeyReading, Usage},
};

use crate::{
    read::{
        cell_reading::CellReading,
        kms_keys::{cell::Cell, key::usage, reader::KEYS_AHEAD},
    },
    transport::priority_semaphore::Urgency,
};

/// Adds `keys` to what was read of the cell, with their last uses. Cells that have a customer's keys
/// left go first. A key for which there is no time is no gap of the cell: its row says so.
pub(crate) async fn read(cell: &Cell<'_>, keys: Vec<KeyReading>, reading: &mut CellReading) {
    if keys.is_empty() {
        return;
    }
    let least = Urgency::of_keys_left(0);
    let _permit = cell.deadline.or(cell.reading.permit(least)).await;
    let mut waiting = keys.into_iter();
    let mut asked = FuturesUnordered::new();
    loop {
        while !cell.deadline.is_near()
            && asked.len() < KEYS_AHEAD
            && let Some(key) = waiting.next()
        {
            asked.push(with_usage(cell, key));
        }
        let Some(key) = asked.next().await else {
            break;
        };
        match key.usage_gap() {
            Some(Gap::NoTimeLeft) => reading.unread_keys.push(key),
            _ => reading.keys.push(key),
        }
    }
    reading.unread_keys.extend(waiting.map(|key| KeyReading {
        usage: Usage::Unreadable(Gap::NoTimeLeft),
        ..key
    }));
    if !reading.unread_keys.is_empty() {
        reading.extent = Extent::Cut;
    }
}

/// The key with its last use, which the last report may have.
async fn with_usage(cell: &Cell<'_>, mut key: KeyReading) -> KeyReading {
    let context = cell.of_key();
    match context
        .last
        .and_then(|last| last.usage_of_aws_managed(&key))
    {
        Some(last) => key.take_over(last),
        None => key.usage = usage(context, &key.key_id, key.created_at).await,
    }
    key
}
