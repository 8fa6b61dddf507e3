//! The settings on which permissions depend.

/// Settings of the function, with which the templates are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// What it is, for a reader.
    pub name: &'static str,
    /// What differs from [`EVERYTHING`]: variables, and parameters of the templates that no
    /// variable sets.
    pub settings: &'static [Setting],
    /// When the permissions are granted that it lacks; completes "only if …".
    pub lacking_unless: &'static str,
}

/// A variable or parameter, and its value.
type Setting = (&'static str, &'static str);

/// Settings with which everything is done that a census can do, and explanations are
/// given.
pub const EVERYTHING: Case = Case {
    name: "everything",
    settings: &[],
    lacking_unless: LONG_CENSUS_IS_ON,
};

/// The same by a state machine, which the schedule starts instead of the function.
pub const LONG_CENSUS: Case = Case {
    name: "a long census",
    settings: &[("LongCensus", "on")],
    lacking_unless: "`LongCensus` is `off`",
};
const LONG_CENSUS_IS_ON: &str = "`LongCensus` is `on`";

/// What [`EVERYTHING`] sets.
const SETTINGS: [Setting; 12] = [
    (
        "KEYCENSUS_KINDS",
        "kms,iam,passwords,secrets,service_credentials",
    ),
    ("KEYCENSUS_DEPENDENTS", "on"),
    ("KEYCENSUS_REFUSED_USES", "on"),
    ("KEYCENSUS_AUDIT_GUARD", "on"),
    ("KEYCENSUS_DIGEST", "always"),
    (
        "KEYCENSUS_CHAT_TOPIC_ARN",
        "arn:aws:sns:us-east-1:111111111111:chat",
    ),
    ("KEYCENSUS_EVENT_BUS", "audit"),
    ("KEYCENSUS_SECURITY_HUB", "on"),
    ("KEYCENSUS_EXTERNAL_ID", "census-1"),
    ("KEYCENSUS_REPORT_ENCRYPTION", REPORT_KEY),
    ("KEYCENSUS_MEMBER_ROLE", "security/Reader"),
    ("Explain", "on"),
];

/// The KMS key of the reports.
const REPORT_KEY: &str =
    "arn:aws:kms:us-east-1:111111111111:key/22220000-0000-4000-8000-000000000001";

const NO_KMS: Setting = (
    "KEYCENSUS_KINDS",
    "iam,passwords,secrets,service_credentials",
);
const NO_ACCESS_KEYS: Setting = (
    "KEYCENSUS_KINDS",
    "kms,passwords,secrets,service_credentials",
);
const NO_SECRETS: Setting = ("KEYCENSUS_KINDS", "kms,iam,passwords,service_credentials");
const NO_SERVICE_CREDENTIALS: Setting = ("KEYCENSUS_KINDS", "kms,iam,passwords,secrets");
const NO_REPORT: Setting = ("KEYCENSUS_KINDS", "kms,secrets,service_credentials");
const NO_REGIONS: Setting = ("KEYCENSUS_KINDS", "iam,passwords,service_credentials");
const NO_EXPLANATIONS: Setting = ("Explain", "off");
const NO_DEPENDENTS: Setting = ("KEYCENSUS_DEPENDENTS", "off");
const NO_REFUSED_USES: Setting = ("KEYCENSUS_REFUSED_USES", "off");
const NO_AUDIT: Setting = ("KEYCENSUS_AUDIT_GUARD", "off");

/// Every case.
pub const CASES: [Case; 23] = [
    EVERYTHING,
    LONG_CENSUS,
    Case {
        name: "no KMS keys",
        settings: &[NO_KMS],
        lacking_unless: "`KEYCENSUS_KINDS` has `kms`",
    },
    Case {
        name: "KMS keys only",
        settings: &[
            NO_ACCESS_KEYS,
            NO_SECRETS,
            NO_SERVICE_CREDENTIALS,
            NO_REPORT,
            ("KEYCENSUS_KINDS", "kms"),
        ],
        lacking_unless: "`KEYCENSUS_KINDS` has `iam`, `passwords` or `service_credentials`",
    },
    Case {
        name: "no credential report",
        settings: &[NO_ACCESS_KEYS, NO_REPORT],
        lacking_unless: "`KEYCENSUS_KINDS` has `iam` or `passwords`",
    },
    Case {
        name: "no service-specific credentials",
        settings: &[NO_SERVICE_CREDENTIALS],
        lacking_unless: "`KEYCENSUS_KINDS` has `service_credentials`",
    },
    Case {
        name: "no access keys",
        settings: &[NO_ACCESS_KEYS],
        lacking_unless: "`KEYCENSUS_KINDS` has `iam`",
    },
    Case {
        name: "passwords only",
        settings: &[
            NO_KMS,
            NO_ACCESS_KEYS,
            NO_SECRETS,
            NO_SERVICE_CREDENTIALS,
            NO_REGIONS,
            NO_EXPLANATIONS,
            ("KEYCENSUS_KINDS", "passwords"),
        ],
        lacking_unless: "`KEYCENSUS_KINDS` has `kms` or `iam`",
    },
    Case {
        name: "access keys only",
        settings: &[
            NO_KMS,
            NO_SECRETS,
            NO_SERVICE_CREDENTIALS,
            NO_REGIONS,
            ("KEYCENSUS_KINDS", "iam"),
        ],
        lacking_unless: "`KEYCENSUS_KINDS` has `kms` or `passwords`",
    },
    Case {
        name: "no secrets",
        settings: &[NO_SECRETS],
        lacking_unless: "`KEYCENSUS_KINDS` has `secrets`",
    },
    Case {
        name: "nothing in Regions",
        settings: &[NO_KMS, NO_SECRETS, NO_REGIONS],
        lacking_unless: "`KEYCENSUS_KINDS` has `kms` or `secrets`",
    },
    Case {
        name: "no digest",
        settings: &[("KEYCENSUS_DIGEST", "never")],
        lacking_unless: "`KEYCENSUS_DIGEST` is not `never`",
    },
    Case {
        name: "no chat channel",
        settings: &[("KEYCENSUS_CHAT_TOPIC_ARN", "")],
        lacking_unless: "`KEYCENSUS_CHAT_TOPIC_ARN` is set",
    },
    Case {
        name: "no findings in Security Hub",
        settings: &[("KEYCENSUS_SECURITY_HUB", "off")],
        lacking_unless: "`KEYCENSUS_SECURITY_HUB` is `on`",
    },
    Case {
        name: "no events",
        settings: &[("KEYCENSUS_EVENT_BUS", "")],
        lacking_unless: "`KEYCENSUS_EVENT_BUS` is set",
    },
    Case {
        name: "reports without a KMS key of ours",
        settings: &[("KEYCENSUS_REPORT_ENCRYPTION", "aws:kms")],
        lacking_unless: "`KEYCENSUS_REPORT_ENCRYPTION` is the ARN of a key",
    },
    Case {
        name: "no explanations",
        settings: &[NO_EXPLANATIONS],
        lacking_unless: "`Explain` is `on`",
    },
    Case {
        name: "dependents for explanations only",
        settings: &[NO_DEPENDENTS],
        lacking_unless: "`KEYCENSUS_DEPENDENTS` is `on`",
    },
    Case {
        name: "no dependents",
        settings: &[NO_DEPENDENTS, NO_EXPLANATIONS],
        lacking_unless: "`KEYCENSUS_DEPENDENTS` or `Explain` is `on`",
    },
    Case {
        name: "the event history for explanations only",
        settings: &[NO_REFUSED_USES],
        lacking_unless: "`KEYCENSUS_REFUSED_USES` is `on`",
    },
    Case {
        name: "no event history",
        settings: &[NO_REFUSED_USES, NO_EXPLANATIONS],
        lacking_unless: "`KEYCENSUS_REFUSED_USES` or `Explain` is `on`",
    },
    Case {
        name: "key policies for explanations only",
        settings: &[NO_AUDIT],
        lacking_unless: "`KEYCENSUS_AUDIT_GUARD` is `on`",
    },
    Case {
        name: "no key policies",
        settings: &[NO_AUDIT, NO_EXPLANATIONS],
        lacking_unless: "`KEYCENSUS_AUDIT_GUARD` or `Explain` is `on`",
    },
];

impl Case {
    /// Everything that is set; of several values of one, the last counts.
    fn all(&self) -> impl DoubleEndedIterator<Item = &Setting> {
        SETTINGS.iter().chain(self.settings)
    }

    /// Every variable that is set.
    pub(super) fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.all()
            .filter(|(name, _)| name.starts_with("KEYCENSUS_"))
    }

    /// Every parameter that is given and that no variable sets.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &Setting> {
        self.all()
            .filter(|(name, _)| !name.starts_with("KEYCENSUS_"))
    }

    /// The value of a variable or parameter.
    fn value(&self, name: &str) -> &'static str {
        let found = self.all().rfind(|(other, _)| *other == name);
        found.map_or("", |(_, value)| value)
    }

    /// Whether keys of `kind` are read, as the setting spells it.
    pub(super) fn reads(&self, kind: &str) -> bool {
        self.value("KEYCENSUS_KINDS").contains(kind)
    }

    /// Whether the member role is made for explanations too.
    pub(super) fn explains(&self) -> bool {
        self.value("Explain") == "on"
    }

    /// Whether everything that this case switches off, another one does too.
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        self.settings.iter().all(|one| other.settings.contains(one))
    }
}
