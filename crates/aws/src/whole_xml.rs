//! Answers in XML that broke off on the way.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Makes an answer without its end one that cannot be read.
///
/// The SDK takes what there is of an XML document: a listing that broke off would
/// be a shorter one, and what it lacks would be gone; credentials would be half of
/// what they are. (JSON that breaks off is no JSON.)
#[derive(Debug)]
pub(crate) struct WholeXml;

impl Intercept for WholeXml {
    fn name(&self) -> &'static str {
        "WholeXml"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let body = response.body().bytes().unwrap_or_default();
        match response.status().is_success() && !is_whole(body) {
            true => Err("the answer broke off".into()),
            false => Ok(()),
        }
    }
}

/// Whether an answer of the query protocol ends as all of them do: with the end of
/// `<ListUsersResponse>` or the like.
fn is_whole(xml: &[u8]) -> bool {
    let last_tag = xml
        .iter()
        .rposition(|byte| *byte == b'<')
        .map(|at| &xml[at..]);
    last_tag
        .is_some_and(|tag| tag.starts_with(b"</") && tag.trim_ascii_end().ends_with(b"Response>"))
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn an_answer_is_whole_with_its_last_byte_only() {
        let answer = b"<ListUsersResponse><ListUsersResult/></ListUsersResponse>";
        assert!(is_whole(answer));
        assert!(is_whole(b"<ListUsersResponse></ListUsersResponse>\n"));
        for end in 0..answer.len() {
            assert!(!is_whole(&answer[..end]), "{end}");
        }
    }
}
