//! IAM's credential report: users choose their names, and a proxy may cut it.

use std::collections::BTreeSet;

use keycensus_core::model::credential_report::{CredentialReport, UserKeys};

const ROOT_USER: &str = "<root_account>";

/// Reads `content`, and what is left of it when it is cut anywhere.
pub fn check(content: &[u8]) {
    let whole = CredentialReport::parse(content);
    assert_eq!(whole, CredentialReport::parse(content), "read twice");
    check_one(&whole);
    // A few cuts of a long report, all of a short one.
    let step = content.len() / 16 + 1;
    for cut in (0..content.len()).step_by(step) {
        check_one(&CredentialReport::parse(&content[..cut]));
    }
}

fn check_one(report: &CredentialReport) {
    if let Ok(keys) = &report.root {
        let numbers: BTreeSet<u8> = keys.iter().map(|key| key.number).collect();
        assert_eq!(numbers.len(), keys.len(), "a root key is told twice");
        assert!(numbers.iter().all(|number| matches!(number, 1 | 2)));
    }
    for user in report.users() {
        // IAM allows nobody its name; a record that has it all the same has another ARN.
        let is_root = user == ROOT_USER
            && report
                .arn_of(user)
                .is_some_and(|arn| arn.ends_with(":root"));
        assert!(!is_root, "the root user is none of the users");
    }
    let nobody = "a user that no report has, because its name is longer than any name can be";
    assert!(report.keys_of(nobody) != UserKeys::None || report.users().any(|user| user == nobody));
}
