//! The first call fails for its own reason, and says what to do.

use crate::desk::{Desk, WORLD};

/// What STS refuses with, its message, and how that is reported.
const REFUSALS: &str = "
    ExpiredToken
        The security token included in the request is expired
        error: the AWS session has expired: sign in again (aws sso login, aws login), or renew AWS_SESSION_TOKEN and its keys
    InvalidClientTokenId
        The security token included in the request is invalid.
        error: AWS does not know the access key: it is deleted or inactive,
    SignatureDoesNotMatch
        The request signature we calculated does not match the signature you provided.
        error: the secret access key is not that of the access key: check AWS_SECRET_ACCESS_KEY,
    SignatureDoesNotMatch
        Signature expired: 20261129T171000Z is now earlier than 20261129T172400Z (20261129T173900Z - 15 min.)
        error: the clock of this machine is wrong, 29 minutes behind AWS's: set it (timedatectl set-ntp true)
    SignatureDoesNotMatch
        Signature not yet current: 20261129T181000Z is still later than 20261129T172900Z (20261129T171400Z + 15 min.)
        error: the clock of this machine is wrong, 56 minutes ahead of AWS's: set it
    RequestExpired
        Request has expired.
        error: the clock of this machine is wrong: set it
    RegionDisabledException
        STS is not activated in this region for account:111111111111.
        error: STS is not active for the account in us-east-1: run in another Region (--region, AWS_REGION), or activate it
    OneOfTomorrow
        Something else.
        error: the first call to AWS failed: sts:GetCallerIdentity in us-east-1 failed with OneOfTomorrow: Something else.
";

#[test]
fn each_refusal_of_the_first_call_has_its_headline_and_remedy() {
    let lines: Vec<_> = REFUSALS.trim().lines().map(str::trim).collect();
    for refusal in lines.chunks(3) {
        let [code, message, headline] = refusal else {
            panic!("{refusal:?}");
        };
        let is_invented = *code == "OneOfTomorrow";
        let refusal = format!(
            "[[refuse]]\noperation = \"sts:GetCallerIdentity\"\ncode = \"{code}\"\nstatus = 403\nmessage = \"{message}\"\n"
        );
        let desk = Desk::new(&format!("beyond_aws = {is_invented}\n{WORLD}{refusal}"));
        let output = desk.run("scan --out out");
        output
            .failed(headline)
            .omitted("\u{FFFD}")
            .reported(message);
    }
}

#[test]
fn a_network_that_leads_nowhere_is_told_as_such() {
    let desk = Desk::new(WORLD);
    for (endpoint, headline) in [
        (
            "http://aws.invalid",
            "the name of AWS's endpoint in us-east-1 is not found: check the network, its DNS or VPN, ",
        ),
        (
            "http://127.0.0.1:9",
            "there is no connection to AWS: check the network, its firewall or VPN, ",
        ),
    ] {
        for command in ["scan --out out", "report s3://keycensus-reports/keycensus"] {
            let output = desk.run_with(command, &[("AWS_ENDPOINT_URL", endpoint)]);
            output.failed("error: ").omitted("\u{FFFD}");
            let first = output.stderr.lines().next().unwrap();
            assert!(first.contains(headline), "{output:?}");
        }
    }
    let variables = [
        ("AWS_ENDPOINT_URL", "https://aws.invalid"),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
    ];
    let output = desk.run_with("scan --out out", &variables);
    let headline = "error: the proxy does not connect to AWS: check HTTPS_PROXY";
    output.failed(headline).omitted("\u{FFFD}");
}

#[test]
fn where_no_credentials_are_each_source_is_told_on_a_line_of_its_own() {
    let desk = Desk::new(WORLD);
    let variables = [("AWS_ACCESS_KEY_ID", "")];
    let output = desk.run_with("scan --out out", &variables);
    let headline = "error: there are no AWS credentials: name a profile (--profile, AWS_PROFILE), ";
    output.failed(headline).omitted("\u{FFFD}");
    for source in ["Environment: ", "Profile: ", "Ec2InstanceMetadata: "] {
        let is_there = |line: &str| line.starts_with(&format!("  {source}"));
        assert!(
            output.stderr.lines().any(is_there),
            "{source}{}",
            output.stderr
        );
    }
}

#[test]
fn a_profile_or_a_process_that_gives_no_credentials_is_told_with_its_reason() {
    for (profile, headline, reason) in [
        (
            "source_profile = gone\nrole_arn = arn:aws:iam::111111111111:role/audit",
            "error: the profile cannot be used: mend it in ~/.aws/config",
            "gone",
        ),
        (
            "credential_process = sh -c 'exit 7'",
            "error: the credentials could not be got from where the profile or the environment says: ",
            "7",
        ),
        (
            "sso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 111111111111\nsso_role_name = Audit",
            "error: the profile's sign-in session has expired or is not there: ",
            ".aws/sso/cache/",
        ),
    ] {
        let desk = Desk::new(WORLD);
        std::fs::create_dir_all(desk.folder.path(".aws")).unwrap();
        desk.folder
            .write(".aws/config", &format!("[profile audit]\n{profile}\n"));
        let output = desk.run("scan --out out --profile audit");
        output.failed(headline).omitted("\u{FFFD}");
        output.reported(reason);
    }
}
