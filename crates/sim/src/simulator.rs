//! The simulator: a handle to a running simulation.

use std::{
    fmt,
    future::pending,
    sync::{Arc, atomic::Ordering},
};

use bytes::Bytes;
use http::Request;

use crate::{
    gates::{
        faults::Reaction,
        permissions::{Policies, Use},
    },
    lock::lock,
    log::{
        calls::{Calls, Count, LoggedCall},
        exchanges::ExchangeLog,
    },
    policy::PolicyError,
    simulation::Simulation,
    state::{
        event::Event, findings::Finding, key_changes::KeyWrites, message::Message, objects::Object,
    },
    wire::answer::{Answer, ConnectionReset},
    world::World,
};

/// A running simulation of a [`World`]. Clones are handles to the same simulation.
#[derive(Clone)]
pub struct Simulator(Arc<Simulation>);

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Simulator")
    }
}

impl Simulator {
    /// Starts the simulation, and its clock.
    pub fn new(world: World) -> Self {
        Self(Arc::new(Simulation::new(world, KeyWrites::Refused)))
    }

    /// Starts a simulation in which callers may disable and delete keys. In every other, the simulator does not know the
    /// operations that change keys, so that no census changes a key unnoticed.
    pub fn allowing_changes(world: World) -> Self {
        Self(Arc::new(Simulation::new(world, KeyWrites::Allowed)))
    }

    /// From now on, callers may do no more than these policies and [`Key::policy`](crate::world::Key::policy) allow, and a
    /// role's trust policy replaces [`Account::trusts`](crate::world::Account::trusts).
    ///
    /// # Errors
    /// A policy asks for a condition key that no call carries.
    pub fn enforce(&self, policies: Policies) -> Result<(), PolicyError> {
        let Simulation {
            state, permissions, ..
        } = &*self.0;
        permissions.enforce(&state.world, policies)?;
        state.enforces_policies.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Writes exchanges to `log` from now on. The first log that is given stays.
    pub fn write_exchanges_to(&self, log: &Arc<ExchangeLog>) {
        self.0.exchanges.get_or_init(|| Arc::clone(log));
    }

    /// How the permissions of roles were used since policies are enforced.
    pub fn uses(&self) -> Vec<Use> {
        self.0.permissions.uses()
    }

    /// The world that is simulated.
    pub fn world(&self) -> &World {
        &self.0.state.world
    }

    /// Answers one request. The future of a call that hangs never completes.
    ///
    /// # Errors
    /// When a fault of the world resets the connection.
    pub async fn respond(&self, request: Request<Bytes>) -> Result<Answer, ConnectionReset> {
        match self.0.respond(request).await {
            Reaction::Answer(answer) => Ok(answer),
            Reaction::Reset => Err(ConnectionReset),
            Reaction::Hang => pending().await,
        }
    }

    /// How often each operation was called, up to now.
    pub fn calls(&self) -> Calls {
        self.0.log.calls()
    }

    /// Calls of neighbours to the quotas that they share with calls that arrived, each up to the last such call.
    pub fn neighbour_calls(&self) -> Count {
        self.0.quotas.neighbour_calls()
    }

    /// How long the simulation has run on its own clock, in milliseconds.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.state.clock.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Every call up to now, in order of arrival; empty in a world with `log = false`.
    pub fn log(&self) -> Vec<LoggedCall> {
        self.0.log.snapshot()
    }

    /// Every message that was published to a topic, in order.
    pub fn messages(&self) -> Vec<Message> {
        lock(&self.0.state.messages).clone()
    }

    /// Every event that was put on a bus, in order.
    pub fn events(&self) -> Vec<Event> {
        lock(&self.0.state.events).clone()
    }

    /// The findings of Security Hub, in the order in which they were first imported.
    pub fn findings(&self) -> Vec<Finding> {
        self.0.state.findings.all()
    }

    /// Copies every finding of another simulation.
    pub fn take_findings_of(&self, other: &Self) {
        self.0.state.findings.take(&other.0.state.findings);
    }

    /// The bytes of an S3 object.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.0
            .state
            .objects
            .get(bucket, key)
            .map(|object| object.bytes.to_vec())
    }

    /// Puts an S3 object as if it had existed before the simulation: no call is logged.
    pub fn put_object(&self, bucket: &str, key: &str, bytes: impl Into<Bytes>) {
        let object = Object::existing(bytes.into(), self.0.state.clock.epoch());
        self.0.state.objects.insert(bucket, key, object);
    }

    /// Removes an S3 object, if it is there: no call is logged.
    pub fn remove_object(&self, bucket: &str, key: &str) {
        self.0.state.objects.remove(bucket, key);
    }

    /// Copies every S3 object of another simulation.
    pub fn take_objects_of(&self, other: &Self) {
        self.0.state.objects.take(&other.0.state.objects);
    }

    /// The keys of a bucket's objects, sorted.
    pub fn objects(&self, bucket: &str) -> Vec<String> {
        self.0.state.objects.keys(bucket)
    }

    /// What no log or report may contain: the secrets of the scanner and of every issued session, and the sessions' tokens.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.0.state.sessions.secrets();
        secrets.push(self.world().scanner.secret_access_key.clone());
        secrets
    }

    /// Operations that were called and that the simulator does not know, in order of their first call.
    pub fn unknown_operations(&self) -> Vec<String> {
        lock(&self.0.unknown).clone()
    }
}
