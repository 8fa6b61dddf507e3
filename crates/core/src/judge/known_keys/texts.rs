//! Many short texts in little memory.

use std::collections::HashMap;

/// Texts one after the other, so that each takes 8 bytes beside its own.
#[derive(Debug, Default)]
pub(super) struct Texts(String);

/// The range of a text in [`Texts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextRange {
    begin: u32,
    bytes: u32,
}

impl Texts {
    /// Keeps `text`; `None` when 4 GiB are full.
    pub(super) fn keep(&mut self, text: &str) -> Option<TextRange> {
        let range = TextRange {
            begin: u32::try_from(self.0.len()).ok()?,
            bytes: u32::try_from(text.len()).ok()?,
        };
        self.0.push_str(text);
        Some(range)
    }

    /// Keeps a `word` that occurs often, once.
    pub(super) fn keep_word(
        &mut self,
        word: &str,
        words: &mut HashMap<String, TextRange>,
    ) -> Option<TextRange> {
        if let Some(range) = words.get(word) {
            return Some(*range);
        }
        let range = self.keep(word)?;
        words.insert(word.to_owned(), range);
        Some(range)
    }

    /// The text of a range that [`Texts::keep`] returned.
    pub(super) fn at(&self, range: TextRange) -> &str {
        let begin = range.begin as usize;
        self.0
            .get(begin..begin + range.bytes as usize)
            .unwrap_or_default()
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }
}
