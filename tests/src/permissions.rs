//! What the templates grant, held against what is called.
//!
//! [`CASES`] are the settings on which permissions depend. For each, [`Proof::of`]
//! makes a census, on two nights, of a small organization in which everything that a
//! census calls is called, and adds what AWS's services do with the stack's roles.

mod cases;
mod organization;
mod reasons;
mod services;
mod statements;
mod table;

use std::collections::BTreeSet;

use keycensus_sim::{Holder, Policies, cloudformation::Role as Rendered, policy::Effect};

pub use self::{
    cases::{CASES, Case, EVERYTHING, LONG_CENSUS},
    statements::Change,
    table::{document_with_table, write_document},
};
use crate::Templates;

/// A role, and something that it may do or does.
pub type Permission = (Role, String);

/// A role of the templates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The function's.
    Scanner,
    /// The one in member accounts.
    Member,
    /// Another one of `template.yaml`, by its logical name.
    Other(String),
}

impl From<Holder> for Role {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Scanner => Self::Scanner,
            Holder::Member => Self::Member,
        }
    }
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What the templates allow, as they write it.
    pub granted: BTreeSet<Permission>,
    /// What was called.
    pub called: BTreeSet<Permission>,
    /// What was called and is not allowed, and on what.
    pub refused: BTreeSet<(Permission, String)>,
    /// What the censuses lack: how a run failed, what it could not read, what it did
    /// not send.
    pub gaps: Vec<String>,
}

impl Proof {
    /// Deploys `templates` with the settings of `case`, and looks on.
    ///
    /// # Panics
    /// The templates cannot be deployed.
    pub async fn of(templates: &Templates, case: &Case) -> Self {
        let nights = organization::nights(templates, case).await;
        let mut proof = Self {
            granted: granted(templates, case),
            called: BTreeSet::new(),
            refused: BTreeSet::new(),
            gaps: nights.gaps,
        };
        for used in nights.uses {
            let permission = (Role::from(used.holder), used.action);
            proof.called.insert(permission.clone());
            if let Some((resource, _)) = used.first_refused {
                proof.refused.insert((permission, resource));
            }
        }
        for call in services::calls(templates, &nights.stack) {
            let permission = (call.role.clone(), call.action.to_owned());
            if !call.is_allowed(&nights.stack) {
                proof.refused.insert((permission.clone(), call.resource));
            }
            proof.called.insert(permission);
        }
        proof
    }
}

/// What the templates allow with the settings of `case`, as they write it.
///
/// # Panics
/// The templates cannot be deployed.
#[must_use]
pub fn granted(templates: &Templates, case: &Case) -> BTreeSet<Permission> {
    let function = organization::function(templates, case);
    let policies = function.policies();
    let members = policies.members.values();
    let mut granted: BTreeSet<Permission> = allowed(&policies.scanner, &Role::Scanner)
        .chain(members.flat_map(|role| allowed(role, &Role::Member)))
        .collect();
    for (name, role) in services::other_roles(templates, &function.stack()) {
        granted.extend(allowed(&role, &Role::Other(name)));
    }
    granted
}

/// The roles' policies with the settings of `case`.
///
/// # Panics
/// The templates cannot be deployed.
#[must_use]
pub fn policies(templates: &Templates, case: &Case) -> Policies {
    organization::function(templates, case).policies()
}

fn allowed(role: &Rendered, name: &Role) -> impl Iterator<Item = Permission> {
    role.policies
        .iter()
        .flat_map(|named| &named.policy.statements)
        .filter(|statement| statement.effect == Effect::Allow)
        .flat_map(|statement| &statement.actions)
        .map(move |action| (name.clone(), action.clone()))
}
