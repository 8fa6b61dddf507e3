//! The first stage of a census: which accounts there are, and which are to be read.

pub(crate) mod left_out;
pub(crate) mod organization;
pub(crate) mod ou_paths;
pub(crate) mod selection;
