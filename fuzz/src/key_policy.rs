//! Key policies: whoever may write one decides what the audit of guards reads.

use keycensus_core::model::key_policy::{
    Change, Guard, GuardPeriod, MAX_KEY_POLICY_BYTES, guard_days, merge,
};

const KEY_ARN: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The days of the guard that is put into a policy.
const DAYS: u32 = 365;

/// Evaluates `content` as a key policy, and puts the guard into it.
pub fn check(content: &[u8]) {
    let policy = String::from_utf8_lossy(content);
    let evaluated = guard_days(&policy, KEY_ARN);
    if let Ok(guard) = evaluated {
        assert_eq!(Guard::parse(&guard.to_string()), Some(guard), "read back");
    }
    let Ok(merged) = merge(&policy, DAYS) else {
        return;
    };
    evaluated.expect("what the guard is put into can be evaluated");
    assert!(merged.text.len() <= MAX_KEY_POLICY_BYTES);
    let guard = guard_days(&merged.text, KEY_ARN).expect("a key policy");
    let promised = Guard::Everyone(GuardPeriod::Days(u64::from(DAYS)));
    assert!(guard >= promised, "merged, and yet {guard:?}");
    let again = merge(&merged.text, DAYS).expect("a key policy");
    assert_eq!(again.change, Change::None);
    assert_eq!(again.text, merged.text, "merging again changes nothing");
}
