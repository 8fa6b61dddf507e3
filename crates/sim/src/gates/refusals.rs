//! Decides whether the world refuses a call.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    gates::attempt::Attempt,
    wire::AwsError,
    world::{Refusal, World},
};

/// How often each of a world's refusals has struck, and which concern which account.
#[derive(Debug)]
pub(crate) struct Refusals {
    struck: Vec<AtomicU32>,
    by_account: HashMap<Box<str>, Vec<usize>>,
    anywhere: Vec<usize>,
}

impl Refusals {
    pub(crate) fn new(world: &World) -> Self {
        let mut by_account: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        let mut anywhere = Vec::new();
        for (position, refusal) in world.refusals.iter().enumerate() {
            match &refusal.account {
                Some(account) => by_account
                    .entry(account.as_str().into())
                    .or_default()
                    .push(position),
                None => anywhere.push(position),
            }
        }
        Self {
            struck: world.refusals.iter().map(|_| AtomicU32::new(0)).collect(),
            by_account,
            anywhere,
        }
    }

    /// The first refusal in file order that matches and has not used up its `times`.
    pub(crate) fn check(&self, world: &World, attempt: Attempt<'_>) -> Result<(), AwsError> {
        let here = self
            .by_account
            .get(attempt.account)
            .map_or(&[][..], Vec::as_slice);
        let mut candidates: Vec<usize> = here
            .iter()
            .chain(&self.anywhere)
            .copied()
            .filter(|position| matches(&world.refusals[*position], attempt))
            .collect();
        candidates.sort_unstable();
        for position in candidates {
            let refusal = &world.refusals[position];
            let struck = self.struck[position].fetch_add(1, Ordering::Relaxed);
            if refusal.times.is_none_or(|times| struck < times) {
                return Err(error(refusal, attempt));
            }
        }
        Ok(())
    }
}

fn matches(refusal: &Refusal, attempt: Attempt<'_>) -> bool {
    attempt.matches(
        &refusal.operation,
        refusal.region.as_deref(),
        refusal.key.as_deref(),
        refusal.resource.as_deref(),
    )
}

fn error(refusal: &Refusal, attempt: Attempt<'_>) -> AwsError {
    let mut error = attempt.denied();
    if let Some(code) = &refusal.code {
        error = AwsError::named(attempt.operation.service(), code.clone(), error.message);
    }
    if let Some(status) = refusal.status {
        error.status = status;
    }
    if let Some(message) = &refusal.message {
        error.message.clone_from(message);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aws::operation::Operation, call::Target};

    const WORLD: &str = r#"
        [[account]]
        id = "222222222222"
        regions = ["eu-west-1", "us-east-1"]
        [[account.key]]
        region = "eu-west-1"
        aliases = ["alias/payments", "alias/billing"]
        [[account.key]]
        region = "eu-west-1"
    "#;

    fn world(refusals: &str) -> World {
        World::parse(&format!("{refusals}\n{WORLD}")).unwrap()
    }

    fn attempt(world: &World, operation: Operation) -> Attempt<'_> {
        Attempt {
            operation,
            account: "222222222222",
            region: "eu-west-1",
            target: world.accounts[0].keys.first().map(Target::Key),
            resource: "",
            caller: "arn:aws:sts::222222222222:assumed-role/KeycensusReader/sim",
        }
    }

    #[test]
    fn every_given_field_must_match() {
        let world = world(
            r#"
            [[refuse]]
            account = "222222222222"
            region = "eu-west-1"
            operation = "kms:GetKeyLastUsage"
            key = "alias/billing"
            "#,
        );
        let refusals = Refusals::new(&world);
        let hit = attempt(&world, Operation::GetKeyLastUsage);
        let refused = |attempt| refusals.check(&world, attempt).is_err();
        assert!(refused(hit));
        assert!(!refused(Attempt {
            account: "333333333333",
            ..hit
        }));
        assert!(!refused(Attempt {
            region: "us-east-1",
            ..hit
        }));
        assert!(!refused(Attempt {
            operation: Operation::DescribeKey,
            ..hit
        }));
        assert!(!refused(Attempt {
            target: world.accounts[0].keys.get(1).map(Target::Key),
            ..hit
        }));
        assert!(!refused(Attempt {
            target: None,
            ..hit
        }));
    }

    #[test]
    fn a_refusal_with_times_ends_after_so_many_calls() {
        let world =
            world("[[refuse]]\noperation = \"kms:*\"\ncode = \"ThrottlingException\"\ntimes = 2");
        let refusals = Refusals::new(&world);
        let outcomes: Vec<_> = (0..4)
            .map(|_| {
                refusals
                    .check(&world, attempt(&world, Operation::ListKeys))
                    .is_err()
            })
            .collect();
        assert_eq!(outcomes, [true, true, false, false]);
    }

    #[test]
    fn the_first_refusal_in_the_file_decides_and_the_next_takes_over() {
        let world = world(
            "[[refuse]]\ncode = \"A\"\ntimes = 1\n[[refuse]]\naccount = \"222222222222\"\ncode = \"B\"\nstatus = 503\nmessage = \"no\"",
        );
        let refusals = Refusals::new(&world);
        let next = || {
            refusals
                .check(&world, attempt(&world, Operation::ListKeys))
                .unwrap_err()
        };
        assert_eq!(next().code, "A");
        let second = next();
        assert_eq!(
            (second.code.as_ref(), second.status, second.message.as_str()),
            ("B", 503, "no")
        );
    }

    #[test]
    fn the_code_defaults_to_the_services_own() {
        let world = world("[[refuse]]");
        let refusals = Refusals::new(&world);
        for (operation, code, status) in [
            (Operation::GetKeyLastUsage, "AccessDeniedException", 400),
            (Operation::ListAccounts, "AccessDeniedException", 400),
            (Operation::ListRegions, "AccessDeniedException", 403),
            (Operation::ListUsers, "AccessDenied", 403),
            (Operation::AssumeRole, "AccessDenied", 403),
            (Operation::PutObject, "AccessDenied", 403),
            (Operation::Publish, "AuthorizationError", 403),
        ] {
            let error = refusals
                .check(&world, attempt(&world, operation))
                .unwrap_err();
            assert_eq!(
                (error.code.as_ref(), error.status),
                (code, status),
                "{operation:?}"
            );
        }
    }
}
