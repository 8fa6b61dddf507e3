//! One simulation: from a request to its answer, through the gates of a call and the service that answers it.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, OnceLock},
};

use bytes::Bytes;
use http::{Method, Request, uri::Scheme};

use crate::{
    aws::operation::{Operation, Service},
    call::Call,
    gates::{
        attempt::Attempt,
        faults::{
            self, Faults, Reaction, Strike, Verdict, contents, needs_a_reply, paging::Continuation,
            silence, spends_quota, transmit,
        },
        latency::Latency,
        permissions::Permissions,
        quota::Quotas,
        refusals::Refusals,
        stalls,
    },
    lock::lock,
    log::{
        calls::{CallLog, Entry, account_number},
        exchanges::ExchangeLog,
    },
    services::{self, events, s3, security_hub, sns, sts},
    state::{State, key_changes::KeyWrites},
    wire::{
        AwsError, Reply,
        answer::Answer,
        input::{self, Input},
        render,
        signature::{self, Scope},
        unsigned,
    },
    world::{Effect, World},
};

/// What services answer from, the gates before them, and the logs.
#[derive(Debug)]
pub(crate) struct Simulation {
    pub(crate) state: State,
    pub(crate) permissions: Permissions,
    pub(crate) quotas: Quotas,
    refusals: Refusals,
    faults: Faults,
    latency: Latency,
    pub(crate) log: CallLog,
    pub(crate) exchanges: OnceLock<Arc<ExchangeLog>>,
    pub(crate) unknown: Mutex<Vec<String>>,
}

/// The result of a call, for the answer and for the log.
struct Outcome {
    account: u64,
    resource: Option<Box<str>>,
    strike: Option<Strike>,
    /// `None` when there is no answer.
    result: Option<Result<Reply, AwsError>>,
}

impl From<AwsError> for Outcome {
    fn from(error: AwsError) -> Self {
        Self {
            account: 0,
            resource: None,
            strike: None,
            result: Some(Err(error)),
        }
    }
}

impl Simulation {
    pub(crate) fn new(world: World, key_writes: KeyWrites) -> Self {
        let state = State::new(world, key_writes);
        let world = &state.world;
        Self {
            permissions: Permissions::new(world),
            quotas: Quotas::new(world.quotas, &world.neighbours),
            refusals: Refusals::new(world),
            faults: Faults::new(world),
            latency: Latency::new(world),
            log: CallLog::new(world.log),
            exchanges: OnceLock::new(),
            unknown: Mutex::default(),
            state,
        }
    }

    /// Answers a request after its latency and the stalls of its endpoint.
    pub(crate) async fn respond(&self, request: Request<Bytes>) -> Reaction {
        let round_trip = self.latency.start();
        if let Some(round_trip) = &round_trip {
            round_trip.arrive().await;
        }
        let held = stalls::wait(&self.state, request.headers()).await;
        let reaction = self.react(request);
        if let Some(round_trip) = &round_trip {
            round_trip.finish(held).await;
        }
        reaction
    }

    /// Executes a request.
    fn react(&self, request: Request<Bytes>) -> Reaction {
        let at = self.state.clock.elapsed();
        let (head, body) = request.into_parts();
        let scope = signature::read(&head.headers);
        // Requests from a socket have no scheme.
        let is_secure = head.uri.scheme() != Some(&Scheme::HTTP);
        let region = scope.map_or("", |scope| scope.region);
        let service = match scope {
            Ok(scope) => Service::from_prefix(scope.service),
            Err(_) => Some(unsigned::guess_service(&head, &body)),
        };
        let Some(service) = service else {
            let name = scope.map_or("", |scope| scope.service);
            return self.unknown(format!("{name}:{} {}", head.method, head.uri.path()));
        };

        let (name, known, outcome) = match input::read(service, &head, body.clone()) {
            Err(error) => {
                let name = format!("{}:(unreadable)", service.prefix());
                (Cow::Owned(name), None, error.into())
            }
            Ok((word, input)) => {
                let known =
                    Operation::find(service, &word).filter(|found| self.state.knows(*found));
                let Some(operation) = known else {
                    return self.unknown(format!("{}:{word}", service.prefix()));
                };
                let outcome = match scope {
                    Err(why) => unsigned::error(service, why).into(),
                    Ok(scope) => self.call(scope, operation, input, is_secure),
                };
                (Cow::Borrowed(operation.name()), Some(operation), outcome)
            }
        };
        let (code, throttled) = match &outcome.result {
            Some(Err(error)) => (Some(error.code.clone()), error.is_throttle()),
            _ => (None, false),
        };
        let strike = outcome.strike;
        let reaction = match outcome.result {
            None => silence(strike),
            Some(result) => {
                let request_id = self.state.request_id();
                let mut answer = match result {
                    Ok(reply) => {
                        let word = known.map_or("", Operation::word);
                        render::success(service, word, reply, &request_id)
                    }
                    Err(error) => {
                        let is_head = head.method == Method::HEAD;
                        render::failure(service, &error, &request_id, is_head)
                    }
                };
                render::identify(service, &mut answer, &request_id);
                // No model describes contents that a fault made.
                let is_spoiled = strike.is_some_and(|strike| contents::spoils(strike.effect));
                if let (Some(log), Some(operation), false) =
                    (self.exchanges.get(), known, is_spoiled)
                {
                    log.note(&self.state.world, operation, &head, &body, &answer);
                }
                transmit(strike, answer)
            }
        };
        let status = reaction.status();
        let entry = Entry {
            operation: name,
            account: outcome.account,
            resource: outcome.resource,
            status,
            // A garbled answer has no code any more.
            code: code.filter(|_| !(200..300).contains(&status)),
            throttled: throttled && !(200..300).contains(&status),
            fault: strike.map(|strike| strike.effect.name()),
            at,
        };
        self.log.push(region, entry);
        reaction
    }

    /// Passes a call through the gates to its service.
    fn call(
        &self,
        scope: Scope<'_>,
        operation: Operation,
        mut input: Input,
        is_secure: bool,
    ) -> Outcome {
        let service = operation.service();
        let caller = match self
            .state
            .sessions
            .authenticate(service, scope, self.state.clock.now())
        {
            Ok(caller) => caller,
            Err(error) => return error.into(),
        };
        let continuation = match self.faults.alters_pages() {
            true => Continuation::read(service, &mut input),
            false => Continuation::default(),
        };
        let call = Call {
            operation,
            region: scope.region,
            caller,
            input,
            is_secure,
        };
        let subject = services::subject(&self.state, &call);
        let attempt = Attempt {
            operation,
            account: subject.account,
            region: call.region,
            target: subject.target,
            resource: subject.resource,
            caller: &call.caller.arn,
        };
        let mut strike = self
            .faults
            .strike(&self.state.world, attempt, &continuation);
        let effect = strike.map(|strike| strike.effect);
        let verdict = effect.map_or(Verdict::Pass, |effect| {
            faults::verdict(effect, attempt, self.state.clock.now())
        });
        if effect.is_some_and(spends_quota) {
            self.is_within_quota(&call);
        }
        let result = match verdict {
            Verdict::Silence => None,
            Verdict::Refuse(error) => Some(Err(error)),
            Verdict::Pass => {
                let admitted = self.admit(&call, attempt);
                let mut result = admitted.and_then(|()| match effect {
                    Some(Effect::FailEntry) if operation == Operation::PutEvents => {
                        events::answer_but_the_last(&self.state, &call)
                    }
                    Some(Effect::FailEntry) => {
                        security_hub::answer_but_the_last(&self.state, &call)
                    }
                    Some(Effect::DeletedFirst) => s3::answer_deleted(&self.state, &call),
                    Some(Effect::LateError) => Ok(s3::answer_late_error()),
                    Some(Effect::NoMessageId) => sns::answer_without_id(&self.state, &call),
                    _ => self.answer(&call),
                });
                if self.faults.alters_pages() {
                    result = result
                        .and_then(|reply| continuation.alter(effect, &self.state, &call, reply));
                }
                result = result.map(|reply| contents::spoil(effect, &self.state, &call, reply));
                // An error has no page to alter and no contents to spoil.
                strike = strike.filter(|strike| result.is_ok() || !needs_a_reply(strike.effect));
                Some(result).filter(|_| effect != Some(Effect::ResetAfter))
            }
        };
        Outcome {
            account: account_number(subject.account),
            resource: (!subject.resource.is_empty()).then(|| subject.resource.into()),
            strike,
            result,
        }
    }

    /// The gates after credentials and faults: enabled Region, quota, policies, refusals.
    fn admit(&self, call: &Call<'_>, attempt: Attempt<'_>) -> Result<(), AwsError> {
        let service = call.operation.service();
        if !self.is_region_enabled(call) {
            return Err(AwsError::unknown_token(service));
        }
        if service == Service::Sts {
            sts::check_region(&self.state, call)?;
        }
        if !self.is_within_quota(call) {
            return Err(AwsError::throttled(service));
        }
        self.permissions.check(&self.state, call)?;
        self.refusals.check(&self.state.world, attempt)
    }

    /// Whether the caller's account has enabled the Region of a call; services with one endpoint for all Regions always
    /// pass.
    fn is_region_enabled(&self, call: &Call<'_>) -> bool {
        let is_regional = matches!(
            call.operation.service(),
            Service::Kms | Service::Ec2 | Service::CloudTrail | Service::SecretsManager
        );
        let account = self.state.account(&call.caller.account);
        !is_regional
            || account.is_none_or(|account| account.regions.iter().any(|name| name == call.region))
    }

    /// Whether a call is within its quota, which it then uses up.
    fn is_within_quota(&self, call: &Call<'_>) -> bool {
        let caller = account_number(&call.caller.account);
        self.quotas.take(
            call.operation,
            caller,
            call.region,
            self.state.clock.elapsed(),
        )
    }

    /// The service's answer. S3 hides from some callers that an object is missing.
    fn answer(&self, call: &Call<'_>) -> Result<Reply, AwsError> {
        let result = services::answer(&self.state, call);
        let reads = matches!(call.operation, Operation::GetObject | Operation::HeadObject);
        if reads
            && result
                .as_ref()
                .is_err_and(|error| error.code == "NoSuchKey")
        {
            self.permissions.check_missing_object(&self.state, call)?;
        }
        result
    }

    /// Remembers an operation that the simulator does not know.
    fn unknown(&self, name: String) -> Reaction {
        let body = format!("{{\"__type\":\"UnknownOperationException\",\"message\":{name:?}}}");
        let mut unknown = lock(&self.unknown);
        if !unknown.contains(&name) {
            unknown.push(name);
        }
        let answer = render::response(501, "application/x-amz-json-1.1", body.into());
        Reaction::Answer(Answer::at_once(answer))
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        let unknown = lock(&self.unknown);
        assert!(
            unknown.is_empty() || std::thread::panicking(),
            "the simulator was asked for operations it does not know: {}",
            unknown.join(", ")
        );
    }
}
