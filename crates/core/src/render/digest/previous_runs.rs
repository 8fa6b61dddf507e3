//! The lines on the runs before this one: digests that may be missing, files of `latest/` that were
//! not of one run, and a trend that could not go on.

use super::{
    page::Page,
    wording::{counted, shortened},
};
use crate::{judge::report::Report, model::previous_runs::LostDigests};

/// An ID of a request, or of a scan from the command line, is shorter.
const RUN_ID_CHARACTERS: usize = 64;

pub(super) fn previous_runs(page: &mut Page, report: &Report) {
    let previous = &report.summary.previous;
    if let Some(lost) = &previous.lost_digests {
        page.line(&missing(lost));
    }
    if let Some(found) = &previous.latest_was {
        page.line(&format!("latest/ was left unfinished: {found}."));
    }
    if let Some(why) = previous.trend_anew {
        page.line(&format!("The trend begins anew: {why}."));
    }
}

fn missing(lost: &LostDigests) -> String {
    let LostDigests { since, .. } = lost;
    let run_id = shortened(&lost.run_id, RUN_ID_CHARACTERS);
    let mut what = Vec::new();
    if lost.digests > 0 {
        what.push(counted(lost.digests, "digest", "digests"));
    }
    if lost.account_digests > 0 {
        let of_accounts = lost.account_digests;
        what.push(counted(
            of_accounts,
            "message of one account",
            "messages of one account each",
        ));
    }
    let what = what.join(" and ");
    let (verb, which) = match lost.digests + lost.account_digests {
        1 => ("was", format!("of {since}")),
        _ => ("were", format!("since {since}")),
    };
    format!(
        "{what} {which} {verb} not sent, or may not have been (run {run_id}): see the report of that date."
    )
}
