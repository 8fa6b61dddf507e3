//! What holds for the messages of any report.

use proptest::prelude::*;

use super::{bytes, settings};
use crate::{
    arbitrary::reading,
    examples::{account_digests, first_report, next_report},
    judge::whole_report::WholeReport,
    model::{organization_reading::Reading, plain_text::hostile, reading::KeyKind},
    render::digest::{Digest, SNS_MESSAGE_BYTES, compose},
    settings::{DigestMode, DigestPer, Settings},
};

/// The digest of `tonight`, compared with `before`, and the message of each account.
fn messages(before: Reading, tonight: Reading) -> (WholeReport, Vec<Digest>) {
    let settings = Settings {
        digest_per: DigestPer::Account,
        ..settings(DigestMode::Always)
    };
    let before = first_report(before);
    let report = next_report(tonight, &before);
    let mut messages = vec![compose(&report)];
    let of_accounts = account_digests(&settings, &report).into_iter();
    messages.extend(of_accounts.map(|of| of.digest));
    (report, messages)
}

proptest! {
    #[test]
    fn every_message_is_within_the_limits_of_sns(before in reading(6), tonight in reading(40)) {
        let (_, messages) = messages(before, tonight);
        for message in messages {
            prop_assert!(message.subject.len() < 100, "{}", message.subject);
            prop_assert!(message.subject.bytes().all(|b| (b' '..=b'~').contains(&b)));
            prop_assert!(bytes(&message) < SNS_MESSAGE_BYTES);
            for line in message.text.split('\n') {
                prop_assert!(hostile::is_plain(line), "{line:?}");
                let is_link = line.to_lowercase().contains("www.") || line.contains("://");
                prop_assert!(!is_link || line.starts_with("s3://"), "{line:?}");
            }
            for attribute in &message.attributes {
                prop_assert!(!attribute.value.is_empty());
                prop_assert!(!attribute.value.contains(char::is_control), "{attribute:?}");
            }
        }
    }

    #[test]
    fn no_message_shows_a_whole_access_key_id(before in reading(6), tonight in reading(12)) {
        let all: Vec<_> = before.keys.iter().chain(&tonight.keys).cloned().collect();
        let (report, messages) = messages(before, tonight);
        let summary = String::from_utf8(report.summary.to_json()).unwrap();
        for key in all.iter().filter(|key| key.kind == KeyKind::IamAccessKey) {
            let id = key.key_id.as_str();
            prop_assert!(!summary.contains(id));
            for message in &messages {
                for text in [&message.subject, &message.text, &message.message] {
                    prop_assert!(!text.contains(id), "{id} in {text}");
                }
            }
        }
    }
}
