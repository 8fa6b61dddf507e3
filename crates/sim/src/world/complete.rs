//! Fills in what a world file leaves out.

use jiff::Timestamp;
use md5::{Digest as _, Md5};

use super::{Account, KeyManager, World};

/// When AWS began to record last uses: 2026-04-23 in most Regions (KMS API reference, `GetKeyLastUsage`).
pub(crate) fn tracking_began() -> Timestamp {
    const SECONDS: i64 = 1_776_902_400;
    Timestamp::from_second(SECONDS).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl World {
    /// Replaces every absent value by its default. Doing so twice changes nothing.
    pub(crate) fn complete(&mut self) {
        let first = self.accounts.first().map(|account| account.id.clone());
        let management = &mut self.organization.management_account;
        if management.is_empty() {
            *management = first.unwrap_or_else(|| "111111111111".to_owned());
        }
        or_default(&mut self.scanner.account, || management.clone());
        for unit in &mut self.organizational_units {
            or_default(&mut unit.parent, || self.organization.root.clone());
        }
        for bucket in &mut self.buckets {
            or_default(&mut bucket.account, || self.scanner.account.clone());
            or_default(&mut bucket.region, || "us-east-1".to_owned());
        }
        let region = self.buckets.first().map(|bucket| bucket.region.clone());
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        for bus in &mut self.event_buses {
            or_default(&mut bus.account, || self.scanner.account.clone());
            or_default(&mut bus.region, || region.clone());
        }
        for hub in &mut self.security_hubs {
            or_default(&mut hub.account, || self.scanner.account.clone());
            or_default(&mut hub.region, || region.clone());
        }
        for account in &mut self.accounts {
            let id = &account.id;
            or_default(&mut account.name, || format!("account-{id}"));
            or_default(&mut account.email, || format!("aws+{id}@example.com"));
            or_default(&mut account.parent, || self.organization.root.clone());
            account
                .trusts
                .get_or_insert_with(|| vec![self.scanner.account.clone()]);
            if account.regions.is_empty() {
                account.regions.push("us-east-1".to_owned());
            }
            for (position, key) in account.keys.iter_mut().enumerate() {
                if key.id.is_empty() {
                    let seed = format!("{id}/{}/{position}", key.region);
                    let multi_region =
                        key.multi_region.is_some() && key.manager == KeyManager::Customer;
                    key.id = if multi_region {
                        multi_region_id(&seed)
                    } else {
                        uuid(&seed)
                    };
                }
                for (grant, number) in key.grants.iter_mut().zip(0..) {
                    or_default(&mut grant.id, || {
                        let seed = format!("{id}/{}/{}/grant/{number}", key.region, key.id);
                        hex_id("", 64, &seed)
                    });
                }
            }
            for secret in &mut account.secrets {
                let of = secret.primary_region.as_ref().unwrap_or(&secret.region);
                let seed = format!("{id}/{of}/secret/{}", secret.name);
                or_default(&mut secret.id, || {
                    format!("{}-{}", secret.name, iam_id("", 6, &seed))
                });
            }
            complete_storage_and_trail(account);
            complete_credentials(account);
        }
    }
}

fn complete_credentials(account: &mut Account) {
    for key in &mut account.root_access_keys {
        key.created = Some(key.created());
    }
    if let Some(password) = &mut account.root_password {
        password.changed = Some(password.changed());
    }
    for user in &mut account.users {
        if let Some(password) = &mut user.password {
            password.changed.get_or_insert(user.created);
        }
        for (position, credential) in user.service_credentials.iter_mut().enumerate() {
            credential.created.get_or_insert(user.created);
            or_default(&mut credential.id, || {
                let seed = format!(
                    "{}/{}/{}/{position}",
                    account.id, user.name, credential.service
                );
                iam_id("ACCA", 17, &seed)
            });
        }
        for (position, key) in user.access_keys.iter_mut().enumerate() {
            key.created.get_or_insert(user.created);
            or_default(&mut key.id, || {
                let seed = format!("{}/{}/{position}", account.id, user.name);
                iam_id("AKIA", 16, &seed)
            });
        }
    }
}

fn complete_storage_and_trail(account: &mut Account) {
    let id = &account.id;
    for (volume, number) in account.volumes.iter_mut().zip(0..) {
        or_default(&mut volume.id, || {
            hex_id(
                "vol-",
                17,
                &format!("{id}/{}/volume/{number}", volume.region),
            )
        });
    }
    for (snapshot, number) in account.snapshots.iter_mut().zip(0..) {
        or_default(&mut snapshot.id, || {
            let seed = format!("{id}/{}/snapshot/{number}", snapshot.region);
            hex_id("snap-", 17, &seed)
        });
    }
    for (event, number) in account.trail_events.iter_mut().zip(0..) {
        or_default(&mut event.id, || {
            uuid(&format!("{id}/{}/trail_event/{number}", event.region))
        });
    }
}

fn or_default(value: &mut String, default: impl FnOnce() -> String) {
    if value.is_empty() {
        *value = default();
    }
}

/// A UUID that depends on `seed` alone.
pub(crate) fn uuid(seed: &str) -> String {
    let mut bytes = digest(seed).to_be_bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// The ID of a multi-Region key that depends on `seed` alone.
pub(crate) fn multi_region_id(seed: &str) -> String {
    format!("mrk-{:032x}", digest(seed))
}

/// An ID as IAM gives them: `prefix` and so many (at most 25) characters of the digest of `seed` in base32.
pub(crate) fn iam_id(prefix: &str, length: usize, seed: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut rest = digest(seed);
    let mut id = prefix.to_owned();
    for _ in 0..length {
        rest = rest.rotate_left(5);
        // Five bits are an index below 32.
        id.push(char::from(ALPHABET[(rest & 31) as usize]));
    }
    id
}

/// An ID of `prefix` and so many (at most 64) hexadecimal digits that depends on `seed` alone.
pub(crate) fn hex_id(prefix: &str, length: usize, seed: &str) -> String {
    let both = format!("{:032x}{:032x}", digest(seed), digest(&format!("{seed}/2")));
    format!("{prefix}{}", &both[..length])
}

fn digest(seed: &str) -> u128 {
    u128::from_be_bytes(Md5::digest(seed.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracking_began_on_23_april_2026() {
        assert_eq!(tracking_began().to_string(), "2026-04-23T00:00:00Z");
    }

    #[test]
    fn a_derived_id_has_the_shape_of_a_uuid() {
        let id = uuid("222222222222/eu-west-1/0");
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(id, uuid("222222222222/eu-west-1/0"));
        assert_ne!(id, uuid("222222222222/eu-west-1/1"));
    }

    #[test]
    fn a_derived_access_key_id_is_a_digest_in_base32() {
        for (seed, id) in [
            ("222222222222/derived/0", "AKIAS3LUGVAN3JAHHDCG"),
            ("222222222222/derived/1", "AKIANN4R7ABCP2W6ZTE5"),
        ] {
            assert_eq!(iam_id("AKIA", 16, seed), id);
        }
    }
}
