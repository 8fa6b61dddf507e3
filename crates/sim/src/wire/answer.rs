//! An answer, whose body may be delayed, or the reset of its connection.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::Response;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// Headers and body.
    pub response: Response<Bytes>,
    /// Delay between headers and body; zero but for `slow_body`.
    pub body_after: Duration,
    /// How many bytes of white space follow the body.
    pub padding: u64,
}

/// The connection was reset before an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("connection reset by peer")]
pub struct ConnectionReset;

impl Answer {
    /// An answer whose body is sent with its headers.
    pub(crate) fn at_once(response: Response<Bytes>) -> Self {
        Self {
            response,
            body_after: Duration::ZERO,
            padding: 0,
        }
    }

    /// Starts sending: the delay counts from now.
    pub(crate) fn send(self) -> Response<DelayedBody> {
        let wait = (!self.body_after.is_zero()).then(|| Box::pin(sleep(self.body_after)));
        self.response.map(|bytes| DelayedBody {
            wait,
            bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
            padding: self.padding,
        })
    }
}

/// A body that is sent in one piece, after a delay if there is one, with white space after it if there is any.
#[derive(Debug)]
pub(crate) struct DelayedBody {
    wait: Option<Pin<Box<Sleep>>>,
    bytes: Option<Bytes>,
    padding: u64,
}

/// Sent repeatedly, so that padding takes no memory.
const PADDING: &[u8] = &[b' '; 1 << 16];

impl Body for DelayedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(context));
            self.wait = None;
        }
        let next = self.bytes.take().or_else(|| {
            let length = usize::try_from(self.padding).unwrap_or(usize::MAX);
            let padding = &PADDING[..length.min(PADDING.len())];
            self.padding -= padding.len() as u64;
            (!padding.is_empty()).then_some(Bytes::from_static(padding))
        });
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.padding == 0
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(length as u64 + self.padding)
    }
}
