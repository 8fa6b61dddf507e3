//! Many keys in little memory.
//!
//! Hundreds of thousands of keys are held until the last of them is read. As a
//! [`KeyReading`] each takes some 700 bytes in a dozen pieces; packed, it takes a
//! quarter of that. Few large pieces also leave the rest of the memory whole:
//! what lies between two keys can be given back when it is done with.

use std::sync::Arc;

use super::{KeyKind, KeyReading, MultiRegion};
use crate::model::gap::Gap;
use crate::model::{account::Account, before_deletion::BeforeDeletion};

mod pack;
mod unpack;

use unpack::Unpacking;

/// How large the pieces are that [`PackedKeys`] takes memory in, if no cell is larger.
const PIECE_BYTES: usize = 1 << 20;

/// The keys of one cell, packed.
#[derive(Debug)]
pub struct PackedCell {
    bytes: Vec<u8>,
    of: Of,
}

/// Keys of many cells. They come out as they went in, in the same order.
#[derive(Debug, Default)]
pub struct PackedKeys {
    /// The bytes of the cells, one cell after the other.
    pieces: Vec<Vec<u8>>,
    cells: Vec<Of>,
    keys: usize,
}

/// What a cell has beside its bytes.
#[derive(Debug)]
struct Of {
    account: Arc<Account>,
    keys: usize,
    aside: Vec<Aside>,
}

/// What few keys have, kept as it is.
#[derive(Debug)]
enum Aside {
    Gap(Gap),
    MultiRegion(Box<MultiRegion>),
    BeforeDeletion(Box<BeforeDeletion>),
}

impl PackedCell {
    /// Packs the keys of a cell, which are keys of `account`.
    pub fn new(account: &Arc<Account>, keys: impl IntoIterator<Item = KeyReading>) -> Self {
        let mut packing = pack::Packing::default();
        let keys = keys.into_iter().map(|key| packing.put_key(key)).count();
        packing.finish(account, keys)
    }
}

impl PackedKeys {
    /// Adds the keys of a cell.
    pub fn push(&mut self, mut cell: PackedCell) {
        if cell.of.keys == 0 {
            return;
        }
        self.keys += cell.of.keys;
        self.cells.push(cell.of);
        match self.pieces.last_mut() {
            Some(last) if last.capacity() - last.len() >= cell.bytes.len() => {
                last.append(&mut cell.bytes);
            }
            _ => {
                let mut piece = Vec::with_capacity(cell.bytes.len().max(PIECE_BYTES));
                piece.append(&mut cell.bytes);
                self.pieces.push(piece);
            }
        }
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys == 0
    }
}

/// The ARN that a KMS key has by all that is known of AWS, which need not be kept.
fn usual_arn(key: &KeyReading) -> Option<String> {
    let region = key
        .region
        .as_ref()
        .filter(|_| key.kind == KeyKind::KmsKey)?;
    let (partition, account, key_id) = (region.partition(), key.account.id, &key.key_id);
    Some(format!(
        "arn:{partition}:kms:{region}:{account}:key/{key_id}"
    ))
}

impl IntoIterator for PackedKeys {
    type Item = KeyReading;
    type IntoIter = Unpacked;

    fn into_iter(self) -> Unpacked {
        Unpacked {
            unpacking: Unpacking::default(),
            pieces: self.pieces.into_iter(),
            cells: self.cells.into_iter(),
            left_in_cell: 0,
            left: self.keys,
        }
    }
}

/// The keys of [`PackedKeys`], one after the other. Memory is given back piece by
/// piece.
#[derive(Debug)]
pub struct Unpacked {
    unpacking: Unpacking,
    pieces: std::vec::IntoIter<Vec<u8>>,
    cells: std::vec::IntoIter<Of>,
    left_in_cell: usize,
    left: usize,
}

impl Iterator for Unpacked {
    type Item = KeyReading;

    fn next(&mut self) -> Option<KeyReading> {
        if self.left == 0 {
            return None;
        }
        let key = self.take_key();
        // Better no report than one that lacks a key and does not say so.
        assert!(key.is_some(), "{} keys cannot be unpacked", self.left);
        self.left -= 1;
        key
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl Unpacked {
    fn take_key(&mut self) -> Option<KeyReading> {
        if self.left_in_cell == 0 {
            let Of {
                account,
                keys,
                aside,
            } = self.cells.next()?;
            self.left_in_cell = keys;
            if self.unpacking.is_at_the_end() {
                self.unpacking.go_on_in(self.pieces.next()?);
            }
            self.unpacking.begin_cell(account, aside);
        }
        self.left_in_cell -= 1;
        self.unpacking.take_key()
    }
}

impl ExactSizeIterator for Unpacked {}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, mem::size_of};

    use proptest::prelude::*;

    use super::{PackedCell, PackedKeys, usual_arn};
    use crate::{
        arbitrary::reading,
        examples::{account, kms_key},
        model::{
            account::AccountId,
            reading::{KeyReading, MultiRegion, MultiRegionRole, Usage},
        },
    };

    /// A key with what the others have not: its set, its rotations, and the usual ARN.
    fn full(mut key: KeyReading) -> KeyReading {
        key.multi_region = Some(Box::new(MultiRegion {
            role: MultiRegionRole::Replica,
            primary_region: "eu-west-1".to_owned(),
            replica_regions: vec!["eu-north-1".to_owned()],
        }));
        key.rotations = Some(u32::MAX);
        key.arn = usual_arn(&key).unwrap_or_default();
        if let Usage::Recorded(last_use) = &mut key.usage {
            last_use.cloudtrail_event_id = Some(String::new());
            last_use.kms_request_id = Some("11112222-3333-4444-5555-666677778888".to_owned());
        }
        key
    }

    proptest! {
        #[test]
        fn keys_come_out_as_they_went_in(reading in reading(40)) {
            let mut cells: BTreeMap<(AccountId, String), Vec<KeyReading>> = BTreeMap::new();
            for (n, key) in reading.keys.into_iter().enumerate() {
                let key = if n % 2 == 0 { full(key) } else { key };
                let account = (key.account.id, key.account.name.clone());
                cells.entry(account).or_default().push(key);
            }
            let mut packed = PackedKeys::default();
            for keys in cells.values() {
                packed.push(PackedCell::new(&keys[0].account, keys.clone()));
                packed.push(PackedCell::new(&keys[0].account, []));
            }
            let keys: Vec<KeyReading> = cells.into_values().flatten().collect();
            prop_assert_eq!(packed.len(), keys.len());
            let unpacked = packed.into_iter();
            prop_assert_eq!(unpacked.len(), keys.len());
            prop_assert_eq!(unpacked.collect::<Vec<_>>(), keys);
        }
    }

    #[test]
    fn keys_come_out_of_many_pieces() {
        let account = account(1, "one");
        let keys: Vec<KeyReading> = (0..20_000)
            .map(|n| kms_key(&account, n, "2026-05-01T00:00:00Z"))
            .collect();
        let mut packed = PackedKeys::default();
        for cell in keys.chunks(7) {
            packed.push(PackedCell::new(&account, cell.to_vec()));
        }
        // One cell that is larger than a piece.
        packed.push(PackedCell::new(&account, keys.clone()));
        assert!(packed.pieces.len() > 2);
        let bytes: usize = packed.pieces.iter().map(Vec::len).sum();
        assert!(bytes / packed.len() < size_of::<KeyReading>() / 3);
        assert!(packed.into_iter().eq(keys.iter().chain(&keys).cloned()));
    }
}
