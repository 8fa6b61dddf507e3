//! Names and ARNs of event buses.

use std::fmt;

use crate::model::{account::AccountId, region::Region};

/// An EventBridge event bus: by its name (`keycensus`), which means one of the account
/// and Region that the census runs in, or by its ARN
/// (`arn:aws:events:eu-west-1:111111111111:event-bus/keycensus`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBus {
    /// The Region that its ARN names; `None` for a name.
    pub region: Option<Region>,
    text: String,
}

impl EventBus {
    /// Reads a bus's name or ARN, or nothing when `text` is neither
    /// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (region, name) = match parts.as_slice() {
            [name] => (None, *name),
            ["arn", partition, "events", region, account, resource]
                if partition.starts_with("aws") =>
            {
                AccountId::parse(account)?;
                let region = Region::parse(region)?;
                (Some(region), resource.strip_prefix("event-bus/")?)
            }
            _ => return None,
        };
        // No slash: only partner event buses have one, and only partners may put events on them.
        let name_is_fine = (1..=256).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        name_is_fine.then(|| Self {
            region,
            text: text.to_owned(),
        })
    }

    /// The name or ARN, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for EventBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::EventBus;

    #[test]
    fn a_bus_is_known_by_its_name_or_by_its_arn() {
        for (text, region) in [
            ("default", Some(None)),
            ("key.census-1_a", Some(None)),
            (
                "arn:aws:events:eu-west-1:111111111111:event-bus/default",
                Some(Some("eu-west-1")),
            ),
            (
                "arn:aws-us-gov:events:us-gov-west-1:111111111111:event-bus/k",
                Some(Some("us-gov-west-1")),
            ),
            ("", None),
            ("key census", None),
            ("aws.partner/example.com/1", None),
            ("event-bus/default", None),
            ("arn:aws:events:eu-west-1:111111111111:default", None),
            ("arn:aws:events:eu-west-1:1111:event-bus/default", None),
            ("arn:aws:events::111111111111:event-bus/default", None),
            ("arn:aws:sns:eu-west-1:111111111111:event-bus/default", None),
            ("arn:aws:events:eu-west-1:111111111111:event-bus/", None),
        ] {
            let bus = EventBus::parse(text);
            let parsed = bus.map(|bus| bus.region);
            let expected = region.map(|region| region.map(str::to_owned));
            assert_eq!(
                parsed.map(|region| region.map(|region| region.to_string())),
                expected,
                "{text}"
            );
        }
    }
}
