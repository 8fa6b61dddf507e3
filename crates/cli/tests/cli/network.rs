//! People's machines: proxies, private CAs, other endpoints, profiles and sessions.

use std::{fs, process::Command};

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    desk::{Desk, STALE_KEY, WORLD},
    gateway::{Door, Gateway, Validity},
    said::Said,
};

/// A scan that finds a flagged key, and so asks every service of a census.
const FOUND: i32 = 3;

fn desk() -> Desk {
    Desk::new(&(WORLD.to_owned() + STALE_KEY))
}

/// A scan of AWS itself, as far as it knows; an empty variable is not there.
fn scan(desk: &Desk, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let scan = ["scan", "--out", "out"];
    let mut command = desk.command(&[&scan, arguments].concat());
    command.env_remove("AWS_ENDPOINT_URL");
    for (name, value) in variables {
        match *value {
            "" => command.env_remove(name),
            value => command.env(name, value),
        };
    }
    Said::of(&mut command)
}

/// The path of a file with the CA's certificate.
fn bundle(desk: &Desk, gateway: &Gateway) -> String {
    desk.folder.write("office-ca.pem", &gateway.ca);
    desk.folder.path("office-ca.pem").display().to_string()
}

fn profiles(desk: &Desk, config: &str) {
    fs::create_dir_all(desk.folder.path(".aws")).unwrap();
    desk.folder.write(".aws/config", config);
}

#[test]
fn a_scan_reaches_every_service_through_the_proxy_and_trusts_the_bundle() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let desk = desk();
        let gateway = Gateway::new(&desk, Door::Open, Validity::Now);
        let bundle = bundle(&desk, &gateway);
        let variables = [
            (variable, gateway.proxy.as_str()),
            ("AWS_CA_BUNDLE", &bundle),
        ];
        let said = scan(&desk, &[], &variables);
        assert_eq!((said.code, said.stderr.as_str()), (FOUND, ""), "{variable}");
        for host in [
            "account.us-east-1.amazonaws.com:443",
            "ec2.us-east-1.amazonaws.com:443",
            "iam.amazonaws.com:443",
            "kms.us-east-1.amazonaws.com:443",
            "organizations.us-east-1.amazonaws.com:443",
            "sts.us-east-1.amazonaws.com:443",
        ] {
            let asked = gateway.asked();
            assert!(asked.contains(host), "{variable}: {host} in {asked:?}");
        }
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
        let desk = desk();
        let gateway = Gateway::new(&desk, Door::Open, Validity::Now);
        // DNS does not know this name: only a proxy leads there.
        let endpoint = ("AWS_ENDPOINT_URL", "http://aws.example.invalid");
        let said = scan(&desk, &[], &[endpoint, (variable, &gateway.proxy)]);
        assert_eq!(
            said.code == FOUND,
            is_its_own,
            "{variable}: {}",
            said.stderr
        );
        let asked = gateway.asked();
        let is_asked = asked.contains("http://aws.example.invalid");
        assert_eq!(is_asked, is_its_own, "{variable}: {asked:?}");
    }
}

#[test]
fn fips_and_dual_stack_endpoints_are_those_of_every_service() {
    let profile = "[profile audit]\nregion = us-east-2\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n";
    for (arguments, variables, hosts) in [
        (
            &[][..],
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
            &[],
            &[("AWS_USE_DUALSTACK_ENDPOINT", "true")],
            &[
                "sts.us-east-1.api.aws:443",
                "kms.us-east-1.api.aws:443",
                "ec2.us-east-1.api.aws:443",
            ],
        ),
        (
            &["--profile", "audit"],
            &[("AWS_REGION", "")],
            &[
                "sts-fips.us-east-2.api.aws:443",
                "kms-fips.us-east-1.api.aws:443",
                "ec2-fips.us-east-1.api.aws:443",
            ],
        ),
    ] {
        let desk = desk();
        let gateway = Gateway::new(&desk, Door::Open, Validity::Now);
        let bundle = bundle(&desk, &gateway);
        let scanner = &desk.aws.world().scanner;
        profiles(
            &desk,
            &format!(
                "{profile}aws_access_key_id = {}\naws_secret_access_key = {}\n",
                scanner.access_key_id, scanner.secret_access_key
            ),
        );
        let network = [
            ("HTTPS_PROXY", gateway.proxy.as_str()),
            ("AWS_CA_BUNDLE", &bundle),
        ];
        let said = scan(&desk, arguments, &[&network, variables].concat());
        let asked = gateway.asked();
        assert_eq!(
            said.code, FOUND,
            "{asked:?}: {}{}",
            said.stdout, said.stderr
        );
        for host in hosts {
            assert!(asked.contains(*host), "{host} in {asked:?}");
        }
    }
}

#[test]
fn what_no_proxy_names_is_reached_without_it() {
    let desk = desk();
    let gateway = Gateway::new(&desk, Door::Closed, Validity::Now);
    let bundle = bundle(&desk, &gateway);
    let around = |variable| {
        scan(
            &desk,
            &[],
            &[
                ("AWS_ENDPOINT_URL", gateway.tls.as_str()),
                ("AWS_CA_BUNDLE", &bundle),
                ("HTTPS_PROXY", &gateway.proxy),
                (variable, "example.com, localhost"),
            ],
        )
    };
    for variable in ["NO_PROXY", "no_proxy"] {
        let said = around(variable);
        assert_eq!(said.code, FOUND, "{variable}: {}", said.stderr);
        assert!(gateway.asked().is_empty(), "{variable}");
    }
    let said = around("NEITHER");
    assert_eq!(said.code, 2);
    assert!(
        said.stderr
            .starts_with("error: the proxy does not connect to AWS: check HTTPS_PROXY"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_proxy_with_a_password_is_opened_with_it() {
    let desk = desk();
    let gateway = Gateway::new(&desk, Door::WithPassword, Validity::Now);
    let bundle = bundle(&desk, &gateway);
    let with = |proxy: &str| {
        scan(
            &desk,
            &[],
            &[("HTTPS_PROXY", proxy), ("AWS_CA_BUNDLE", &bundle)],
        )
    };
    let said = with(&gateway.proxy.replace("://", "://anna:hunter2@"));
    assert_eq!((said.code, said.stderr.as_str()), (FOUND, ""));
    let said = with(&gateway.proxy.replace("://", "://anna:hunter3@"));
    assert_eq!(said.code, 2);
    assert!(
        said.stderr
            .starts_with("error: the proxy wants a user name and a password: "),
        "{}",
        said.stderr
    );
    assert!(!said.stderr.contains("hunter3"), "{}", said.stderr);
}

#[test]
fn a_proxy_that_is_none_is_refused_without_its_password() {
    let desk = desk();
    for proxy in ["socks5://anna:hunter2@localhost", "http://", "not a URL"] {
        let said = scan(&desk, &[], &[("https_proxy", proxy)]);
        assert_eq!(
            (said.code, said.stderr.as_str()),
            (
                2,
                "error: https_proxy is no URL of an HTTP proxy: give one such as http://proxy.example.com:3128\n"
            ),
            "{proxy}"
        );
    }
}

#[test]
fn a_certificate_is_trusted_by_the_bundle_that_variable_or_profile_names() {
    let desk = desk();
    let gateway = Gateway::new(&desk, Door::Open, Validity::Now);
    let bundle = bundle(&desk, &gateway);
    let endpoint = ("AWS_ENDPOINT_URL", gateway.tls.as_str());
    profiles(
        &desk,
        "[profile office]\nca_bundle = ~/office-ca.pem\n[profile moved]\nca_bundle = /nowhere/ca.pem\n",
    );
    let untrusted = "error: the certificate of AWS's endpoint is not trusted: where a proxy looks into TLS, name its CA bundle (AWS_CA_BUNDLE, or ca_bundle in the profile)\n";
    for (variables, code, told) in [
        (&[("AWS_CA_BUNDLE", bundle.as_str())][..], FOUND, ""),
        (&[("AWS_PROFILE", "office")], FOUND, ""),
        (
            &[("AWS_PROFILE", "moved"), ("AWS_CA_BUNDLE", &bundle)],
            FOUND,
            "",
        ),
        (&[], 2, untrusted),
        (
            &[("AWS_PROFILE", "moved")],
            2,
            "error: ca_bundle of the profile moved is \"/nowhere/ca.pem\": it cannot be read: No such file",
        ),
        (
            &[("AWS_CA_BUNDLE", "out")],
            2,
            "error: AWS_CA_BUNDLE is \"out\": it cannot be read: ",
        ),
        (
            &[("AWS_CA_BUNDLE", ".aws/config")],
            2,
            "error: AWS_CA_BUNDLE is \".aws/config\": it has no CA certificate: name a file of certificates in PEM\n",
        ),
    ] {
        let said = scan(&desk, &[], &[&[endpoint], variables].concat());
        assert_eq!(said.code, code, "{variables:?}: {}", said.stderr);
        assert!(
            said.stderr.starts_with(told),
            "{variables:?}: {}",
            said.stderr
        );
    }
}

#[test]
fn a_certificate_of_another_time_is_told_as_such() {
    let desk = desk();
    let gateway = Gateway::new(&desk, Door::Open, Validity::Past);
    let bundle = bundle(&desk, &gateway);
    let variables = [
        ("AWS_ENDPOINT_URL", gateway.tls.as_str()),
        ("AWS_CA_BUNDLE", &bundle),
    ];
    let said = scan(&desk, &[], &variables);
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.starts_with("error: the certificate of AWS's endpoint is not valid now: set the clock of this machine"),
        "{}",
        said.stderr
    );
}

/// `keycensus` in the desk's AWS with other keys in its environment.
fn with_other_keys(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = desk.command(arguments);
    command
        .env("AWS_ACCESS_KEY_ID", "AKIAOTHER00000000001")
        .env("AWS_SECRET_ACCESS_KEY", "other");
    command
}

#[test]
fn a_profile_that_an_argument_names_comes_before_the_keys_in_the_environment() {
    let desk = desk();
    let scanner = &desk.aws.world().scanner;
    profiles(
        &desk,
        &format!(
            "[profile audit]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            scanner.access_key_id, scanner.secret_access_key
        ),
    );
    let scan = ["scan", "--out", "out", "--profile", "audit"];
    let said = Said::of(&mut with_other_keys(&desk, &scan));
    assert_eq!(said.code, FOUND, "{}", said.stderr);
    // As in the AWS CLI, one that a variable names does not.
    let mut command = with_other_keys(&desk, &["scan", "--out", "out"]);
    let said = Said::of(command.env("AWS_PROFILE", "audit"));
    assert_eq!(said.code, 2);
    assert!(
        said.stderr
            .starts_with("error: AWS does not know the access key: "),
        "{}",
        said.stderr
    );
}

#[test]
fn a_region_that_an_argument_names_comes_before_the_environment() {
    let desk = desk();
    let said = desk.run(&["scan", "--out", "out", "--region", "us-east-2"]);
    assert_eq!(said.code, FOUND, "{}", said.stderr);
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
        &["scan", "--out", "out"][..],
        &["explain", "AKIANOBODY0000000001"],
        &["report", "s3://keycensus-reports/keycensus"],
        &[
            "diff",
            "s3://keycensus-reports/a",
            "s3://keycensus-reports/b",
        ],
    ] {
        let named = |argument: &str, value: &str| desk.run(&[command, &[argument, value]].concat());
        let said = named("--profile", "audti");
        assert_eq!(said.code, 2, "{command:?}");
        assert!(
            said.stderr
                .starts_with("error: --profile is \"audti\": there is no such profile in "),
            "{command:?}: {}",
            said.stderr
        );
        let said = named("--region", "Dublin");
        assert!(
            said.stderr
                .starts_with("error: the AWS Region to run in is \"Dublin\": "),
            "{command:?}: {}",
            said.stderr
        );
    }
}

#[test]
fn a_profile_that_is_not_there_is_named_with_the_one_that_is_like_it() {
    let desk = desk();
    profiles(
        &desk,
        "[profile audit]\nregion = us-east-1\n[profile lab]\n",
    );
    let said = desk.run_with(&["scan", "--out", "out"], &[("AWS_PROFILE", "audti")]);
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (
            2,
            "error: AWS_PROFILE is \"audti\": there is no such profile in ~/.aws/config or ~/.aws/credentials: did you mean audit?\n"
        )
    );
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
    let scan = |arguments: &[&str]| {
        let mut command = desk.command(&[&["scan", "--out", "out"], arguments].concat());
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY");
        command
    };
    logged_in(&desk, "2999-01-01T00:00:00Z");
    let said = Said::of(&mut scan(&["--profile", "console"]));
    assert_eq!((said.code, said.stderr.as_str()), (FOUND, ""));
    let said = Said::of(scan(&[]).env("AWS_PROFILE", "console"));
    assert_eq!((said.code, said.stderr.as_str()), (FOUND, ""));
    fs::remove_dir_all(desk.folder.path(".aws/login")).unwrap();
    let said = Said::of(scan(&[]).env("AWS_PROFILE", "console"));
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.starts_with("error: the profile's sign-in session has expired or is not there: sign in again (aws sso login, or aws login, with the profile)\n"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains(".aws/login/cache/"), "{}", said.stderr);
}

#[test]
fn where_account_management_has_no_endpoint_it_is_not_asked_again_for_every_account() {
    let members: String = (2..10)
        .map(|n| format!("[[account]]\nid = \"{}\"\n", n.to_string().repeat(12)))
        .collect();
    let desk = Desk::new(&(WORLD.to_owned() + STALE_KEY + &members));
    let nowhere = [(
        "AWS_ENDPOINT_URL_ACCOUNT",
        "http://account.us-gov-east-1.invalid",
    )];
    let said = desk.run_with(&["scan", "--out", "out", "--kinds", "kms"], &nowhere);
    assert_eq!(said.code, 4, "{}", said.stderr);
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
            let told = ["status", "error_code", "gap_cause"];
            told.map(|name| row[name].as_str())
        })
        .collect();
    assert_eq!(gaps, [["failed", "ConnectionFailed", "not_answering"]; 9]);
}
