//! Parameters of a stack.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{error::TemplateError, yaml::Template};

/// The values of all parameters of a template: those given, else their defaults.
pub(super) fn complete(
    template: &Template,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let nothing = serde_json::Map::new();
    let declared = template.tree["Parameters"].as_object().unwrap_or(&nothing);
    if let Some(name) = given.keys().find(|name| !declared.contains_key(*name)) {
        return Err(TemplateError::wrong(format!(
            "there is no parameter {name}"
        )));
    }
    let mut values = BTreeMap::new();
    for (name, declaration) in declared {
        let value = match (given.get(name), declaration.get("Default")) {
            (Some(given), _) => given.clone(),
            (None, Some(default)) => as_text(default)
                .ok_or_else(|| TemplateError::unsupported(format!("the default of {name}")))?,
            (None, None) => {
                return Err(TemplateError::wrong(format!(
                    "parameter {name} has no value"
                )));
            }
        };
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// A scalar as CloudFormation compares and joins it.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}
