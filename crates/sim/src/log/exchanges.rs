//! Requests and answers as they went over the wire, in a file, for programs that check them against AWS's service models.

mod novelty;

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::Mutex,
};

use bytes::Bytes;
use http::{HeaderMap, Response, request::Parts};
use serde_json::{Map, Value, json};

use self::novelty::Novelty;
use crate::{
    aws::operation::{Operation, Service},
    lock::lock,
    world::World,
};

/// Headers of signatures, of transport and of request IDs, which no service model describes.
const NOT_MODELLED: [&str; 14] = [
    "accept-encoding",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "content-length",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amzn-requestid",
    "x-amzn-trace-id",
];

/// A file of exchanges, one JSON object a line: `service`, `operation`, `beyond_aws` of its
/// [`World`], `method`, `uri`, `headers`, `body`, `status`,
/// `answer_headers` and `answer`. An answer is written as its service gave it, before a fault spoils it on the way, and
/// not at all where a fault made its contents wrong. The bytes of S3 objects are left out.
///
/// An exchange is written when it has something new: an operation's status, a set of members, or a member's value,
/// of which the first few are distinguished one by one and further ones by their length and special characters.
#[derive(Debug)]
pub struct ExchangeLog(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    novelty: Novelty,
    file: File,
}

impl ExchangeLog {
    /// A log that appends to a file, which is created where it is missing.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn append_to(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Mutex::new(Inner {
            novelty: Novelty::default(),
            file,
        })))
    }

    /// Writes an exchange, if it has something new.
    pub(crate) fn note(
        &self,
        world: &World,
        operation: Operation,
        head: &Parts,
        body: &Bytes,
        answer: &Response<Bytes>,
    ) {
        let is_object = matches!(
            operation,
            Operation::PutObject | Operation::UploadPart | Operation::GetObject
        );
        let body: &[u8] = if is_object { b"" } else { body };
        let is_bytes = is_object && answer.status().is_success();
        let answer_body: &[u8] = if is_bytes { b"" } else { answer.body() };
        let mut inner = lock(&self.0);
        let Inner { novelty, file } = &mut *inner;
        novelty.begin((operation.name(), answer.status().as_u16(), world.beyond_aws));
        novelty.look_at_query(head.uri.query().unwrap_or_default().as_bytes());
        novelty.look_at_pairs(modelled(&head.headers));
        match operation.service() {
            Service::Iam | Service::Sts | Service::Sns | Service::Ec2 => {
                novelty.look_at_query(body);
            }
            _ => novelty.look_at_body(body),
        }
        novelty.look_at_pairs(modelled(answer.headers()));
        novelty.look_at_body(answer_body);
        if !novelty.found() {
            return;
        }
        let line = json!({
            "service": operation.service().prefix(),
            "operation": operation.word(),
            "beyond_aws": world.beyond_aws,
            "method": head.method.as_str(),
            "uri": head.uri.to_string(),
            "headers": object(&head.headers),
            "body": String::from_utf8_lossy(body),
            "status": answer.status().as_u16(),
            "answer_headers": object(answer.headers()),
            "answer": String::from_utf8_lossy(answer_body),
        });
        // The reader of the file reports a line that is cut.
        let _ = file.write_all(format!("{line}\n").as_bytes());
    }
}

/// The headers that a service model may describe, by name.
fn modelled(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
        .filter(|(name, _)| !NOT_MODELLED.contains(name))
}

fn object(headers: &HeaderMap) -> Map<String, Value> {
    modelled(headers)
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}
