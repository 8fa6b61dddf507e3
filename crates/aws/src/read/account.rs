//! Reading one account: entering it, and its cells side by side.

use std::sync::Arc;

use keycensus_core::model::{account::Account, partial_reading::PartialReading, reading::KeyKind};

use crate::{
    deadline::NoTimeLeft,
    progress::Unlisted,
    read::context::ScanContext,
    transport::{priority_semaphore::Permit, session::Session},
};

mod any_cell;
mod cells;
mod kept;
pub(crate) mod not_read;

use cells::Cells;
use kept::KeptAccount;
use not_read::{not_entered, not_gone_on};

/// Reads an account, or what is left of it. What AWS refuses in it, or a fault in one of its cells,
/// is a row of the coverage. It is `unlisted` until all its cells have begun, and its `permit` is
/// released where it only waits for its credential report.
pub(crate) async fn read(
    scan: &Arc<ScanContext>,
    account: &Arc<Account>,
    unlisted: Unlisted,
    permit: Option<Permit>,
) -> PartialReading {
    let kept = scan.kept.load(account).unwrap_or_default();
    let kept = KeptAccount::new(kept, scan);
    if scan.deadline.is_near() {
        return not_gone_on(account, kept.reading);
    }
    let entered = Box::pin(Session::enter(&scan.aws, &scan.entry, account));
    let session = match scan.deadline.or(entered).await {
        Ok(Ok(session)) => Arc::new(session),
        Err(NoTimeLeft) => return not_gone_on(account, kept.reading),
        Ok(Err(error)) => {
            error.log_gap("an account could not be entered");
            let role = scan.entry.role_arn(account.id);
            return not_entered(account, kept.reading, error.gap(), &format!("role {role}"));
        }
    };
    let mut cells = Cells::new(scan, session, kept);
    if scan.settings.reads_iam() {
        cells.begin(KeyKind::IamAccessKey, None).await;
    }
    if scan.settings.reads_regions() {
        cells.begin_regions().await;
    }
    drop(unlisted);
    cells.finish(permit).await
}
