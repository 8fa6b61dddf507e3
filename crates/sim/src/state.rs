//! Everything one simulator holds, and the call that its services answer from it.

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    authority::{Authority, Denials, Uses},
    calls::Log,
    changes::{Changes, Changing},
    clock::Clock,
    events::Event,
    exchanges::ExchangeLog,
    faults::Faults,
    iam::Reports,
    index::Index,
    latency::Latency,
    operation::Operation,
    quota::Quotas,
    refuse::Refusals,
    s3::Objects,
    sessions::{Caller, Sessions},
    sns::Message,
    target::Target,
    wire::{Fault, input::Input},
    world::{Account, World},
};

/// One simulator's world and what has happened in it.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) index: Index,
    pub(crate) clock: Clock,
    pub(crate) sessions: Sessions,
    pub(crate) authority: RwLock<Option<Arc<Authority>>>,
    pub(crate) denials: Denials,
    pub(crate) uses: Uses,
    pub(crate) quotas: Quotas,
    pub(crate) refusals: Refusals,
    pub(crate) faults: Faults,
    pub(crate) latency: Latency,
    pub(crate) log: Log,
    pub(crate) exchanges: OnceLock<Arc<ExchangeLog>>,
    pub(crate) objects: Objects,
    pub(crate) reports: Reports,
    pub(crate) messages: Mutex<Vec<Message>>,
    pub(crate) events: Mutex<Vec<Event>>,
    pub(crate) unknown: Mutex<Vec<String>>,
    pub(crate) changes: Changes,
    changing: Changing,
    requests: AtomicU64,
}

/// A call from a known caller.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) region: &'a str,
    pub(crate) caller: Arc<Caller>,
    pub(crate) input: Input,
    /// Whether it came by TLS.
    pub(crate) is_secure: bool,
}

/// What a call is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The account called into.
    pub(crate) account: &'a str,
    pub(crate) target: Option<Target<'a>>,
    pub(crate) resource: &'a str,
}

impl State {
    pub(crate) fn new(mut world: World, changing: Changing) -> Self {
        world.complete();
        let clock = Clock::starting_at(world.now);
        world.forget_deleted(clock.epoch());
        Self {
            index: Index::new(&world),
            reports: Reports::new(&world, clock.epoch()),
            clock,
            sessions: Sessions::new(&world),
            authority: RwLock::default(),
            denials: Denials::new(&world),
            uses: Uses::default(),
            quotas: Quotas::new(world.quotas, &world.neighbours),
            refusals: Refusals::new(&world),
            faults: Faults::new(&world),
            latency: Latency::new(&world),
            log: match world.log {
                true => Log::of_everything(),
                false => Log::of_counts(),
            },
            exchanges: OnceLock::new(),
            objects: Objects::default(),
            messages: Mutex::default(),
            events: Mutex::default(),
            unknown: Mutex::default(),
            changes: Changes::default(),
            changing,
            requests: AtomicU64::new(1),
            world,
        }
    }

    /// Whether it answers an operation. One that changes keys is as unknown as any other, unless that was asked for.
    pub(crate) fn knows(&self, operation: Operation) -> bool {
        self.changing == Changing::Allowed || !operation.changes_keys()
    }

    /// The account with this ID.
    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.index
            .account(id)
            .map(|position| &self.world.accounts[position])
    }

    /// A request ID in the shape of a UUID, numbered so that a log can be followed.
    pub(crate) fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("51111111-0000-4000-8000-{number:012x}")
    }

    /// How many requests were answered so far.
    pub(crate) fn requests_so_far(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether this account may list the organization.
    pub(crate) fn may_list_organization(&self, account: &str) -> bool {
        let organization = &self.world.organization;
        account == organization.management_account
            || organization
                .delegated_administrators
                .iter()
                .any(|id| id == account)
    }
}

impl Call<'_> {
    /// The service's own answer to a call that no policy allows.
    pub(crate) fn denied(&self, resource: &str) -> Fault {
        Fault::denied(self.operation, &self.caller.arn, resource)
    }
}

/// What a mutex guards, even if a thread panicked while it held it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
