//! Statements of the templates' roles, to be changed one at a time.

use std::{collections::BTreeSet, fmt};

use serde_json::{Value, json};

use super::{Permission, Role};
use crate::Templates;

/// A change of one of the templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    file: &'static str,
    /// JSON pointer to the statement.
    statement: String,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    WithoutAction(String),
    WithoutResource(Value),
    WithAction(String),
}

const SCANNER: &str = "template.yaml";
const MEMBER: &str = "member-role.yaml";

impl Change {
    /// Every way to take one action, or one resource of several, from one statement.
    #[must_use]
    pub fn every_removal(templates: &Templates) -> Vec<Self> {
        let mut removals = Vec::new();
        for (file, statement, value) in statements(templates) {
            let change = |what| Self {
                file,
                statement: statement.clone(),
                what,
            };
            for action in list(&value["Action"]) {
                let action = action.as_str().unwrap_or_default().to_owned();
                removals.push(change(What::WithoutAction(action)));
            }
            if let Value::Array(resources) = &value["Resource"] {
                let without = |one: &Value| change(What::WithoutResource(one.clone()));
                removals.extend(resources.iter().map(without));
            }
        }
        removals
    }

    /// Every way to add `action` to one statement.
    #[must_use]
    pub fn every_addition(templates: &Templates, action: &str) -> Vec<Self> {
        let statements = statements(templates).into_iter();
        let additions = statements.map(|(file, statement, _)| Self {
            file,
            statement,
            what: What::WithAction(action.to_owned()),
        });
        additions.collect()
    }

    /// The actions in statements that a condition of the template can take away.
    #[must_use]
    pub fn conditional_actions(templates: &Templates) -> BTreeSet<Permission> {
        let conditional = statements(templates)
            .into_iter()
            .filter(|(_, pointer, _)| pointer.contains("Fn::If"));
        let actions = conditional.flat_map(|(file, _, statement)| {
            let role = if file == SCANNER {
                Role::Scanner
            } else {
                Role::Member
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
        let (field, kept) = match &self.what {
            What::WithoutAction(gone) => {
                ("Action", without(&statement["Action"], &gone[..].into()))
            }
            What::WithoutResource(gone) => ("Resource", without(&statement["Resource"], gone)),
            What::WithAction(action) => {
                let mut actions = list(&statement["Action"]);
                actions.push(action[..].into());
                ("Action", actions)
            }
        };
        match kept.is_empty() {
            true => *statement = json!({"Ref": "AWS::NoValue"}),
            false => statement[field] = kept.into(),
        }
        changed
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            statement,
            what,
        } = self;
        match what {
            What::WithoutAction(action) => write!(f, "{file}{statement} without {action}"),
            What::WithoutResource(one) => write!(f, "{file}{statement} without {one}"),
            What::WithAction(action) => write!(f, "{file}{statement} with {action}"),
        }
    }
}

fn without(all: &Value, gone: &Value) -> Vec<Value> {
    let mut kept = list(all);
    kept.retain(|one| one != gone);
    kept
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
