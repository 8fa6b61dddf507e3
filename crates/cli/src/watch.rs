//! How far a census is, shown while it runs: a line that changes on a terminal,
//! a new line now and then elsewhere.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use keycensus_aws::progress::{Counters, Progress};

const ON_A_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(10);

/// Shows `progress` on standard error until `work` is done. Of each cell so many keys are read a
/// second.
pub(crate) async fn while_running<T>(
    progress: &Progress,
    keys_a_second: f64,
    work: impl Future<Output = T>,
) -> T {
    let show = async {
        let line = || line(progress.counters(), keys_a_second);
        if std::io::stderr().is_terminal() {
            on_a_terminal(line).await;
        } else {
            elsewhere(line).await;
        }
    };
    tokio::select! {
        done = work => done,
        () = show => std::future::pending().await,
    }
}

async fn on_a_terminal(line: impl Fn() -> String) {
    let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = style {
        bar.set_style(style);
    }
    // Dropped when the work is done; the line goes with it.
    let bar = Cleared(bar);
    loop {
        bar.0.set_message(line());
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
async fn elsewhere(line: impl Fn() -> String) {
    loop {
        tokio::time::sleep(ELSEWHERE).await;
        eprintln!("{}", line());
    }
}

fn line(counters: Counters, keys_a_second: f64) -> String {
    let Counters {
        accounts,
        accounts_done,
        cells,
        cells_done,
        keys_listed,
        keys_read,
        keys_kept,
        most_left,
        is_listing,
    } = counters;
    let left = time_left(most_left, keys_a_second, is_listing);
    let kept = match keys_kept {
        0 => String::new(),
        kept => format!(", beside {kept} that were read before the scan was cut off"),
    };
    match accounts {
        0 => "listing accounts".to_owned(),
        _ => format!(
            "accounts {accounts_done}/{accounts}, Regions of accounts {cells_done}/{cells}, keys {keys_read}/{keys_listed}{kept}{left}"
        ),
    }
}

/// How long it takes to read the rest of the slowest cell, which decides: cells are read side by
/// side, each at its pace. While more keys may be listed it takes at least so long.
fn time_left(most_left: u64, keys_a_second: f64, is_listing: bool) -> String {
    let seconds = (most_left as f64 / keys_a_second).ceil() as u64;
    let time = match (seconds, seconds.div_ceil(60)) {
        (0, _) => return String::new(),
        (1..120, _) => format!("{seconds} s"),
        (_, minutes @ ..120) => format!("{minutes} min"),
        (_, minutes) => format!("{} h {} min", minutes / 60, minutes % 60),
    };
    match is_listing {
        true => format!("; at least {time} left"),
        false => format!("; about {time} left"),
    }
}

#[cfg(test)]
mod tests {
    use keycensus_aws::progress::Counters;

    use super::line;

    #[test]
    fn progress_tells_what_is_done_of_what_is_known() {
        assert_eq!(line(Counters::default(), 5.0), "listing accounts");
        let counters = Counters {
            accounts: 3,
            accounts_done: 1,
            cells: 12,
            cells_done: 7,
            keys_listed: 100,
            keys_read: 42,
            keys_kept: 0,
            most_left: 0,
            is_listing: true,
        };
        assert_eq!(
            line(counters, 5.0),
            "accounts 1/3, Regions of accounts 7/12, keys 42/100"
        );
        let resumed = Counters {
            keys_kept: 1_200,
            ..counters
        };
        assert_eq!(
            line(resumed, 5.0),
            "accounts 1/3, Regions of accounts 7/12, keys 42/100, beside 1200 that were read before the scan was cut off"
        );
    }

    #[test]
    fn the_time_that_is_left_is_that_of_the_cell_with_the_most_keys_left_at_its_pace() {
        let told = |most_left, keys_a_second, is_listing| {
            let counters = Counters {
                accounts: 3,
                most_left,
                is_listing,
                ..Counters::default()
            };
            let line = line(counters, keys_a_second);
            line.split_once("; ").map(|(_, left)| left.to_owned())
        };
        for (most_left, keys_a_second, is_listing, left) in [
            (0, 5.0, true, None),
            (1, 5.0, false, Some("about 1 s left")),
            (58, 5.0, false, Some("about 12 s left")),
            (58, 5.0, true, Some("at least 12 s left")),
            (58, 0.5, true, Some("at least 116 s left")),
            (600, 5.0, false, Some("about 2 min left")),
            (601, 5.0, false, Some("about 3 min left")),
            (38_000, 5.0, false, Some("about 2 h 7 min left")),
        ] {
            let expected = left.map(str::to_owned);
            assert_eq!(told(most_left, keys_a_second, is_listing), expected);
        }
    }
}
