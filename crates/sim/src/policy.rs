//! Evaluation of IAM policies.
//!
//! A [`Policy`] is read from JSON ([`Policy::identity`], [`Policy::on_resource`], [`Policy::trust`]), and allows a
//! [`Request`], denies it, or does neither. [`decide`] combines all policies as AWS does.
//!
//! An element that is not supported (`NotAction`, an operator, a kind of principal) makes a document an error: a
//! policy is never evaluated as wider or narrower than it is.

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
    decision::{Because, ResourceIn, decide},
    document::Policy,
    error::PolicyError,
    request::{CONTEXT_KEYS, Context, Principal, Request},
    statement::{Effect, Statement},
};
