//! A template's YAML, with short functions spelled out.

use saphyr::{LoadableYamlNode as _, Scalar, Tag, Yaml};
use serde_json::{Map, Value, json};

use super::error::TemplateError;

/// A template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The template as JSON; `!Sub x` has become `{"Fn::Sub": "x"}`, and so has every other function.
    pub tree: Value,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// It is no YAML, or has tags other than CloudFormation's.
    pub fn parse(yaml: &str) -> Result<Self, TemplateError> {
        let documents =
            Yaml::load_from_str(yaml).map_err(|error| TemplateError::Yaml(error.to_string()))?;
        match &documents[..] {
            [one] => Ok(Self { tree: read(one)? }),
            other => {
                let problem = format!("it has {} documents", other.len());
                Err(TemplateError::Yaml(problem))
            }
        }
    }
}

fn read(node: &Yaml<'_>) -> Result<Value, TemplateError> {
    Ok(match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => (*value).into(),
        Yaml::Value(Scalar::Integer(value)) => (*value).into(),
        Yaml::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(read).collect::<Result<_, _>>()?,
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let key = key.as_str().ok_or_else(|| {
                    TemplateError::Yaml(format!("{key:?} is no name of an entry"))
                })?;
                map.insert(key.to_owned(), read(value)?);
            }
            map.into()
        }
        Yaml::Tagged(tag, inner) => spelled_out(tag, read(inner)?)?,
        Yaml::Alias(_) | Yaml::BadValue | Yaml::Representation(..) => {
            return Err(TemplateError::Yaml(format!("{node:?} is not understood")));
        }
    })
}

fn spelled_out(tag: &Tag, argument: Value) -> Result<Value, TemplateError> {
    if tag.handle != "!" {
        return Err(TemplateError::unsupported(format!("the tag {tag}")));
    }
    Ok(match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => json!({name: argument}),
        "GetAtt" => match argument.as_str().and_then(|text| text.split_once('.')) {
            Some((resource, attribute)) => json!({"Fn::GetAtt": [resource, attribute]}),
            None => json!({"Fn::GetAtt": argument}),
        },
        name => json!({format!("Fn::{name}"): argument}),
    })
}
