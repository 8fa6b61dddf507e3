//! `keycensus plan` as a process: from a stored report to files, and what it refuses.

#![expect(clippy::unwrap_used, reason = "helpers fail their test by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const HEADER: &str = "scan_date,account_id,account_name,region,kind,key_id,arn,name,owner,state,tracked_since,\
last_used_at,last_operation,last_service,idle_days,verdict,flagged,exempt,recommendation,monthly_cost_usd,detail,\
multi_region_set,dependents,dependents_checked\n";
const KEY: &str = "2026-11-21,222222222222,payments-prod,eu-west-1,kms_key,1234abcd,\
arn:aws:kms:eu-west-1:222222222222:key/1234abcd,alias/old,payments,Enabled,2026-04-23T00:00:00Z,2026-05-23T11:30:00Z,\
Decrypt,,182,stale,true,false,disable_and_watch,1.00,,,,yes\n";

struct Folder(PathBuf);

impl Folder {
    /// A folder of one test with a `keys.csv` of these rows, removed at its end.
    fn with(test: &str, rows: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plan-{test}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("keys.csv"), format!("{HEADER}{rows}")).unwrap();
        Self(folder)
    }

    /// Runs `keycensus plan keys.csv` in the folder, with no environment.
    fn plan(&self, arguments: &[&str]) -> (i32, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO_BIN_EXE_keycensus"))
            .args(["plan", "keys.csv"])
            .args(arguments)
            .current_dir(&self.0)
            .env_clear()
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap_or(-1), text(stdout), text(stderr))
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_plan_and_a_script_for_each_account_are_written() {
    let folder = Folder::with("written", KEY);
    let (code, stdout, stderr) = folder.plan(&["--out", "a/plan"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout, "a/plan/plan.md\na/plan/222222222222.sh\n");
    assert!(
        folder
            .read("a/plan/plan.md")
            .contains("## Owner `payments`")
    );
    let script = folder.read("a/plan/222222222222.sh");
    assert!(
        script.contains("\n#1# aws kms disable-key --region 'eu-west-1' --key-id '1234abcd'\n")
    );
}

#[test]
fn without_a_folder_the_plan_is_printed() {
    let folder = Folder::with("printed", KEY);
    let (code, stdout, _) = folder.plan(&[]);
    assert_eq!(code, 0);
    assert!(stdout.starts_with("# Plan for keys that nobody uses\n"));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[test]
fn a_plan_that_somebody_has_worked_on_is_not_overwritten() {
    let folder = Folder::with("kept", KEY);
    folder.plan(&["--out", "plan"]);
    let script = folder.0.join("plan/222222222222.sh");
    fs::write(&script, "mine").unwrap();
    for _ in 0..2 {
        let (code, stdout, stderr) = folder.plan(&["--out", "plan"]);
        assert_eq!((code, stdout.as_str()), (2, ""));
        assert!(stderr.contains("is there already"), "{stderr}");
        assert_eq!(folder.read("plan/222222222222.sh"), "mine");
        let _ = fs::remove_file(folder.0.join("plan/plan.md"));
    }
    assert!(!folder.0.join("plan/plan.md").exists());
}

#[test]
fn what_is_no_report_is_refused_in_one_line() {
    let folder = Folder::with("refused", "2026-11-21,\u{1b}[2J\n");
    let (code, stdout, stderr) = folder.plan(&["--out", "plan"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.starts_with("error: keys.csv: it is not a CSV file"),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1);
    fs::write(folder.0.join("keys.csv"), KEY).unwrap();
    let (code, _, stderr) = folder.plan(&[]);
    assert_eq!(
        (code, stderr.as_str()),
        (2, "error: keys.csv: it has no column scan_date\n")
    );
    fs::remove_file(folder.0.join("keys.csv")).unwrap();
    assert!(folder.plan(&[]).2.contains("cannot read keys.csv"));
}
