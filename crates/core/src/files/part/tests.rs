use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;

use super::{Header, PartWriter, Unusable, read, read_entry};
use crate::{
    arbitrary::{self, run},
    examples::{account, kms_key, scanned},
    model::{
        account::{Account, AccountId},
        partial_reading::{Extent, PartialReading},
        reading::{KeyReading, MultiRegion, MultiRegionRole, Usage},
    },
};

fn header() -> Header {
    Header::new("run-1", run().now, "5e77".to_owned())
}

fn part(readings: &[(Arc<Account>, PartialReading)]) -> Vec<u8> {
    let mut part = PartWriter::new(&header());
    for (account, reading) in readings {
        part.add(account, reading);
    }
    part.finish().0
}

fn small() -> Vec<u8> {
    let one = account(1, "one");
    let reading = PartialReading {
        keys: vec![kms_key(&one, 1, "2026-11-01T00:00:00Z")],
        coverage: vec![scanned(&one, Some("eu-west-1"))],
        extent: Extent::Whole,
        ..PartialReading::default()
    };
    part(&[(one, reading)])
}

/// A key with what arbitrary ones have not.
fn full(mut key: KeyReading) -> KeyReading {
    key.multi_region = Some(Box::new(MultiRegion {
        role: MultiRegionRole::Replica,
        primary_region: "eu-west-1".to_owned(),
        replica_regions: vec!["eu-north-1".to_owned()],
    }));
    key.rotations = Some(u32::MAX);
    if let Usage::Recorded(last_use) = &mut key.usage {
        last_use.cloudtrail_event_id = Some(String::new());
        last_use.kms_request_id = Some("11112222-3333-4444-5555-666677778888".to_owned());
    }
    key
}

proptest! {
    #[test]
    fn what_was_read_comes_out_of_a_part_as_it_went_in(reading in arbitrary::reading(40)) {
        let mut accounts: BTreeMap<AccountId, (Arc<Account>, PartialReading)> = BTreeMap::new();
        for (n, key) in reading.keys.into_iter().enumerate() {
            let key = if n % 2 == 0 { full(key) } else { key };
            let account = Arc::clone(&key.account);
            let (account, reading) = accounts
                .entry(account.id)
                .or_insert_with(|| (account, PartialReading::default()));
            let key = KeyReading { account: Arc::clone(account), ..key };
            match n % 3 {
                0 => reading.unread_keys.push(key),
                _ => reading.keys.push(key),
            }
        }
        for (n, mut row) in reading.coverage.into_iter().enumerate() {
            let Some(account) = row.account.clone() else { continue };
            let (account, reading) = accounts
                .entry(account.id)
                .or_insert_with(|| (account, PartialReading::default()));
            row.account = Some(Arc::clone(account));
            match n % 3 {
                0 => reading.cut_coverage.push(row),
                _ => reading.coverage.push(row),
            }
            reading.extent = Extent::ALL[n % 3];
        }
        let accounts: Vec<_> = accounts.into_values().collect();
        let bytes = part(&accounts);
        let (found, entries) = read(&bytes).unwrap();
        prop_assert_eq!(found, header());
        for (entry, account) in entries.iter().zip(&accounts) {
            let line = &bytes[entry.offset as usize..(entry.offset + entry.bytes) as usize];
            prop_assert_eq!(&read_entry(line).unwrap(), account);
            let (account, reading) = account;
            prop_assert_eq!((entry.account, entry.extent), (account.id, reading.extent));
            prop_assert_eq!(entry.keys, reading.keys.len() as u64);
        }
        prop_assert_eq!(entries.len(), accounts.len());
    }

    #[test]
    fn a_part_that_was_changed_anywhere_is_not_used(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let whole = small();
        let mut changed = whole.clone();
        let at = at.index(changed.len());
        changed[at] = byte;
        // The digits of the hash at the end are the only bytes that may be other ones.
        prop_assert!(changed == whole || read(&changed).is_err());
        prop_assert!(read(&whole[..at]).is_err());
    }
}

#[test]
fn a_part_of_another_version_or_of_other_settings_is_not_used() {
    let bytes = small();
    let (found, _) = read(&bytes).unwrap();
    assert_eq!(found.check("5e77"), Ok(()));
    assert_eq!(found.check("0000"), Err(Unusable::OtherSettings));
    for (ours, other) in [
        ("\"format\":3", "\"format\":2"),
        ("\"version\":\"", "\"version\":\"9."),
    ] {
        let text = serde_json::to_string(&header()).unwrap();
        let other = serde_json::from_str::<Header>(&text.replace(ours, other)).unwrap();
        assert_eq!(other.check("5e77"), Err(Unusable::OtherVersion));
    }
}

#[test]
fn what_is_no_part_is_not_used() {
    for bytes in [
        &b""[..],
        b"\n",
        b"{}\n",
        b"{}\n{\"sha256\":\"00\"}\n",
        b"\xff\xfe",
    ] {
        assert_eq!(read(bytes).unwrap_err(), Unusable::Damaged);
    }
}
