//! Statements of the templates' roles, to be changed one at a time.

use std::{collections::BTreeSet, fmt};

use serde_json::{Value, json};

use super::{Permission, Role};
use crate::Templates;

const SCANNER: &str = "template.yaml";
const MEMBER: &str = "member-role.yaml";

/// A change of one of the templates.
#[derive(Debug)]
pub struct Change {
    file: &'static str,
    /// JSON pointer to the statement.
    statement: String,
    /// `Action` or `Resource`, and what it becomes.
    field: &'static str,
    becomes: Vec<Value>,
    /// `without iam:ListUsers`.
    what: String,
}

impl Change {
    /// Every way to take one action, or one resource of several, from one statement.
    #[must_use]
    pub fn every_removal(templates: &Templates) -> Vec<Self> {
        let mut removals = Vec::new();
        for (file, pointer, statement) in statements(templates) {
            for field in ["Action", "Resource"] {
                let all = list(&statement[field]);
                let removed: &[Value] = match field == "Action" || statement[field].is_array() {
                    true => &all,
                    false => &[],
                };
                removals.extend(removed.iter().map(|one| Self {
                    file,
                    statement: pointer.clone(),
                    field,
                    becomes: all.iter().filter(|other| *other != one).cloned().collect(),
                    what: match one.as_str() {
                        Some(text) => format!("without {text}"),
                        None => format!("without {one}"),
                    },
                }));
            }
        }
        removals
    }

    /// Every way to add `action` to one statement.
    #[must_use]
    pub fn every_addition(templates: &Templates, action: &str) -> Vec<Self> {
        let statements = statements(templates).into_iter();
        let additions = statements.map(|(file, pointer, statement)| {
            let mut becomes = list(&statement["Action"]);
            becomes.push(action.into());
            Self {
                file,
                statement: pointer,
                field: "Action",
                becomes,
                what: format!("with {action}"),
            }
        });
        additions.collect()
    }

    /// The actions in statements, or of roles, that a condition of the template can take away.
    #[must_use]
    pub fn conditional_actions(templates: &Templates) -> BTreeSet<Permission> {
        let mut conditional = statements(templates);
        conditional.retain(|(file, pointer, _)| {
            let template = match *file {
                SCANNER => &templates.scanner,
                _ => &templates.member,
            };
            let role = &template.tree["Resources"][resource(pointer)];
            pointer.contains("Fn::If") || role.get("Condition").is_some()
        });
        let actions = conditional.iter().flat_map(|(file, pointer, statement)| {
            let role = match (*file, resource(pointer)) {
                (SCANNER, name) if name == templates.role_of_function() => Role::Scanner,
                (SCANNER, name) => Role::Other(name.to_owned()),
                _ => Role::Member,
            };
            let actions = list(&statement["Action"]).into_iter();
            actions
                .map(move |action| (role.clone(), action.as_str().unwrap_or_default().to_owned()))
        });
        actions.collect()
    }

    /// The templates with this change.
    ///
    /// # Panics
    /// They are not those that it is a change of.
    #[must_use]
    pub fn made_to(&self, templates: &Templates) -> Templates {
        let mut changed = templates.clone();
        let tree = match self.file {
            SCANNER => &mut changed.scanner.tree,
            _ => &mut changed.member.tree,
        };
        let statement = tree.pointer_mut(&self.statement);
        let statement = statement.unwrap_or_else(|| panic!("there is no {}", self.statement));
        match self.becomes.is_empty() {
            true => *statement = json!({"Ref": "AWS::NoValue"}),
            false => statement[self.field] = self.becomes.clone().into(),
        }
        changed
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{} {}", self.file, self.statement, self.what)
    }
}

/// The logical name of the resource that a JSON pointer leads into.
fn resource(pointer: &str) -> &str {
    pointer.split('/').nth(2).unwrap_or_default()
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    }
}

/// The statements of all roles' policies, each with its file and JSON pointer.
fn statements(templates: &Templates) -> Vec<(&'static str, String, Value)> {
    let mut found = Vec::new();
    for (file, template) in [(SCANNER, &templates.scanner), (MEMBER, &templates.member)] {
        let resources = template.tree["Resources"].as_object();
        for (name, resource) in resources.into_iter().flatten() {
            if resource["Type"] == "AWS::IAM::Role" {
                let pointer = format!("/Resources/{name}/Properties/Policies");
                let policies = &resource["Properties"]["Policies"];
                find(policies, pointer, &mut |pointer, value| {
                    found.push((file, pointer, value));
                });
            }
        }
    }
    found
}

/// Finds every object below `value` that has an `Action`.
fn find(value: &Value, pointer: String, found: &mut impl FnMut(String, Value)) {
    match value {
        Value::Object(fields) if fields.contains_key("Action") => found(pointer, value.clone()),
        Value::Object(fields) => {
            for (name, field) in fields {
                find(field, format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                find(item, format!("{pointer}/{position}"), found);
            }
        }
        _ => {}
    }
}
