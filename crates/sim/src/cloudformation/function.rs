//! CloudFormation's functions.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

pub(super) mod resource_names;

use serde_json::{Map, Value};

use super::{error::TemplateError, parameters::as_text, stack::Stack};

impl Stack {
    /// A part of the template without functions; `None` where it is `AWS::NoValue`.
    ///
    /// # Errors
    /// It has a function that is not supported.
    pub fn resolve(&self, part: &Value) -> Result<Option<Value>, TemplateError> {
        resolve(self, part)
    }

    /// The logical names of the resources whose conditions hold.
    pub(super) fn resources(&self) -> Result<Vec<&str>, TemplateError> {
        let all = self.template.tree["Resources"].as_object();
        let mut existing = Vec::new();
        for (logical, resource) in all.into_iter().flatten() {
            if self.exists(resource)? {
                existing.push(logical.as_str());
            }
        }
        Ok(existing)
    }

    /// A resource, whose condition must hold.
    pub(super) fn resource(&self, logical: &str) -> Result<&Value, TemplateError> {
        match self.template.tree["Resources"].get(logical) {
            Some(resource) if self.exists(resource)? => Ok(resource),
            _ => Err(TemplateError::wrong(format!("there is no {logical}"))),
        }
    }

    fn exists(&self, resource: &Value) -> Result<bool, TemplateError> {
        match resource.get("Condition").and_then(Value::as_str) {
            Some(condition) => self.holds(condition),
            None => Ok(true),
        }
    }

    /// Whether a condition of the template holds.
    pub(super) fn holds(&self, condition: &str) -> Result<bool, TemplateError> {
        match self.template.tree["Conditions"].get(condition) {
            Some(function) => is_true(self, function),
            None => Err(TemplateError::wrong(format!(
                "there is no condition {condition}"
            ))),
        }
    }
}

/// A value without functions; `None` for `AWS::NoValue`, which removes its entry.
fn resolve(stack: &Stack, value: &Value) -> Result<Option<Value>, TemplateError> {
    match value {
        Value::Array(items) => {
            let mut resolved = Vec::new();
            for item in items {
                resolved.extend(resolve(stack, item)?);
            }
            Ok(Some(resolved.into()))
        }
        Value::Object(entries) => match only_entry(entries) {
            Some((name, argument)) if name == "Ref" || name.starts_with("Fn::") => {
                call(stack, name, argument)
            }
            _ => {
                let mut resolved = Map::new();
                for (name, value) in entries {
                    if let Some(value) = resolve(stack, value)? {
                        resolved.insert(name.clone(), value);
                    }
                }
                Ok(Some(resolved.into()))
            }
        },
        scalar => Ok(Some(scalar.clone())),
    }
}

fn only_entry(entries: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, value) = entries.iter().next()?;
    (entries.len() == 1).then_some((name.as_str(), value))
}

fn call(stack: &Stack, name: &str, argument: &Value) -> Result<Option<Value>, TemplateError> {
    match name {
        "Ref" => match argument.as_str() {
            Some("AWS::NoValue") => Ok(None),
            Some(name) => Ok(Some(reference(stack, name)?.into())),
            None => Err(wrong(name, argument)),
        },
        "Fn::If" => match argument.as_array().map(Vec::as_slice) {
            Some([Value::String(condition), then, otherwise]) => {
                let holds = stack.holds(condition)?;
                resolve(stack, if holds { then } else { otherwise })
            }
            _ => Err(wrong(name, argument)),
        },
        "Fn::GetAtt" => match argument.as_array().map(Vec::as_slice) {
            Some([Value::String(resource), Value::String(attribute)]) => Ok(Some(
                resource_names::attribute(stack, resource, attribute)?.into(),
            )),
            _ => Err(wrong(name, argument)),
        },
        "Fn::Sub" => match argument {
            Value::String(text) => Ok(Some(substitute(stack, text, &Map::new())?.into())),
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(text), Value::Object(names)] => {
                    Ok(Some(substitute(stack, text, names)?.into()))
                }
                _ => Err(wrong(name, argument)),
            },
            _ => Err(wrong(name, argument)),
        },
        "Fn::Join" => match argument.as_array().map(Vec::as_slice) {
            Some([Value::String(delimiter), list]) => {
                let list = resolve(stack, list)?.unwrap_or_default();
                let texts: Option<Vec<_>> = list
                    .as_array()
                    .map(|list| list.iter().map(as_text).collect::<Option<_>>())
                    .unwrap_or_default();
                let texts = texts.ok_or_else(|| wrong(name, argument))?;
                Ok(Some(texts.join(delimiter).into()))
            }
            _ => Err(wrong(name, argument)),
        },
        other => Err(TemplateError::unsupported(other)),
    }
}

/// What `Ref` gives for a parameter, a pseudo parameter or a resource.
fn reference(stack: &Stack, name: &str) -> Result<String, TemplateError> {
    if let Some(value) = stack.parameters.get(name) {
        return Ok(value.clone());
    }
    match stack.input.pseudo_parameter(name) {
        Some(value) => Ok(value),
        None => resource_names::reference(stack, name),
    }
}

/// Replaces `${Name}` and `${Resource.Attribute}`; `${!Name}` stays, as `${Name}`.
fn substitute(
    stack: &Stack,
    text: &str,
    names: &Map<String, Value>,
) -> Result<String, TemplateError> {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, begun)) = rest.split_once("${") {
        let (name, after) = begun
            .split_once('}')
            .ok_or_else(|| TemplateError::wrong(format!("a variable in {text:?} has no end")))?;
        replaced.push_str(before);
        match (
            name.strip_prefix('!'),
            names.get(name),
            name.split_once('.'),
        ) {
            (Some(kept), _, _) => {
                replaced.push_str("${");
                replaced.push_str(kept);
                replaced.push('}');
            }
            (_, Some(given), _) => {
                let given = resolve(stack, given)?.as_ref().and_then(as_text);
                replaced.push_str(
                    &given.ok_or_else(|| TemplateError::wrong(format!("{name} is no text")))?,
                );
            }
            (_, _, Some((resource, attribute))) => {
                replaced.push_str(&resource_names::attribute(stack, resource, attribute)?);
            }
            _ => replaced.push_str(&reference(stack, name)?),
        }
        rest = after;
    }
    replaced.push_str(rest);
    Ok(replaced)
}

/// Whether the condition `value` holds.
fn is_true(stack: &Stack, value: &Value) -> Result<bool, TemplateError> {
    let entry = value.as_object().and_then(only_entry);
    let (name, argument) =
        entry.ok_or_else(|| TemplateError::unsupported(format!("the condition {value}")))?;
    if name == "Condition" {
        let named = argument.as_str().ok_or_else(|| wrong(name, argument))?;
        return stack.holds(named);
    }
    let arguments = argument
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| wrong(name, argument))?;
    match (name, arguments) {
        ("Fn::Equals", [one, other]) => {
            let text = |value| Ok(resolve(stack, value)?.as_ref().and_then(as_text));
            Ok(text(one)? == text(other)?)
        }
        ("Fn::Not", [one]) => Ok(!is_true(stack, one)?),
        ("Fn::And" | "Fn::Or", all) => {
            let wanted = name == "Fn::Or";
            for one in all {
                if is_true(stack, one)? == wanted {
                    return Ok(wanted);
                }
            }
            Ok(!wanted)
        }
        ("Fn::Equals" | "Fn::Not", _) => Err(wrong(name, argument)),
        (other, _) => Err(TemplateError::unsupported(other)),
    }
}

fn wrong(function: &str, argument: &Value) -> TemplateError {
    TemplateError::wrong(format!("{function} does not take {argument}"))
}
