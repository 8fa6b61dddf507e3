//! Pages of a listing: the items of one, and the token of the next.

use std::ops::Range;

use serde_json::Value;

use crate::call::Call;

/// One page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Positions of the items on it.
    pub(crate) items: Range<usize>,
    /// The token of the next page; `None` on the last one.
    pub(crate) next: Option<String>,
}

/// The page of at most `size` items out of `total` that `token` asks for, the first one when there is no token.
/// `None` when the token is not one that a listing of `name` gave.
fn page(name: &str, total: usize, size: usize, token: Option<&str>) -> Option<Page> {
    let start = match token {
        None => 0,
        Some(token) => token
            .strip_prefix("sim-")?
            .strip_prefix(name)?
            .strip_prefix('-')?
            .parse()
            .ok()
            .filter(|start| *start <= total)?,
    };
    let end = total.min(start + size);
    Some(Page {
        items: start..end,
        next: (end < total).then(|| format!("sim-{name}-{end}")),
    })
}

/// The page that a call asks for with the parameter `token`; `None` when its value is none of this listing's tokens.
pub(crate) fn page_of(call: &Call<'_>, token: &str, total: usize, size: usize) -> Option<Page> {
    page(call.operation.word(), total, size, call.input.text(token))
}

/// Adds the token of the next page to an answer, if there is a next page.
pub(crate) fn add_next(body: &mut Value, name: &str, next: Option<String>) {
    if let Some(next) = next {
        body[name] = next.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn following_the_tokens_visits_every_item_once() {
        for (total, size) in [(0, 5), (4, 5), (5, 5), (6, 5), (23, 1)] {
            let mut seen = Vec::new();
            let mut token = None;
            loop {
                let page = page("ListKeys", total, size, token.as_deref()).unwrap();
                assert!(page.items.len() <= size);
                seen.extend(page.items);
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(seen, (0..total).collect::<Vec<_>>(), "{total} by {size}");
        }
    }

    #[test]
    fn a_token_of_another_listing_is_refused() {
        assert_eq!(page("ListKeys", 10, 5, Some("sim-ListAliases-5")), None);
        assert_eq!(page("ListKeys", 10, 5, Some("sim-ListKeys-11")), None);
        assert_eq!(page("ListKeys", 10, 5, Some("5")), None);
    }
}
