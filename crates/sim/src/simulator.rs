//! The simulator: from a request to its answer.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response};

use crate::{
    account,
    calls::{Calls, Entry, LoggedCall, account_number},
    client::SimClient,
    kms,
    operation::{Operation, Service},
    organizations,
    refuse::Attempt,
    s3, sns,
    sns::Message,
    state::{Call, State, Subject, lock},
    sts,
    wire::{
        Fault, Reply,
        input::{self, Input},
        render,
        signature::{self, Scope},
        unsigned,
    },
    world::World,
};

/// A running simulation of a [`World`]. Clones are handles to the same simulation.
#[derive(Clone)]
pub struct Simulator(Arc<State>);

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Simulator")
    }
}

impl Simulator {
    /// Starts the simulation, and its clock.
    pub fn new(world: World) -> Self {
        Self(Arc::new(State::new(world)))
    }

    /// The world that is simulated.
    pub fn world(&self) -> &World {
        &self.0.world
    }

    /// Answers one request: the one entry of both doors.
    pub async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let response = self.0.respond(request);
        if self.0.world.latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(self.0.world.latency_ms)).await;
        }
        response
    }

    /// An HTTP client for the AWS SDK for Rust whose network is this simulator.
    pub fn http_client(&self) -> SimClient {
        SimClient::new(self.clone())
    }

    /// How often each operation was called, up to now.
    pub fn calls(&self) -> Calls {
        self.0.log.calls()
    }

    /// Every call up to now, in order of arrival.
    pub fn log(&self) -> Vec<LoggedCall> {
        self.0.log.snapshot()
    }

    /// Every message that was published to a topic, in order.
    pub fn messages(&self) -> Vec<Message> {
        lock(&self.0.messages).clone()
    }

    /// The bytes of an S3 object.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.0
            .objects
            .get(bucket, key)
            .map(|object| object.bytes.to_vec())
    }

    /// The keys of a bucket's objects, sorted.
    pub fn objects(&self, bucket: &str) -> Vec<String> {
        self.0.objects.keys(bucket)
    }

    /// Operations that were called and that the simulator does not know, in order of their first call.
    pub fn unknown_operations(&self) -> Vec<String> {
        lock(&self.0.unknown).clone()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let unknown = lock(&self.unknown);
        assert!(
            unknown.is_empty() || std::thread::panicking(),
            "the simulator was asked for operations it does not know: {}",
            unknown.join(", ")
        );
    }
}

/// What came of a call, for the answer and for the log.
struct Outcome {
    account: u64,
    resource: Option<Box<str>>,
    result: Result<Reply, Fault>,
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        Self {
            account: 0,
            resource: None,
            result: Err(fault),
        }
    }
}

impl State {
    fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let at = self.clock.elapsed();
        let request_id = self.request_id();
        let (head, body) = request.into_parts();
        let scope = signature::read(&head.headers);
        let region = scope.map_or("", |scope| scope.region);
        let service = match scope {
            Ok(scope) => Service::from_prefix(scope.service),
            Err(_) => Some(unsigned::guess_service(&head, &body)),
        };
        let Some(service) = service else {
            let name = scope.map_or("", |scope| scope.service);
            return self.unknown(format!("{name}:{} {}", head.method, head.uri.path()));
        };

        let (word, outcome) = match input::read(service, &head, body) {
            Err(fault) => (Cow::Borrowed("(unreadable)"), fault.into()),
            Ok((word, input)) => match (scope, Operation::find(service, &word)) {
                (_, None) => return self.unknown(format!("{}:{word}", service.prefix())),
                (Err(why), Some(_)) => (word, unsigned::fault(service, why).into()),
                (Ok(scope), Some(operation)) => (word, self.call(scope, operation, input)),
            },
        };
        let fault = outcome.result.as_ref().err();
        let entry = Entry {
            operation: match Operation::find(service, &word) {
                Some(operation) => Cow::Borrowed(operation.name()),
                None => Cow::Owned(format!("{}:{word}", service.prefix())),
            },
            account: outcome.account,
            resource: outcome.resource,
            status: fault.map_or(200, |fault| fault.status),
            code: fault.map(|fault| fault.code.clone()),
            throttled: fault.is_some_and(Fault::is_throttle),
            at,
        };
        self.log.push(region, entry);

        let mut answer = match outcome.result {
            Ok(reply) => render::success(service, &word, reply, &request_id),
            Err(fault) => {
                render::failure(service, &fault, &request_id, head.method == Method::HEAD)
            }
        };
        render::identify(service, &mut answer, &request_id);
        answer
    }

    /// Lets a call through the gates and answers it.
    fn call(&self, scope: Scope<'_>, operation: Operation, input: Input) -> Outcome {
        let service = operation.service();
        let caller = match self.sessions.authenticate(service, scope, self.clock.now()) {
            Ok(caller) => caller,
            Err(fault) => return fault.into(),
        };
        let call = Call {
            operation,
            region: scope.region,
            caller,
            input,
        };
        let subject = match service {
            Service::Organizations => organizations::subject(&call),
            Service::Sts => sts::subject(&call),
            Service::Account => account::subject(&call),
            Service::Kms => kms::subject(self, &call),
            Service::S3 => s3::subject(&call),
            Service::Sns => sns::subject(&call),
        };
        Outcome {
            account: account_number(subject.account),
            resource: (!subject.resource.is_empty()).then(|| subject.resource.into()),
            result: self.admit(&call, subject).and_then(|()| self.answer(&call)),
        }
    }

    /// The gates after the credentials: enabled Region, quota, refusals.
    fn admit(&self, call: &Call<'_>, subject: Subject<'_>) -> Result<(), Fault> {
        let service = call.operation.service();
        if service == Service::Kms {
            kms::check_region(self, call)?;
        }
        let caller = account_number(&call.caller.account);
        if !self
            .quotas
            .take(call.operation, caller, call.region, self.clock.elapsed())
        {
            return Err(Fault::throttled(service));
        }
        let attempt = Attempt {
            operation: call.operation,
            account: subject.account,
            region: call.region,
            key: subject.key,
            resource: subject.resource,
            caller: &call.caller.arn,
        };
        self.refusals.check(&self.world, attempt)
    }

    fn answer(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        match call.operation.service() {
            Service::Organizations => organizations::answer(self, call),
            Service::Sts => sts::answer(self, call),
            Service::Account => account::answer(self, call),
            Service::Kms => kms::answer(self, call),
            Service::S3 => s3::answer(self, call),
            Service::Sns => sns::answer(self, call),
        }
    }

    /// Remembers an operation that the simulator does not know.
    fn unknown(&self, name: String) -> Response<Bytes> {
        let body = format!("{{\"__type\":\"UnknownOperationException\",\"message\":{name:?}}}");
        let mut unknown = lock(&self.unknown);
        if !unknown.contains(&name) {
            unknown.push(name);
        }
        render::response(501, "application/x-amz-json-1.1", body.into())
    }
}
