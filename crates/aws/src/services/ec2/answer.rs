//! What EC2's answers say, as far as it is asked for here.
//!
//! EC2's XML is its own: items of a list are called `item`, and an error is one of
//! several in a list of `Errors`
//! (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).

use aws_smithy_types::error::metadata::ErrorMetadata;
use quick_xml::{DeError, de::from_reader};
use serde::Deserialize;

use crate::transport::answer::Unreadable;

/// One page of volumes or snapshots.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    /// Always there, though it may be empty.
    #[serde(rename = "volumeSet", alias = "snapshotSet")]
    pub(super) items: Items,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Items {
    #[serde(default)]
    pub(super) item: Vec<Item>,
}

/// A volume or a snapshot. Each has the ID of the other that it comes from, too.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) volume_id: Option<String>,
    pub(super) snapshot_id: Option<String>,
    encrypted: bool,
    /// The ARN of the key that protects the data key.
    kms_key_id: Option<String>,
}

/// Something is encrypted, and the answer does not say under which key.
const UNKNOWN_KEY: Unreadable = Unreadable("an item under a key without ARN is listed");

impl Item {
    /// The ARN of the key that it is encrypted under; `None` where it is not.
    pub(super) fn key(self) -> Result<Option<String>, Unreadable> {
        match self.kms_key_id {
            _ if !self.encrypted => Ok(None),
            Some(arn) if arn.starts_with("arn:") && arn.contains(":key/") => Ok(Some(arn)),
            _ => Err(UNKNOWN_KEY),
        }
    }
}

/// Reads a page.
pub(super) fn page(body: &[u8]) -> Result<Page, DeError> {
    from_reader(body)
}

/// What an answer that is an error says; nothing where it cannot be read.
pub(super) fn error(body: &[u8]) -> ErrorMetadata {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Response {
        errors: Errors,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Errors {
        error: Vec<Error>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Error {
        code: String,
        message: Option<String>,
    }
    let parsed = from_reader(body).map(|response: Response| response.errors.error);
    match parsed.map(|errors| errors.into_iter().next()) {
        Ok(Some(Error { code, message })) => ErrorMetadata::builder()
            .code(code)
            .message(message.unwrap_or_default())
            .build(),
        Ok(None) | Err(_) => ErrorMetadata::builder().build(),
    }
}

#[cfg(test)]
mod tests {
    use super::{UNKNOWN_KEY, error, page};
    use crate::transport::answer::Unreadable;

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";

    fn volume(encrypted: &str, key: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
            <DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>
              <volumeSet><item>
                <volumeId>vol-1</volumeId><size>80</size><snapshotId/>
                <encrypted>{encrypted}</encrypted>{key}
                <attachmentSet><item><volumeId>vol-1</volumeId><instanceId>i-1</instanceId></item></attachmentSet>
                <tagSet><item><key>Name</key><value>&lt;a &amp; b&gt;</value></item></tagSet>
              </item></volumeSet>
              <nextToken>eyJ2I&amp;joi</nextToken>
            </DescribeVolumesResponse>"#
        )
    }

    fn key_of(xml: &str) -> Result<Option<String>, Unreadable> {
        let mut page = page(xml.as_bytes()).unwrap();
        page.items.item.remove(0).key()
    }

    #[test]
    fn a_page_has_items_and_where_the_next_begins() {
        let xml = volume("true", &format!("<kmsKeyId>{KEY}</kmsKeyId>"));
        let first = page(xml.as_bytes()).unwrap();
        assert_eq!(first.next_token.as_deref(), Some("eyJ2I&joi"));
        assert_eq!(first.items.item.len(), 1);
        assert_eq!(first.items.item[0].volume_id.as_deref(), Some("vol-1"));
        assert_eq!(key_of(&xml), Ok(Some(KEY.to_owned())));
        let none = "<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>";
        assert!(page(none.as_bytes()).unwrap().items.item.is_empty());
    }

    #[test]
    fn what_is_encrypted_without_the_arn_of_a_key_could_be_under_any() {
        let alias = "<kmsKeyId>arn:aws:kms:eu-west-1:111122223333:alias/a</kmsKeyId>";
        assert_eq!(key_of(&volume("false", "")), Ok(None));
        for key in ["", "<kmsKeyId/>", "<kmsKeyId>1234abcd</kmsKeyId>", alias] {
            assert_eq!(key_of(&volume("true", key)), Err(UNKNOWN_KEY), "{key}");
        }
    }

    #[test]
    fn an_answer_that_lacks_its_list_is_not_an_empty_one() {
        for xml in [
            "",
            "<DescribeVolumesResponse></DescribeVolumesResponse>",
            "<html><body>busy</body></html>",
            "<DescribeVolumesResponse><volumeSet><item>",
        ] {
            assert!(page(xml.as_bytes()).is_err(), "{xml}");
        }
    }

    #[test]
    fn an_error_has_its_code_and_message_and_one_that_cannot_be_read_has_none() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>\
                   <Code>UnauthorizedOperation</Code><Message>You are not authorized.</Message>\
                   </Error></Errors><RequestID>ea966190</RequestID></Response>";
        let parsed = error(xml.as_bytes());
        assert_eq!(parsed.code(), Some("UnauthorizedOperation"));
        assert_eq!(parsed.message(), Some("You are not authorized."));
        assert_eq!(error(b"<html>").code(), None);
    }
}
