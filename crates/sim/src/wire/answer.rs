//! What comes back over a connection: an answer, of which the body may be late, or the connection's end.

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
    /// How long after the headers the body comes; zero but for slow ones.
    pub body_after: Duration,
    /// How many bytes of white space follow the body.
    pub padding: u64,
}

/// The connection was reset before an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("connection reset by peer")]
pub struct ConnectionReset;

impl Answer {
    /// An answer whose body comes with its headers.
    pub(crate) fn at_once(response: Response<Bytes>) -> Self {
        Self {
            response,
            body_after: Duration::ZERO,
            padding: 0,
        }
    }

    /// The answer as it is sent from now on.
    pub(crate) fn send(self) -> Response<LateBody> {
        let wait = (!self.body_after.is_zero()).then(|| Box::pin(sleep(self.body_after)));
        self.response.map(|bytes| LateBody {
            wait,
            bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
            padding: self.padding,
        })
    }
}

/// A body that comes all at once, perhaps after a while, and perhaps with white space after it.
#[derive(Debug)]
pub(crate) struct LateBody {
    wait: Option<Pin<Box<Sleep>>>,
    bytes: Option<Bytes>,
    padding: u64,
}

/// Sent again and again, so that it takes no memory.
const PADDING: &[u8] = &[b' '; 1 << 16];

impl Body for LateBody {
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
