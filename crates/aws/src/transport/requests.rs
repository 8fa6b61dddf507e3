//! Requests into one account, to one endpoint: with the account's credentials, a permit,
//! and another attempt if that may help.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use aws_credential_types::Credentials;
use keycensus_core::model::{cause::Cause, region::Region};

use crate::transport::{
    answer::Unreadable,
    call_error::{CallError, CallSite, Failure, SdkCall},
    connection::Connection,
    endpoint::Endpoint,
    priority_semaphore::{Permit, Urgency},
    rate_limit::{Outstanding, RateLimit},
    retry::{Attempts, Budget},
    session::Session,
};

/// The requests of one cell.
#[derive(Debug)]
pub(crate) struct Requests<'a> {
    connection: &'a Connection,
    session: &'a Session,
    endpoint: Arc<Endpoint>,
    site: CallSite,
    is_renewed: AtomicBool,
    retries: Budget,
    keys_left: AtomicU32,
}

/// A place among the requests in flight to the endpoint, and among all; of a request
/// at a pace, its place among those that are outstanding.
struct Permits<'p> {
    to_endpoint: Permit,
    at_all: Permit,
    outstanding: Option<Outstanding<'p>>,
}

impl<'a> Requests<'a> {
    /// Requests to `endpoint`, which is in `region`, into the account of `session`.
    pub(crate) fn new(
        connection: &'a Connection,
        session: &'a Session,
        endpoint: Arc<Endpoint>,
        region: &Region,
    ) -> Self {
        Self {
            connection,
            session,
            endpoint,
            site: CallSite {
                account: Some(session.account.id),
                region: region.clone(),
            },
            is_renewed: AtomicBool::new(false),
            retries: Budget::default(),
            keys_left: AtomicU32::new(0),
        }
    }

    /// One more key was listed that is to be read.
    pub(crate) fn key_listed(&self) {
        self.keys_left.fetch_add(1, Ordering::Relaxed);
    }

    /// A key was read, or could not be.
    pub(crate) fn key_done(&self) {
        self.keys_left.fetch_sub(1, Ordering::Relaxed);
    }

    /// The more keys are left, the sooner this cell's requests must leave.
    fn urgency(&self) -> Urgency {
        Urgency::of_keys_left(self.keys_left.load(Ordering::Relaxed))
    }

    /// Where they go.
    pub(crate) fn site(&self) -> &CallSite {
        &self.site
    }

    /// Makes a call until it is answered, refused, or has failed too often. Permits go to the
    /// most urgent cell first. An answer that `read` rejects counts as none.
    pub(crate) fn call_by_urgency<O, T, F: SdkCall<O>>(
        &self,
        operation: &'static str,
        request: impl Fn(Option<Credentials>) -> F,
        read: impl Fn(O) -> Result<T, Unreadable>,
    ) -> impl Future<Output = Result<T, CallError>> {
        self.call(operation, self.urgency(), request, read)
    }

    /// Makes a call until it is answered, refused, or has failed too often. An answer
    /// that `read` does not believe is none.
    pub(crate) async fn call<O, T, F: SdkCall<O>>(
        &self,
        operation: &'static str,
        urgency: Urgency,
        request: impl Fn(Option<Credentials>) -> F,
        read: impl Fn(O) -> Result<T, Unreadable>,
    ) -> Result<T, CallError> {
        let mut attempts = Attempts::default();
        loop {
            let permits = || self.permits(urgency);
            let answer = self.attempt(operation, permits, &request).await;
            let error = match self.read(operation, answer, &read) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            self.wait_after(error, &mut attempts).await?;
        }
    }

    /// Makes a call at a pace. A throttle slows the pace, and the request takes
    /// another attempt: it is no answer. Nor is one that `read` does not believe.
    pub(crate) fn call_at_rate<O, T, F: SdkCall<O>>(
        &self,
        rate_limit: &RateLimit,
        operation: &'static str,
        request: impl Fn(Option<Credentials>) -> F,
        read: impl Fn(O) -> Result<T, Unreadable>,
    ) -> impl Future<Output = Result<T, CallError>> {
        self.call_at_rate_as(rate_limit, || self.urgency(), operation, request, read)
    }

    /// The same, before all that is called by urgency: for what takes AWS long once it has begun.
    pub(crate) fn call_first_at_rate<O, T, F: SdkCall<O>>(
        &self,
        rate_limit: &RateLimit,
        operation: &'static str,
        request: impl Fn(Option<Credentials>) -> F,
        read: impl Fn(O) -> Result<T, Unreadable>,
    ) -> impl Future<Output = Result<T, CallError>> {
        self.call_at_rate_as(rate_limit, || Urgency::FIRST, operation, request, read)
    }

    async fn call_at_rate_as<O, T, F: SdkCall<O>>(
        &self,
        rate_limit: &RateLimit,
        urgency: impl Fn() -> Urgency,
        operation: &'static str,
        request: impl Fn(Option<Credentials>) -> F,
        read: impl Fn(O) -> Result<T, Unreadable>,
    ) -> Result<T, CallError> {
        let mut attempts = Attempts::default();
        loop {
            let turn = || async {
                let (permits, outstanding) = rate_limit.acquire(self.permits(urgency())).await;
                Permits {
                    outstanding: Some(outstanding),
                    ..permits
                }
            };
            let error = match self.attempt(operation, turn, &request).await {
                Err(error) if error.failure == Failure::Throttled => {
                    if rate_limit.throttled() {
                        continue;
                    }
                    return Err(error);
                }
                answer => {
                    rate_limit.answered();
                    match self.read(operation, answer, &read) {
                        Ok(answer) => return Ok(answer),
                        Err(error) => error,
                    }
                }
            };
            self.wait_after(error, &mut attempts).await?;
        }
    }

    /// Waits before another attempt; gives the error back where there should be
    /// none, also because the cell's budget does not allow it.
    async fn wait_after(&self, error: CallError, attempts: &mut Attempts) -> Result<(), CallError> {
        match attempts.wait_after(&error) {
            Some(wait) if self.retries.allows(&error) => {
                // Boxed, as all that few calls wait for.
                Box::pin(tokio::time::sleep(wait)).await;
                Ok(())
            }
            _ => Err(error),
        }
    }

    /// Makes one request with this account's credentials. Where AWS calls these
    /// expired, they are renewed once a cell, and the request made again.
    async fn attempt<'p, T, F: SdkCall<T>, P>(
        &self,
        operation: &'static str,
        permits: impl Fn() -> P,
        request: impl Fn(Option<Credentials>) -> F,
    ) -> Result<T, CallError>
    where
        P: Future<Output = Permits<'p>>,
    {
        loop {
            // Credentials first: to renew them takes a place in flight, too.
            let credentials = self.session.credentials(self.connection).await?;
            let permits = permits().await;
            if self.endpoint.circuit.is_open() {
                return Err(CallError::unasked(
                    operation,
                    &self.site,
                    "EndpointNotAnswering",
                    Cause::NotAnswering,
                ));
            }
            // Boxed, because thousands wait for their permits.
            let answer = Box::pin(self.send(operation, permits, request(credentials))).await;
            let Err(error) = answer else {
                return answer;
            };
            let is_first_expiry =
                error.failure == Failure::Expired && !self.is_renewed.swap(true, Ordering::Relaxed);
            if !(is_first_expiry && Box::pin(self.session.renew()).await) {
                return Err(error);
            }
        }
    }

    /// Makes one request for which there are permits, and notes how it went.
    async fn send<T, F: SdkCall<T>>(
        &self,
        operation: &'static str,
        permits: Permits<'_>,
        request: F,
    ) -> Result<T, CallError> {
        let Permits {
            to_endpoint,
            at_all,
            outstanding,
        } = permits;
        let answer = self
            .connection
            .send_with(at_all, operation, &self.site, || request)
            .await;
        drop(to_endpoint);
        let is_answered = match &answer {
            Ok(_) => true,
            Err(error) => error.status.is_some() && error.failure != Failure::Throttled,
        };
        if let Some(outstanding) = outstanding.filter(|_| is_answered) {
            outstanding.answered();
        }
        match &answer {
            Ok(_) => {
                self.endpoint.circuit.answered();
                self.retries.earn();
            }
            Err(error) if error.status.is_none() => self.endpoint.circuit.unanswered(),
            Err(_) => self.endpoint.circuit.answered(),
        }
        answer
    }

    /// Waits until one more request may be in flight, to this endpoint and at all.
    async fn permits(&self, urgency: Urgency) -> Permits<'static> {
        Permits {
            to_endpoint: self.endpoint.permit(urgency).await,
            at_all: self.connection.permit(urgency).await,
            outstanding: None,
        }
    }

    /// What an answer says, if it is believed.
    fn read<O, T>(
        &self,
        operation: &'static str,
        answer: Result<O, CallError>,
        read: impl Fn(O) -> Result<T, Unreadable>,
    ) -> Result<T, CallError> {
        read(answer?).map_err(|why| CallError::unreadable(operation, &self.site, why))
    }
}
