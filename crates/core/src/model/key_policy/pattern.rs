//! Patterns of actions and resources: `*` for any number of characters, `?` for one.

/// Whether an action, such as `kms:DisableKey`, is one of those that `pattern` names. Actions are
/// not case-sensitive
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>).
pub(super) fn names_action(pattern: &str, action: &str) -> bool {
    matches(
        pattern.to_ascii_lowercase().as_bytes(),
        action.to_ascii_lowercase().as_bytes(),
    )
}

/// Whether a key is one of those that `pattern` names: `*`, or an ARN whose segments
/// may have wildcards, which do not reach across a colon
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>).
pub(super) fn names_resource(pattern: &str, arn: &str) -> bool {
    const SEGMENTS: usize = 6;
    let segments = |arn| str::splitn(arn, SEGMENTS, ':');
    pattern == "*"
        || (segments(pattern).count() == SEGMENTS
            && segments(arn).count() == SEGMENTS
            && segments(pattern)
                .zip(segments(arn))
                .all(|(pattern, segment)| matches(pattern.as_bytes(), segment.as_bytes())))
}

/// Goes back to the last `*` whenever the rest does not fit; takes no more steps than
/// the product of both lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, from));
                at += 1;
            }
            Some(&b) if b == b'?' || b == text[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((after, taken)) => {
                    star = Some((after, taken + 1));
                    (at, from) = (after, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::{names_action, names_resource};

    #[test]
    fn an_action_is_named_in_any_case_and_by_wildcards() {
        for (pattern, is_named) in [
            ("kms:DisableKey", true),
            ("KMS:disablekey", true),
            ("*", true),
            ("kms:*", true),
            ("kms:Disable*", true),
            ("kms:*Key", true),
            ("kms:D*e*Key", true),
            ("kms:Disable???", true),
            ("kms:?isableKey", true),
            ("kms:DisableKey*", true),
            ("*:*", true),
            ("kms:DisableKey?", false),
            ("kms:Disable??", false),
            ("kms:DisableKeyRotation", false),
            ("kms:Enable*", false),
            ("kms:D*Rotation", false),
            ("s3:*", false),
            ("DisableKey", false),
            ("", false),
        ] {
            assert_eq!(
                names_action(pattern, "kms:DisableKey"),
                is_named,
                "{pattern:?}"
            );
        }
    }

    #[test]
    fn a_key_is_named_by_an_asterisk_or_by_a_pattern_of_its_arn() {
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
        for (pattern, is_named) in [
            ("*", true),
            (arn, true),
            ("arn:aws:kms:*:111122223333:key/*", true),
            ("arn:aws:kms:eu-west-?:*:key/1234*", true),
            ("arn:*:kms:*:*:*", true),
            ("arn:aws:kms:eu-west-1:111122223333:key/other", false),
            ("arn:aws:kms:us-east-1:111122223333:key/1234abcd", false),
            ("arn:aws:kms:eu-west-1:111122223333:alias/*", false),
            ("arn:aws:kms:eu-west-1:111122223333:KEY/1234abcd", false),
            ("arn:aws:kms:*:key/1234abcd", false),
            ("arn:*", false),
            ("**", false),
            ("", false),
        ] {
            assert_eq!(names_resource(pattern, arn), is_named, "{pattern:?}");
        }
    }
}
