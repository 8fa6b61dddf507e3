//! The table of docs/PERMISSIONS.md, written from the templates.

use std::fs;

use keycensus_sim::{
    cloudformation::{Stack, StackInput, Template},
    policy::Effect,
};

use super::{
    cases::{CASES, Case, EVERYTHING, LONG_CENSUS},
    reasons,
};
use crate::{Templates, deployment::give, here};

/// The action of which AWS documents the resource, a user, and not which it is of a request for all users
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>).
const FOR_ALL_USERS: &str = "iam:ListServiceSpecificCredentials";

/// The document that has the table.
const DOCUMENT: &str = "../docs/PERMISSIONS.md";

/// Where the table begins and ends in it.
const MARKS: [&str; 2] = [
    "<!-- permissions: `make bless` writes this table from the templates -->\n",
    "<!-- end of permissions -->\n",
];

/// What stands for a parameter's value, or for what `Ref` gives for a resource.
const PLACEHOLDERS: [(&str, &str); 12] = [
    ("MemberRole", "<member role>"),
    ("ReportPrefix", "<prefix>"),
    ("EventBusName", "<event bus>"),
    ("ChatTopicArn", "<topic in KEYCENSUS_CHAT_TOPIC_ARN>"),
    ("ScannerRoleArn", "arn:aws:iam::<account>:role/<role>"),
    ("ReportEncryption", "<key in KEYCENSUS_REPORT_ENCRYPTION>"),
    ("ReportBucket", "<bucket>"),
    ("DigestTopic", "arn:aws:sns:<region>:<account>:<topic>"),
    ("DeadLetterQueue", "<dead-letter queue>"),
    ("ScannerLogGroup", "<log group>"),
    ("ScannerFunction", "<function>"),
    (
        "LongCensusMachine",
        "arn:aws:states:<region>:<account>:stateMachine:<state machine>",
    ),
];

/// docs/PERMISSIONS.md, with the table as it should be.
///
/// # Panics
/// It has no place for the table, or an action has no reason.
#[must_use]
pub fn document_with_table() -> String {
    let document = fs::read_to_string(here(DOCUMENT)).unwrap_or_else(|e| panic!("{e}"));
    let [begin, end] = MARKS;
    let around = document.split_once(begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(end)?;
        Some((before, after))
    });
    let Some((before, after)) = around else {
        panic!("{DOCUMENT} has no {MARKS:?}");
    };
    [before, begin, &table(Templates::here()), end, after].concat()
}

/// Writes docs/PERMISSIONS.md anew.
///
/// # Panics
/// It cannot be written.
pub fn write_document() {
    fs::write(here(DOCUMENT), document_with_table()).unwrap_or_else(|e| panic!("{e}"));
}

/// An action that is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Granted {
    action: String,
    resources: Vec<String>,
    only_if: String,
}

impl Granted {
    /// Whether it is the same, whatever it takes.
    fn is_like(&self, other: &Self) -> bool {
        (&self.action, &self.resources) == (&other.action, &other.resources)
    }
}

fn table(templates: &Templates) -> String {
    let of_function = templates.role_of_function();
    let mut in_members = Vec::new();
    for role in roles(&templates.member) {
        in_members.extend(granted(templates, &templates.member, role));
    }
    let (mut by_scanner, mut by_lambda) = (Vec::new(), Vec::new());
    let (mut by_schedule, mut by_machine) = (Vec::new(), Vec::new());
    for role in roles(&templates.scanner) {
        for one in granted(templates, &templates.scanner, role) {
            match role == of_function {
                // The scanner's own account is one of those that are read; explanations of its
                // keys are made with permissions of the caller's own.
                true if in_members.iter().any(|other| other.is_like(&one)) => {}
                true if reasons::is_by_service(&one.action) => by_lambda.push(one),
                true => by_scanner.push(one),
                false if role == "ScheduleRole" => by_schedule.push(one),
                false => by_machine.push(one),
            }
        }
    }
    let mut text = "| where | what | on | why | only if |\n|---|---|---|---|---|\n".to_owned();
    for (role, granted) in [
        ("every account", in_members),
        ("the scanner", by_scanner),
        ("the scanner, by Lambda", by_lambda),
        ("the schedule", by_schedule),
        ("the state machine", by_machine),
    ] {
        text += &rows(role, granted);
    }
    text
}

/// One row for the actions that are granted alike, for the same reason.
fn rows(role: &str, granted: Vec<Granted>) -> String {
    let mut text = String::new();
    let mut rest = granted.as_slice();
    while let Some(first) = rest.first() {
        let why = reasons::of(&first.action);
        let is_alike = |one: &&Granted| {
            (&one.resources, &one.only_if, reasons::of(&one.action))
                == (&first.resources, &first.only_if, why)
        };
        let alike = rest.iter().take_while(is_alike).count();
        let what: Vec<_> = rest[..alike]
            .iter()
            .map(|one| format!("`{}`", one.action))
            .collect();
        let on = first.resources.iter().map(|one| match one.as_str() {
            "*" if first.action == FOR_ALL_USERS => {
                "anything: AWS does not document the resource of a request for all users".to_owned()
            }
            "*" if first.action.starts_with("logs:") => {
                "anything: Step Functions asks for it on everything".to_owned()
            }
            "*" => "anything: AWS defines no resource".to_owned(),
            arn => format!("`{arn}`"),
        });
        let role = if rest.len() == granted.len() {
            role
        } else {
            ""
        };
        let cells = [
            role,
            &what.join(", "),
            &on.collect::<Vec<_>>().join(", "),
            why,
            &first.only_if,
        ];
        let row = format!("| {} |\n", cells.join(" | "));
        text += &row.replace("  |", " |");
        rest = &rest[alike..];
    }
    text
}

/// The logical names of a template's roles.
fn roles(template: &Template) -> Vec<&str> {
    let resources = template.tree["Resources"].as_object().into_iter().flatten();
    let roles = resources.filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role");
    roles.map(|(name, _)| name.as_str()).collect()
}

/// What a role is granted with every setting, in the template's order, and which
/// setting it takes; then what it is granted for a long census only.
fn granted(templates: &Templates, template: &Template, role: &str) -> Vec<Granted> {
    let in_cases = CASES.map(|case| (case, allowed(templates, template, role, &case)));
    let everything = allowed(templates, template, role, &EVERYTHING);
    let mut more = allowed(templates, template, role, &LONG_CENSUS);
    more.retain(|one| !everything.contains(one));
    let granted = everything.into_iter().chain(more);
    let granted = granted.map(|(action, resources)| {
        let lacks = |(_, allowed): &&(Case, Vec<(String, _)>)| {
            allowed.iter().all(|(other, _)| *other != action)
        };
        let lacking = in_cases.iter().filter(lacks).map(|(case, _)| *case);
        Granted {
            only_if: only_if(&lacking.collect::<Vec<_>>()),
            action,
            resources,
        }
    });
    granted.collect()
}

/// What it takes for none of these cases to be. One that is another and more takes
/// nothing else.
fn only_if(lacking: &[Case]) -> String {
    let is_least = |case: &&Case| {
        let mut others = lacking.iter().filter(|other| other != case);
        others.all(|other| !other.is_part_of(case))
    };
    let least = lacking.iter().filter(is_least);
    let conditions: Vec<_> = least.map(|case| case.lacking_unless).collect();
    conditions.join(", and ")
}

/// The actions that a role allows in a case, with their resources.
fn allowed(
    templates: &Templates,
    template: &Template,
    role: &str,
    case: &Case,
) -> Vec<(String, Vec<String>)> {
    let stack = Stack::new(template, input(templates, template, case));
    let roles = stack.and_then(|stack| stack.roles());
    let mut roles = roles.unwrap_or_else(|e| panic!("{e}"));
    let policies = roles
        .remove(role)
        .into_iter()
        .flat_map(|role| role.policies);
    let statements = policies.flat_map(|named| named.policy.statements);
    let allows = statements.filter(|statement| statement.effect == Effect::Allow);
    let pairs = allows.flat_map(|statement| {
        let actions = statement.actions.into_iter();
        actions.map(move |action| (action, statement.resources.clone()))
    });
    pairs.collect()
}

/// The settings of a case, with placeholders for names.
fn input(templates: &Templates, template: &Template, case: &Case) -> StackInput {
    let mut input = StackInput {
        name: "<stack>".to_owned(),
        account: "<account>".to_owned(),
        region: "<region>".to_owned(),
        ..StackInput::default()
    };
    let declared = &template.tree["Parameters"];
    let of_settings = case.settings().filter_map(|(variable, value)| {
        let mut variables = templates.variables();
        let (_, refers_to) = variables.find(|(name, _)| name == variable)?;
        Some((refers_to, *value))
    });
    let others = case.parameters().map(|&(name, value)| (name, value));
    for (name, value) in of_settings.chain(others) {
        if declared.get(name).is_some() {
            give(&mut input.parameters, name, value);
        }
    }
    for (name, value) in PLACEHOLDERS {
        // Words that stand for no name.
        let is_off = |value: &String| ["", "aws:kms"].contains(&value.as_str());
        let is_off = input.parameters.get(name).is_some_and(is_off);
        match declared.get(name) {
            Some(_) if is_off => {}
            Some(_) => {
                input.parameters.insert(name.to_owned(), value.to_owned());
            }
            None => {
                input.names.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    input
}
