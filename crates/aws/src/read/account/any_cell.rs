//! A cell of each kind, with what it is read with.

use std::sync::atomic::AtomicBool;

use keycensus_core::model::{
    partial_reading::PartialReading,
    reading::KeyReading,
    region::{GLOBAL, Region},
};

use crate::{
    read::{
        access_keys::{self, context::IamContext},
        cell_reading::CellReading,
        context::ScanContext,
        kms_keys::{
            self,
            cell::{Begun, Cell, KeptCell},
        },
        secrets::{self, SecretsContext},
    },
    services::{iam::Iam, kms::Kms, secrets_manager::SecretsManager},
    transport::session::Session,
};

/// Reads a cell of KMS keys.
pub(super) async fn read_kms(
    scan: &ScanContext,
    session: &Session,
    region: &Region,
    kept: KeptCell,
    begun: Begun,
) -> CellReading {
    let settings = &scan.settings;
    let last_night = &scan.last_night;
    let last = last_night.cell(session.account.id, region.as_str(), &scan.deadline);
    let cell = Cell {
        aws: &scan.aws,
        session,
        kms: Kms::new(&scan.aws, session, region, settings.last_usage_rps)
            .until(scan.deadline.last_call()),
        account: &session.account,
        region,
        settings,
        progress: scan.progress.begin_kms_cell(),
        deadline: &scan.deadline,
        now: scan.now,
        unread: &scan.unfinished.keys,
        last: last.await,
        last_night,
        sink: &scan.sink,
        reading: &scan.reading,
    };
    kms_keys::cell::read(&cell, kept, begun).await
}

/// Reads a cell of secrets.
pub(super) async fn read_secrets(
    scan: &ScanContext,
    session: &Session,
    region: &Region,
) -> CellReading {
    let context = SecretsContext {
        secrets_manager: SecretsManager::new(&scan.aws, session, region),
        account: &session.account,
        region,
        settings: &scan.settings,
        progress: &scan.progress,
        deadline: &scan.deadline,
        now: scan.now,
    };
    secrets::read(&context).await
}

impl CellReading {
    /// The reading without its keys, which are kept: other cells of the account may take long.
    pub(super) fn keeping_keys(mut self, scan: &ScanContext, session: &Session) -> Self {
        if !self.keys.is_empty() {
            let some = PartialReading {
                keys: std::mem::take(&mut self.keys),
                ..PartialReading::default()
            };
            scan.sink.keep(&session.account, some);
        }
        self
    }
}

/// Reads the IAM cell.
pub(super) async fn read_iam(
    scan: &ScanContext,
    session: &Session,
    kept: Vec<KeyReading>,
    users_are_read: &AtomicBool,
) -> CellReading {
    let last_night = &scan.last_night;
    let last = last_night.cell(session.account.id, GLOBAL, &scan.deadline);
    let context = IamContext {
        iam: Iam::new(&scan.aws, session),
        account: &session.account,
        partition: &scan.entry.scanner().partition,
        settings: &scan.settings,
        progress: &scan.progress,
        deadline: &scan.deadline,
        now: scan.now,
        last: last.await,
        was_unfinished: scan.unfinished.accounts.contains(&session.account.id),
    };
    access_keys::cell::read(&context, kept, &scan.iam_cells, users_are_read).await
}
