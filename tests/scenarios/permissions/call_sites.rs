//! What the program can call at all.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use keycensus_aws::transport::operations::{OTHERS, READS};
use tests::{
    Templates,
    permissions::{self, EVERYTHING, Role},
};

#[test]
fn the_function_can_call_what_the_templates_grant_and_nothing_else() {
    let granted = permissions::granted(Templates::here(), &EVERYTHING).into_iter();
    let by_function = granted.filter(|(role, action)| {
        let is_by_lambda = ["sqs:", "logs:"]
            .iter()
            .any(|service| action.starts_with(service));
        // What S3 does with the KMS key of the reports.
        let is_by_s3 = ["kms:GenerateDataKey", "kms:Decrypt"].contains(&action.as_str());
        !is_by_lambda && !is_by_s3 && !matches!(role, Role::Other(_))
    });
    let by_function: BTreeSet<String> = by_function.map(|(_, action)| action).collect();
    let can_call = READS.iter().chain(&OTHERS).copied();
    let takes = can_call.filter_map(|operation| match operation {
        // Takes no permission.
        "sts:GetCallerIdentity" => None,
        // A person asks which account an access key is of, with permissions of their own.
        "sts:GetAccessKeyInfo" => None,
        "s3:HeadBucket" | "s3:ListObjectsV2" => Some("s3:ListBucket".to_owned()),
        "s3:CompleteMultipartUpload"
        | "s3:CopyObject"
        | "s3:CreateMultipartUpload"
        | "s3:UploadPart" => Some("s3:PutObject".to_owned()),
        operation => Some(operation.to_owned()),
    });
    assert_eq!(by_function, takes.collect());
}

#[test]
fn every_client_is_made_where_its_operations_are_listed() {
    let workspace = include_str!("../../../Cargo.toml").lines();
    let sdk_crates = workspace.filter_map(|line| line.strip_prefix("aws-sdk-"));
    let sdk_crates: Vec<&str> = sdk_crates
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(sdk_crates.contains(&"kms"), "{sdk_crates:?}");
    let constructors = sdk_crates.iter().flat_map(|sdk| {
        ["new", "from_conf"].map(|constructor| format!("aws_sdk_{sdk}::Client::{constructor}"))
    });
    // Those of EC2 and Security Hub are put together by hand.
    let by_hand = "aws_smithy_runtime::client::orchestrator::operation::Operation::builder";
    for path in constructors.chain([by_hand.to_owned()]) {
        let lints = include_str!("../../../clippy.toml");
        assert!(
            lints.contains(&format!("\"{path}\"")),
            "clippy.toml does not disallow {path}"
        );
    }
}

/// How the names of operations begin that do more than read, in all services.
const VERBS: &str = "
    accept add allow associate assume attach authorize cancel change close complete confirm connect
    copy create deactivate decrypt delete deregister derive detach disable disassociate
    disconnect enable encrypt generate import invite leave modify move publish purge put
    re_encrypt register release remove rename replace replicate reset restore resync retire
    revoke rotate run schedule set sign start stop subscribe tag terminate unsubscribe untag
    update upload verify write
";

/// Methods of requests and answers, which call nothing.
const GETTERS: [&str; 2] = ["tag_key", "tag_value"];

#[test]
fn the_program_calls_no_operation_that_could_change_something_except_those_that_are_listed() {
    let mut called = BTreeSet::new();
    let sources = sources_below(&at("crates/aws/src"));
    assert!(sources.len() > 40, "{}", sources.len());
    for source in &sources {
        // A call of the SDK begins with a method of the client that takes nothing.
        let methods = source.split("()").filter_map(|before| {
            let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let name = name.into_iter().next()?;
            before[..before.len() - name.len()]
                .ends_with('.')
                .then_some(name)
        });
        let methods = methods.filter(|name| !GETTERS.contains(name));
        called.extend(methods.map(str::to_owned));
        // A service without its SDK crate is called by the operation's name.
        let by_name = source.split(".call(\"").skip(1);
        let names = by_name.filter_map(|rest| rest.split('"').next());
        called.extend(names.map(method_of));
    }
    let called: BTreeSet<String> = called
        .into_iter()
        .filter(|name| begins_with_verb(name))
        .collect();
    let listed: BTreeSet<String> = OTHERS.iter().map(|listed| method(listed)).collect();
    assert_eq!(called, listed);
}

#[test]
fn operations_that_are_listed_as_reads_do_not_begin_with_a_verb_that_changes_something() {
    for read in READS {
        assert!(!begins_with_verb(&method(read)), "{read}");
    }
    for other in OTHERS {
        assert!(begins_with_verb(&method(other)), "{other}");
    }
}

#[test]
fn only_one_crate_can_call_aws_at_all() {
    for of in ["core", "lambda", "cli"] {
        let manifest = at(&format!("crates/{of}/Cargo.toml"));
        let manifest = fs::read_to_string(&manifest).unwrap();
        let (products, _) = manifest
            .split_once("[dev-dependencies]")
            .unwrap_or((&manifest, ""));
        let calls = [
            "aws-sdk",
            "aws-smithy",
            "aws-sigv4",
            "hyper",
            "reqwest",
            "ureq",
        ];
        for dependency in products.lines() {
            assert!(
                calls.iter().all(|call| !dependency.starts_with(call)),
                "{of}: {dependency}"
            );
        }
    }
}

/// Whether a method is called like an operation that does more than read.
fn begins_with_verb(method: &str) -> bool {
    let method = method.strip_prefix("batch_").unwrap_or(method);
    VERBS.split_whitespace().any(|verb| {
        let rest = method.strip_prefix(verb);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

/// The SDK's method for an operation: `describe_key` for `kms:DescribeKey`.
fn method(operation: &str) -> String {
    let (_, name) = operation.split_once(':').unwrap();
    method_of(name)
}

fn method_of(name: &str) -> String {
    let mut method = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !method.is_empty() {
            method.push('_');
        }
        method.push(letter.to_ascii_lowercase());
    }
    method
}

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// What is compiled into the program, of all files below a folder.
fn sources_below(folder: &Path) -> Vec<String> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(sources_below(&path));
        } else if path.file_name().is_some_and(|name| name != "tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            // Tests are last.
            let program = text.split("#[cfg(test)]").next().unwrap_or_default();
            sources.push(program.to_owned());
        }
    }
    sources
}
