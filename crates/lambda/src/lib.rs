//! The census as a Lambda function: event -> run -> outcome.

pub mod handler;
pub mod logs;
pub mod metrics;
