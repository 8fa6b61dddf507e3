//! The settings on which permissions depend.

/// Settings of the function, with which the templates are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// What it is, for a person.
    pub name: &'static str,
    /// Variables that differ from [`EVERYTHING`].
    pub settings: &'static [(&'static str, &'static str)],
    /// When the permissions are granted that it lacks; completes "only if …".
    pub lacking_unless: &'static str,
}

/// Settings with which everything is done that a census can do.
pub const EVERYTHING: Case = Case {
    name: "everything",
    settings: &[],
    lacking_unless: "",
};

/// The variables that [`EVERYTHING`] sets.
pub(super) const SETTINGS: [(&str, &str); 5] = [
    ("KEYCENSUS_KINDS", "kms,iam"),
    ("KEYCENSUS_DIGEST", "always"),
    ("KEYCENSUS_EVENT_BUS", "audit"),
    ("KEYCENSUS_EXTERNAL_ID", "census-1"),
    ("KEYCENSUS_MEMBER_ROLE", "security/Reader"),
];

/// Every case.
pub const CASES: [Case; 5] = [
    EVERYTHING,
    Case {
        name: "access keys only",
        settings: &[("KEYCENSUS_KINDS", "iam")],
        lacking_unless: "`KEYCENSUS_KINDS` has `kms`",
    },
    Case {
        name: "KMS keys only",
        settings: &[("KEYCENSUS_KINDS", "kms")],
        lacking_unless: "`KEYCENSUS_KINDS` has `iam`",
    },
    Case {
        name: "no digest",
        settings: &[("KEYCENSUS_DIGEST", "never")],
        lacking_unless: "`KEYCENSUS_DIGEST` is not `never`",
    },
    Case {
        name: "no events",
        settings: &[("KEYCENSUS_EVENT_BUS", "")],
        lacking_unless: "`KEYCENSUS_EVENT_BUS` is set",
    },
];
