//! The bytes of a run's parts, on the disk of this machine: what is read of an organization may be
//! more than its memory.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    sync::{Arc, Mutex},
};

use bytes::Bytes;

use crate::{
    store::on_disk::{read_at, unnamed},
    transport::lock::lock,
};

/// The bytes of parts, one after the other in one file. Clones add to the same file.
#[derive(Debug, Default, Clone)]
pub(crate) struct HeldParts(Arc<Mutex<Option<File>>>);

/// The bytes of a part.
#[derive(Debug, Clone)]
pub(crate) enum HeldPart {
    /// In the file, from this byte on.
    OnDisk(HeldParts, u64),
    /// The disk did not take it.
    InMemory(Bytes),
}

impl HeldParts {
    /// Adds a part.
    pub(crate) fn add(&self, part: Bytes) -> HeldPart {
        match self.append(&part) {
            Ok(begins) => HeldPart::OnDisk(self.clone(), begins),
            Err(error) => {
                tracing::warn!("a part is held in memory, for the disk did not take it: {error}");
                HeldPart::InMemory(part)
            }
        }
    }

    /// Writes a part at the end of the file, and says where it begins.
    fn append(&self, part: &[u8]) -> io::Result<u64> {
        let mut held = lock(&self.0);
        let file = match &mut *held {
            Some(file) => file,
            none => none.insert(unnamed()?),
        };
        let begins = file.seek(SeekFrom::End(0))?;
        file.write_all(part)?;
        Ok(begins)
    }

    fn read(&self, begins: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut held = lock(&self.0);
        let file = held.as_mut().ok_or(io::ErrorKind::NotFound)?;
        read_at(file, begins, bytes)
    }
}

impl HeldPart {
    /// So many bytes of the part, from `offset` on.
    pub(crate) fn read(&self, offset: u64, bytes: u64) -> io::Result<Bytes> {
        let length = usize::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput)?;
        match self {
            Self::OnDisk(parts, begins) => {
                let mut read = vec![0; length];
                parts.read(begins + offset, &mut read)?;
                Ok(read.into())
            }
            Self::InMemory(part) => {
                let from = usize::try_from(offset).ok();
                let range = from.and_then(|from| Some(from..from.checked_add(length)?));
                let range = range.filter(|range| range.end <= part.len());
                Ok(part.slice(range.ok_or(io::ErrorKind::UnexpectedEof)?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{HeldPart, HeldParts};

    #[test]
    fn a_part_is_read_back_whatever_clones_have_added_since() {
        let parts = HeldParts::default();
        let first = parts.add(Bytes::from_static(b"first part"));
        let second = parts.clone().add(Bytes::from_static(b"second"));
        let third = parts.add(Bytes::from_static(b"third"));
        assert_eq!(first.read(6, 4).unwrap(), "part");
        assert_eq!(second.read(0, 6).unwrap(), "second");
        assert_eq!(third.read(2, 3).unwrap(), "ird");
    }

    #[test]
    fn what_a_part_does_not_have_is_an_error_on_the_disk_and_in_memory() {
        let part = Bytes::from_static(b"a part");
        let in_memory = HeldPart::InMemory(part.clone());
        for held in [HeldParts::default().add(part), in_memory] {
            assert_eq!(held.read(2, 4).unwrap(), "part");
            assert!(held.read(2, 5).is_err());
            assert!(held.read(u64::MAX, 1).is_err());
        }
    }
}
