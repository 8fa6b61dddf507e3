//! Parameters of a stack, and what every stack knows by itself.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{error::TemplateError, stack::StackInput, yaml::Template};
use crate::regions::partition;

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

/// `AWS::AccountId` and the like; `AWS::NoValue` is none of them.
pub(super) fn pseudo(input: &StackInput, name: &str) -> Option<String> {
    Some(match name {
        "AWS::AccountId" => input.account.clone(),
        "AWS::Region" => input.region.clone(),
        "AWS::Partition" => partition(&input.region).to_owned(),
        "AWS::StackName" => input.name.clone(),
        "AWS::URLSuffix" => match partition(&input.region) {
            "aws-cn" => "amazonaws.com.cn".to_owned(),
            _ => "amazonaws.com".to_owned(),
        },
        _ => return None,
    })
}

/// A scalar as CloudFormation compares and joins it.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}
