//! The digest's text. The first line is the answer; every list is cut to fit,
//! never in the middle of an entry, with a count of what was left out.

use super::{
    access_keys::STALE_ACCESS_KEYS, all_keys::all_keys, answer::answer, kms_keys::UNUSED_KMS_KEYS,
    not_seen::not_seen, page::Page, root_keys::root_keys, rotation::keys_to_rotate,
};
use crate::{report::Report, settings::Settings};

// How many bytes of a JSON string each section may fill up to. Space that a
// section leaves is the next one's.
const ROOT_KEYS_END: usize = 8_192;
const ACCESS_KEYS_END: usize = 24_576;
const KMS_KEYS_END: usize = 40_960;
const ROTATION_END: usize = 46_080;
/// What follows takes no more than another 6 KiB. SNS counts the text twice
/// (`default` and `email`), and the summary four times beside it; twice 64 KiB is
/// half of what SNS takes.
const GAPS_END: usize = 59_392;

pub(super) fn compose(settings: &Settings, report: &Report) -> String {
    let mut page = Page::default();
    page.line(&answer(report));
    root_keys(&mut page, report, ROOT_KEYS_END);
    STALE_ACCESS_KEYS.write(&mut page, report, ACCESS_KEYS_END);
    UNUSED_KMS_KEYS.write(&mut page, report, KMS_KEYS_END);
    keys_to_rotate(&mut page, report, settings.rotate_after_days, ROTATION_END);
    all_keys(&mut page, report);
    not_seen(&mut page, report, GAPS_END);
    where_it_is(&mut page, report);
    page.text
}

fn where_it_is(page: &mut Page, report: &Report) {
    let summary = &report.summary;
    page.heading("THE WHOLE REPORT");
    page.line(&summary.report.keys_csv);
    page.line(&summary.report.coverage_csv);
    page.line("");
    page.line(&format!(
        "Census of {}, run {}. No key was changed.",
        summary.scanned_at, summary.run_id
    ));
    page.line(
        "Unused is not unneeded: disable or deactivate a key and watch before you delete it.",
    );
}
