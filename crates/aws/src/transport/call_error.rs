//! One call that AWS did not answer as it should have been.

use std::{
    error::Error,
    fmt, io,
    ops::{Deref, DerefMut},
};

use aws_sdk_sts::operation::RequestId;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use keycensus_core::model::{
    access_key::with_ids_shortened,
    account::AccountId,
    cause::Cause,
    gap::{Gap, REGION_DISABLED},
    region::Region,
};

use crate::transport::answer::{self, Unreadable};

mod classification;

pub(crate) use classification::UNREADABLE_ANSWER;
use classification::{CONNECTION_FAILED, TIMEOUT, classify};

/// What stands for an error code where a request could not even be made, such as
/// for want of credentials.
pub(crate) const NOT_SENT: &str = "NotSent";

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallSite {
    /// The account it is made in; `None` before that is known.
    pub(crate) account: Option<AccountId>,
    /// The Region it is made in.
    pub(crate) region: Region,
}

impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.account {
            Some(account) => write!(f, "account {account}, {}", self.region),
            None => write!(f, "{}", self.region),
        }
    }
}

/// What can be done about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Too many requests: the same request later may be answered.
    Throttled,
    /// A fault on the way or at AWS: the same request may be answered.
    Transient,
    /// AWS refused it: the same request will be refused again.
    Refused,
    /// The session's credentials have expired: the same request with new ones
    /// may be answered.
    Expired,
    /// Anything else: the same request will fail again.
    Final,
}

/// A call that was not answered as it should have been. Boxed, because thousands
/// of calls are under way that may come to one.
#[derive(Debug)]
pub(crate) struct CallError(Box<FailedCall>);

/// What is known of such a call.
#[derive(Debug)]
pub(crate) struct FailedCall {
    /// The call, as IAM names it: `kms:ListKeys`.
    pub(crate) operation: &'static str,
    /// Where it was made.
    pub(crate) site: CallSite,
    /// AWS's error code, or `Timeout`, `ConnectionFailed`, `UnreadableAnswer`,
    /// `NotSent` for a call without one.
    pub(crate) code: Box<str>,
    /// AWS's message, without whole access key IDs; free text, may be empty.
    pub(crate) message: Box<str>,
    /// AWS's request ID, where there was an answer.
    pub(crate) request_id: Option<Box<str>>,
    /// The HTTP status, where there was an answer.
    pub(crate) status: Option<u16>,
    /// The answer's `x-amz-bucket-region` header, which says where a bucket is.
    pub(crate) bucket_region: Option<Box<str>>,
    /// What can be done about it.
    pub(crate) failure: Failure,
    /// Why it failed, which the report says.
    pub(crate) cause: Cause,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Deref for CallError {
    type Target = FailedCall;

    fn deref(&self) -> &FailedCall {
        &self.0
    }
}

impl DerefMut for CallError {
    fn deref_mut(&mut self) -> &mut FailedCall {
        &mut self.0
    }
}

/// The error type of an operation of any SDK crate.
pub(crate) trait OperationError:
    ProvideErrorMetadata + Error + Send + Sync + 'static
{
}
impl<E: ProvideErrorMetadata + Error + Send + Sync + 'static> OperationError for E {}

/// The future of a call of any SDK crate.
pub(crate) trait SdkCall<T>:
    Future<Output = Result<T, SdkError<Self::Error, HttpResponse>>>
{
    /// The error of the operation.
    type Error: OperationError;
}
impl<T, E: OperationError, F: Future<Output = Result<T, SdkError<E, HttpResponse>>>> SdkCall<T>
    for F
{
    type Error = E;
}

impl CallError {
    /// Takes an SDK error apart. Its `Display` says only "service error", and
    /// its debug form can print a response body, so neither is kept as text.
    pub(crate) fn new<E: OperationError>(
        operation: &'static str,
        site: &CallSite,
        error: SdkError<E, HttpResponse>,
    ) -> Self {
        let metadata: Option<&ErrorMetadata> = error.as_service_error().map(|e| e.meta());
        let response = error.raw_response();
        let status = response.map(|response| response.status().as_u16());
        let header = |name| response.and_then(|r| r.headers().get(name)).map(Into::into);
        let code = metadata
            .and_then(ErrorMetadata::code)
            .map_or_else(|| code_of_unanswered(&error, status), str::to_owned);
        let message = metadata.and_then(ErrorMetadata::message);
        let message = message.unwrap_or_default();
        let (failure, cause) = classify(&code, status, message);
        Self(Box::new(FailedCall {
            operation,
            site: site.clone(),
            failure,
            cause,
            code: code.into(),
            message: match message {
                "" => why_unreadable(&error).into(),
                message => with_ids_shortened(message).into(),
            },
            request_id: metadata
                .and_then(RequestId::request_id)
                .map(Into::into)
                .or_else(|| header("x-amzn-requestid")),
            status,
            bucket_region: header("x-amz-bucket-region"),
            source: error.into_source().ok(),
        }))
    }

    /// An answer that came and is not believed.
    pub(crate) fn unreadable(operation: &'static str, site: &CallSite, why: Unreadable) -> Self {
        let mut error = Self::unasked(operation, site, UNREADABLE_ANSWER, Cause::UnreadableAnswer);
        error.message = why.0.into();
        error.failure = Failure::Transient;
        error
    }

    /// What one entry of a call came to that was answered otherwise.
    pub(crate) fn of_entry(
        operation: &'static str,
        site: &CallSite,
        code: &str,
        message: &str,
        failure: Failure,
    ) -> Self {
        let cause = classify(code, None, message).1;
        let mut error = Self::unasked(operation, site, code, cause);
        error.message = with_ids_shortened(message).into();
        error.failure = failure;
        error
    }

    /// A call that was not made, because of `cause`.
    pub(crate) fn unasked(
        operation: &'static str,
        site: &CallSite,
        code: &str,
        cause: Cause,
    ) -> Self {
        Self(Box::new(FailedCall {
            operation,
            site: site.clone(),
            code: code.into(),
            message: "".into(),
            request_id: None,
            status: None,
            bucket_region: None,
            failure: Failure::Final,
            cause,
            source: None,
        }))
    }

    /// A call that was not made, because DNS does not know the endpoint's name.
    pub(crate) fn no_endpoint(operation: &'static str, site: &CallSite) -> Self {
        let mut error = Self::unasked(operation, site, CONNECTION_FAILED, Cause::NotAnswering);
        error.message =
            "the name of its endpoint is not found, as for another account before".into();
        error
    }

    /// The same, not to be tried again.
    pub(crate) fn never_again(mut self) -> Self {
        self.failure = Failure::Final;
        self
    }

    /// Whether STS of the Region is not active in an account
    /// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
    pub(crate) fn is_region_disabled(&self) -> bool {
        &*self.code == REGION_DISABLED
    }

    /// Whether DNS does not know the name of the endpoint.
    pub(crate) fn is_name_not_found(&self) -> bool {
        // The types are private to the SDK's HTTP client, so that its text must do.
        let is_of_dns = |error: &&(dyn Error + 'static)| error.to_string().contains("dns error");
        self.chain().iter().any(is_of_dns)
    }

    /// What led to it, outermost first, each once. What an I/O error holds is below it,
    /// too, which `source` passes over.
    pub(crate) fn chain(&self) -> Vec<&(dyn Error + 'static)> {
        let mut all = Vec::new();
        let mut next = self.source();
        while let Some(error) = next {
            all.push(error);
            let inner = error.downcast_ref::<io::Error>().map(io::Error::get_ref);
            next = match inner {
                Some(inner) => inner.map(|inner| inner as &(dyn Error + 'static)),
                None => error.source(),
            };
        }
        all
    }

    /// What the report says of the call: no message, which may differ from run
    /// to run.
    pub(crate) fn gap(&self) -> Gap {
        Gap::unanswered(self.operation, &self.code, self.cause)
    }

    /// Logs the failure, once, where it becomes a gap.
    pub(crate) fn log_gap(&self, what: &str) {
        tracing::warn!(
            account.id = self.site.account.map(tracing::field::display),
            aws.region = %self.site.region,
            aws.operation = self.operation,
            error.code = self.code,
            error.cause = self.cause.as_str(),
            error.message = self.message,
            aws.request_id = self.request_id,
            "{what}: {}",
            self.gap(),
        );
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in {} failed with {}",
            self.operation, self.site, self.code
        )?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        } else if let Some(source) = &self.source {
            let mut innermost: &dyn Error = source.as_ref();
            while let Some(deeper) = innermost.source() {
                innermost = deeper;
            }
            write!(f, ": {innermost}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(f, " (request {request_id})")?;
        }
        Ok(())
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Why an answer was not believed; empty where that is not what went wrong.
fn why_unreadable<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: Error + Send + Sync + 'static,
{
    answer::reason(error).map_or_else(String::new, |why| why.0.to_owned())
}

fn code_of_unanswered<E>(error: &SdkError<E, HttpResponse>, status: Option<u16>) -> String {
    match (error, status) {
        (SdkError::TimeoutError(_), _) => TIMEOUT.to_owned(),
        (SdkError::DispatchFailure(failure), _) if failure.is_timeout() => TIMEOUT.to_owned(),
        (SdkError::DispatchFailure(failure), _) if failure.is_io() => CONNECTION_FAILED.to_owned(),
        (SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_), _) => NOT_SENT.to_owned(),
        (SdkError::ServiceError(_), Some(status @ 300..)) => format!("Http{status}"),
        _ => UNREADABLE_ANSWER.to_owned(),
    }
}
