//! How far a census is, shown while it runs: a line that changes on a terminal,
//! a new line now and then elsewhere.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use keycensus_aws::progress::{Counters, Progress};

const ON_A_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(10);

/// Shows `progress` on standard error until `work` is done.
pub(crate) async fn while_running<T>(progress: &Progress, work: impl Future<Output = T>) -> T {
    let show = async {
        if std::io::stderr().is_terminal() {
            on_a_terminal(progress).await;
        } else {
            elsewhere(progress).await;
        }
    };
    tokio::select! {
        done = work => done,
        () = show => std::future::pending().await,
    }
}

async fn on_a_terminal(progress: &Progress) {
    let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = style {
        bar.set_style(style);
    }
    // Dropped when the work is done; the line goes with it.
    let bar = Cleared(bar);
    loop {
        bar.0.set_message(line(progress.counters()));
        bar.0.tick();
        tokio::time::sleep(ON_A_TERMINAL).await;
    }
}

struct Cleared(ProgressBar);

impl Drop for Cleared {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[expect(clippy::print_stderr, reason = "progress goes to standard error")]
async fn elsewhere(progress: &Progress) {
    loop {
        tokio::time::sleep(ELSEWHERE).await;
        eprintln!("{}", line(progress.counters()));
    }
}

fn line(counters: Counters) -> String {
    let Counters {
        accounts,
        accounts_done,
        cells,
        cells_done,
        keys_listed,
        keys_read,
        keys_kept,
    } = counters;
    let kept = match keys_kept {
        0 => String::new(),
        kept => format!(", beside {kept} that were read before the scan was cut off"),
    };
    match accounts {
        0 => "listing accounts".to_owned(),
        _ => format!(
            "accounts {accounts_done}/{accounts}, Regions of accounts {cells_done}/{cells}, keys {keys_read}/{keys_listed}{kept}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use keycensus_aws::progress::Counters;

    use super::line;

    #[test]
    fn progress_tells_what_is_done_of_what_is_known() {
        assert_eq!(line(Counters::default()), "listing accounts");
        let counters = Counters {
            accounts: 3,
            accounts_done: 1,
            cells: 12,
            cells_done: 7,
            keys_listed: 100,
            keys_read: 42,
            keys_kept: 0,
        };
        assert_eq!(
            line(counters),
            "accounts 1/3, Regions of accounts 7/12, keys 42/100"
        );
        let resumed = Counters {
            keys_kept: 1_200,
            ..counters
        };
        assert_eq!(
            line(resumed),
            "accounts 1/3, Regions of accounts 7/12, keys 42/100, beside 1200 that were read before the scan was cut off"
        );
    }
}
