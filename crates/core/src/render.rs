//! A report as people and programs receive it: files, digest, page, events.

pub mod chat;
pub mod digest;
pub mod events;
pub mod html;
pub mod limits;
pub mod security_hub;

pub(crate) mod console;
pub(crate) mod report_files;
