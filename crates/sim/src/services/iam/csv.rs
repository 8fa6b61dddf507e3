//! The CSV of a credential report.

use jiff::Timestamp;

use super::{arn, user_arn};
use crate::{
    state::State,
    world::{AccessKey, AccessKeyStatus, Password},
};

/// The columns of a report
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>).
const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated,additional_credentials_info";

/// Keys of a user that a report has columns for.
const KEYS: usize = 2;
/// An absent or unknown value.
const NONE: &str = "N/A";
/// No use is known.
const NO_INFORMATION: &str = "no_information";
/// The report does not say.
const NOT_SUPPORTED: &str = "not_supported";
/// Last uses of access keys are rounded down to so many seconds …
const STEP: i64 = 15 * 60;
/// … and those of passwords to so many.
const PASSWORD_STEP: i64 = 5 * 60;
/// When every account's root user was created, 2015-01-01: nothing depends on it.
const ROOT_CREATED: i64 = 1_420_070_400;

/// The report on an account as it was at a moment.
pub(super) fn report(state: &State, id: &str, at: Timestamp) -> String {
    let account = state.account(id);
    let epoch = state.clock.epoch();
    let root_keys = account.map_or(&[][..], |account| &account.root_access_keys);
    let root = row(
        "<root_account>",
        &arn(account, id, "root"),
        Timestamp::from_second(ROOT_CREATED).unwrap_or(Timestamp::UNIX_EPOCH),
        root_password(
            account.and_then(|account| account.root_password.as_ref()),
            epoch,
            at,
        ),
        Keys::existing(root_keys, epoch, at),
    );
    let users = state.index.users(account).filter_map(|user| {
        let created = user.created.resolve(epoch);
        let row = || {
            row(
                &user.name,
                &user_arn(account, id, user),
                created,
                user_password(user.password.as_ref(), epoch, at),
                Keys::existing(&user.access_keys, epoch, at),
            )
        };
        (created <= at).then(row)
    });
    let rows: Vec<_> = [HEADER.to_owned(), root].into_iter().chain(users).collect();
    rows.join("\n")
}

/// One row: user, password, access keys.
fn row(name: &str, arn: &str, created: Timestamp, password: [String; 4], keys: Keys) -> String {
    let mut fields = vec![name.to_owned(), arn.to_owned(), time(created)];
    fields.extend(password);
    fields.push("false".to_owned());
    fields.extend(keys.columns.into_iter().flatten());
    fields.extend(["false", NONE, "false", NONE].map(str::to_owned));
    fields.push(match keys.further {
        0 => NONE.to_owned(),
        further => format!("Additional access keys: {further}"),
    });
    let quoted: Vec<_> = fields.iter().map(|field| quote(field)).collect();
    quoted.join(",")
}

/// The access keys of a user or root user, as a report shows them.
struct Keys {
    /// Active, last rotated, and date, Region and service of the last use.
    columns: [[String; 5]; KEYS],
    /// How many further keys have no columns.
    further: usize,
}

impl Keys {
    /// The keys that existed at a moment, of `keys` whose ages count back from `epoch`.
    fn existing(keys: &[AccessKey], epoch: Timestamp, at: Timestamp) -> Self {
        let mut existing = keys.iter().filter(|key| key.created().resolve(epoch) <= at);
        let columns = std::array::from_fn(|_| match existing.next() {
            Some(key) => columns(key, epoch, at),
            None => ["false", NONE, NONE, NONE, NONE].map(str::to_owned),
        });
        Self {
            columns,
            further: existing.count(),
        }
    }
}

fn columns(key: &AccessKey, epoch: Timestamp, at: Timestamp) -> [String; 5] {
    let active = key.status == AccessKeyStatus::Active;
    let rotated = time(key.created().resolve(epoch));
    let used = key.last_used.map(|used| used.resolve(epoch));
    let [date, region, service] = match used.filter(|used| *used <= at) {
        None => [NONE; 3].map(str::to_owned),
        Some(used) => [
            time(rounded(used, STEP)),
            key.last_used_region().to_owned(),
            key.service().to_owned(),
        ],
    };
    [active.to_string(), rotated, date, region, service]
}

/// The columns of a password: whether there is one, its last use, last change and next rotation.
fn user_password(password: Option<&Password>, epoch: Timestamp, at: Timestamp) -> [String; 4] {
    let changed = |password: &&Password| password.changed().resolve(epoch) <= at;
    match password.filter(changed) {
        None => ["false", NONE, NONE, NONE].map(str::to_owned),
        Some(password) => [
            "true".to_owned(),
            password_use(password, epoch, at),
            time(password.changed().resolve(epoch)),
            NONE.to_owned(),
        ],
    }
}

/// The same of the root user. Newer reports say whether it has one, older ones do not.
fn root_password(password: Option<&Password>, epoch: Timestamp, at: Timestamp) -> [String; 4] {
    let [enabled, used] = match password {
        None => [NOT_SUPPORTED, NO_INFORMATION].map(str::to_owned),
        Some(password) => ["true".to_owned(), password_use(password, epoch, at)],
    };
    let [changed, rotation] = [NOT_SUPPORTED; 2].map(str::to_owned);
    [enabled, used, changed, rotation]
}

fn password_use(password: &Password, epoch: Timestamp, at: Timestamp) -> String {
    let used = password.last_used.map(|used| used.resolve(epoch));
    match used.filter(|used| *used <= at) {
        None => NO_INFORMATION.to_owned(),
        Some(used) => time(rounded(used, PASSWORD_STEP)),
    }
}

/// The beginning of the step.
fn rounded(at: Timestamp, step: i64) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(step)).unwrap_or(at)
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// A field of a row, in quotes where its text needs them.
fn quote(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
