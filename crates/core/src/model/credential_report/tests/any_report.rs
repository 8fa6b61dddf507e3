//! What holds of any report, and of any report that was cut.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
};

use crate::{
    arbitrary::free_text,
    model::credential_report::{CredentialReport, LastUsed, RootKey, RootKeyState, UserKeys},
};

const COLUMNS: [&str; 14] = [
    "user",
    "arn",
    "password_enabled",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "additional_credentials_info",
];

/// A key in one of the two places of a user.
#[derive(Debug, Clone)]
struct Key {
    is_active: bool,
    created_at: Timestamp,
    used_at: Option<Timestamp>,
}

type Keys = [Option<Key>; 2];

/// An account's root user and users.
#[derive(Debug, Clone)]
struct Account {
    root: Keys,
    users: BTreeMap<String, (Keys, bool)>,
    /// The order of columns.
    columns: Vec<&'static str>,
    /// What stands between and, perhaps, behind the records.
    line_break: &'static str,
    ends_with_line_break: bool,
}

fn key() -> impl Strategy<Value = Key> {
    let moment =
        || (1_300_000_000_i64..1_800_000_000).prop_map(|s| Timestamp::from_second(s).unwrap());
    (any::<bool>(), moment(), option::of(moment())).prop_map(|(is_active, created_at, used_at)| {
        Key {
            is_active,
            created_at,
            used_at,
        }
    })
}

fn keys() -> impl Strategy<Value = Keys> {
    [option::of(key()), option::of(key())]
}

/// The name of a user: any text but the root user's, and not none at all.
fn name() -> impl Strategy<Value = String> {
    let name = prop_oneof![free_text(), "[a-z]{1,4}", "(N/A|true|,|\"|\n){1,3}"];
    name.prop_filter("no name", |name| {
        !name.is_empty() && name != "<root_account>"
    })
}

fn account() -> impl Strategy<Value = Account> {
    (
        keys(),
        btree_map(name(), (keys(), any::<bool>()), 0..6),
        Just(COLUMNS.to_vec()).prop_shuffle(),
        prop::sample::select(vec!["\n", "\r\n"]),
        any::<bool>(),
    )
        .prop_map(
            |(root, users, columns, line_break, ends_with_line_break)| Account {
                root,
                users,
                columns,
                line_break,
                ends_with_line_break,
            },
        )
}

/// The cell of a user in a column.
fn cell(column: &str, user: &str, keys: &Keys, has_more: bool) -> String {
    let key = |number: &str| keys[usize::from(number == "2")].as_ref();
    match column.split('_').collect::<Vec<_>>().as_slice() {
        ["user"] => user.to_owned(),
        ["arn"] if user == "<root_account>" => "arn:aws:iam::222222222222:root".to_owned(),
        ["arn"] => format!("arn:aws:iam::222222222222:user/{user}"),
        ["access", "key", number, "active"] => {
            key(number).is_some_and(|key| key.is_active).to_string()
        }
        ["access", "key", number, "last", "rotated"] => {
            key(number).map_or("N/A".to_owned(), |key| moment(key.created_at))
        }
        ["access", "key", number, "last", "used", what] => {
            match (key(number).and_then(|key| key.used_at), *what) {
                (None, _) => "N/A".to_owned(),
                (Some(at), "date") => moment(at),
                (Some(_), "region") => "eu-west-1".to_owned(),
                (Some(_), _) => "s3".to_owned(),
            }
        }
        ["additional", ..] if has_more => "Additional access keys: 1".to_owned(),
        _ => "N/A".to_owned(),
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

fn render(account: &Account) -> Vec<u8> {
    let terminator = match account.line_break {
        "\r\n" => csv::Terminator::CRLF,
        _ => csv::Terminator::Any(b'\n'),
    };
    let mut writer = csv::WriterBuilder::new()
        .terminator(terminator)
        .from_writer(Vec::new());
    writer.write_record(&account.columns).unwrap();
    let root = ("<root_account>", &account.root, false);
    let users = account.users.iter();
    let users = users.map(|(name, (keys, has_more))| (name.as_str(), keys, *has_more));
    for (name, keys, has_more) in std::iter::once(root).chain(users) {
        let columns = account.columns.iter();
        let cells = columns.map(|column| cell(column, name, keys, has_more));
        writer.write_record(cells).unwrap();
    }
    let mut report = writer.into_inner().unwrap();
    if !account.ends_with_line_break {
        report.truncate(report.len() - account.line_break.len());
    }
    report
}

fn root_keys(account: &Account) -> Vec<RootKey> {
    let keys = (1..).zip(&account.root);
    keys.filter_map(|(number, key)| {
        let key = key.as_ref()?;
        Some(RootKey {
            number,
            state: if key.is_active {
                RootKeyState::Active
            } else {
                RootKeyState::Inactive
            },
            created_at: Some(key.created_at),
            last_used: key
                .used_at
                .map_or(LastUsed::NoneRecorded, |at| LastUsed::At {
                    at,
                    service: Some("s3".to_owned()),
                    region: Some("eu-west-1".to_owned()),
                }),
        })
    })
    .collect()
}

/// Service and Region of the last use may be cut off without a harm.
fn without_place(key: &RootKey) -> RootKey {
    let mut key = key.clone();
    if let LastUsed::At {
        service, region, ..
    } = &mut key.last_used
    {
        (*service, *region) = (None, None);
    }
    key
}

fn user_keys((keys, has_more): &(Keys, bool)) -> UserKeys {
    if *has_more || keys.iter().any(Option::is_some) {
        UserKeys::Some
    } else {
        UserKeys::None
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..400)) {
        let _ = CredentialReport::parse(&bytes);
    }

    #[test]
    fn a_damaged_report_is_read_without_a_panic(
        account in account(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut report = render(&account);
        for (offset, byte) in damage {
            let offset = offset.index(report.len());
            report[offset] = byte;
        }
        let _ = CredentialReport::parse(&report);
    }

    #[test]
    fn a_report_of_any_users_reads_back(account in account()) {
        let account = Account { ends_with_line_break: true, ..account };
        let report = CredentialReport::parse(&render(&account));
        prop_assert_eq!(&report.root, &Ok(root_keys(&account)));
        prop_assert!(report.is_whole);
        let users: Vec<&str> = account.users.keys().map(String::as_str).collect();
        prop_assert_eq!(report.users().collect::<Vec<_>>(), users);
        for (name, keys) in &account.users {
            prop_assert_eq!(report.keys_of(name), user_keys(keys), "{:?}", name);
        }
    }

    #[test]
    fn a_cut_report_never_shows_a_user_with_keys_as_one_without(
        account in account(),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = render(&account);
        let report = CredentialReport::parse(&whole[..cut.index(whole.len() + 1)]);
        if let Ok(root) = &report.root {
            let parsed: Vec<_> = root.iter().map(without_place).collect();
            let expected: Vec<_> = root_keys(&account).iter().map(without_place).collect();
            prop_assert_eq!(parsed, expected);
        }
        for user in report.users() {
            let Some(keys) = account.users.get(user) else {
                return Err(TestCaseError::fail(format!("there is no user {user:?}")));
            };
            let parsed = report.keys_of(user);
            prop_assert!(parsed != UserKeys::None || user_keys(keys) == UserKeys::None, "{:?}", user);
        }
    }
}
