//! What is believed of an answer before it is read.
//!
//! AWS's answers are read leniently by the SDK: an empty body is an empty list, half an
//! XML document is a shorter one, and what a model requires and an answer lacks is filled
//! in with nothing. A census that believed such an answer would call keys gone or unused.
//! So every answer must have the shape that [`shape`] gives for its operation, and one
//! that is larger than its operation can answer is not read to its end.

use std::{error::Error, fmt};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                AfterDeserializationInterceptorContextRef,
                BeforeDeserializationInterceptorContextMut,
            },
        },
        orchestrator::{HttpResponse, Metadata},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use http_body_util::{LengthLimitError, Limited};

use crate::transport::operations;

mod members;
mod shape;

use shape::{Form, Shape};

/// Why an answer is not believed. It may have been made up on the way, so the same
/// request may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) &'static str);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Unreadable {}

/// The reason within `error`, where an answer was not believed.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> Option<Unreadable> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(reason) = error.downcast_ref() {
            return Some(*reason);
        }
        if error.is::<LengthLimitError>() {
            return Some(Unreadable("the answer is larger than any of its operation"));
        }
        cause = error.source();
    }
    None
}

/// Makes an answer that does not have the shape of its operation one that cannot be read.
#[derive(Debug)]
pub(crate) struct ShapeOfAnswer;

impl Intercept for ShapeOfAnswer {
    fn name(&self) -> &'static str {
        "ShapeOfAnswer"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Shape { most_bytes, .. } = shape_of(config)?;
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Limited::new(whole, *most_bytes));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let shape = shape_of(config)?;
        let response = context.response();
        match response.status().is_success() && !is_late_error(response, shape) {
            true => Ok(check(response, shape)?),
            false => Ok(()),
        }
    }
}

fn shape_of(config: &ConfigBag) -> Result<&'static Shape, Unreadable> {
    let called = config.load::<Metadata>();
    called
        .and_then(|called| operations::listed(called.service(), called.name()))
        .and_then(shape::of)
        .ok_or(Unreadable("the answers of this operation have no shape"))
}

/// Whether it is an error of S3's that came after the status of success, which the SDK reads as one
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
fn is_late_error(response: &HttpResponse, shape: &Shape) -> bool {
    let body = response.body().bytes().unwrap_or_default();
    shape.form == Form::Xml && members::is_s3_error(body)
}

fn check(response: &HttpResponse, shape: &Shape) -> Result<(), Unreadable> {
    let body = response.body().bytes().unwrap_or_default();
    let has_all = match shape.form {
        Form::Headers => shape
            .must_have
            .iter()
            .all(|name| response.headers().get(*name).is_some()),
        Form::Json => members::json_has(body, shape.must_have),
        Form::Query => members::xml_has(body, shape.must_have, members::WITHIN_RESULT),
        Form::Xml => members::xml_has(body, shape.must_have, members::WITHIN_RESPONSE),
    };
    match has_all {
        true => Ok(()),
        false => Err(Unreadable(
            "the answer lacks what every answer of its operation has",
        )),
    }
}
