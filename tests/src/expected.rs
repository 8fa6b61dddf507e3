//! What a report is compared with: the files of `expected/`, and what the world
//! itself says of each of its keys.

use std::fs;

use jiff::Timestamp;
use keycensus_sim::{
    World,
    world::{Account, HeldAccessKey, HeldPassword, Moment, Secret, ServiceCredential, User},
};

use crate::{NOW, Row, Run, here};

impl Run {
    /// Compares the report's keys, coverage and summary, and the digest, with
    /// those in `expected/<name>/`, and every key's verdict with the one that the
    /// world expects. With `KEYCENSUS_BLESS=1` the files are written instead.
    ///
    /// # Panics
    /// Something differs.
    pub fn matches_expected(&self, name: &str) {
        self.matches_expected_with(name, &[]);
    }

    /// Compares every file of the report, the page included, and the digest; else
    /// as [`Run::matches_expected`].
    ///
    /// # Panics
    /// Something differs.
    pub fn matches_expected_whole(&self, name: &str) {
        self.matches_expected_with(name, &["changes.csv", "unseen.csv", "report.html"]);
    }

    fn matches_expected_with(&self, name: &str, more: &[&'static str]) {
        self.verdicts_match_the_world();
        let mut files = vec![
            ("keys.csv", self.latest("keys.csv")),
            ("coverage.csv", self.latest("coverage.csv")),
            ("summary.json", without_time(&self.latest("summary.json"))),
        ];
        if let Some(message) = self.aws.messages().first() {
            files.push(("digest.txt", message.text()));
        }
        files.extend(more.iter().map(|file| (*file, self.latest(file))));
        let folder = here(&format!("expected/{name}"));
        #[expect(
            clippy::disallowed_methods,
            reason = "how a person asks for new expected files"
        )]
        let is_blessed = std::env::var("KEYCENSUS_BLESS").is_ok();
        for (file, text) in files {
            let path = folder.join(file);
            if is_blessed {
                fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{e}"));
                fs::write(&path, text).unwrap_or_else(|e| panic!("{e}"));
            } else {
                let expected = fs::read_to_string(&path).unwrap_or_default();
                assert!(
                    text == expected,
                    "{} differs (`make bless` writes it anew); it would be:\n{text}",
                    path.display()
                );
            }
        }
    }

    /// Every key for which the world says what is expected has exactly one row,
    /// and it says so; an access key's row says of it what the world does.
    ///
    /// # Panics
    /// One does not.
    pub fn verdicts_match_the_world(&self) {
        self.verdicts_match_the_world_without(&[]);
    }

    /// The same of all keys but for those with these IDs, which have no row.
    ///
    /// # Panics
    /// One has a row, or another's does not say what is expected.
    pub fn verdicts_match_the_world_without(&self, absent: &[&str]) {
        let rows = self.rows("keys.csv");
        let mut wrong = Vec::new();
        for (place, cells) in expected(self.aws.world()) {
            let columns = ["account_id", "region", "kind", "key_id"];
            let of_key = rows.iter().filter(|row| row.values(columns) == place);
            let of_key: Vec<&Row> = of_key.collect();
            let [_, _, _, id] = place;
            match of_key[..] {
                [] if absent.contains(&id) => {}
                [row] if !absent.contains(&id) => {
                    for (column, cell) in
                        cells.iter().filter(|(column, cell)| row[*column] != *cell)
                    {
                        let found = &row[*column];
                        wrong.push(format!("{place:?}: {column} is {found:?}, not {cell:?}"));
                    }
                }
                _ => wrong.push(format!("{place:?} has {} rows", of_key.len())),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// Columns, and what is to be in them.
type Cells = Vec<(&'static str, String)>;

/// Every key of which the world says what is expected: its account, Region, kind and ID, and
/// what its row is to have.
fn expected(world: &World) -> Vec<([&str; 4], Cells)> {
    let mut expected = Vec::new();
    for (account, key) in world.keys() {
        if let Some(verdict) = &key.expect {
            let place = [&*account.id, &key.region, "kms_key", &key.id];
            expected.push((place, judged(verdict, key.expect_flagged)));
        }
    }
    for held in world.access_keys() {
        if let Some(verdict) = &held.key.expect {
            let kind = match held.user {
                Some(_) => "iam_access_key",
                None => "root_access_key",
            };
            let mut cells = judged(verdict, held.key.expect_flagged);
            cells.extend(cells_of(held, verdict));
            expected.push(([&*held.account.id, "global", kind, held.id], cells));
        }
    }
    for (account, secret) in world.secrets() {
        if let Some(verdict) = &secret.expect {
            let mut cells = judged(verdict, secret.expect_flagged);
            cells.extend(cells_of_secret(account, secret));
            expected.push(([&*account.id, &secret.region, "secret", &secret.id], cells));
        }
    }
    for (account, user, credential) in world.service_credentials() {
        if let Some(verdict) = &credential.expect {
            let mut cells = judged(verdict, Some(false));
            cells.extend(cells_of_credential(user, credential));
            let kind = "service_credential";
            expected.push(([&*account.id, "global", kind, &credential.id], cells));
        }
    }
    for held in world.passwords() {
        if let Some(verdict) = &held.password.expect {
            let (kind, id) = password_identity(held);
            let mut cells = judged(verdict, held.password.expect_flagged);
            cells.extend(cells_of_password(held, verdict));
            expected.push(([&*held.account.id, "global", kind, id], cells));
        }
    }
    expected
}

/// Kind and ID of a password's row.
pub(crate) fn password_identity(held: HeldPassword<'_>) -> (&'static str, &str) {
    match held.user {
        Some(user) => ("iam_password", &user.name),
        None => ("root_password", ROOT),
    }
}

const ROOT: &str = "<root_account>";

/// What a world says of a password that has been judged as `verdict`.
fn cells_of_password(held: HeldPassword<'_>, verdict: &str) -> Cells {
    const FIVE_MINUTES: i64 = 300;
    let now: Timestamp = NOW.parse().unwrap_or_default();
    let (_, name) = password_identity(held);
    let used = held.password.last_used.map(|at| at.resolve(now));
    let used = used.filter(|_| verdict != "unreadable");
    let used =
        used.and_then(|at| in_report(at, held.account.credential_report.age, now, FIVE_MINUTES));
    let changed = held.password.changed().resolve(now);
    let changed = held.user.map(|_| changed.to_string());
    vec![
        ("name", as_cell(name)),
        ("state", String::new()),
        ("created_at", changed.unwrap_or_default()),
        (
            "last_used_at",
            used.map(|at| at.to_string()).unwrap_or_default(),
        ),
        ("last_service", String::new()),
    ]
}

/// What a world says of a service-specific credential.
fn cells_of_credential(user: &User, credential: &ServiceCredential) -> Cells {
    let now: Timestamp = NOW.parse().unwrap_or_default();
    let at = |moment: Moment| moment.resolve(now).to_string();
    let mut names = [&*user.name, &*credential.service];
    names.sort_unstable();
    vec![
        ("name", as_cell(&names.join(";"))),
        ("state", credential.status.as_str().to_owned()),
        ("created_at", at(credential.created())),
        ("expires_at", credential.expires.map(at).unwrap_or_default()),
        ("last_used_at", String::new()),
        ("usage_read_at", String::new()),
        ("monthly_cost_usd", "0.00".to_owned()),
    ]
}

/// What a world says of a secret.
fn cells_of_secret(account: &Account, secret: &Secret) -> Cells {
    const DAY: i64 = 86_400;
    let now: Timestamp = NOW.parse().unwrap_or_default();
    let day = secret.last_accessed.and_then(|at| {
        let second = at.resolve(now).as_second();
        Timestamp::from_second(second - second.rem_euclid(DAY)).ok()
    });
    let manager = match secret.owning_service {
        Some(_) => "aws",
        None => "customer",
    };
    vec![
        ("arn", secret.arn(&account.id)),
        ("name", as_cell(&secret.name)),
        ("manager", manager.to_owned()),
        ("created_at", secret.created.resolve(now).to_string()),
        (
            "last_used_at",
            day.map(|at| at.to_string()).unwrap_or_default(),
        ),
        ("monthly_cost_usd", "0.40".to_owned()),
    ]
}

fn judged(verdict: &str, is_flagged: Option<bool>) -> Cells {
    let flagged = is_flagged.map(|is_flagged| ("flagged", is_flagged.to_string()));
    let verdict = ("verdict", verdict.to_owned());
    std::iter::once(verdict).chain(flagged).collect()
}

/// What a world says of an access key that has been judged as `verdict`.
fn cells_of(held: HeldAccessKey<'_>, verdict: &str) -> Cells {
    let now: Timestamp = NOW.parse().unwrap_or_default();
    let name = held.user.map_or(ROOT, |user| &user.name);
    let created = held.key.created().resolve(now);
    let mut used = held.key.last_used.map(|at| at.resolve(now));
    if held.user.is_none() {
        used = used.and_then(|at| in_report(at, held.account.credential_report.age, now, QUARTER));
    }
    let used = used.filter(|_| verdict != "unreadable");
    let word = |given: &Option<String>, default: &str| match used {
        Some(_) => as_cell(given.as_deref().unwrap_or(default)),
        None => String::new(),
    };
    vec![
        ("name", as_cell(name)),
        ("state", held.key.status.as_str().to_owned()),
        ("created_at", created.to_string()),
        (
            "last_used_at",
            used.map(|at| at.to_string()).unwrap_or_default(),
        ),
        ("last_service", word(&held.key.service, "s3")),
        (
            "last_used_region",
            word(&held.key.last_used_region, "us-east-1"),
        ),
    ]
}

/// To how many seconds a credential report tells the use of an access key.
const QUARTER: i64 = 900;

/// A use as a credential report tells it, to so many seconds; not at all in a report
/// that is older.
fn in_report(
    used: Timestamp,
    report: Option<Moment>,
    now: Timestamp,
    step: i64,
) -> Option<Timestamp> {
    const FOUR_HOURS: i64 = 4 * 3_600;
    let generated = report
        .map(|at| at.resolve(now))
        .filter(|at| now.as_second() - at.as_second() < FOUR_HOURS);
    let second = used.as_second();
    let rounded = Timestamp::from_second(second - second.rem_euclid(step)).ok()?;
    (used <= generated.unwrap_or(now)).then_some(rounded)
}

/// Free text as a CSV file has it: on one line, and so that no spreadsheet takes it for a
/// formula.
#[must_use]
pub fn as_cell(free: &str) -> String {
    let breaks = [
        '\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}',
    ];
    let line = free.replace("\r\n", " ").replace(breaks, " ");
    match line.starts_with(['=', '+', '-', '@', '\t']) {
        true => format!("'{line}"),
        false => line,
    }
}

/// The summary without what differs from machine to machine.
fn without_time(summary: &str) -> String {
    let lines = summary
        .lines()
        .filter(|line| !line.contains("\"elapsed_ms\""));
    lines.map(|line| format!("{line}\n")).collect()
}
