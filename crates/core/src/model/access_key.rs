//! What is particular to access keys, of IAM users and of root users.

use jiff::Timestamp;

use crate::model::{reading::Usage, time::later};

/// When IAM began to record when access keys are used, 2015-04-22T00:00:00Z
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>).
pub const TRACKING_BEGAN: Timestamp = Timestamp::constant(1_429_660_800, 0);

/// The user that a credential report gives the root user's access keys to.
pub const ROOT_USER: &str = "<root_account>";

/// Since when IAM has recorded the uses of an access key: the later of
/// [`TRACKING_BEGAN`] and the key's creation, where that is known.
#[must_use]
pub fn tracked_since(created_at: Option<Timestamp>) -> Timestamp {
    later(created_at, TRACKING_BEGAN)
}

/// The usage of an access key for which IAM has no use recorded. Where its
/// creation is not known, a use before tracking began cannot be excluded.
#[must_use]
pub fn none_recorded(created_at: Option<Timestamp>) -> Usage {
    Usage::NoneRecorded {
        tracked_since: tracked_since(created_at),
        created_at,
    }
}

/// What stands for the ID of a root access key, which only the root user can
/// see: `root_access_key_1`, by the credential report's number for it.
#[must_use]
pub fn root_key_id(number: u8) -> String {
    format!("root_access_key_{number}")
}

/// An access key's ID as logs and messages may show it: its last four characters,
/// `…WXYZ`. Nothing of an ID that is no longer than that.
#[must_use]
pub fn shortened(key_id: &str) -> String {
    let fourth_last = key_id.char_indices().rev().nth(3);
    match fourth_last {
        Some((at, _)) if at > 0 => format!("…{}", &key_id[at..]),
        _ => "…".to_owned(),
    }
}

/// `text` with every access key ID in it shortened: AWS's messages repeat what
/// they were asked about.
#[must_use]
pub fn with_ids_shortened(text: &str) -> String {
    let is_outside = |c: char| !c.is_ascii_alphanumeric();
    let expected = text.split_inclusive(is_outside).map(|part| {
        let word = part.trim_end_matches(is_outside);
        match is_id(word) {
            true => shortened(word) + &part[word.len()..],
            false => part.to_owned(),
        }
    });
    expected.collect()
}

/// Whether a word is the ID of an access key, a lasting or a temporary one
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>).
fn is_id(word: &str) -> bool {
    word.len() >= 16 && ["AKIA", "ASIA"].iter().any(|kind| word.starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::{TRACKING_BEGAN, none_recorded, root_key_id, shortened, with_ids_shortened};
    use crate::model::reading::Usage;

    #[test]
    fn tracking_began_on_one_day_for_all_keys_and_for_a_later_key_with_its_creation() {
        assert_eq!(TRACKING_BEGAN.to_string(), "2015-04-22T00:00:00Z");
        for (created, since) in [
            (Some("2011-02-03T04:05:06Z"), "2015-04-22T00:00:00Z"),
            (Some("2015-04-22T00:00:00Z"), "2015-04-22T00:00:00Z"),
            (Some("2020-02-03T04:05:06Z"), "2020-02-03T04:05:06Z"),
            (None, "2015-04-22T00:00:00Z"),
        ] {
            let created_at = created.map(|at| at.parse().unwrap());
            let expected = Usage::NoneRecorded {
                tracked_since: since.parse().unwrap(),
                created_at,
            };
            assert_eq!(none_recorded(created_at), expected, "{created:?}");
        }
    }

    #[test]
    fn an_id_is_shown_by_its_last_four_characters_only() {
        for (id, shown) in [
            ("AKIAIOSFODNN7EXAMPLE", "…MPLE"),
            ("12345", "…2345"),
            ("1234", "…"),
            ("", "…"),
            ("ÄÖÜäöü", "…Üäöü"),
        ] {
            assert_eq!(shortened(id), shown);
        }
    }

    #[test]
    fn ids_within_a_text_are_shortened_and_nothing_else_is() {
        for (text, expected) in [
            (
                "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.",
                "The Access Key with id …MPLE cannot be found.",
            ),
            (
                "on resource: access key AKIAIOSFODNN7EXAMPLE",
                "on resource: access key …MPLE",
            ),
            (
                "(AKIAIOSFODNN7EXAMPLE,ASIAIOSFODNN7EXAMP1E)",
                "(…MPLE,…MP1E)",
            ),
            (
                "AKIA is how they begin, in ASIA; ünd",
                "AKIA is how they begin, in ASIA; ünd",
            ),
            ("", ""),
        ] {
            assert_eq!(with_ids_shortened(text), expected);
        }
    }

    #[test]
    fn root_keys_are_known_by_their_number() {
        assert_eq!(root_key_id(2), "root_access_key_2");
    }
}
