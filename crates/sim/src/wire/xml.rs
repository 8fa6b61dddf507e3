//! Renders XML: elements, and text with its special characters escaped.

use std::fmt::Write as _;

use serde_json::Value;

/// `text` as the content of an element.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // Parsers replace a bare carriage return by a line feed.
            '\r' => escaped.push_str("&#xD;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Appends `<name>text</name>`.
pub(crate) fn element(out: &mut String, name: &str, text: &str) {
    // Writing to a String cannot fail.
    let _ = write!(out, "<{name}>{}</{name}>", escape(text));
}

/// A tree as XML: each field of an object is an element of its name, each item of a list one called `item`.
pub(crate) fn tree(value: &Value, item: &str) -> String {
    let mut out = String::new();
    write_tree(&mut out, value, item);
    out
}

fn write_tree(out: &mut String, value: &Value, item: &str) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                nested(out, name, value, item);
            }
        }
        Value::Array(items) => {
            for value in items {
                nested(out, item, value, item);
            }
        }
        Value::String(text) => out.push_str(&escape(text)),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

fn nested(out: &mut String, name: &str, value: &Value, item: &str) {
    // Writing to a String cannot fail.
    let _ = write!(out, "<{name}>");
    write_tree(out, value, item);
    let _ = write!(out, "</{name}>");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_becomes_elements_and_members() {
        let value = json!({"IsTruncated": false, "Users": [{"Name": "a<b"}, {"Name": "\r\n"}]});
        assert_eq!(
            tree(&value, "member"),
            "<IsTruncated>false</IsTruncated><Users><member><Name>a&lt;b</Name></member><member><Name>&#xD;\n</Name></member></Users>"
        );
    }
}
