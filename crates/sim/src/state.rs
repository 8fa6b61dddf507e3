//! What services answer from: the world, and what has changed since it began.

pub(crate) mod clock;
pub(crate) mod credential_reports;
pub(crate) mod event;
pub(crate) mod findings;
pub(crate) mod index;
pub(crate) mod key_changes;
pub(crate) mod message;
pub(crate) mod objects;
pub(crate) mod sessions;
pub(crate) mod uploads;

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use self::{
    clock::Clock,
    credential_reports::CredentialReports,
    event::Event,
    findings::Findings,
    index::Index,
    key_changes::{KeyChanges, KeyWrites},
    message::Message,
    objects::Objects,
    sessions::Sessions,
    uploads::Uploads,
};
use crate::{
    aws::operation::Operation,
    world::{Account, World},
};

/// One simulation's world and its changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) index: Index,
    pub(crate) clock: Clock,
    pub(crate) sessions: Sessions,
    pub(crate) objects: Objects,
    pub(crate) uploads: Uploads,
    pub(crate) reports: CredentialReports,
    pub(crate) messages: Mutex<Vec<Message>>,
    pub(crate) events: Mutex<Vec<Event>>,
    pub(crate) findings: Findings,
    pub(crate) changes: KeyChanges,
    /// Whether roles' trust policies decide who may assume them, and not [`Account::trusts`].
    pub(crate) enforces_policies: AtomicBool,
    key_writes: KeyWrites,
    requests: AtomicU64,
}

impl State {
    pub(crate) fn new(mut world: World, key_writes: KeyWrites) -> Self {
        world.complete();
        let clock = Clock::starting_at(world.now);
        world.forget_deleted(clock.epoch());
        Self {
            index: Index::new(&world),
            reports: CredentialReports::new(&world, clock.epoch()),
            clock,
            sessions: Sessions::new(&world),
            objects: Objects::default(),
            uploads: Uploads::default(),
            messages: Mutex::default(),
            events: Mutex::default(),
            findings: Findings::default(),
            changes: KeyChanges::default(),
            enforces_policies: AtomicBool::new(false),
            key_writes,
            requests: AtomicU64::new(1),
            world,
        }
    }

    /// Whether it answers an operation. One that changes keys is as unknown as any other, unless changes are allowed.
    pub(crate) fn knows(&self, operation: Operation) -> bool {
        self.key_writes == KeyWrites::Allowed || !operation.changes_keys()
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
