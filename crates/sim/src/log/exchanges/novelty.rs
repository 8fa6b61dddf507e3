//! Whether an exchange has a shape or a value that none before it had.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher as _},
};

use serde_json::Value;

/// How many values of one member are distinguished one by one: more than any enumeration of these services has.
const VALUES: usize = 24;

/// What has been seen of all exchanges, as hashes, and whether the present one has something new.
#[derive(Debug, Default)]
pub(super) struct Novelty {
    seen: HashSet<u64>,
    values: HashMap<u64, usize>,
    side: u64,
    found: bool,
}

impl Novelty {
    /// Begins an exchange of an operation and status, in a world that may be beyond AWS. What is looked at next is its request's query.
    pub(super) fn begin(&mut self, kind: (&str, u16, bool)) {
        self.side = hash(kind);
        self.found = self.seen.insert(self.side);
    }

    /// Whether the exchange has something new.
    pub(super) fn found(&self) -> bool {
        self.found
    }

    /// Looks at a query string, or at a form that is written as one. Entries of lists are alike: `Tags.member.2.Key` is
    /// `Tags.member..Key`.
    pub(super) fn look_at_query(&mut self, query: &[u8]) {
        let pairs: Vec<_> = form_urlencoded::parse(query)
            .map(|(name, value)| (name.replace(|c: char| c.is_ascii_digit(), ""), value))
            .collect();
        let pairs = pairs.iter();
        self.look_at_pairs(pairs.map(|(name, value)| (name.as_str(), value.as_ref())));
    }

    /// Looks at a body of JSON or XML.
    pub(super) fn look_at_body(&mut self, body: &[u8]) {
        self.side = hash((self.side, "body"));
        match serde_json::from_slice(body) {
            Ok(value) => self.look_at_json(self.side, &value),
            Err(_) => self.look_at_xml(&String::from_utf8_lossy(body)),
        }
    }

    /// Looks at names and values, such as headers.
    pub(super) fn look_at_pairs<'a>(&mut self, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        self.side = hash((self.side, "pairs"));
        let mut names = BTreeSet::new();
        for (name, value) in pairs {
            self.look_at_value(hash((self.side, name)), value);
            names.insert(name);
        }
        self.look_at_members(self.side, &names);
    }

    fn look_at_json(&mut self, at: u64, value: &Value) {
        match value {
            Value::Object(members) => {
                let names = members.keys().map(String::as_str).collect();
                self.look_at_members(at, &names);
                for (name, value) in members {
                    self.look_at_json(hash((at, name)), value);
                }
            }
            Value::Array(items) => items
                .iter()
                .for_each(|item| self.look_at_json(hash((at, "[]")), item)),
            Value::String(text) => self.look_at_value(at, text),
            other => self.look_at_value(at, &other.to_string()),
        }
    }

    /// Looks at XML as the simulator writes it: elements and text, without comments.
    fn look_at_xml(&mut self, body: &str) {
        let mut open = vec![(self.side, BTreeSet::new(), "")];
        for piece in body.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
            if tag.starts_with('?') {
                continue;
            }
            if !tag.starts_with('/') {
                let name = tag.trim_end_matches('/');
                let Some((parent, names, _)) = open.last_mut() else {
                    break;
                };
                names.insert(name);
                let at = hash((*parent, name));
                open.push((at, BTreeSet::new(), text));
            }
            if tag.starts_with('/') || tag.ends_with('/') {
                match open.pop() {
                    Some((at, names, text)) if names.is_empty() => self.look_at_value(at, text),
                    Some((at, names, _)) => self.look_at_members(at, &names),
                    None => break,
                }
            }
        }
    }

    fn look_at_members(&mut self, at: u64, names: &BTreeSet<&str>) {
        self.found |= self.seen.insert(hash((at, "members", names)));
    }

    fn look_at_value(&mut self, at: u64, value: &str) {
        if self.seen.contains(&hash((at, value))) {
            return;
        }
        let known = self.values.entry(at).or_default();
        if *known < VALUES {
            *known += 1;
            self.seen.insert(hash((at, value)));
            self.found = true;
            return;
        }
        let magnitude = usize::BITS - value.len().leading_zeros();
        let special: BTreeSet<char> = value
            .chars()
            .filter(|c| !c.is_ascii_alphanumeric())
            .collect();
        self.found |= self.seen.insert(hash((at, magnitude, special)));
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn has_news(novelty: &mut Novelty, body: &str) -> bool {
        novelty.begin(("kms:ListKeys", 200, false));
        novelty.look_at_body(body.as_bytes());
        novelty.found()
    }

    #[test]
    fn an_exchange_is_new_by_its_members_and_by_its_values() {
        let mut novelty = Novelty::default();
        for (body, expected) in [
            (json!({"State": "Enabled", "Tags": [{"Key": "a"}]}), true),
            (json!({"State": "Enabled", "Tags": [{"Key": "a"}]}), false),
            (
                json!({"State": "Enabled", "Tags": [{"Key": "a"}, {"Key": "a"}]}),
                false,
            ),
            (json!({"State": "Disabled", "Tags": [{"Key": "a"}]}), true),
            (
                json!({"State": "Enabled", "Tags": [{"Key": "a"}, {}]}),
                true,
            ),
            (json!({"State": "Enabled"}), true),
        ] {
            assert_eq!(
                has_news(&mut novelty, &body.to_string()),
                expected,
                "{body}"
            );
        }
        novelty.begin(("kms:ListKeys", 400, false));
        assert!(novelty.found());
    }

    #[test]
    fn xml_is_new_by_its_elements_and_by_their_text() {
        let mut novelty = Novelty::default();
        for (body, expected) in [
            ("<A><B>1</B><C/></A>", true),
            ("<?xml version=\"1.0\"?>\n<A><B>1</B><C/></A>", false),
            ("<A><B>2</B><C/></A>", true),
            ("<A><B>1</B></A>", true),
            ("<A><B>1</B><C><D>1</D></C></A>", true),
        ] {
            assert_eq!(has_news(&mut novelty, body), expected, "{body}");
        }
    }

    #[test]
    fn of_many_values_those_of_another_length_or_with_other_characters_are_new() {
        let mut novelty = Novelty::default();
        for number in 0..100 {
            has_news(
                &mut novelty,
                &json!({"Id": format!("id-{number:03}")}).to_string(),
            );
        }
        for (value, expected) in [
            ("id-999", false),
            ("id/999", true),
            ("id-999999999999", true),
            ("id-999\u{202e}", true),
        ] {
            let body = json!({"Id": value}).to_string();
            assert_eq!(has_news(&mut novelty, &body), expected, "{value}");
        }
    }
}
