//! Where reports are written and read: a bucket or a folder.

pub mod on_disk;
pub mod stored;

pub(crate) mod bucket;
pub(crate) mod destination;
pub(crate) mod folder;
pub(crate) mod object_encryption;
pub(crate) mod report_targets;
pub(crate) mod spool;
pub(crate) mod upload;
