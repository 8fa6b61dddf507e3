//! Adds the guard to an existing key policy.
//!
//! The text around the statement stays as it is, byte for byte, so that a comparison shows the new
//! statement and nothing else.

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::{
    MalformedPolicy,
    element::get,
    guard_statement::{self, SID},
    json::Json,
    statement,
};

/// How large a key policy can be
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>).
pub const MAX_KEY_POLICY_BYTES: usize = 32_768;

/// A key policy with the guard in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The whole policy.
    pub text: String,
    /// What was changed.
    pub change: Change,
}

/// How a policy was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The statement is new, after the others.
    Added,
    /// The statement replaces an earlier one of the same Sid.
    Replaced,
    /// The policy has the same statement already.
    None,
}

/// Why the guard cannot be put into a policy.
#[derive(Debug, Error)]
pub enum MergeError {
    /// The policy cannot be evaluated.
    #[error(transparent)]
    Malformed(#[from] MalformedPolicy),
    /// Several statements could be the one to replace.
    #[error("{SID} is the Sid of {0} statements: leave at most one")]
    SidNotUnique(usize),
    /// The result is larger than KMS accepts.
    #[error(
        "the policy would take {0} bytes with the guard; KMS takes {MAX_KEY_POLICY_BYTES} at most"
    )]
    TooLarge(usize),
}

/// Puts the guard of `days` into a key policy: in the place of the statement with its
/// Sid, or else after the last one. Merging again changes nothing.
///
/// # Errors
/// [`MergeError`] where the result would not be a key policy that holds this guard
/// and every other statement.
pub fn merge(policy_json: &str, days: u32) -> Result<Merged, MergeError> {
    statement::of_policy(policy_json)?;
    let statements = Statements::find(policy_json).map_err(MalformedPolicy::from)?;
    let guards: Vec<&StatementText> = statements.all.iter().filter(|one| one.is_guard).collect();
    let merged = match guards.as_slice() {
        [] => statements.with_another(days),
        [one] => statements.with_another_instead_of(one, days),
        several => return Err(MergeError::SidNotUnique(several.len())),
    };
    match merged.text.len() {
        bytes if bytes > MAX_KEY_POLICY_BYTES => Err(MergeError::TooLarge(bytes)),
        _ => Ok(merged),
    }
}

/// Where the statements of a policy are in its text.
struct Statements<'a> {
    policy: &'a str,
    /// The value of `Statement`: a list, or one statement by itself.
    value: &'a str,
    all: Vec<StatementText<'a>>,
}

struct StatementText<'a> {
    text: &'a str,
    is_guard: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy<'a> {
    #[serde(borrow)]
    statement: &'a RawValue,
}

impl<'a> Statements<'a> {
    fn find(policy: &'a str) -> serde_json::Result<Self> {
        let value = serde_json::from_str::<Policy<'a>>(policy)?.statement.get();
        let texts: Vec<&RawValue> = match value.starts_with('[') {
            true => serde_json::from_str(value)?,
            false => vec![serde_json::from_str(value)?],
        };
        let all = texts.iter().map(|text| StatementText::read(text.get()));
        Ok(Self {
            policy,
            value,
            all: all.collect::<serde_json::Result<_>>()?,
        })
    }

    fn with_another(&self, days: u32) -> Merged {
        let last = self.all.last();
        let layout = last.map_or(Layout::OneLine, |last| Layout::at(self.policy, last.text));
        let statement = layout.statement(days);
        let text = match last {
            None => self.with_instead_of(self.value, &format!("[{statement}]")),
            Some(last) => {
                let both = format!("{},{}{statement}", last.text, layout.space());
                let is_list = self.value.starts_with('[');
                let both = if is_list { both } else { format!("[{both}]") };
                self.with_instead_of(last.text, &both)
            }
        };
        Merged {
            text,
            change: Change::Added,
        }
    }

    fn with_another_instead_of(&self, one: &StatementText<'_>, days: u32) -> Merged {
        let parsed = |text: &str| serde_json::from_str::<Json>(text).ok();
        if parsed(one.text) == parsed(&guard_statement::compact(days)) {
            return Merged {
                text: self.policy.to_owned(),
                change: Change::None,
            };
        }
        let statement = Layout::at(self.policy, one.text).statement(days);
        Merged {
            text: self.with_instead_of(one.text, &statement),
            change: Change::Replaced,
        }
    }

    /// The policy with `new` in the place of `part`, which is a slice of it.
    fn with_instead_of(&self, part: &str, new: &str) -> String {
        let start = offset(self.policy, part);
        let (before, rest) = self.policy.split_at(start);
        format!("{before}{new}{}", &rest[part.len()..])
    }
}

impl<'a> StatementText<'a> {
    fn read(text: &'a str) -> serde_json::Result<Self> {
        let Json::Object(statement) = serde_json::from_str(text)? else {
            return Ok(Self {
                text,
                is_guard: false,
            });
        };
        let is_guard = matches!(get(&statement, "Sid"), Some(Json::Text(sid)) if sid == SID);
        Ok(Self { text, is_guard })
    }
}

/// How the statements around it are laid out.
enum Layout<'a> {
    /// All in one line.
    OneLine,
    /// Each begins on a line of its own, after this indentation.
    Lines(&'a str),
    /// Each begins where the one before it ends, as KMS itself writes a policy; its
    /// further lines have this indentation.
    Joined(&'a str),
}

impl<'a> Layout<'a> {
    /// How `statement`, a slice of `policy`, is laid out.
    fn at(policy: &'a str, statement: &str) -> Self {
        let Some((_, line)) = policy[..offset(policy, statement)].rsplit_once('\n') else {
            return Self::OneLine;
        };
        let indented = line.trim_start();
        let indentation = &line[..line.len() - indented.len()];
        match indented.is_empty() {
            true => Self::Lines(indentation),
            false => Self::Joined(indentation),
        }
    }

    fn statement(&self, days: u32) -> String {
        match self {
            Self::OneLine => guard_statement::compact(days),
            Self::Lines(indentation) | Self::Joined(indentation) => {
                guard_statement::for_key_policy(days).replace('\n', &format!("\n{indentation}"))
            }
        }
    }

    /// What stands between two statements, after the comma.
    fn space(&self) -> String {
        match self {
            Self::OneLine | Self::Joined(_) => " ".to_owned(),
            Self::Lines(indentation) => format!("\n{indentation}"),
        }
    }
}

/// Where `part`, a slice of `whole`, begins in it.
fn offset(whole: &str, part: &str) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}

#[cfg(test)]
mod tests;
