//! Verdicts on service-specific credentials.

use super::{T, account, now};
use crate::{
    examples::service_credential,
    judge::{
        flagged::AssessedKey,
        verdict::{Verdict, judge},
    },
    model::reading::KeyReading,
};

#[test]
fn aws_keeps_no_record_of_a_credentials_use_so_that_it_is_never_flagged_however_old_it_is() {
    let account = account(2, "payments");
    for created_at in ["2014-01-01T00:00:00Z", "2026-11-21T00:00:00Z"] {
        for state in ["Active", "Inactive", "Expired"] {
            let credential = KeyReading {
                created_at: Some(created_at.parse().unwrap()),
                state: Some(state.to_owned()),
                ..service_credential(&account, "anna", "bedrock.amazonaws.com")
            };
            let judgement = judge(&credential, T, now());
            assert_eq!(judgement.verdict, Verdict::NotRecorded, "{created_at}");
            assert_eq!(judgement.idle_days, None, "{created_at}");
            assert!(!AssessedKey::new(&credential, T, now()).is_flagged());
        }
    }
}
