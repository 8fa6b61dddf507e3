//! The simulator: a handle to a running simulation.

use std::{fmt, future::pending, sync::Arc};

use bytes::Bytes;
use http::Request;

use crate::{
    answer::{Answer, ConnectionReset},
    authority::{Authority, Policies, Use},
    calls::{Calls, Count, LoggedCall},
    changes::Changing,
    client::SimClient,
    events::Event,
    exchanges::ExchangeLog,
    faults::Reaction,
    policy::PolicyError,
    s3::Object,
    sns::Message,
    state::{State, lock},
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
        Self(Arc::new(State::new(world, Changing::Refused)))
    }

    /// Starts a simulation in which callers may disable and delete keys. In every other, an operation that changes a key
    /// is one that the simulator does not know, so that no census changes a key unseen.
    pub fn allowing_changes(world: World) -> Self {
        Self(Arc::new(State::new(world, Changing::Allowed)))
    }

    /// From now on, callers may do no more than these policies allow; [`Key::policy`](crate::world::Key::policy) counts,
    /// and whom an account trusts is what the role's trust policy says, not the world.
    ///
    /// # Errors
    /// A policy asks for a condition key that no call carries.
    pub fn enforce(&self, policies: Policies) -> Result<(), PolicyError> {
        let authority = Authority::new(&self.0.world, policies)?;
        let mut enforced = self.0.authority.write().unwrap_or_else(|e| e.into_inner());
        *enforced = Some(Arc::new(authority));
        Ok(())
    }

    /// Writes exchanges to `log` from now on. The first log that is given stays.
    pub fn write_exchanges_to(&self, log: &Arc<ExchangeLog>) {
        self.0.exchanges.get_or_init(|| Arc::clone(log));
    }

    /// How the permissions of roles were used since policies are enforced.
    pub fn uses(&self) -> Vec<Use> {
        self.0.uses.snapshot()
    }

    /// The world that is simulated.
    pub fn world(&self) -> &World {
        &self.0.world
    }

    /// Answers one request: the one entry of both doors. Of a call that hangs, the future never ends.
    ///
    /// # Errors
    /// When a fault of the world resets the connection.
    pub async fn respond(&self, request: Request<Bytes>) -> Result<Answer, ConnectionReset> {
        let reaction = match self.0.latency.depart() {
            None => {
                self.0.receive(request.headers()).await;
                self.0.react(request)
            }
            Some(journey) => {
                journey.there().await;
                let held = self.0.receive(request.headers()).await;
                let reaction = self.0.react(request);
                journey.back(held).await;
                reaction
            }
        };
        match reaction {
            Reaction::Answer(answer) => Ok(answer),
            Reaction::Reset => Err(ConnectionReset),
            Reaction::Hang => pending().await,
        }
    }

    /// An HTTP client for the AWS SDK for Rust whose network is this simulator.
    pub fn http_client(&self) -> SimClient {
        SimClient::new(self.clone())
    }

    /// How often each operation was called, up to now.
    pub fn calls(&self) -> Calls {
        self.0.log.calls()
    }

    /// What the neighbours have called, in all cells whose quotas they share with calls that arrived; in each cell up to
    /// the last such call.
    pub fn neighbour_calls(&self) -> Count {
        self.0.quotas.neighbour_calls()
    }

    /// How long the simulation has run on its own clock, in milliseconds.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.clock.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Every call up to now, in order of arrival; empty in a world with `log = false`.
    pub fn log(&self) -> Vec<LoggedCall> {
        self.0.log.snapshot()
    }

    /// Every message that was published to a topic, in order.
    pub fn messages(&self) -> Vec<Message> {
        lock(&self.0.messages).clone()
    }

    /// Every event that was put on a bus, in order.
    pub fn events(&self) -> Vec<Event> {
        lock(&self.0.events).clone()
    }

    /// The bytes of an S3 object.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.0
            .objects
            .get(bucket, key)
            .map(|object| object.bytes.to_vec())
    }

    /// Puts an S3 object, as one that was there before: no call of anybody's.
    pub fn put_object(&self, bucket: &str, key: &str, bytes: impl Into<Bytes>) {
        let object = Object::there_before(bytes.into(), self.0.clock.epoch());
        self.0.objects.insert(bucket, key, object);
    }

    /// Puts every S3 object of another simulation, as it is there.
    pub fn take_objects_of(&self, other: &Self) {
        self.0.objects.take(&other.0.objects);
    }

    /// The keys of a bucket's objects, sorted.
    pub fn objects(&self, bucket: &str) -> Vec<String> {
        self.0.objects.keys(bucket)
    }

    /// What nobody else may ever learn: the secrets of the scanner and of every session that was given out, and the
    /// sessions' tokens.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.0.sessions.secrets();
        secrets.push(self.world().scanner.secret_access_key.clone());
        secrets
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
