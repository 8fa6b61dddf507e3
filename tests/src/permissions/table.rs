//! README's table of permissions, written from the templates.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use keycensus_sim::{
    cloudformation::{Role as Rendered, Stack, StackInput, Template},
    policy::{Effect, Statement},
};

use super::{
    cases::{CASES, Case, EVERYTHING, SETTINGS},
    reasons,
};
use crate::{Templates, here};

/// Where the table begins and ends in README.md.
const MARKS: [&str; 2] = [
    "<!-- permissions: `make bless` writes this table from the templates -->\n",
    "<!-- end of permissions -->\n",
];

/// What stands for a parameter's value, or for what `Ref` gives for a resource.
const PLACEHOLDERS: [(&str, &str); 9] = [
    ("MemberRole", "<member role>"),
    ("ReportPrefix", "<prefix>"),
    ("EventBusName", "<event bus>"),
    ("ScannerRoleArn", "arn:aws:iam::<account>:role/<role>"),
    ("ReportBucket", "<bucket>"),
    ("DigestTopic", "arn:aws:sns:<region>:<account>:<topic>"),
    ("DeadLetterQueue", "<dead-letter queue>"),
    ("ScannerLogGroup", "<log group>"),
    ("ScannerFunction", "<function>"),
];

/// An action that is granted, and what a row says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Granted {
    place: &'static str,
    action: String,
    resources: Vec<String>,
    only_if: &'static str,
}

/// README.md, with the table as it should be.
///
/// # Panics
/// It has no place for the table, or an action has no reason.
#[must_use]
pub fn readme_with_table() -> String {
    let readme = here("../README.md");
    let readme = fs::read_to_string(&readme).unwrap_or_else(|e| panic!("{e}"));
    let around = readme.split_once(MARKS[0]).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(MARKS[1])?;
        Some((before, after))
    });
    let Some((before, after)) = around else {
        panic!("README.md has no {MARKS:?}");
    };
    [before, MARKS[0], &table(Templates::here()), MARKS[1], after].concat()
}

/// Writes README.md anew.
///
/// # Panics
/// It cannot be written.
pub fn write_readme() {
    fs::write(here("../README.md"), readme_with_table()).unwrap_or_else(|e| panic!("{e}"));
}

/// One row for the actions that are granted alike, for the same reason.
fn table(templates: &Templates) -> String {
    let mut rows: Vec<(Granted, &'static str, Vec<String>)> = Vec::new();
    for granted in all_granted(templates) {
        let why = reasons::of(&granted.action);
        let action = format!("`{}`", granted.action);
        let like = |(row, row_why, _): &&mut (Granted, &str, _)| {
            let alike = (row.place, &row.resources, row.only_if, *row_why);
            alike == (granted.place, &granted.resources, granted.only_if, why)
        };
        match rows.iter_mut().find(like) {
            Some((_, _, actions)) => actions.push(action),
            None => rows.push((granted, why, vec![action])),
        }
    }
    let mut text = "| where | what | on | why | only if |\n|---|---|---|---|---|\n".to_owned();
    let mut last_place = "";
    for (row, why, actions) in rows {
        let place = if row.place == last_place {
            ""
        } else {
            row.place
        };
        last_place = row.place;
        let on = row.resources.iter().map(|one| match one.as_str() {
            "*" => "anything: AWS defines no resource".to_owned(),
            arn => format!("`{arn}`"),
        });
        let cells = [
            place,
            &actions.join(", "),
            &on.collect::<Vec<_>>().join(", "),
            why,
            row.only_if,
        ];
        text += &format!("| {} |\n", cells.join(" | ")).replace("  |", " |");
    }
    text
}

/// What is granted where, in the order of the templates.
fn all_granted(templates: &Templates) -> Vec<Granted> {
    let scanner_role = templates.role_of_function();
    let scanner = |case: &Case| by_role(&templates.scanner, templates, case);
    let member = |case: &Case| by_role(&templates.member, templates, case);
    let everything = (scanner(&EVERYTHING), member(&EVERYTHING));
    let in_members: BTreeSet<&str> = everything
        .1
        .values()
        .flatten()
        .map(|(action, _)| &**action)
        .collect();
    let lacking = |place: &dyn Fn(&Case) -> BTreeMap<String, Vec<(String, Vec<String>)>>,
                   action: &str| {
        let lacks = |case: &&Case| {
            let granted = place(case);
            !granted
                .values()
                .flatten()
                .any(|(granted, _)| granted == action)
        };
        CASES
            .iter()
            .find(lacks)
            .map_or("", |case| case.lacking_unless)
    };
    let mut granted = Vec::new();
    for (_, actions) in &everything.1 {
        for (action, resources) in actions {
            granted.push(Granted {
                place: "every account",
                action: action.clone(),
                resources: resources.clone(),
                only_if: lacking(&member, action),
            });
        }
    }
    for (role, actions) in &everything.0 {
        for (action, resources) in actions
            .iter()
            .filter(|(action, _)| !in_members.contains(&**action))
        {
            granted.push(Granted {
                place: match (role == scanner_role, reasons::is_by_service(action)) {
                    (true, false) => "the scanner",
                    (true, true) => "the scanner, by Lambda",
                    (false, _) => "the schedule",
                },
                action: action.clone(),
                resources: resources.clone(),
                only_if: lacking(&scanner, action),
            });
        }
    }
    granted.sort_by_key(|one| {
        ["every account", "the scanner", "the scanner, by Lambda"]
            .iter()
            .position(|place| *place == one.place)
            .unwrap_or(usize::MAX)
    });
    granted
}

/// The actions that each role of a template allows, with their resources.
fn by_role(
    template: &Template,
    templates: &Templates,
    case: &Case,
) -> BTreeMap<String, Vec<(String, Vec<String>)>> {
    let declared = &template.tree["Parameters"];
    let mut input = StackInput {
        name: "<stack>".to_owned(),
        account: "<account>".to_owned(),
        region: "<region>".to_owned(),
        ..StackInput::default()
    };
    let refers_to: BTreeMap<&str, &str> = templates.variables().collect();
    let settings = SETTINGS.iter().chain(case.settings);
    let settings =
        settings.filter_map(|(variable, value)| Some((*refers_to.get(variable)?, *value)));
    let placeholders = PLACEHOLDERS.iter().copied();
    for (name, value) in settings.collect::<Vec<_>>() {
        if declared.get(name).is_some() {
            input.parameters.insert(name.to_owned(), value.to_owned());
        }
    }
    for (name, value) in placeholders {
        let is_off = input.parameters.get(name).is_some_and(String::is_empty);
        match declared.get(name) {
            Some(_) if !is_off => input.parameters.insert(name.to_owned(), value.to_owned()),
            Some(_) => None,
            None => input.names.insert(name.to_owned(), value.to_owned()),
        };
    }
    let roles = Stack::new(template, input).and_then(|stack| stack.roles());
    let roles = roles.unwrap_or_else(|e| panic!("{e}"));
    roles
        .into_iter()
        .map(|(name, role)| (name, allowed(&role)))
        .collect()
}

fn allowed(role: &Rendered) -> Vec<(String, Vec<String>)> {
    let statements = role
        .policies
        .iter()
        .flat_map(|named| &named.policy.statements);
    let allows = statements.filter(|statement| statement.effect == Effect::Allow);
    let each = |statement: &Statement| {
        let resources = statement.resources.clone();
        let actions = statement.actions.clone().into_iter();
        actions
            .map(move |action| (action, resources.clone()))
            .collect::<Vec<_>>()
    };
    allows.flat_map(each).collect()
}
