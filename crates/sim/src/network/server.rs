//! HTTP/1.1 on a socket, for the AWS CLI, other SDKs and other processes.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::{
    simulator::Simulator,
    wire::{
        answer::{Answer, ConnectionReset, DelayedBody},
        render::response,
    },
};

impl Simulator {
    /// Answers every connection of `listener` until it fails. Beside AWS's services there are `GET /_sim/calls`,
    /// `/_sim/messages`, `/_sim/events`, `/_sim/findings` and `/_sim/log`, which answer JSON.
    ///
    /// # Errors
    /// When the listener cannot accept connections any more.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if is_passing(&error) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            // Only speed is lost without it.
            let _ = stream.set_nodelay(true);
            tokio::spawn(self.clone().serve_connection(stream));
        }
    }

    async fn serve_connection(self, stream: TcpStream) {
        let service = service_fn(|request| self.answer_socket(request));
        let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A client that disconnects during a request does not affect the others.
        if (&mut connection).await.is_err_and(|error| error.is_user()) {
            // The only error of the service itself is a reset. Without lingering, closing is one on the wire too.
            let _ = connection.into_parts().io.inner().set_zero_linger();
        }
    }

    async fn answer_socket(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<DelayedBody>, ConnectionReset> {
        let (head, body) = request.into_parts();
        if let Some(page) = head.uri.path().strip_prefix("/_sim/") {
            return Ok(Answer::at_once(self.look_inside(page)).send());
        }
        let answer = match body.collect().await {
            Ok(body) => {
                self.respond(Request::from_parts(head, body.to_bytes()))
                    .await?
            }
            Err(_) => Answer::at_once(response(
                400,
                "text/plain",
                Bytes::from_static(b"the request body was cut short\n"),
            )),
        };
        Ok(answer.send())
    }

    fn look_inside(&self, page: &str) -> Response<Bytes> {
        let body = match page {
            "calls" => {
                let calls = self.calls();
                json!({
                    "total": calls.total(),
                    "by_operation": calls.by_operation(),
                    "by_account": calls.by_account(),
                    "by_region": calls.by_region(),
                    "by_neighbours": self.neighbour_calls(),
                })
            }
            "messages" => json!(self.messages()),
            "events" => json!(self.events()),
            "findings" => json!(self.findings()),
            "log" => json!(self.log()),
            _ => {
                return response(
                    404,
                    "text/plain",
                    Bytes::from_static(b"there are calls, messages, events, findings and log\n"),
                );
            }
        };
        response(200, "application/json", body.to_string().into())
    }
}

/// Whether a listener goes on after this error: a client hung up early, or files ran out for a moment.
fn is_passing(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    ) || matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}
