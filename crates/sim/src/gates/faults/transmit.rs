//! Answers that are damaged in transmission.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, header};

use super::Strike;
use crate::{
    wire::{answer::Answer, render::response},
    world::Effect,
};

/// Neither JSON nor XML nor text.
const GARBAGE: &[u8] = b"\x1f\x8b\x08\x00\xff\xfe\x00\x80{<\xc3\x28";
/// How many bytes of white space follow an answer that is too large.
const OVERSIZE: u64 = 64 << 20;
/// The page of a proxy between client and service.
const PROXY_PAGE: &[u8] =
    b"<html><head><title>Access restricted</title></head><body><h1>Access restricted</h1></body></html>\n";

/// What a client receives for its request.
#[derive(Debug)]
pub(crate) enum Reaction {
    /// An answer.
    Answer(Answer),
    /// The end of the connection.
    Reset,
    /// No answer.
    Hang,
}

impl Reaction {
    /// The HTTP status, 0 when there is none.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Answer(answer) => answer.response.status().as_u16(),
            Self::Reset | Self::Hang => 0,
        }
    }
}

/// The reaction to a call without an answer.
pub(crate) fn silence(strike: Option<Strike>) -> Reaction {
    match strike {
        Some(strike) if strike.effect == Effect::Hang => Reaction::Hang,
        _ => Reaction::Reset,
    }
}

/// The answer as the client receives it.
pub(crate) fn transmit(strike: Option<Strike>, correct: Response<Bytes>) -> Reaction {
    let Some(Strike { effect, delay }) = strike else {
        return Reaction::Answer(Answer::at_once(correct));
    };
    let (mut response, mut body_after, mut padding) = (correct, Duration::ZERO, 0);
    match effect {
        Effect::SlowBody => body_after = delay,
        Effect::GarbledBody => {
            *response.status_mut() = http::StatusCode::OK;
            response = replaced(response, Bytes::from_static(GARBAGE));
        }
        Effect::TruncatedBody => {
            let half = response.body().slice(..response.body().len() / 2);
            response = replaced(response, half);
        }
        Effect::EmptyBody => response = emptied(response),
        Effect::NoContent => {
            response = emptied(response);
            *response.status_mut() = http::StatusCode::NO_CONTENT;
        }
        // S3's answers have no members but their headers.
        Effect::EmptyAnswer if response.headers().contains_key(header::ETAG) => {
            response = emptied(response);
        }
        Effect::OversizedBody => padding = OVERSIZE,
        Effect::WrongContentType => response = proxy_page(&response),
        _ => {}
    }
    Reaction::Answer(Answer {
        response,
        body_after,
        padding,
    })
}

/// A success with an empty body.
fn emptied(mut answer: Response<Bytes>) -> Response<Bytes> {
    *answer.status_mut() = http::StatusCode::OK;
    answer.headers_mut().remove(header::ETAG);
    replaced(answer, Bytes::new())
}

/// The same answer with another body, and without the length of the old one.
fn replaced(mut answer: Response<Bytes>, body: Bytes) -> Response<Bytes> {
    answer.headers_mut().remove(header::CONTENT_LENGTH);
    answer.map(|_| body)
}

fn proxy_page(correct: &Response<Bytes>) -> Response<Bytes> {
    let page = Bytes::from_static(PROXY_PAGE);
    response(correct.status().as_u16(), "text/html", page)
}
