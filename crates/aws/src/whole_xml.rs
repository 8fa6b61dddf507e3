//! Answers in XML that broke off on the way. The SDK takes an element that was cut
//! for one that ended, and a list that was cut for a shorter list: a key would be
//! missing from the report, and nobody would know.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses an answer that does not end as every answer of the query protocol
/// does: with the end of its outermost element.
#[derive(Debug)]
pub(crate) struct WholeXml;

impl Intercept for WholeXml {
    fn name(&self) -> &'static str {
        "WholeXml"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        match context.output_or_error() {
            Ok(_) if !body.trim_ascii_end().ends_with(b"Response>") => {
                Err("the answer breaks off".into())
            }
            _ => Ok(()),
        }
    }
}
