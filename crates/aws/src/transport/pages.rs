//! Listings, page by page.

use std::collections::HashSet;

use crate::transport::{
    answer::Unreadable,
    call_error::{CallError, CallSite},
};

/// One page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// What is on it, in the answer's order. A page may be empty and not be the last, and
    /// pages can repeat an item.
    pub(crate) items: Vec<T>,
    /// The token that asks for the next page; `None` on the last one.
    pub(crate) next: Option<String>,
}

impl<T> Page<T> {
    /// A page of an operation whose answers have a token where they are not the last. EC2
    /// and CloudTrail may give an empty one instead of none.
    ///
    /// # Errors
    /// The answer lacks its list.
    pub(crate) fn with_token(
        items: Option<Vec<T>>,
        token: Option<String>,
    ) -> Result<Self, Unreadable> {
        Ok(Self {
            items: items.ok_or(Unreadable("the answer lacks its list"))?,
            next: token.filter(|token| !token.is_empty()),
        })
    }

    /// A page of an operation whose answers say whether they are truncated, and give a
    /// marker if they are.
    ///
    /// # Errors
    /// The answer lacks its list, or marker and flag contradict each other.
    pub(crate) fn with_marker(
        items: Option<Vec<T>>,
        is_truncated: bool,
        marker: Option<String>,
    ) -> Result<Self, Unreadable> {
        let page = Self::with_token(items, marker)?;
        match is_truncated == page.next.is_some() {
            true => Ok(page),
            false => Err(Unreadable(
                "the answer contradicts itself on whether it is the last page",
            )),
        }
    }

    /// The same page with each item read by `read`.
    ///
    /// # Errors
    /// An item cannot be read: then it is not known what the listing lacks.
    pub(crate) fn read<U>(
        self,
        read: impl FnMut(T) -> Result<U, Unreadable>,
    ) -> Result<Page<U>, Unreadable> {
        Ok(Page {
            items: self.items.into_iter().map(read).collect::<Result<_, _>>()?,
            next: self.next,
        })
    }
}

/// How far a listing has come.
#[derive(Debug)]
pub(crate) struct Pages {
    operation: &'static str,
    site: CallSite,
    token: Option<String>,
    /// Every token that this listing has asked with.
    asked: HashSet<String>,
}

impl Pages {
    /// A listing by `operation` that begins.
    pub(crate) fn new(operation: &'static str, site: &CallSite) -> Self {
        Self {
            operation,
            site: site.clone(),
            token: None,
            asked: HashSet::new(),
        }
    }

    /// The token to ask for the next page with; `None` for the first one.
    pub(crate) fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Goes on to the page that `next` asks for; `false` where there is none.
    ///
    /// # Errors
    /// It was asked for before: the listing would never end.
    pub(crate) fn go_on(&mut self, next: Option<String>) -> Result<bool, CallError> {
        let Some(next) = next else {
            return Ok(false);
        };
        if !self.asked.insert(next.clone()) {
            let why = Unreadable("the listing repeats a token and does not end");
            return Err(CallError::unreadable(self.operation, &self.site, why).never_again());
        }
        self.token = Some(next);
        Ok(true)
    }
}

/// Asks for page after page, until the last, and gives the items of each to `take`.
///
/// # Errors
/// A page could not be had, or the listing does not end; what was listed until then has
/// been taken.
pub(crate) async fn each<T, F>(
    operation: &'static str,
    site: &CallSite,
    ask: impl Fn(Option<String>) -> F,
    mut take: impl FnMut(Vec<T>),
) -> Result<(), CallError>
where
    F: Future<Output = Result<Page<T>, CallError>>,
{
    let mut pages = Pages::new(operation, site);
    loop {
        let page = ask(pages.token()).await?;
        take(page.items);
        if !pages.go_on(page.next)? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use keycensus_core::model::region::Region;

    use super::{Page, each};
    use crate::transport::call_error::{CallError, CallSite, Failure};

    /// What is listed of pages of which each names the next, and how the listing ends.
    async fn listed(pages: &[(u8, Option<&str>)]) -> (Vec<u8>, Result<(), CallError>) {
        let site = CallSite {
            account: None,
            region: Region::parse("eu-west-1").unwrap(),
        };
        let (asked, mut items) = (Mutex::new(Vec::new()), Vec::new());
        let ask = |token: Option<String>| {
            let mut asked = asked.lock().unwrap();
            let (item, next) = pages[asked.len() % pages.len()];
            asked.push(token);
            let page = Page::with_token(Some(vec![item]), next.map(str::to_owned));
            async { Ok(page.unwrap()) }
        };
        let end = each("kms:ListKeys", &site, ask, |page| items.extend(page)).await;
        (items, end)
    }

    #[tokio::test]
    async fn a_listing_ends_with_its_last_page() {
        let (items, end) = listed(&[(1, Some("a")), (2, Some("b")), (3, None)]).await;
        assert_eq!(items, [1, 2, 3]);
        assert!(end.is_ok());
    }

    #[tokio::test]
    async fn a_listing_whose_tokens_go_round_fails_with_the_first_that_was_seen() {
        for (pages, expected) in [
            (vec![(1, Some("a"))], vec![1, 1]),
            (vec![(1, Some("a")), (2, Some("b"))], vec![1, 2, 1]),
            (
                vec![(1, Some("a")), (2, Some("b")), (3, Some("c"))],
                vec![1, 2, 3, 1],
            ),
        ] {
            let (items, end) = listed(&pages).await;
            assert_eq!(items, expected);
            let error = end.unwrap_err();
            assert_eq!(&*error.code, "UnreadableAnswer");
            assert_eq!(error.failure, Failure::Final);
        }
    }

    #[test]
    fn a_page_without_its_list_or_that_contradicts_itself_is_none() {
        let list = || Some(vec![1]);
        let marker = |text: &str| Some(text.to_owned());
        assert!(Page::<u8>::with_token(None, None).is_err());
        assert_eq!(Page::with_token(list(), marker("")).unwrap().next, None);
        for (is_truncated, marker, next) in [
            (false, None, Ok(None)),
            (false, marker(""), Ok(None)),
            (true, marker("a"), Ok(marker("a"))),
            (true, None, Err(())),
            (true, marker(""), Err(())),
            (false, marker("a"), Err(())),
        ] {
            let page = Page::with_marker(list(), is_truncated, marker);
            assert_eq!(page.map(|page| page.next).map_err(drop), next);
        }
    }
}
