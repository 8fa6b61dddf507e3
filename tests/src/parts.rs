//! Parts of worlds, in the TOML that scenarios put together.
//!
//! `rest` is the TOML that goes on with a part: `nth = 1`, `account = '222222222222'`.

/// The account beside the scanner's own, where there is one.
pub const MEMBER: &str = "222222222222";
/// The last use of a key that is unused, by the default of 90 days.
pub const UNUSED: &str = "last_used = '120d'";
/// The last use of a key that is in use.
pub const IN_USE: &str = "last_used = '1d'";

/// An account.
#[must_use]
pub fn account(id: &str, rest: &str) -> String {
    format!("[[account]]\nid = '{id}'\n{rest}\n")
}

/// An organizational unit.
#[must_use]
pub fn unit(id: &str, name: &str, rest: &str) -> String {
    format!("[[organizational_unit]]\nid = '{id}'\nname = '{name}'\n{rest}\n")
}

/// A KMS key of the last account, in us-east-1.
#[must_use]
pub fn key(id: &str, rest: &str) -> String {
    key_in("us-east-1", id, rest)
}

/// A KMS key of the last account.
#[must_use]
pub fn key_in(region: &str, id: &str, rest: &str) -> String {
    format!("[[account.key]]\nregion = '{region}'\nid = '{id}'\n{rest}\n")
}

/// KMS keys with the IDs of these numbers, in us-east-1.
#[must_use]
pub fn keys(numbers: impl IntoIterator<Item = usize>, rest: &str) -> String {
    let keys = numbers.into_iter().map(|n| key(&key_id(n), rest));
    keys.collect()
}

/// The ID of a KMS key, which ends with `n`.
#[must_use]
pub fn key_id(n: usize) -> String {
    format!("22220000-0000-4000-8000-{n:012}")
}

/// A user of the last account.
#[must_use]
pub fn user(name: &str, rest: &str) -> String {
    format!("[[account.user]]\nname = '{name}'\n{rest}\n")
}

/// An access key of the last user.
#[must_use]
pub fn access_key(rest: &str) -> String {
    format!("[[account.user.access_key]]\n{rest}\n")
}

/// So many users with a key each, which is in use.
#[must_use]
pub fn users(count: usize) -> String {
    let key = access_key("last_used = '1d 12h'\nexpect = 'in_use'");
    let users = (0..count).map(|n| user(&format!("user-{n}"), &key));
    users.collect()
}

/// A fault that strikes the calls of an operation.
#[must_use]
pub fn fault(operation: &str, effect: &str, rest: &str) -> String {
    format!("[[fault]]\noperation = '{operation}'\neffect = '{effect}'\n{rest}\n")
}

/// A refusal of the calls of an operation.
#[must_use]
pub fn refusal(operation: &str, rest: &str) -> String {
    format!("[[refuse]]\noperation = '{operation}'\n{rest}\n")
}

/// The rows of a table that is written as text: a row a line, with `|` between its cells.
///
/// # Panics
/// A row has another number of cells.
#[must_use]
pub fn table<const N: usize>(text: &str) -> Vec<[&str; N]> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let row = cells.try_into();
        row.unwrap_or_else(|cells| panic!("{N} cells, not {cells:?}"))
    });
    rows.collect()
}

/// The words of a text.
#[must_use]
pub fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Faults after which a call can be made again.
pub const PASSING_FAULTS: [&str; 9] = [
    "throttle",
    "internal_error",
    "unavailable",
    "reset_before",
    "reset_after",
    "hang",
    "garbled_body",
    "truncated_body",
    "wrong_content_type",
];

/// The ID of the keys of a [`multi_region_set`].
pub const MULTI_REGION: &str = "mrk-22220000000040008000000000000001";

/// A multi-Region key of the last account: its primary in eu-west-1, and a replica in
/// us-east-1.
#[must_use]
pub fn multi_region_set(primary: &str, replica: &str) -> String {
    let primary =
        format!("multi_region = 'PRIMARY'\nmulti_region_replicas = ['us-east-1']\n{primary}");
    let replica =
        format!("multi_region = 'REPLICA'\nmulti_region_primary = 'eu-west-1'\n{replica}");
    key_in("eu-west-1", MULTI_REGION, &primary) + &key_in("us-east-1", MULTI_REGION, &replica)
}
