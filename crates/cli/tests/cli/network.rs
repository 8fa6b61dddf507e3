//! People's machines: proxies, private CAs, other endpoints, profiles and sessions.

use std::{fs, process::Command};

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    command_output::CommandOutput,
    desk::{Desk, STALE_KEY},
    gateway::{Door, Gateway, Validity},
};

/// A scan that finds a flagged key, and so asks every service of a census.
const FOUND: i32 = 3;

fn desk() -> Desk {
    Desk::with(&[STALE_KEY])
}

/// A scan of AWS itself, as far as it knows; an empty variable is not there.
fn scan(desk: &Desk, arguments: &str, variables: &[(&str, &str)]) -> CommandOutput {
    let mut command = desk.command(&format!("scan --out out {arguments}"));
    command.env_remove("AWS_ENDPOINT_URL");
    for (name, value) in variables {
        match *value {
            "" => command.env_remove(name),
            value => command.env(name, value),
        };
    }
    CommandOutput::of(&mut command)
}

/// A desk, the way from it to AWS, and the path of a file with the CA's certificate.
fn office(door: Door, validity: Validity) -> (Desk, Gateway, String) {
    let desk = desk();
    let gateway = Gateway::new(&desk, door, validity);
    desk.folder.write("office-ca.pem", &gateway.ca);
    let bundle = desk.folder.path("office-ca.pem").display().to_string();
    (desk, gateway, bundle)
}

fn profiles(desk: &Desk, config: &str) {
    fs::create_dir_all(desk.folder.path(".aws")).unwrap();
    desk.folder.write(".aws/config", config);
}

/// A profile with the credentials of the scanner.
fn profile_of_scanner(desk: &Desk, more: &str) {
    let scanner = &desk.aws.world().scanner;
    let (id, secret) = (&scanner.access_key_id, &scanner.secret_access_key);
    let keys = format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    profiles(desk, &format!("[profile audit]\n{more}{keys}"));
}

impl Gateway {
    /// It was asked to lead to each of these.
    #[track_caller]
    fn led_to(&self, hosts: &[&str]) {
        let asked = self.asked();
        let missing: Vec<_> = hosts
            .iter()
            .filter(|host| !asked.contains(**host))
            .collect();
        assert!(missing.is_empty(), "{missing:?} not in {asked:?}");
    }
}

#[test]
fn a_scan_reaches_every_service_through_the_proxy_and_trusts_the_bundle() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let (desk, gateway, bundle) = office(Door::Open, Validity::Now);
        let variables = [
            (variable, gateway.proxy.as_str()),
            ("AWS_CA_BUNDLE", &bundle),
        ];
        let output = scan(&desk, "", &variables);
        output.ended_quietly(FOUND);
        gateway.led_to(&[
            "account.us-east-1.amazonaws.com:443",
            "ec2.us-east-1.amazonaws.com:443",
            "iam.amazonaws.com:443",
            "kms.us-east-1.amazonaws.com:443",
            "organizations.us-east-1.amazonaws.com:443",
            "sts.us-east-1.amazonaws.com:443",
        ]);
    }
}

#[test]
fn an_endpoint_in_plain_http_is_reached_through_its_own_proxy() {
    for (variable, is_its_own) in [
        ("HTTP_PROXY", true),
        ("http_proxy", true),
        ("ALL_PROXY", true),
        ("HTTPS_PROXY", false),
    ] {
        let (desk, gateway, _) = office(Door::Open, Validity::Now);
        // DNS does not know this name: only a proxy leads there.
        let endpoint = ("AWS_ENDPOINT_URL", "http://aws.example.invalid");
        let output = scan(&desk, "", &[endpoint, (variable, &gateway.proxy)]);
        assert_eq!(output.code == FOUND, is_its_own, "{output:?}");
        let asked = gateway.asked();
        let is_asked = asked.contains("http://aws.example.invalid");
        assert_eq!(is_asked, is_its_own, "{variable}: {asked:?}");
    }
}

#[test]
fn fips_and_dual_stack_endpoints_are_those_of_every_service() {
    let both = "region = us-east-2\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n";
    for (arguments, variables, hosts) in [
        (
            "",
            &[
                ("AWS_USE_FIPS_ENDPOINT", "true"),
                ("AWS_REGION", "us-east-2"),
            ][..],
            &[
                "sts-fips.us-east-2.amazonaws.com:443",
                "kms-fips.us-east-1.amazonaws.com:443",
                "ec2-fips.us-east-1.amazonaws.com:443",
            ][..],
        ),
        (
            "",
            &[("AWS_USE_DUALSTACK_ENDPOINT", "true")],
            &[
                "sts.us-east-1.api.aws:443",
                "kms.us-east-1.api.aws:443",
                "ec2.us-east-1.api.aws:443",
            ],
        ),
        (
            "--profile audit",
            &[("AWS_REGION", "")],
            &[
                "sts-fips.us-east-2.api.aws:443",
                "kms-fips.us-east-1.api.aws:443",
                "ec2-fips.us-east-1.api.aws:443",
            ],
        ),
    ] {
        let (desk, gateway, bundle) = office(Door::Open, Validity::Now);
        profile_of_scanner(&desk, both);
        let network = [
            ("HTTPS_PROXY", gateway.proxy.as_str()),
            ("AWS_CA_BUNDLE", &bundle),
        ];
        scan(&desk, arguments, &[&network, variables].concat()).ended(FOUND);
        gateway.led_to(hosts);
    }
}

#[test]
fn what_no_proxy_names_is_reached_without_it() {
    let (desk, gateway, bundle) = office(Door::Closed, Validity::Now);
    let around = |variable| {
        let endpoint = ("AWS_ENDPOINT_URL", &*gateway.tls);
        let proxy = ("HTTPS_PROXY", &*gateway.proxy);
        let around = (variable, "example.com, localhost");
        let trusted = ("AWS_CA_BUNDLE", &*bundle);
        scan(&desk, "", &[endpoint, proxy, around, trusted])
    };
    for variable in ["NO_PROXY", "no_proxy"] {
        around(variable).ended(FOUND);
        assert!(gateway.asked().is_empty(), "{variable}");
    }
    let closed = "error: the proxy does not connect to AWS: check HTTPS_PROXY";
    around("NEITHER").failed(closed);
}

#[test]
fn a_proxy_with_a_password_is_opened_with_it() {
    let (desk, gateway, bundle) = office(Door::WithPassword, Validity::Now);
    let trusted = ("AWS_CA_BUNDLE", &*bundle);
    let with = |proxy: &str| scan(&desk, "", &[("HTTPS_PROXY", proxy), trusted]);
    with(&gateway.proxy.replace("://", "://anna:hunter2@")).ended_quietly(FOUND);
    let output = with(&gateway.proxy.replace("://", "://anna:hunter3@"));
    output.failed("error: the proxy wants a user name and a password: ");
    output.omitted("hunter3");
}

#[test]
fn a_proxy_that_is_none_is_refused_without_its_password() {
    let desk = desk();
    for proxy in ["socks5://anna:hunter2@localhost", "http://", "not a URL"] {
        let output = scan(&desk, "", &[("https_proxy", proxy)]);
        output.failed("error: https_proxy is no URL of an HTTP proxy: give one such as http://proxy.example.com:3128\n");
        assert_eq!(output.stderr.lines().count(), 1);
    }
}

#[test]
fn a_certificate_is_trusted_by_the_bundle_that_variable_or_profile_names() {
    let (desk, gateway, bundle) = office(Door::Open, Validity::Now);
    let endpoint = ("AWS_ENDPOINT_URL", gateway.tls.as_str());
    profiles(
        &desk,
        "[profile office]\nca_bundle = ~/office-ca.pem\n[profile moved]\nca_bundle = /nowhere/ca.pem\n",
    );
    let untrusted = "error: the certificate of AWS's endpoint is not trusted: where a proxy looks into TLS, name its CA bundle (AWS_CA_BUNDLE, or ca_bundle in the profile)\n";
    let scan = |variables: &[_]| scan(&desk, "", &[&[endpoint], variables].concat());
    let (bundle, moved) = (("AWS_CA_BUNDLE", &*bundle), ("AWS_PROFILE", "moved"));
    for trusted in [
        &[bundle][..],
        &[("AWS_PROFILE", "office")],
        &[moved, bundle],
    ] {
        scan(trusted).ended(FOUND);
    }
    for (variables, message) in [
        (&[][..], untrusted),
        (
            &[moved],
            "error: ca_bundle of the profile moved is \"/nowhere/ca.pem\": it cannot be read: No such file",
        ),
        (
            &[("AWS_CA_BUNDLE", "out")],
            "error: AWS_CA_BUNDLE is \"out\": it cannot be read: ",
        ),
        (
            &[("AWS_CA_BUNDLE", ".aws/config")],
            "error: AWS_CA_BUNDLE is \".aws/config\": it has no CA certificate: name a file of certificates in PEM\n",
        ),
    ] {
        scan(variables).failed(message);
    }
}

#[test]
fn a_certificate_of_another_time_is_told_as_such() {
    let (desk, gateway, bundle) = office(Door::Open, Validity::Past);
    let variables = [
        ("AWS_ENDPOINT_URL", gateway.tls.as_str()),
        ("AWS_CA_BUNDLE", &bundle),
    ];
    scan(&desk, "", &variables).failed(
        "error: the certificate of AWS's endpoint is not valid now: set the clock of this machine",
    );
}

/// `keycensus` in the desk's AWS with other keys in its environment.
fn with_other_keys(desk: &Desk, line: &str) -> Command {
    let mut command = desk.command(line);
    command
        .env("AWS_ACCESS_KEY_ID", "AKIAOTHER00000000001")
        .env("AWS_SECRET_ACCESS_KEY", "other");
    command
}

#[test]
fn a_profile_that_an_argument_names_comes_before_the_keys_in_the_environment() {
    let desk = desk();
    profile_of_scanner(&desk, "");
    let named = "scan --out out --profile audit";
    CommandOutput::of(&mut with_other_keys(&desk, named)).ended(FOUND);
    // As in the AWS CLI, one that a variable names does not.
    let mut command = with_other_keys(&desk, "scan --out out");
    let output = CommandOutput::of(command.env("AWS_PROFILE", "audit"));
    output.failed("error: AWS does not know the access key: ");
}

#[test]
fn a_region_that_an_argument_names_comes_before_the_environment() {
    let desk = desk();
    let output = desk.run("scan --out out --region us-east-2");
    output.ended(FOUND);
    let calls = desk.aws.calls();
    let asked = |region| {
        calls
            .count("sts:GetCallerIdentity", None, Some(region))
            .sent
    };
    assert_eq!((asked("us-east-2"), asked("us-east-1")), (1, 0));
}

#[test]
fn every_command_that_asks_aws_takes_a_profile_and_a_region() {
    let desk = desk();
    for command in [
        "scan --out out",
        "explain AKIANOBODY0000000001",
        "report s3://keycensus-reports/keycensus",
        "diff s3://keycensus-reports/a s3://keycensus-reports/b",
    ] {
        for (argument, message) in [
            (
                "--profile audti",
                "--profile is \"audti\": there is no such profile in ",
            ),
            (
                "--region Dublin",
                "the AWS Region to run in is \"Dublin\": ",
            ),
        ] {
            desk.run(&format!("{command} {argument}"))
                .failed(&format!("error: {message}"));
        }
    }
}

#[test]
fn a_profile_that_is_not_there_is_named_with_the_one_that_is_like_it() {
    let desk = desk();
    profiles(
        &desk,
        "[profile audit]\nregion = us-east-1\n[profile lab]\n",
    );
    let output = desk.run_with("scan --out out", &[("AWS_PROFILE", "audti")]);
    output.failed("error: AWS_PROFILE is \"audti\": there is no such profile in ~/.aws/config or ~/.aws/credentials: did you mean audit?\n");
    assert_eq!(output.stderr.lines().count(), 1);
}

/// A session of `aws login` as the AWS CLI keeps it.
fn logged_in(desk: &Desk, expires_at: &str) {
    const SESSION: &str = "arn:aws:iam::111111111111:user/audit";
    let scanner = &desk.aws.world().scanner;
    profiles(
        desk,
        &format!("[profile console]\nlogin_session = {SESSION}\nregion = us-east-1\n"),
    );
    let token = json!({
        "accessToken": {
            "accessKeyId": scanner.access_key_id,
            "secretAccessKey": scanner.secret_access_key,
            "sessionToken": "token",
            "accountId": "111111111111",
            "expiresAt": expires_at,
        },
        "tokenType": "aws_sigv4",
        "refreshToken": "refresh",
        "identityToken": "identity",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "-----BEGIN EC PRIVATE KEY-----\nnone\n-----END EC PRIVATE KEY-----\n",
    });
    let name: String = Sha256::digest(SESSION)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    fs::create_dir_all(desk.folder.path(".aws/login/cache")).unwrap();
    desk.folder
        .write(&format!(".aws/login/cache/{name}.json"), &token.to_string());
}

#[test]
fn a_session_of_aws_login_is_used_and_one_that_has_expired_is_named() {
    let desk = desk();
    let scan = |arguments: &str| {
        let mut command = desk.command(&format!("scan --out out {arguments}"));
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY");
        command
    };
    logged_in(&desk, "2999-01-01T00:00:00Z");
    let output = CommandOutput::of(&mut scan("--profile console"));
    output.ended_quietly(FOUND);
    let output = CommandOutput::of(scan("").env("AWS_PROFILE", "console"));
    output.ended_quietly(FOUND);
    fs::remove_dir_all(desk.folder.path(".aws/login")).unwrap();
    let output = CommandOutput::of(scan("").env("AWS_PROFILE", "console"));
    output.failed("error: the profile's sign-in session has expired or is not there: sign in again (aws sso login, or aws login, with the profile)\n");
    output.reported(".aws/login/cache/");
}

#[test]
fn where_account_management_has_no_endpoint_it_is_not_asked_again_for_every_account() {
    let members: String = (2..10)
        .map(|n| format!("[[account]]\nid = \"{}\"\n", n.to_string().repeat(12)))
        .collect();
    let desk = Desk::with(&[STALE_KEY, &members]);
    let nowhere = [(
        "AWS_ENDPOINT_URL_ACCOUNT",
        "http://account.us-gov-east-1.invalid",
    )];
    let output = desk.run_with("scan --out out --kinds kms", &nowhere);
    output.ended(4);
    let summary = desk.folder.read("out/latest/summary.json");
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    // Nine accounts, and the scanner's own for the Regions to read instead: four attempts each.
    let sent = summary["calls"]["account:ListRegions"]["sent"].as_u64();
    assert!((4..=36).contains(&sent.unwrap()), "{sent:?}");
    let rows = desk.rows("out/latest/coverage.csv");
    let gaps: Vec<_> = rows
        .iter()
        .filter(|row| (&*row["region"], &*row["kind"]) == ("*", "kms_key"))
        .map(|row| {
            let columns = ["status", "error_code", "gap_cause"];
            columns.map(|name| row[name].as_str())
        })
        .collect();
    assert_eq!(gaps, [["failed", "ConnectionFailed", "not_answering"]; 9]);
}
