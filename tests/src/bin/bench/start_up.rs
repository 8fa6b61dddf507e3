//! How long it takes from the start of the function's process to its first
//! request to AWS.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::released;

const STARTS: usize = 20;

/// The median of [`STARTS`] starts, and the size of the binary in MiB.
pub(crate) fn measure() -> Option<(Duration, f64)> {
    let bootstrap = released("bootstrap")?;
    let mib = fs::metadata(&bootstrap).ok()?.len() as f64 / 1_048_576.0;
    let mut took: Vec<Duration> = (0..STARTS).filter_map(|_| start(&bootstrap)).collect();
    took.sort();
    took.get(STARTS / 2).map(|median| (*median, mib))
}

/// Starts the function with one event waiting, and waits for the first request
/// that it makes to AWS.
fn start(bootstrap: &Path) -> Option<Duration> {
    let runtime = TcpListener::bind("127.0.0.1:0").ok()?;
    let aws = TcpListener::bind("127.0.0.1:0").ok()?;
    let mut command = Command::new(bootstrap);
    command
        .env_clear()
        .env(
            "AWS_LAMBDA_RUNTIME_API",
            runtime.local_addr().ok()?.to_string(),
        )
        .env("AWS_LAMBDA_FUNCTION_NAME", "keycensus")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "none")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "none")
        .env(
            "AWS_ENDPOINT_URL",
            format!("http://{}", aws.local_addr().ok()?),
        )
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .env("KEYCENSUS_REPORT_BUCKET", "keycensus-reports")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let began = Instant::now();
    let mut function = command.spawn().ok()?;
    thread::spawn(move || hand_over_an_event(&runtime));
    let request = aws.accept().ok().and_then(|(stream, _)| read_head(&stream));
    let took = began.elapsed();
    let _ = function.kill();
    let _ = function.wait();
    request.map(|()| took)
}

fn hand_over_an_event(runtime: &TcpListener) {
    let Ok((mut stream, _)) = runtime.accept() else {
        return;
    };
    if read_head(&stream).is_some() {
        let _ = stream.write_all(
            b"HTTP/1.1 200 OK\r\n\
              content-type: application/json\r\n\
              lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
              lambda-runtime-deadline-ms: 4102444800000\r\n\
              lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:111111111111:function:keycensus\r\n\
              content-length: 2\r\n\r\n{}",
        );
        // Kept open until the function is gone.
        let _ = read_head(&stream);
    }
}

/// Reads until an empty line.
fn read_head(stream: &TcpStream) -> Option<()> {
    let lines = BufReader::new(stream).lines();
    for line in lines {
        if line.ok()?.is_empty() {
            return Some(());
        }
    }
    None
}
