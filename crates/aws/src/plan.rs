//! The first stage of a census: which accounts there are, and which are to be read.

pub(crate) mod left_out;
pub(crate) mod organization;
pub(crate) mod ou_paths;
pub(crate) mod selecting;
pub(crate) mod selection;

#[cfg(test)]
mod tests {
    use keycensus_core::settings::{Settings, Source, Written};

    /// Settings of an event with this one.
    pub(crate) fn settings(name: &str, text: &str) -> Settings {
        Settings::read([Written {
            source: Source::Event,
            name: name.to_owned(),
            text: text.to_owned(),
        }])
        .unwrap()
    }
}
