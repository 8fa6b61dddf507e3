//! Unpacking cell after cell. What [`pack`](super::pack) has put is there, so it is
//! never `None` that comes of it.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Aside, usual_arn};
use crate::model::{
    account::Account,
    before_deletion::BeforeDeletion,
    gap::Gap,
    reading::{KeyKind, KeyReading, LastUse, Manager, MultiRegion, Usage},
    region::Region,
};

/// A piece that is being unpacked.
#[derive(Debug, Default)]
pub(super) struct Unpacking {
    bytes: Vec<u8>,
    /// How many bytes are taken.
    taken: usize,
    account: Option<Arc<Account>>,
    aside: std::vec::IntoIter<Aside>,
    /// The Region of the key before.
    region: Option<Region>,
}

impl Unpacking {
    pub(super) fn is_at_the_end(&self) -> bool {
        self.taken == self.bytes.len()
    }

    pub(super) fn go_on_in(&mut self, piece: Vec<u8>) {
        self.bytes = piece;
        self.taken = 0;
    }

    pub(super) fn begin_cell(&mut self, account: Arc<Account>, aside: Vec<Aside>) {
        self.account = Some(account);
        self.aside = aside.into_iter();
        self.region = None;
    }

    pub(super) fn take_key(&mut self) -> Option<KeyReading> {
        let region = self.take_region()?;
        let kind = match self.take_byte()? {
            0 => KeyKind::KmsKey,
            1 => KeyKind::IamAccessKey,
            _ => KeyKind::RootAccessKey,
        };
        let key_id = self.take_text()?;
        let arn = self.take_option(Self::take_text)?;
        let names = self.take_number()?;
        let mut key = KeyReading {
            account: self.account.clone()?,
            region,
            kind,
            key_id,
            arn: String::new(),
            names: (0..names)
                .map(|_| self.take_text())
                .collect::<Option<_>>()?,
            owner: self.take_option(Self::take_text)?,
            exemption: self.take_option(Self::take_text)?,
            manager: match self.take_byte()? {
                0 => None,
                1 => Some(Manager::Customer),
                _ => Some(Manager::Aws),
            },
            state: self.take_option(Self::take_text)?,
            created_at: self.take_option(Self::take_moment)?,
            usage: self.take_usage()?,
            credential_report_at: self.take_option(Self::take_moment)?,
            tags_gap: self.take_option(Self::take_gap)?,
            multi_region: self.take_option(Self::take_multi_region)?,
            rotations: self
                .take_option(Self::take_number)?
                .and_then(|times| u32::try_from(times).ok()),
            before_deletion: self.take_option(Self::take_before_deletion)?,
        };
        key.arn = arn.or_else(|| usual_arn(&key))?;
        Some(key)
    }

    fn take_region(&mut self) -> Option<Option<Region>> {
        match self.take_byte()? {
            0 => return Some(None),
            1 => {}
            _ => self.region = Some(Region::parse(&self.take_text()?)?),
        }
        Some(self.region.clone())
    }

    fn take_usage(&mut self) -> Option<Usage> {
        Some(match self.take_byte()? {
            0 => Usage::NotRead,
            1 => Usage::Recorded(LastUse {
                at: self.take_moment()?,
                operation: self.take_option(Self::take_text)?,
                service: self.take_option(Self::take_text)?,
                region: self.take_option(Self::take_text)?,
                cloudtrail_event_id: self.take_option(Self::take_text)?,
                kms_request_id: self.take_option(Self::take_text)?,
                tracked_since: self.take_option(Self::take_moment)?,
            }),
            2 => Usage::NoneRecorded {
                tracked_since: self.take_moment()?,
                created_at: self.take_option(Self::take_moment)?,
            },
            _ => Usage::Unreadable(self.take_gap()?),
        })
    }

    fn take_gap(&mut self) -> Option<Gap> {
        match self.aside.next()? {
            Aside::Gap(gap) => Some(gap),
            Aside::MultiRegion(_) | Aside::BeforeDeletion(_) => None,
        }
    }

    fn take_multi_region(&mut self) -> Option<Box<MultiRegion>> {
        match self.aside.next()? {
            Aside::MultiRegion(set) => Some(set),
            Aside::Gap(_) | Aside::BeforeDeletion(_) => None,
        }
    }

    fn take_before_deletion(&mut self) -> Option<Box<BeforeDeletion>> {
        match self.aside.next()? {
            Aside::BeforeDeletion(told) => Some(told),
            Aside::Gap(_) | Aside::MultiRegion(_) => None,
        }
    }

    fn take_option<T>(&mut self, take: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.take_byte()? {
            0 => Some(None),
            _ => take(self).map(Some),
        }
    }

    fn take_moment(&mut self) -> Option<Timestamp> {
        let second = i64::from_le_bytes(self.take()?);
        let nanosecond = i32::from_le_bytes(self.take()?);
        Timestamp::new(second, nanosecond).ok()
    }

    fn take_text(&mut self) -> Option<String> {
        let length = self.take_number()?;
        let begin = self.taken;
        self.taken = begin.checked_add(usize::try_from(length).ok()?)?;
        let text = std::str::from_utf8(self.bytes.get(begin..self.taken)?);
        text.ok().map(str::to_owned)
    }

    fn take_number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.take_byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(number)
    }

    fn take_byte(&mut self) -> Option<u8> {
        let [byte] = self.take()?;
        Some(byte)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.bytes.get(self.taken..)?.first_chunk()?;
        self.taken += N;
        Some(*bytes)
    }
}
