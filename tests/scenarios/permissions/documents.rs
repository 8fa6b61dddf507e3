//! What the documents say of permissions is what the templates grant.

use std::collections::BTreeSet;

use tests::{
    Templates,
    permissions::{self, EVERYTHING, document_with_table, write_document},
};

#[test]
fn the_table_of_permissions_has_those_that_the_templates_grant() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person asks for new expected files"
    )]
    let is_blessed = std::env::var("KEYCENSUS_BLESS").is_ok();
    if is_blessed {
        write_document();
    }
    let document = include_str!("../../../docs/PERMISSIONS.md");
    assert!(
        is_blessed || document == document_with_table(),
        "docs/PERMISSIONS.md lacks a permission or has one too many: `make bless` writes its table anew"
    );
}

#[test]
fn the_delegation_policy_in_the_documents_allows_what_the_scanner_calls_of_organizations() {
    let granted = permissions::granted(Templates::here(), &EVERYTHING).into_iter();
    let of_organizations = granted.filter(|(_, action)| action.starts_with("organizations:"));
    let quoted = of_organizations.map(|(_, action)| format!("\"{action}\""));
    let documents = include_str!("../../../docs/DEPLOY.md");
    let items = documents.split([',', '\n']).map(str::trim);
    let documented = items.filter(|item| item.starts_with("\"organizations:"));
    let documented: BTreeSet<String> = documented.map(str::to_owned).collect();
    assert_eq!(documented, quoted.collect());
}
