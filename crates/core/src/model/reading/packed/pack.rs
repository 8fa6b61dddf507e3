//! Packing one cell: the fields of its keys one after the other, each as
//! [`unpack`](super::unpack) takes it.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Aside, Of, PackedCell, usual_arn};
use crate::model::{
    account::Account,
    reading::{KeyKind, KeyReading, LastUse, Manager, Usage},
    region::Region,
};

/// A cell that is being packed.
#[derive(Debug, Default)]
pub(super) struct Packing {
    bytes: Vec<u8>,
    aside: Vec<Aside>,
    /// The Region of the key before.
    region: Option<Region>,
}

impl Packing {
    pub(super) fn put_key(&mut self, key: KeyReading) {
        let is_usual = usual_arn(&key).as_deref() == Some(&key.arn);
        // By name, so that no field is forgotten.
        let KeyReading {
            account: _,
            region,
            kind,
            key_id,
            arn,
            names,
            owner,
            exemption,
            manager,
            state,
            created_at,
            usage,
            credential_report_at,
            tags_gap,
            multi_region,
            rotations,
            before_deletion,
        } = key;
        self.put_region(region);
        self.put_byte(match kind {
            KeyKind::KmsKey => 0,
            KeyKind::IamAccessKey => 1,
            KeyKind::RootAccessKey => 2,
        });
        self.put_text(&key_id);
        self.put_option((!is_usual).then_some(arn), |to, arn| to.put_text(&arn));
        self.put_number(names.len() as u64);
        names.iter().for_each(|name| self.put_text(name));
        self.put_option(owner, |to, owner| to.put_text(&owner));
        self.put_option(exemption, |to, reason| to.put_text(&reason));
        self.put_byte(match manager {
            None => 0,
            Some(Manager::Customer) => 1,
            Some(Manager::Aws) => 2,
        });
        self.put_option(state, |to, state| to.put_text(&state));
        self.put_option(created_at, Self::put_moment);
        self.put_usage(usage);
        self.put_option(credential_report_at, Self::put_moment);
        self.put_option(tags_gap, |to, gap| to.aside.push(Aside::Gap(gap)));
        self.put_option(multi_region, |to, set| {
            to.aside.push(Aside::MultiRegion(set));
        });
        self.put_option(rotations, |to, times| to.put_number(times.into()));
        self.put_option(before_deletion, |to, told| {
            to.aside.push(Aside::BeforeDeletion(told));
        });
    }

    pub(super) fn finish(mut self, account: &Arc<Account>, keys: usize) -> PackedCell {
        self.bytes.shrink_to_fit();
        PackedCell {
            bytes: self.bytes,
            of: Of {
                account: Arc::clone(account),
                keys,
                aside: self.aside,
            },
        }
    }

    /// Most keys of a cell are in the same Region.
    fn put_region(&mut self, region: Option<Region>) {
        let is_new = region.is_some() && region != self.region;
        self.put_byte(match (&region, is_new) {
            (None, _) => 0,
            (Some(_), false) => 1,
            (Some(_), true) => 2,
        });
        if let (Some(new), true) = (&region, is_new) {
            self.put_text(new.as_str());
            self.region = region;
        }
    }

    fn put_usage(&mut self, usage: Usage) {
        match usage {
            Usage::NotRead => self.put_byte(0),
            Usage::Recorded(LastUse {
                at,
                operation,
                service,
                region,
                cloudtrail_event_id,
                kms_request_id,
                tracked_since,
            }) => {
                self.put_byte(1);
                self.put_moment(at);
                for word in [
                    operation,
                    service,
                    region,
                    cloudtrail_event_id,
                    kms_request_id,
                ] {
                    self.put_option(word, |to, word| to.put_text(&word));
                }
                self.put_option(tracked_since, Self::put_moment);
            }
            Usage::NoneRecorded {
                tracked_since,
                created_at,
            } => {
                self.put_byte(2);
                self.put_moment(tracked_since);
                self.put_option(created_at, Self::put_moment);
            }
            Usage::Unreadable(gap) => {
                self.put_byte(3);
                self.aside.push(Aside::Gap(gap));
            }
        }
    }

    fn put_option<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.put_byte(value.is_some().into());
        if let Some(value) = value {
            put(self, value);
        }
    }

    fn put_moment(&mut self, at: Timestamp) {
        self.bytes.extend(at.as_second().to_le_bytes());
        self.bytes.extend(at.subsec_nanosecond().to_le_bytes());
    }

    fn put_text(&mut self, text: &str) {
        self.put_number(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn put_number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.put_byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.put_byte(number as u8);
    }

    fn put_byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }
}
