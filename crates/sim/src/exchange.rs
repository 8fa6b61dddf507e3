//! From a request to what comes of it: the gates of a call, the service that answers it, the log.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Method, Request, uri::Scheme};

use crate::{
    account,
    answer::Answer,
    attempt::Attempt,
    calls::{Entry, account_number},
    cloudtrail, ec2, events,
    faults::{
        self, Reaction, Strike, Verdict, contents, needs_a_reply, paging::Continuation, silence,
        spends_quota, transmit,
    },
    iam, kms,
    operation::{Operation, Service},
    organizations, s3, sns,
    state::{Call, State, Subject, lock},
    sts,
    wire::{
        Fault, Reply,
        input::{self, Input},
        render,
        signature::{self, Scope},
        unsigned,
    },
    world::Effect,
};

/// What came of a call, for the answer and for the log.
struct Outcome {
    account: u64,
    resource: Option<Box<str>>,
    strike: Option<Strike>,
    /// `None` when there is no answer.
    result: Option<Result<Reply, Fault>>,
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        Self {
            account: 0,
            resource: None,
            strike: None,
            result: Some(Err(fault)),
        }
    }
}

impl State {
    /// Does what a request asks for.
    pub(crate) fn react(&self, request: Request<Bytes>) -> Reaction {
        let at = self.clock.elapsed();
        let (head, body) = request.into_parts();
        let scope = signature::read(&head.headers);
        // Behind a socket, a request does not say how it came.
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
            Err(fault) => {
                let name = format!("{}:(unreadable)", service.prefix());
                (Cow::Owned(name), None, fault.into())
            }
            Ok((word, input)) => {
                let known = Operation::find(service, &word).filter(|found| self.knows(*found));
                let Some(operation) = known else {
                    return self.unknown(format!("{}:{word}", service.prefix()));
                };
                let outcome = match scope {
                    Err(why) => unsigned::fault(service, why).into(),
                    Ok(scope) => self.call(scope, operation, input, is_secure),
                };
                (Cow::Borrowed(operation.name()), Some(operation), outcome)
            }
        };
        let (code, throttled) = match &outcome.result {
            Some(Err(fault)) => (Some(fault.code.clone()), fault.is_throttle()),
            _ => (None, false),
        };
        let strike = outcome.strike;
        let reaction = match outcome.result {
            None => silence(strike),
            Some(result) => {
                let request_id = self.request_id();
                let mut answer = match result {
                    Ok(reply) => {
                        let word = known.map_or("", Operation::word);
                        render::success(service, word, reply, &request_id)
                    }
                    Err(fault) => {
                        let is_head = head.method == Method::HEAD;
                        render::failure(service, &fault, &request_id, is_head)
                    }
                };
                render::identify(service, &mut answer, &request_id);
                // Contents that a fault has made wrong are none that AWS would answer.
                let is_spoiled = strike.is_some_and(|strike| contents::spoils(strike.effect));
                if let (Some(log), Some(operation), false) =
                    (self.exchanges.get(), known, is_spoiled)
                {
                    log.note(&self.world, operation, &head, &body, &answer);
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
            // An answer that was garbled does not tell it any more.
            code: code.filter(|_| !(200..300).contains(&status)),
            throttled: throttled && !(200..300).contains(&status),
            fault: strike.map(|strike| strike.effect.name()),
            at,
        };
        self.log.push(region, entry);
        reaction
    }

    /// Lets a call through the gates and answers it.
    fn call(
        &self,
        scope: Scope<'_>,
        operation: Operation,
        mut input: Input,
        is_secure: bool,
    ) -> Outcome {
        let service = operation.service();
        let caller = match self.sessions.authenticate(service, scope, self.clock.now()) {
            Ok(caller) => caller,
            Err(fault) => return fault.into(),
        };
        let continuation = match self.faults.bend_pages() {
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
        let subject = self.subject(&call);
        let attempt = Attempt {
            operation,
            account: subject.account,
            region: call.region,
            target: subject.target,
            resource: subject.resource,
            caller: &call.caller.arn,
        };
        let mut strike = self.faults.strike(&self.world, attempt, &continuation);
        let effect = strike.map(|strike| strike.effect);
        let verdict = effect.map_or(Verdict::Pass, |effect| {
            faults::verdict(effect, attempt, self.clock.now())
        });
        if effect.is_some_and(spends_quota) {
            self.is_within_quota(&call);
        }
        let result = match verdict {
            Verdict::Silence => None,
            Verdict::Refuse(fault) => Some(Err(fault)),
            Verdict::Pass => {
                let admitted = self.admit(&call, attempt);
                let mut result = admitted.and_then(|()| match effect {
                    Some(Effect::FailEntry) => events::answer_but_the_last(self, &call),
                    Some(Effect::DeletedFirst) => s3::answer_deleted(self, &call),
                    Some(Effect::NoMessageId) => sns::answer_without_id(self, &call),
                    _ => self.answer(&call),
                });
                if self.faults.bend_pages() {
                    result = result.and_then(|reply| continuation.bend(effect, self, &call, reply));
                }
                result = result.map(|reply| contents::spoil(effect, self, &call, reply));
                // What failed had no page to bend, and no contents to spoil.
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

    fn subject<'a>(&'a self, call: &'a Call<'_>) -> Subject<'a> {
        match call.operation.service() {
            Service::Organizations => organizations::subject(call),
            Service::Sts => sts::subject(call),
            Service::Account => account::subject(call),
            Service::Kms => kms::subject(self, call),
            Service::Iam => iam::subject(self, call),
            Service::S3 => s3::subject(call),
            Service::Sns => sns::subject(call),
            Service::Events => events::subject(call),
            Service::Ec2 => ec2::subject(call),
            Service::CloudTrail => cloudtrail::subject(call),
        }
    }

    /// The gates after credentials and faults: enabled Region, quota, policies, refusals.
    fn admit(&self, call: &Call<'_>, attempt: Attempt<'_>) -> Result<(), Fault> {
        let service = call.operation.service();
        if !self.is_region_enabled(call) {
            return Err(Fault::unknown_token(service));
        }
        if service == Service::Sts {
            sts::check_region(self, call)?;
        }
        if !self.is_within_quota(call) {
            return Err(Fault::throttled(service));
        }
        self.check_permissions(call)?;
        self.refusals.check(&self.world, attempt)
    }

    /// Whether the caller's account has enabled the Region of a call. Other Regions do not know its credentials. Services
    /// that answer from one place only are not asked.
    fn is_region_enabled(&self, call: &Call<'_>) -> bool {
        let is_regional = matches!(
            call.operation.service(),
            Service::Kms | Service::Ec2 | Service::CloudTrail
        );
        let account = self.account(&call.caller.account);
        !is_regional
            || account.is_none_or(|account| account.regions.iter().any(|name| name == call.region))
    }

    /// Whether a call is within its quota, which it then uses up.
    fn is_within_quota(&self, call: &Call<'_>) -> bool {
        let caller = account_number(&call.caller.account);
        self.quotas
            .take(call.operation, caller, call.region, self.clock.elapsed())
    }

    /// What the service of a call answers.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        match call.operation.service() {
            Service::Organizations => organizations::answer(self, call),
            Service::Sts => sts::answer(self, call),
            Service::Account => account::answer(self, call),
            Service::Kms => kms::answer(self, call),
            Service::Iam => iam::answer(self, call),
            Service::S3 => s3::answer(self, call),
            Service::Sns => sns::answer(self, call),
            Service::Events => events::answer(self, call),
            Service::Ec2 => ec2::answer(self, call),
            Service::CloudTrail => cloudtrail::answer(self, call),
        }
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
