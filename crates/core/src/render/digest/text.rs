//! The digest's text. The first line is the headline; every list is cut to fit,
//! never in the middle of an entry, with a count of what was left out.

use super::{
    all_keys::all_keys,
    changed::{changes, gone, new_since, state_changed, used_again},
    headline::headline,
    idle_settings::idle_settings,
    needed::needed,
    not_seen::not_seen,
    page::Page,
    pending_deletion::pending_deletion,
    previous_runs::previous_runs,
    report_locations::report_locations,
    root_keys::root_keys,
    root_sign_ins::root_sign_ins,
    rotation::keys_to_rotate,
    security_hub::not_imported,
    service_credentials::service_credentials,
    unused::{About, unused},
};
use crate::judge::report::Report;

// How many bytes of a JSON string each section may fill up to. Space that a
// section leaves is the next one's.
const NEEDED_END: usize = 6_144;
const NEW_END: usize = 8_192;
const ROOT_KEYS_END: usize = 14_336;
const ROOT_SIGN_INS_END: usize = 16_384;
// The sections of flagged keys, which are written between these, have their ends in `unused.rs`.
const PENDING_DELETION_END: usize = 49_152;
const USED_AGAIN_END: usize = 52_224;
const STATE_CHANGED_END: usize = 54_784;
const GONE_END: usize = 57_344;
const ROTATION_END: usize = 62_464;
const SERVICE_CREDENTIALS_END: usize = 64_512;
/// What follows takes no more than another 8 KiB. SNS counts the text twice
/// (`default` and `email`), and the summary four times beside it; twice 78 KiB is
/// less than two thirds of what SNS takes.
const GAPS_END: usize = 69_632;
const IDLE_SETTINGS_END: usize = 71_680;

pub(super) fn compose(report: &Report) -> String {
    let findings = &report.findings;
    let flagged = &findings.flagged;
    let sets = report.summary.keys.multi_region;
    let mut page = Page::default();
    page.line(&headline(report));
    changes(&mut page, report);
    needed(&mut page, report, &findings.needed, NEEDED_END);
    previous_runs(&mut page, report);
    not_imported(&mut page, report);
    new_since(&mut page, flagged, findings.compared_with, NEW_END);
    root_keys(&mut page, &findings.root_keys, ROOT_KEYS_END);
    root_sign_ins(&mut page, report, ROOT_SIGN_INS_END);
    unused(&mut page, report, flagged, sets, About::Organization);
    pending_deletion(&mut page, report, PENDING_DELETION_END);
    used_again(&mut page, report, USED_AGAIN_END);
    state_changed(&mut page, report, STATE_CHANGED_END);
    gone(&mut page, report, GONE_END);
    keys_to_rotate(&mut page, report, ROTATION_END);
    service_credentials(&mut page, report, SERVICE_CREDENTIALS_END);
    all_keys(&mut page, report);
    not_seen(&mut page, report, GAPS_END);
    idle_settings(&mut page, report, IDLE_SETTINGS_END);
    report_locations(&mut page, report);
    page.text
}
