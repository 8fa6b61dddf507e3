//! The wish of a person to end a run.

use tokio_util::sync::CancellationToken;

/// Has a run end early: what is begun is read to its end and kept, so that another run goes on where
/// this one ends. Clones are about the same run.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(CancellationToken);

impl Interrupt {
    /// Ends the run.
    pub fn interrupt(&self) {
        drop(self.0.clone().drop_guard());
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until the run is to end.
    pub(crate) async fn interrupted(&self) {
        self.0.cancelled().await;
    }

    /// The output of `work`, unless the run is to end before.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.0.run_until_cancelled(work).await
    }
}
