//! The page for people.

mod deletion;
mod event;
mod key;
mod uses;
mod verdict;

use super::Explanation;
use crate::model::plain_text::one_line;

/// The width of what values are called; longer labels move their value to the right.
const LABEL: usize = 13;

impl Explanation {
    /// The page, in lines that end with `\n`.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = Page::default();
        self.key(&mut page);
        self.verdict(&mut page);
        self.last_use(&mut page);
        if let Some(refused) = &self.refused {
            self.refused(&mut page, refused);
        }
        if self.is_kms_key() {
            self.before_deletion(&mut page);
        }
        let unseen = self.unseen();
        if !unseen.is_empty() {
            page.heading("WHAT COULD NOT BE SEEN");
            for line in unseen {
                page.line(&format!("- {line}"));
            }
        }
        page.text
    }
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line("");
        self.line(heading);
    }

    /// A value beside its label; both may be free text.
    fn row(&mut self, label: &str, value: &str) {
        let (label, value) = (one_line(label), one_line(value));
        self.line(&format!("{label:<LABEL$} {value}"));
    }
}
