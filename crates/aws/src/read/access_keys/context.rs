//! What the access keys of an account are read with.

use std::sync::Arc;

use jiff::Timestamp;
use keycensus_core::{
    model::{
        account::Account,
        reading::{KeyKind, KeyReading, Manager},
    },
    settings::Settings,
};

use crate::{
    deadline::Deadline, progress::Progress, read::last_night::LastCell, services::iam::Iam,
};

/// What an IAM cell, and each user of it, is read with.
pub(crate) struct IamContext<'a> {
    pub(crate) iam: Iam<'a>,
    pub(crate) account: &'a Arc<Account>,
    pub(crate) partition: &'a str,
    pub(crate) settings: &'a Settings,
    pub(crate) progress: &'a Progress,
    pub(crate) deadline: &'a Deadline,
    /// The moment the run began.
    pub(crate) now: Timestamp,
    /// What the last report has of the cell; `None`: all of it is read.
    pub(crate) last: Option<LastCell>,
    /// Whether the last run did not read everything in the account.
    pub(crate) was_unfinished: bool,
}

impl IamContext<'_> {
    /// A key or password of `user`, of which nothing more is known yet.
    pub(crate) fn key_of(
        &self,
        user: &str,
        kind: KeyKind,
        key_id: String,
        arn: String,
    ) -> KeyReading {
        KeyReading {
            names: vec![user.to_owned()],
            manager: Some(Manager::Customer),
            ..KeyReading::listed(self.account, None, kind, key_id, arn)
        }
    }

    /// The ARN of the account's root user.
    pub(crate) fn root_arn(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition, self.account.id)
    }
}
