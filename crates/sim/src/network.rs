//! The two ways to send requests: an HTTP client for the AWS SDK in the same process, and a socket.

pub(crate) mod client;
pub(crate) mod server;
