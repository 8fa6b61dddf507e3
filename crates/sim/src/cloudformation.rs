//! CloudFormation templates, as far as roles and the policies on resources go.
//!
//! A [`Template`] is YAML with CloudFormation's functions in their short or long form. With parameters and an account it
//! becomes a [`Stack`], which has the [`Role`]s and policies that CloudFormation would create. Functions, resource
//! types and properties that affect these and are not supported are errors. Constraints of parameters are not checked:
//! cfn-lint and CloudFormation do that.

mod error;
mod function;
mod parameters;
mod policies;
mod stack;
mod yaml;

#[cfg(test)]
mod tests;

pub use self::{
    error::TemplateError,
    policies::{Named, Role},
    stack::{Stack, StackInput},
    yaml::Template,
};
