//! Untrusted text takes no more lines than harmless text.

use super::settings;
use crate::{
    examples::{account_digests, first_report, with_text_everywhere},
    model::plain_text::hostile,
    render::digest::compose,
    settings::{DigestMode, DigestPer, Settings},
};

/// The digest and the account's message, of an organization in which every text is `text`.
fn texts(text: &str) -> Vec<String> {
    let settings = Settings {
        digest_per: DigestPer::Account,
        ..settings(DigestMode::Always)
    };
    let report = first_report(with_text_everywhere(text));
    let mut texts = vec![compose(&report).text];
    let of_accounts = account_digests(&settings, &report).into_iter();
    texts.extend(of_accounts.map(|of| of.digest.text));
    texts
}

#[test]
fn one_item_stays_one_line_whatever_its_name() {
    let lines = |text: &str| {
        texts(text)
            .iter()
            .map(|text| text.lines().count())
            .collect()
    };
    let harmless: Vec<usize> = lines("payments");
    for text in hostile::texts() {
        let hostile: Vec<usize> = lines(&text);
        assert_eq!(hostile, harmless, "{text:?}");
    }
}

#[test]
fn no_hostile_text_gives_a_reader_anything_to_click_on_or_to_be_deceived_by() {
    for text in hostile::texts() {
        for line in texts(&text).iter().flat_map(|text| text.split('\n')) {
            assert!(hostile::is_plain(line), "{line:?}");
            assert!(!line.contains("://"), "{line:?}");
            assert!(!line.to_lowercase().contains("www."), "{line:?}");
        }
    }
}
