//! Large files on the disk of this machine, for as long as a run needs them. They have no names: however
//! the process ends, nothing is left of them.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use keycensus_core::model::manifest::{FileFacts, Hashing};

use crate::{error::CensusError, transport::lock::lock};

/// How much of a file is in memory at a time.
const PIECE_BYTES: usize = 1 << 20;

/// A file that is being made.
#[derive(Debug)]
pub struct Spool {
    file: File,
    /// What is not on the disk yet.
    pending: Vec<u8>,
    hashing: Hashing,
}

/// A file that is complete.
#[derive(Debug)]
pub struct OnDisk {
    pub(crate) facts: FileFacts,
    file: Mutex<File>,
}

/// A file that is read from its beginning.
#[derive(Debug)]
pub struct DiskReader {
    of: Arc<OnDisk>,
    at: u64,
}

impl Spool {
    /// A file without a byte.
    ///
    /// # Errors
    /// The disk takes no more.
    pub fn begin() -> io::Result<Self> {
        Ok(Self {
            file: unnamed()?,
            pending: Vec::new(),
            hashing: Hashing::default(),
        })
    }

    /// Adds the next bytes.
    ///
    /// # Errors
    /// The disk takes no more.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hashing.add(bytes);
        self.pending.extend_from_slice(bytes);
        match self.pending.len() >= PIECE_BYTES {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    /// The file, which is complete.
    ///
    /// # Errors
    /// The disk takes no more.
    pub fn finish(mut self) -> io::Result<Arc<OnDisk>> {
        self.flush()?;
        Ok(Arc::new(OnDisk {
            facts: self.hashing.facts(),
            file: Mutex::new(self.file),
        }))
    }
}

impl OnDisk {
    /// A file of a folder. What is written under its name later does not change it.
    pub(crate) fn opened(mut file: File) -> io::Result<Arc<Self>> {
        let mut hashing = Hashing::default();
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match file.read(&mut piece)? {
                0 => break,
                read => hashing.add(&piece[..read]),
            }
        }
        Ok(Arc::new(Self {
            facts: hashing.facts(),
            file: Mutex::new(file),
        }))
    }

    /// The piece of the file that begins at this byte, of `most` bytes or fewer; empty at its end.
    pub(crate) fn piece(&self, at: u64, most: u64) -> io::Result<Bytes> {
        let left = self.facts.bytes.saturating_sub(at);
        let mut piece = vec![0; left.min(most).min(PIECE_BYTES as u64) as usize];
        read_at(&mut lock(&self.file), at, &mut piece)?;
        Ok(piece.into())
    }

    /// The facts of the bytes from `at` on, of `most` or what is left.
    pub(crate) fn facts_of(&self, at: u64, most: u64) -> io::Result<FileFacts> {
        let end = at.saturating_add(most).min(self.facts.bytes);
        let (mut hashing, mut at) = (Hashing::default(), at);
        while at < end {
            let piece = self.piece(at, end - at)?;
            hashing.add(&piece);
            at += piece.len() as u64;
        }
        Ok(hashing.facts())
    }

    /// Reads a part of the file.
    pub(crate) fn reader_of(self: &Arc<Self>, range: Range<u64>) -> io::Take<DiskReader> {
        let of = Arc::clone(self);
        let reader = DiskReader {
            of,
            at: range.start,
        };
        reader.take(range.end.saturating_sub(range.start))
    }

    /// Reads the file from its beginning.
    #[must_use]
    pub fn reader(self: &Arc<Self>) -> DiskReader {
        DiskReader {
            of: Arc::clone(self),
            at: 0,
        }
    }
}

impl Read for DiskReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = lock(&self.of.file);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Reads bytes of a file from `at` on.
pub(crate) fn read_at(file: &mut File, at: u64, bytes: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(bytes)
}

/// A file without a name.
pub(crate) fn unnamed() -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("keycensus-{:016x}", fastrand::u64(..)));
    let mut open = OpenOptions::new();
    open.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    let file = open.open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// Makes sure that this machine holds files, before anything is scanned.
pub(crate) fn check() -> Result<(), CensusError> {
    unnamed().map(drop).map_err(not_held)
}

/// What to say where this machine cannot hold a file.
pub(crate) fn not_held(error: impl ToString) -> CensusError {
    CensusError::ReportNotWritten {
        location: std::env::temp_dir().display().to_string(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Read};

    use keycensus_core::model::manifest::FileFacts;

    use super::{OnDisk, PIECE_BYTES, Spool};

    /// A file of a little more than two pieces.
    fn bytes() -> Vec<u8> {
        (0..2 * PIECE_BYTES + 7).map(|n| n as u8).collect()
    }

    #[test]
    fn a_file_is_read_as_it_was_made_as_often_as_is_needed() {
        let bytes = bytes();
        let mut spool = Spool::begin().unwrap();
        bytes.chunks(999).for_each(|part| spool.add(part).unwrap());
        let file = spool.finish().unwrap();
        assert_eq!(file.facts, FileFacts::of(&bytes));
        for _ in 0..2 {
            let mut read = Vec::new();
            file.reader().read_to_end(&mut read).unwrap();
            assert!(read == bytes);
        }
        let second = file.piece(PIECE_BYTES as u64, u64::MAX).unwrap();
        assert!(second == bytes[PIECE_BYTES..2 * PIECE_BYTES]);
        assert_eq!(file.piece(bytes.len() as u64, 1).unwrap().len(), 0);
    }

    #[test]
    fn a_file_of_a_folder_stays_as_it_was_opened() {
        let path = std::env::temp_dir().join(format!("keycensus-opened-{}", std::process::id()));
        fs::write(&path, bytes()).unwrap();
        let opened = OnDisk::opened(fs::File::open(&path).unwrap()).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, b"another").unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(opened.facts, FileFacts::of(&bytes()));
        let mut read = Vec::new();
        opened.reader().read_to_end(&mut read).unwrap();
        assert!(read == bytes());
    }
}
