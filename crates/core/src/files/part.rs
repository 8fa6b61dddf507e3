//! Parts: what a census has read so far, as it is kept until the report is written.
//!
//! A part is a file of JSON lines: a header, then what was read of one account after the other, and
//! at the end the SHA-256 of all that. A part that is cut, damaged, of another census or of another
//! version is not used.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::{
    account::{Account, AccountId},
    manifest::FileFacts,
    partial_reading::{Extent, PartialReading},
};

mod account_record;
mod coverage_record;
mod key_record;

use account_record::AccountRecord;
pub(crate) use coverage_record::CoverageRecord;

/// The version of the format. Parts of another are not used.
const FORMAT: u32 = 3;

/// What a part belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format.
    format: u32,
    /// The version of the program.
    version: String,
    /// The census.
    pub run_id: String,
    /// The moment the census began.
    pub now: Timestamp,
    /// The SHA-256 of the settings, in lower-case hexadecimal digits.
    pub settings: String,
    /// How many parts of each earlier slice the slice of this one went on with. It did not read again
    /// what these have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub goes_on_with: BTreeMap<u32, u32>,
}

impl Header {
    /// The header of parts that this version writes.
    #[must_use]
    pub fn new(run_id: &str, now: Timestamp, settings: String) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run_id: run_id.to_owned(),
            now,
            settings,
            goes_on_with: BTreeMap::new(),
        }
    }

    /// Whether this version wrote the part, for a census with the same settings.
    ///
    /// # Errors
    /// It did not.
    pub fn check(&self, settings: &str) -> Result<(), Unusable> {
        if (self.format, self.version.as_str()) != (FORMAT, env!("CARGO_PKG_VERSION")) {
            return Err(Unusable::OtherVersion);
        }
        match self.settings == settings {
            true => Ok(()),
            false => Err(Unusable::OtherSettings),
        }
    }
}

/// Why a part is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unusable {
    /// It is cut, damaged, or not a part.
    #[error("it is cut or damaged")]
    Damaged,
    /// Another version of the program wrote it.
    #[error("another version of Keycensus wrote it")]
    OtherVersion,
    /// Its census has other settings.
    #[error("its census had other settings")]
    OtherSettings,
    /// It is of another census.
    #[error("it is of another census")]
    OtherCensus,
    /// It goes on with what a part has that is missing or not used.
    #[error("it goes on with a part that is missing or not used")]
    WithoutOthers,
}

/// Where a part has what was read of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: AccountId,
    /// Where its line begins, in bytes.
    pub offset: u64,
    /// How long its line is, in bytes, without the line break.
    pub bytes: u64,
    /// How far the reading came.
    pub extent: Extent,
    /// How many keys were read.
    pub keys: u64,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct Trailer {
    sha256: String,
}

/// A part that is being composed.
#[derive(Debug)]
pub struct PartWriter {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl PartWriter {
    /// A part without accounts.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let mut bytes = Vec::new();
        append_line(&mut bytes, header);
        Self {
            bytes,
            entries: Vec::new(),
        }
    }

    /// Adds what was read of an account.
    pub fn add(&mut self, account: &Account, reading: &PartialReading) {
        let offset = self.bytes.len() as u64;
        append_line(&mut self.bytes, &AccountRecord::new(account, reading));
        self.entries.push(Entry {
            account: account.id,
            offset,
            bytes: self.bytes.len() as u64 - offset - 1,
            extent: reading.extent,
            keys: reading.keys.len() as u64,
        });
    }

    /// How many bytes there are so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no account in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The whole file, and where what is in it.
    #[must_use]
    pub fn finish(self) -> (Vec<u8>, Vec<Entry>) {
        let Self { mut bytes, entries } = self;
        end(&mut bytes);
        (bytes, entries)
    }
}

/// Reads a part: its header, and where it has what. Every line is one that can be read.
///
/// # Errors
/// It is not a whole part.
pub fn read(part: &[u8]) -> Result<(Header, Vec<Entry>), Unusable> {
    let (header, lines) = checked_lines(part)?;
    let entries = lines.map(|(offset, line)| {
        let (account, reading) = read_entry(line).ok_or(Unusable::Damaged)?;
        Ok(Entry {
            account: account.id,
            offset,
            bytes: line.len() as u64,
            extent: reading.extent,
            keys: reading.keys.len() as u64,
        })
    });
    Ok((header, entries.collect::<Result<_, _>>()?))
}

/// Reads the line of an [`Entry`]; `None` where it is damaged.
#[must_use]
pub fn read_entry(line: &[u8]) -> Option<(Arc<Account>, PartialReading)> {
    serde_json::from_slice::<AccountRecord<'_>>(line)
        .ok()?
        .read()
}

/// Appends a value as a line of JSON.
pub(crate) fn append_line(bytes: &mut Vec<u8>, value: &impl Serialize) {
    // Plain fields with text keys always serialize.
    bytes.extend(serde_json::to_vec(value).unwrap_or_default());
    bytes.push(b'\n');
}

/// Ends a file of lines with their SHA-256.
pub(crate) fn end(bytes: &mut Vec<u8>) {
    let trailer = Trailer {
        sha256: sha256(bytes),
    };
    append_line(bytes, &trailer);
}

/// The header of a file of lines, and the other lines up to the trailer, each with where it begins.
pub(crate) fn checked_lines(
    file: &[u8],
) -> Result<(Header, impl Iterator<Item = (u64, &[u8])>), Unusable> {
    let without_break = file.strip_suffix(b"\n").ok_or(Unusable::Damaged)?;
    let last = without_break.iter().rposition(|byte| *byte == b'\n');
    let (content, trailer) = without_break.split_at(last.ok_or(Unusable::Damaged)? + 1);
    let trailer: Trailer = serde_json::from_slice(trailer).map_err(|_| Unusable::Damaged)?;
    if trailer.sha256 != sha256(content) {
        return Err(Unusable::Damaged);
    }
    let mut offset = 0;
    let mut lines = content
        .split_inclusive(|byte| *byte == b'\n')
        .map(move |line| {
            let begins = offset;
            offset += line.len() as u64;
            (begins, line.strip_suffix(b"\n").unwrap_or(line))
        });
    let header = lines.next().ok_or(Unusable::Damaged)?.1;
    let header = serde_json::from_slice(header).map_err(|_| Unusable::Damaged)?;
    Ok((header, lines))
}

fn sha256(bytes: &[u8]) -> String {
    FileFacts::of(bytes).sha256
}

#[cfg(test)]
mod tests;
