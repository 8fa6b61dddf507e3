//! The settings on which permissions depend.

/// Settings of the function, with which the templates are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// What it is, for a person.
    pub name: &'static str,
    /// Variables that differ from [`EVERYTHING`].
    pub settings: &'static [(&'static str, &'static str)],
    /// Parameters of the templates that no variable tells, and differ.
    pub parameters: &'static [(&'static str, &'static str)],
    /// When the permissions are granted that it lacks; completes "only if …".
    pub lacking_unless: &'static str,
}

/// Settings with which everything is done that a census can do, and explanations are
/// given.
pub const EVERYTHING: Case = Case {
    name: "everything",
    settings: &[],
    parameters: &[],
    lacking_unless: "",
};

/// The variables that [`EVERYTHING`] sets.
pub(super) const SETTINGS: [(&str, &str); 8] = [
    ("KEYCENSUS_KINDS", "kms,iam"),
    ("KEYCENSUS_DEPENDENTS", "on"),
    ("KEYCENSUS_AUDIT_GUARD", "on"),
    ("KEYCENSUS_DIGEST", "always"),
    ("KEYCENSUS_EVENT_BUS", "audit"),
    ("KEYCENSUS_EXTERNAL_ID", "census-1"),
    ("KEYCENSUS_REPORT_ENCRYPTION", REPORT_KEY),
    ("KEYCENSUS_MEMBER_ROLE", "security/Reader"),
];

/// The parameters that [`EVERYTHING`] sets beside them.
pub(super) const PARAMETERS: [(&str, &str); 1] = [(EXPLAIN, "on")];

/// The KMS key of the reports.
const REPORT_KEY: &str =
    "arn:aws:kms:us-east-1:111111111111:key/22220000-0000-4000-8000-000000000001";

const EXPLAIN: &str = "Explain";
const NO_EXPLANATIONS: &[(&str, &str)] = &[(EXPLAIN, "off")];
const NO_DEPENDENTS: &[(&str, &str)] = &[("KEYCENSUS_DEPENDENTS", "off")];
const NO_AUDIT: &[(&str, &str)] = &[("KEYCENSUS_AUDIT_GUARD", "off")];

/// Every case.
pub const CASES: [Case; 11] = [
    EVERYTHING,
    Case {
        name: "access keys only",
        settings: &[("KEYCENSUS_KINDS", "iam")],
        parameters: &[],
        lacking_unless: "`KEYCENSUS_KINDS` has `kms`",
    },
    Case {
        name: "KMS keys only",
        settings: &[("KEYCENSUS_KINDS", "kms")],
        parameters: &[],
        lacking_unless: "`KEYCENSUS_KINDS` has `iam`",
    },
    Case {
        name: "no digest",
        settings: &[("KEYCENSUS_DIGEST", "never")],
        parameters: &[],
        lacking_unless: "`KEYCENSUS_DIGEST` is not `never`",
    },
    Case {
        name: "no events",
        settings: &[("KEYCENSUS_EVENT_BUS", "")],
        parameters: &[],
        lacking_unless: "`KEYCENSUS_EVENT_BUS` is set",
    },
    Case {
        name: "reports without a KMS key of ours",
        settings: &[("KEYCENSUS_REPORT_ENCRYPTION", "aws:kms")],
        parameters: &[],
        lacking_unless: "`KEYCENSUS_REPORT_ENCRYPTION` is the ARN of a key",
    },
    Case {
        name: "no explanations",
        settings: &[],
        parameters: NO_EXPLANATIONS,
        lacking_unless: "`Explain` is `on`",
    },
    Case {
        name: "dependents for explanations only",
        settings: NO_DEPENDENTS,
        parameters: &[],
        lacking_unless: "`KEYCENSUS_DEPENDENTS` is `on`",
    },
    Case {
        name: "no dependents",
        settings: NO_DEPENDENTS,
        parameters: NO_EXPLANATIONS,
        lacking_unless: "`KEYCENSUS_DEPENDENTS` or `Explain` is `on`",
    },
    Case {
        name: "key policies for explanations only",
        settings: NO_AUDIT,
        parameters: &[],
        lacking_unless: "`KEYCENSUS_AUDIT_GUARD` is `on`",
    },
    Case {
        name: "no key policies",
        settings: NO_AUDIT,
        parameters: NO_EXPLANATIONS,
        lacking_unless: "`KEYCENSUS_AUDIT_GUARD` or `Explain` is `on`",
    },
];

impl Case {
    /// Every variable that is set.
    pub(super) fn settings(&self) -> impl Iterator<Item = &(&'static str, &'static str)> {
        SETTINGS.iter().chain(self.settings)
    }

    /// Every parameter that is given and that no variable tells.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &(&'static str, &'static str)> {
        PARAMETERS.iter().chain(self.parameters)
    }

    /// Whether keys of `kind` are read, as the setting spells it.
    pub(super) fn reads(&self, kind: &str) -> bool {
        let kinds = self
            .settings()
            .filter(|(name, _)| *name == "KEYCENSUS_KINDS");
        kinds.last().is_some_and(|(_, kinds)| kinds.contains(kind))
    }

    /// Whether the member role is made for explanations too.
    pub(super) fn explains(&self) -> bool {
        self.parameters().last() == Some(&(EXPLAIN, "on"))
    }

    /// Whether everything that this case switches off, another one does too.
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        self.settings.iter().all(|one| other.settings.contains(one))
            && self
                .parameters
                .iter()
                .all(|one| other.parameters.contains(one))
    }
}
