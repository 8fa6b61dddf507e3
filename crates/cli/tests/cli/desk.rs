//! Where a command runs: a folder to work in and an AWS to ask.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use keycensus_sim::{Simulator, World};
use tokio::{net::TcpListener, runtime::Runtime};

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

/// A folder of one test, removed at its end, and the embedded AWS on a port.
pub(crate) struct Desk {
    pub(crate) aws: Simulator,
    folder: Folder,
    url: String,
    /// Serves the AWS while it is there.
    _runtime: Runtime,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Desk {
    pub(crate) fn new(test: &str, world: &str) -> Self {
        Self::in_a(test, World::parse(world).unwrap())
    }

    pub(crate) fn in_a(test: &str, world: World) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self::with(Folder(folder), world)
    }

    /// The same folder, where AWS has become `world`.
    pub(crate) fn in_world(self, world: World) -> Self {
        Self::with(self.folder, world)
    }

    fn with(folder: Folder, world: World) -> Self {
        let aws = Simulator::new(world);
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(aws.clone().serve(listener));
        Self {
            aws,
            folder,
            url,
            _runtime: runtime,
        }
    }

    /// Runs `keycensus` in the folder; `OUT` in an argument stands for its path.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        let output = self
            .command(arguments)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        Said {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The command that [`Desk::run`] runs.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let out = self.folder.0.display().to_string();
        let scanner = &self.aws.world().scanner;
        let mut command = Command::new(env!("CARGO_BIN_EXE_keycensus"));
        command
            .args(
                arguments
                    .iter()
                    .map(|argument| argument.replace("OUT", &out)),
            )
            .current_dir(&self.folder.0)
            .env_clear()
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_REGION", &self.aws.world().buckets[0].region)
            .env("AWS_ACCESS_KEY_ID", &scanner.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &scanner.secret_access_key)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("HOME", &self.folder.0);
        command
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.0.join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
}
