use super::KEYS_SHOWN;
use crate::{
    examples::{account, kms_key, next_report, with_keys},
    expected::matches_file,
    judge::{changes::tests::two_nights, report::Report},
    render::html::page,
};

/// The section as words, one space between them, line by line of its table.
fn section(report: &Report) -> Vec<String> {
    let page = page(report);
    let (_, section) = page
        .split_once("<section aria-labelledby=\"changes\" class=\"whole\">")
        .unwrap();
    let (section, _) = section.split_once("</section>").unwrap();
    let rows = section.split("<tr>").map(|row| {
        let mut is_text = true;
        let text: String = row
            .chars()
            .map(|c| {
                let shown = is_text && c != '<';
                is_text = if is_text { c != '<' } else { c == '>' };
                if shown { c } else { ' ' }
            })
            .collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    rows.collect()
}

#[test]
fn each_change_has_a_row_and_all_are_counted() {
    let (_, second) = two_nights();
    matches_file(
        "render/html/expected/changes.txt",
        &(section(&second).join("\n") + "\n"),
    );
}

#[test]
fn a_first_census_shows_why_and_counts_nothing() {
    let (first, _) = two_nights();
    assert_eq!(
        section(&first),
        [
            "What changed This is the first census, with none before it to compare with: there is no earlier report."
        ]
    );
}

#[test]
fn changes_that_are_not_shown_are_counted() {
    let (first, _) = two_nights();
    let keys = (0..KEYS_SHOWN + 7).map(|n| kms_key(&account(9, "nine"), n, "2026-11-20T00:00:00Z"));
    let reading = with_keys(keys.collect());
    // The accounts of the night before have left, with seven keys.
    let tonight = next_report(reading, &first);
    let section = section(&tonight);
    assert_eq!(section.len(), 2 + KEYS_SHOWN);
    let last = section.last().unwrap();
    assert!(
        last.ends_with("14 more changes are in changes.csv."),
        "{last}"
    );
}
