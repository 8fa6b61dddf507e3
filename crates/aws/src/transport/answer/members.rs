//! Which members an answer has.

use std::collections::BTreeMap;

use quick_xml::{Reader, events::Event};
use serde::de::IgnoredAny;

/// Where the members are within a document of the query protocol: below
/// `<ListUsersResponse><ListUsersResult>`.
pub(super) const WITHIN_RESULT: usize = 2;
/// Where they are within a document of EC2's: below `<DescribeVolumesResponse>`.
pub(super) const WITHIN_RESPONSE: usize = 1;

/// Whether a JSON object is whole and has every one of `names`, none of them null.
pub(super) fn json_has(json: &[u8], names: &[&str]) -> bool {
    let members: Result<BTreeMap<String, Option<IgnoredAny>>, _> = serde_json::from_slice(json);
    members.is_ok_and(|members| {
        names
            .iter()
            .all(|name| matches!(members.get(*name), Some(Some(IgnoredAny))))
    })
}

/// Whether an XML document is whole and has an element of every one of `names` within
/// `depth` others. A document that broke off is none.
pub(super) fn xml_has(xml: &[u8], names: &[&str], depth: usize) -> bool {
    let mut reader = Reader::from_reader(xml);
    let mut missing: Vec<&str> = names.to_vec();
    let mut open = 0;
    let mut has_ended = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                if open == depth {
                    missing.retain(|name| *name != element.local_name().as_ref());
                }
                open += 1;
            }
            Ok(Event::Empty(element)) if open == depth => {
                missing.retain(|name| *name != element.local_name().as_ref());
            }
            Ok(Event::End(_)) => {
                open -= 1;
                has_ended |= open == 0;
            }
            Ok(Event::Eof) => return has_ended && open == 0 && missing.is_empty(),
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Whether an XML document is whole and an error of S3's
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses>).
pub(super) fn is_s3_error(xml: &[u8]) -> bool {
    xml_has(xml, &["Error"], 0) && xml_has(xml, &["Code"], WITHIN_RESPONSE)
}

#[cfg(test)]
mod tests {
    use super::{WITHIN_RESPONSE, WITHIN_RESULT, is_s3_error, json_has, xml_has};

    #[test]
    fn a_list_that_is_empty_is_there_and_one_that_is_null_or_missing_is_not() {
        for (json, has) in [
            (r#"{"Keys": [], "Truncated": false}"#, true),
            (r#"{"Keys": [{"KeyId": null}], "Truncated": true}"#, true),
            (r#"{"Keys": [], "Truncated": null}"#, false),
            (r#"{"Keys": null, "Truncated": false}"#, false),
            (r#"{"Truncated": false}"#, false),
            (r#"{"Answer": {"Keys": [], "Truncated": false}}"#, false),
            ("{}", false),
            ("null", false),
            ("[]", false),
            ("", false),
            (r#"{"Keys": [], "Truncated": false"#, false),
        ] {
            assert_eq!(
                json_has(json.as_bytes(), &["Keys", "Truncated"]),
                has,
                "{json}"
            );
        }
    }

    #[test]
    fn an_empty_element_is_an_empty_list_and_the_lack_of_one_is_none() {
        for (inner, has) in [
            ("<ListUsersResult><Users/></ListUsersResult>", true),
            ("<ListUsersResult><Users></Users></ListUsersResult>", true),
            (
                "<ListUsersResult><IsTruncated>false</IsTruncated><Users><member/></Users></ListUsersResult>",
                true,
            ),
            ("<ListUsersResult/>", false),
            ("<ListUsersResult></ListUsersResult>", false),
            ("<Users/>", false),
            ("<ListUsersResult><A><Users/></A></ListUsersResult>", false),
            ("", false),
        ] {
            let xml = format!(
                "<?xml version=\"1.0\"?>\n<ListUsersResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">{inner}</ListUsersResponse>\n"
            );
            assert_eq!(
                xml_has(xml.as_bytes(), &["Users"], WITHIN_RESULT),
                has,
                "{xml}"
            );
        }
        let ec2 = "<DescribeVolumesResponse><requestId>1</requestId><volumeSet/></DescribeVolumesResponse>";
        assert!(xml_has(ec2.as_bytes(), &["volumeSet"], WITHIN_RESPONSE));
        assert!(!xml_has(ec2.as_bytes(), &["snapshotSet"], WITHIN_RESPONSE));
        for nothing in ["", "<DescribeVolumesResponse/>", "</a>", "busy", "<a>&"] {
            assert!(!xml_has(
                nothing.as_bytes(),
                &["volumeSet"],
                WITHIN_RESPONSE
            ));
        }
    }

    #[test]
    fn an_answer_is_whole_with_its_last_byte_only() {
        let answer =
            b"<ListUsersResponse><ListUsersResult><Users/></ListUsersResult></ListUsersResponse>";
        assert!(xml_has(answer, &["Users"], WITHIN_RESULT));
        for end in 0..answer.len() {
            assert!(!xml_has(&answer[..end], &["Users"], WITHIN_RESULT), "{end}");
        }
    }

    #[test]
    fn an_error_of_s3_is_told_from_an_answer_and_from_one_that_broke_off() {
        for (xml, is_error) in [
            ("<Error><Code>InternalError</Code></Error>", true),
            (
                "<?xml version=\"1.0\"?>\n \n<Error><Code>SlowDown</Code></Error>",
                true,
            ),
            ("<Error><Code>InternalError</Code>", false),
            ("<Error/>", false),
            ("<CopyObjectResult><ETag>x</ETag></CopyObjectResult>", false),
            ("", false),
        ] {
            assert_eq!(is_s3_error(xml.as_bytes()), is_error, "{xml}");
        }
    }
}
