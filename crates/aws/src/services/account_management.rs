//! Account Management, which lists the Regions that are enabled in an account. Whether it
//! has an endpoint in every Region of every partition, such as `us-gov-east-1`, AWS does
//! not say (<https://docs.aws.amazon.com/general/latest/gr/account.html>).

use std::sync::atomic::{AtomicBool, Ordering};

use crate::transport::{call_error::CallError, sdk_client::client};
use aws_config::SdkConfig;

/// Account Management for a whole run.
#[derive(Debug)]
pub(crate) struct AccountManagement {
    client: aws_sdk_account::Client,
    /// Whether any account was answered.
    has_answered: AtomicBool,
    /// Whether DNS does not know the name of the endpoint, however often it was asked
    /// on behalf of one account. Then no other account is asked for.
    has_no_endpoint: AtomicBool,
}

impl AccountManagement {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self {
            client: client!(aws_sdk_account, config),
            has_answered: AtomicBool::new(false),
            has_no_endpoint: AtomicBool::new(false),
        }
    }

    pub(crate) fn client(&self) -> &aws_sdk_account::Client {
        &self.client
    }

    /// Whether there is an endpoint to ask, as far as the run knows.
    pub(crate) fn has_endpoint(&self) -> bool {
        !self.has_no_endpoint.load(Ordering::Relaxed)
    }

    /// Remembers what an account's Regions came to, after all attempts.
    pub(crate) fn learn<T>(&self, outcome: &Result<T, CallError>) {
        match outcome {
            Ok(_) => self.has_answered.store(true, Ordering::Relaxed),
            Err(error) if error.is_name_not_found() => {
                // An endpoint that has answered is there, and its name is found again.
                let has_answered = self.has_answered.load(Ordering::Relaxed);
                self.has_no_endpoint.store(!has_answered, Ordering::Relaxed);
            }
            Err(_) => {}
        }
    }
}
