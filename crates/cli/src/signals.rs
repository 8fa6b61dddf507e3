//! Signals by which a person or the system ends a scan.

use std::pin::pin;

use keycensus_aws::deadline::interrupt::Interrupt;

use crate::{exit::Exit, terminal};

/// The signals that end a scan.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// `None`: they end the process, as they do where nobody waits for them.
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Some(Self {
            interrupt: signal(SignalKind::interrupt()).ok()?,
            terminate: signal(SignalKind::terminate()).ok()?,
        })
    }

    /// How the process ends by the next one.
    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Self> {
        Some(Self)
    }

    async fn next(&mut self) -> Exit {
        let _ = tokio::signal::ctrl_c().await;
        Exit::Interrupted
    }
}

/// How work ended while signals were waited for.
pub(crate) struct Watched<T> {
    /// Its output; `None` where a second signal came before.
    pub(crate) output: Option<T>,
    /// How the process ends by the last signal; `None` where none came.
    pub(crate) exit: Option<Exit>,
}

const ENDING: &str =
    "ending: what is begun is read to its end and kept; a second signal ends it at once";

/// Does `work`, which the first signal interrupts, and the second ends at once.
pub(crate) async fn while_running<T>(
    interrupt: &Interrupt,
    work: impl Future<Output = T>,
) -> Watched<T> {
    let mut work = pin!(work);
    let Some(mut signals) = Signals::new() else {
        return Watched {
            output: Some(work.await),
            exit: None,
        };
    };
    let mut exit = None;
    loop {
        tokio::select! {
            output = &mut work => return Watched { output: Some(output), exit },
            by = signals.next() => {
                if exit.replace(by).is_some() {
                    return Watched { output: None, exit };
                }
                terminal::note(ENDING);
                interrupt.interrupt();
            }
        }
    }
}
