//! The body of a query service's request: names and values.

use std::collections::BTreeMap;

/// A form's names and values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut String> {
        self.0.get_mut(name)
    }

    /// The same form with one value set.
    pub(crate) fn with(&self, name: &str, value: String) -> Self {
        let mut form = self.clone();
        form.0.insert(name.to_owned(), value);
        form
    }
}
