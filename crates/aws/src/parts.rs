//! What a run has read so far, kept in the bucket or the folder until its report is written, so that
//! it can be cut off and go on.

pub(crate) mod cut_off;
pub(crate) mod held;
pub(crate) mod index;
pub(crate) mod kept;
pub(crate) mod resumed;
pub(crate) mod sink;
