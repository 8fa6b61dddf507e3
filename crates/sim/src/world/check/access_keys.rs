//! Checks the users, access keys and service-specific credentials of all accounts.

use std::collections::HashSet;

use super::{WorldError, ensure, invalid};
use crate::world::{Account, ROOT_ACCESS_KEYS, User, World};

impl World {
    pub(super) fn check_access_keys(&self) -> Result<(), WorldError> {
        // IDs of keys and credentials are AWS's, not an account's.
        let mut ids = HashSet::new();
        for account in &self.accounts {
            check_root_access_keys(account)?;
            let mut names = HashSet::new();
            for user in &account.users {
                let thing = format!("user {} of account {}", user.name, account.id);
                check_user(&thing, user)?;
                ensure(names.insert(user.name.to_lowercase()), || {
                    invalid(
                        &thing,
                        "there are two users with this `name`, of which upper and lower case make no difference",
                    )
                })?;
                for key in &user.access_keys {
                    let thing = format!("access key {} of {thing}", key.id);
                    check_id(&thing, &key.id)?;
                    ensure(ids.insert(key.id.as_str()), || {
                        invalid(&thing, "there are two access keys with this `id`")
                    })?;
                }
                for credential in &user.service_credentials {
                    let thing = format!("service credential {} of {thing}", credential.id);
                    check_id(&thing, &credential.id)?;
                    ensure(ids.insert(credential.id.as_str()), || {
                        invalid(&thing, "there are two service credentials with this `id`")
                    })?;
                }
            }
        }
        Ok(())
    }
}

fn check_root_access_keys(account: &Account) -> Result<(), WorldError> {
    let thing = || format!("account {}", account.id);
    let keys = &account.root_access_keys;
    ensure(keys.len() <= ROOT_ACCESS_KEYS.len(), || {
        let count = keys.len();
        invalid(
            thing(),
            format!("a root user has two access keys at most, not {count}"),
        )
    })?;
    ensure(keys.iter().all(|key| key.id.is_empty()), || {
        invalid(
            thing(),
            "a root access key has no `id`: a credential report does not tell it",
        )
    })
}

fn check_user(thing: &str, user: &User) -> Result<(), WorldError> {
    let length = user.name.chars().count();
    ensure((1..=64).contains(&length), || {
        invalid(
            thing,
            format!("`name` has 1 to 64 characters, not {length}"),
        )
    })?;
    let path = &user.path;
    ensure(path.starts_with('/') && path.ends_with('/'), || {
        invalid(
            thing,
            format!("`path` begins and ends with a slash, as `/ci/`, not `{path}`"),
        )
    })
}

fn check_id(thing: &str, id: &str) -> Result<(), WorldError> {
    let right = (16..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    ensure(right, || {
        invalid(
            thing,
            "`id` is 16 to 128 letters and digits, such as `AKIAIOSFODNN7EXAMPLE`",
        )
    })
}
