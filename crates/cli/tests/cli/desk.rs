//! Where a command runs: a folder to work in and an AWS to ask.

use std::{
    collections::BTreeMap,
    env,
    path::Path,
    process::Command,
    sync::{Arc, OnceLock},
};

use keycensus_sim::{ExchangeLog, Simulator, World};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{command_output::CommandOutput, folder::Folder};

/// A world with a bucket, a topic and an account, which more can be added to.
pub(crate) const WORLD: &str = r#"
[[bucket]]
name = "keycensus-reports"

[[topic]]
arn = "arn:aws:sns:us-east-1:111111111111:keycensus"

[[account]]
id = "111111111111"
name = "management"
"#;
pub(crate) const USED_KEY: &str = "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"1h\"\n";
pub(crate) const STALE_KEY: &str =
    "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d 12h\"\n";
pub(crate) const CLOSED_DOOR: &str = "[[account]]\nid = \"222222222222\"\nrole = \"\"\n";

/// A row of a CSV file, by column.
pub(crate) type Row = BTreeMap<String, String>;

/// A folder of one test and the embedded AWS on a port.
pub(crate) struct Desk {
    pub(crate) aws: Simulator,
    pub(crate) folder: Folder,
    address: String,
    /// Serves the AWS while it is there.
    _runtime: Runtime,
}

/// Where exchanges are written for `tests/python/test_models.py`: the file that
/// `KEYCENSUS_EXCHANGES` names, if it is set.
fn exchange_log() -> Option<&'static Arc<ExchangeLog>> {
    static LOG: OnceLock<Option<Arc<ExchangeLog>>> = OnceLock::new();
    let open = || {
        let path = env::var_os("KEYCENSUS_EXCHANGES")?;
        Some(Arc::new(ExchangeLog::append_to(Path::new(&path)).unwrap()))
    };
    LOG.get_or_init(open).as_ref()
}

impl Desk {
    pub(crate) fn new(world: &str) -> Self {
        Self::of(World::parse(world).unwrap())
    }

    /// A desk in [`WORLD`] with more in it.
    pub(crate) fn with(more: &[&str]) -> Self {
        Self::new(&(WORLD.to_owned() + &more.concat()))
    }

    pub(crate) fn of(world: World) -> Self {
        Self::in_folder(Folder::new(), world)
    }

    /// The same folder, where AWS has become `world`.
    pub(crate) fn in_world(self, world: World) -> Self {
        Self::in_folder(self.folder, world)
    }

    fn in_folder(folder: Folder, world: World) -> Self {
        let aws = Simulator::new(world);
        if let Some(log) = exchange_log() {
            aws.write_exchanges_to(log);
        }
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime.spawn(aws.clone().serve(listener));
        Self {
            aws,
            folder,
            address,
            _runtime: runtime,
        }
    }

    /// Where the AWS is: `127.0.0.1:4566`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Runs `keycensus` in the folder, as [`Folder::keycensus`].
    pub(crate) fn run(&self, line: &str) -> CommandOutput {
        self.run_with(line, &[])
    }

    pub(crate) fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> CommandOutput {
        CommandOutput::of(self.command(line).envs(variables.iter().copied()))
    }

    /// Runs every first line of a table of two lines each; it fails with a message that
    /// begins as the second.
    pub(crate) fn refuses(&self, table: &str) {
        let lines: Vec<_> = table.trim().lines().map(str::trim).collect();
        for row in lines.chunks(2) {
            self.run(row[0]).failed(row[1]);
        }
    }

    /// The command that [`Desk::run`] runs.
    pub(crate) fn command(&self, line: &str) -> Command {
        let World {
            accounts,
            buckets,
            scanner,
            ..
        } = self.aws.world();
        let region = match buckets.first() {
            Some(bucket) => &bucket.region,
            None => &accounts[0].regions[0],
        };
        let mut command = self.folder.keycensus(line);
        command
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.address))
            .env("AWS_REGION", region)
            .env("AWS_ACCESS_KEY_ID", &scanner.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &scanner.secret_access_key)
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// The rows of a CSV file in the folder.
    pub(crate) fn rows(&self, path: &str) -> Vec<Row> {
        let mut csv = csv::Reader::from_path(self.folder.path(path)).unwrap();
        csv.deserialize().map(Result::unwrap).collect()
    }

    /// The day of the latest report that a scan has left in `out`.
    pub(crate) fn day_of(&self, out: &str) -> String {
        self.rows(&format!("{out}/latest/keys.csv"))[0]["scan_date"].clone()
    }
}
