//! Faulty pages of listings: tokens without end, empty pages, repeated items.

use serde_json::Value;

use crate::{
    aws::operation::Service,
    call::Call,
    services,
    state::State,
    wire::{AwsError, Reply, input::Input},
    world::Effect,
};

/// Begins a token that leads to the same page again and again.
const ENDLESS: &str = "sim-endless-";
/// Begin tokens that lead to each other forever.
const THERE: &str = "sim-there-";
const BACK: &str = "sim-back-";
/// Begins a token that an empty page gave.
const PROMISED: &str = "sim-promised-";

/// The mark that a fault added to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It leads to the same page again and again.
    Endless,
    /// It leads to a page whose token leads back.
    There,
    /// It leads to a page whose token leads there again.
    Back,
    /// An empty page promised the page it leads to.
    Promised,
}

/// The page of a listing that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Continuation {
    /// The token as it was sent; `None` for the first page.
    sent: Option<String>,
    pub(crate) mark: Option<Mark>,
}

impl Continuation {
    /// Reads the token of a request and removes the mark that a fault added.
    pub(crate) fn read(service: Service, input: &mut Input) -> Self {
        let Some(token) = input.text_mut(sent_name(service)) else {
            return Self::default();
        };
        let sent = token.clone();
        let marks = [
            (ENDLESS, Mark::Endless),
            (THERE, Mark::There),
            (BACK, Mark::Back),
            (PROMISED, Mark::Promised),
        ];
        let found = marks
            .into_iter()
            .find_map(|(prefix, mark)| Some((sent.strip_prefix(prefix)?, mark)));
        if let Some((rest, _)) = found {
            *token = rest.to_owned();
        }
        Self {
            mark: found.map(|(_, mark)| mark),
            sent: Some(sent).filter(|sent| !sent.is_empty()),
        }
    }

    /// Alters the correct page of a listing.
    pub(crate) fn alter(
        &self,
        effect: Option<Effect>,
        state: &State,
        call: &Call<'_>,
        reply: Reply,
    ) -> Result<Reply, AwsError> {
        let mut reply = reply;
        let (Reply::Json(page) | Reply::Query(page)) = &mut reply else {
            return Ok(reply);
        };
        let service = call.operation.service();
        let token = || {
            let sent = call.input.text(sent_name(service));
            sent.map_or_else(|| first_token(call), str::to_owned)
        };
        match effect {
            Some(Effect::EmptyPage) => {
                if let Some(items) = items(page) {
                    items.clear();
                }
                set_next(service, page, format!("{PROMISED}{}", token()));
            }
            Some(Effect::DuplicateItem) => {
                let mut first = match self.sent {
                    None => page.clone(),
                    Some(_) => first_page(state, call)?,
                };
                let item = items(&mut first).and_then(|items| items.first().cloned());
                if let Some((items, item)) = items(page).zip(item) {
                    items.push(item);
                }
            }
            effect
                if effect == Some(Effect::CyclicTokens)
                    || matches!(self.mark, Some(Mark::There | Mark::Back)) =>
            {
                let mark = match self.mark {
                    Some(Mark::There) => BACK,
                    _ => THERE,
                };
                set_next(service, page, format!("{mark}{}", token()));
            }
            effect if effect == Some(Effect::RepeatToken) || self.mark == Some(Mark::Endless) => {
                let token = self.sent.clone();
                let token = token.unwrap_or_else(|| format!("{ENDLESS}{}", first_token(call)));
                set_next(service, page, token);
            }
            _ => {}
        }
        Ok(reply)
    }
}

/// The parameter that asks for a page.
fn sent_name(service: Service) -> &'static str {
    match service {
        Service::Kms | Service::Iam => "Marker",
        _ => "NextToken",
    }
}

fn set_next(service: Service, page: &mut Value, token: String) {
    let (truncated, next) = match service {
        Service::Kms => (Some("Truncated"), "NextMarker"),
        Service::Iam => (Some("IsTruncated"), "Marker"),
        Service::Ec2 => (None, "nextToken"),
        _ => (None, "NextToken"),
    };
    if let Some(truncated) = truncated {
        page[truncated] = true.into();
    }
    page[next] = token.into();
}

/// The one list of a page.
fn items(page: &mut Value) -> Option<&mut Vec<Value>> {
    page.as_object_mut()?
        .values_mut()
        .find_map(Value::as_array_mut)
}

/// A token of the first page.
fn first_token(call: &Call<'_>) -> String {
    format!("sim-{}-0", call.operation.word())
}

/// The first page of the listing that `call` is in the middle of.
fn first_page(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let sent = sent_name(call.operation.service());
    let Some(input) = call.input.with_text(sent, first_token(call)) else {
        return Ok(Value::Null);
    };
    let first = Call {
        input,
        ..call.clone()
    };
    match services::answer(state, &first)? {
        Reply::Json(page) | Reply::Query(page) => Ok(page),
        Reply::Xml(_) | Reply::Empty | Reply::Http(_) => Ok(Value::Null),
    }
}
