//! Runs a command whose AWS calls go to a world.

use std::process::ExitCode;

use keycensus_sim::Simulator;
use tokio::{net::TcpListener, process::Command};

use super::{ProgramError, complain, say};

/// Variables that would lead the command to real credentials, endpoints or other settings.
const REMOVED: [&str; 22] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_ENDPOINT_URL_ACCOUNT",
    "AWS_ENDPOINT_URL_CLOUDTRAIL",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_EVENTBRIDGE",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_KMS",
    "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SNS",
    "AWS_ENDPOINT_URL_STS",
];

/// Serves the world on a free port, runs the command against it and answers with the command's exit code.
pub(super) async fn run(
    simulator: Simulator,
    command: &[String],
    messages: bool,
) -> Result<ExitCode, ProgramError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(simulator.clone().serve(listener));

    let scanner = &simulator.world().scanner;
    let region = simulator
        .world()
        .buckets
        .first()
        .map_or("us-east-1", |bucket| &bucket.region);
    let [program, arguments @ ..] = command else {
        return Ok(ExitCode::SUCCESS);
    };
    let mut child = Command::new(program);
    child
        .args(arguments)
        .env("AWS_ENDPOINT_URL", &endpoint)
        .env("AWS_ACCESS_KEY_ID", &scanner.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &scanner.secret_access_key)
        .env("AWS_REGION", region)
        .env("AWS_DEFAULT_REGION", region)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    for name in REMOVED {
        child.env_remove(name);
    }
    let status = child.status().await.map_err(|source| ProgramError::Start {
        command: program.clone(),
        source,
    })?;
    server.abort();

    if messages {
        for message in simulator.messages() {
            say(&message.text())?;
            say("\n")?;
        }
    }
    let unknown = simulator.unknown_operations();
    if !unknown.is_empty() {
        complain(&format!(
            "the command called operations that the simulator does not know: {}",
            unknown.join(", ")
        ));
    }
    // Dropping the last handle would panic with the same message.
    std::mem::forget(simulator);
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    // Without a code the command was ended by a signal.
    Ok(ExitCode::from(code.unwrap_or(1)))
}
