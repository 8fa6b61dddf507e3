//! Topic ARNs.

use std::fmt;

use crate::model::{account::AccountId, region::Region};

/// The ARN of an SNS topic: `arn:aws:sns:eu-west-1:111111111111:keycensus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicArn {
    /// The Region the topic is in.
    pub region: Region,
    /// The account it belongs to.
    pub account: AccountId,
    text: String,
}

impl TopicArn {
    /// Reads a topic's ARN, or nothing when `text` is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "sns", region, account, name] = parts.as_slice() else {
            return None;
        };
        let name_is_fine = !name.is_empty()
            && name.len() <= 256
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        (partition.starts_with("aws") && name_is_fine).then_some(())?;
        Some(Self {
            region: Region::parse(region)?,
            account: AccountId::parse(account)?,
            text: text.to_owned(),
        })
    }

    /// Whether it is a FIFO topic, whose names alone end so
    /// (<https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>).
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.text.ends_with(".fifo")
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::TopicArn;

    #[test]
    fn a_topic_arn_has_six_parts_of_the_right_form() {
        for (text, is_topic) in [
            ("arn:aws:sns:eu-west-1:111111111111:keycensus", true),
            ("arn:aws-us-gov:sns:us-gov-west-1:111111111111:k", true),
            ("arn:aws:sns:eu-west-1:111111111111:keycensus:5f2b", false),
            ("arn:aws:sqs:eu-west-1:111111111111:keycensus", false),
            ("arn:aws:sns:eu-west-1:1111:keycensus", false),
            ("arn:aws:sns::111111111111:keycensus", false),
            ("keycensus", false),
        ] {
            assert_eq!(TopicArn::parse(text).is_some(), is_topic, "{text}");
        }
    }

    #[test]
    fn a_topic_whose_name_ends_in_fifo_is_one() {
        for (name, is_fifo) in [
            ("keycensus.fifo", true),
            ("fifo", false),
            ("a.fifo.b", false),
        ] {
            let arn = format!("arn:aws:sns:eu-west-1:111111111111:{name}");
            assert_eq!(TopicArn::parse(&arn).unwrap().is_fifo(), is_fifo, "{name}");
        }
    }
}
