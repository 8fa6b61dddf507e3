//! The files of a run, as its `summary.json` names them: by their SHA-256, so that files of two
//! runs are never mixed up.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::{hex::hex, layout::ReportFile, time::date};

/// The SHA-256 and the size of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// The SHA-256 of its bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// The facts of a file whose bytes are yet to come.
#[derive(Debug, Clone, Default)]
pub struct Hashing {
    hash: Sha256,
    bytes: u64,
}

impl Hashing {
    /// Adds the next bytes of the file.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }

    /// The facts of a file that ends here.
    #[must_use]
    pub fn facts(self) -> FileFacts {
        FileFacts {
            sha256: hex(&self.hash.finalize()),
            bytes: self.bytes,
        }
    }
}

impl FileFacts {
    /// The facts of a file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hashing = Hashing::default();
        hashing.add(bytes);
        hashing.facts()
    }

    /// The SHA-256 as bytes; nothing where it is none.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        let digits = self.sha256.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> = digits
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        bytes.unwrap_or_default()
    }
}

/// Files by name, such as `keys.csv`.
pub type Files = BTreeMap<String, FileFacts>;

/// The settings on which it rests for how long what was read of a key stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadSettings {
    /// T.
    pub stale_after_days: u32,
    /// The tag that exempts a key.
    pub exempt_tag: String,
    /// The tags that may name an owner.
    pub owner_tags: Vec<String>,
}

/// The part of a `summary.json` that identifies its run and the run's other files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The run.
    pub run_id: String,
    /// The moment the run began.
    pub scanned_at: Timestamp,
    /// The settings that its keys were read with; `None` where an earlier version wrote it.
    #[serde(flatten)]
    pub settings: Option<ReadSettings>,
    /// The run's files, but for the summary itself; empty where an earlier version wrote
    /// it, which named none.
    #[serde(default)]
    pub files: Files,
}

impl Manifest {
    /// The manifest in a `summary.json`; `None` where that is none, or damaged.
    #[must_use]
    pub fn read(summary_json: &[u8]) -> Option<Self> {
        serde_json::from_slice(summary_json).ok()
    }

    /// The UTC date under which the run's files are.
    #[must_use]
    pub fn scan_date(&self) -> Date {
        date(self.scanned_at)
    }

    /// Whether the run's files are named, so that files of other runs can be recognized.
    #[must_use]
    pub fn names_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// Whether a file with these facts is the run's `file`. Where no file is named, any may be.
    #[must_use]
    pub fn is(&self, file: ReportFile, facts: &FileFacts) -> bool {
        match self.files.get(file.name()) {
            Some(named) => named == facts,
            None => !self.names_files(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FileFacts, Hashing, Manifest};
    use crate::{
        examples::{first_report, name_files},
        judge::whole_report::WholeReport,
        model::{layout::ReportFile, organization_reading::Reading},
    };

    fn report() -> WholeReport {
        let mut report = first_report(Reading::default());
        name_files(&mut report);
        report
    }

    #[test]
    fn a_file_is_known_by_the_sha_256_of_its_bytes() {
        // <https://csrc.nist.gov/CSRC/media/Projects/Cryptographic-Standards-and-Guidelines/documents/examples/SHA256.pdf>
        let mut hashing = Hashing::default();
        hashing.add(b"a");
        hashing.add(b"bc");
        let facts = hashing.facts();
        assert_eq!(facts.bytes, 3);
        assert_eq!(
            facts.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn the_digest_is_what_its_digits_say() {
        let facts = FileFacts::of(b"abc");
        assert_eq!(facts.digest().len(), 32);
        assert_eq!(facts.digest()[..4], [0xba, 0x78, 0x16, 0xbf]);
    }

    #[test]
    fn a_summary_names_every_other_file_of_its_run() {
        let report = report();
        let manifest = Manifest::read(&report.file(ReportFile::SummaryJson)).unwrap();
        assert_eq!(manifest, Manifest::of(&report));
        assert_eq!(manifest.scan_date(), report.scan_date);
        assert_eq!(manifest.files.len(), ReportFile::ALL.len() - 1);
        for file in ReportFile::ALL {
            let is_named = file != ReportFile::SummaryJson;
            let facts = FileFacts::of(&report.file(file));
            assert_eq!(manifest.is(file, &facts), is_named, "{file:?}");
            let other = FileFacts::of(b"of another run");
            assert!(!manifest.is(file, &other), "{file:?}");
        }
    }

    #[test]
    fn a_summary_of_an_earlier_version_names_no_file_and_any_may_be_its() {
        let earlier = br#"{"schema": 1, "run_id": "run-1", "scanned_at": "2026-11-21T02:00:07Z"}"#;
        let manifest = Manifest::read(earlier).unwrap();
        assert!(!manifest.names_files());
        assert!(manifest.is(ReportFile::KeysCsv, &FileFacts::of(b"anything")));
    }

    #[test]
    fn what_is_no_summary_has_no_manifest() {
        for bytes in [&b""[..], b"{}", b"{\"run_id\": \"run-1\", \"scann", b"\xff"] {
            assert_eq!(Manifest::read(bytes), None);
        }
    }
}
