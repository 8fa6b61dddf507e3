//! IAM policies: what a document says of a request.
//!
//! A [`Policy`] is read from JSON ([`Policy::identity`], [`Policy::on_resource`], [`Policy::trust`]), and says of a
//! [`Request`] whether it denies it, allows it, or says nothing. [`decide`] is what AWS makes of what all policies say.
//!
//! An element that is not understood (`NotAction`, an operator, a kind of principal) makes a document an error: a
//! policy is never taken for wider or narrower than it is.

mod condition;
mod decision;
mod document;
mod error;
mod pattern;
mod principal;
mod request;
mod statement;

#[cfg(test)]
mod tests;

pub use self::{
    decision::{Because, Place, decide},
    document::Policy,
    error::PolicyError,
    request::{CONTEXT_KEYS, Context, Principal, Request},
    statement::{Effect, Statement},
};
