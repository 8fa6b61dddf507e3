//! Tags of keys and users.

/// The value of the first of `keys` that is among `tags`, which are keys with values.
pub(crate) fn first_of<'t>(
    tags: impl Iterator<Item = (&'t str, &'t str)> + Clone,
    keys: &[String],
) -> Option<String> {
    let value = |key: &String| tags.clone().find(|(tag, _)| tag == key);
    keys.iter()
        .find_map(value)
        .map(|(_, value)| value.to_owned())
}
