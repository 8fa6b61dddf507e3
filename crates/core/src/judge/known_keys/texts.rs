//! Many short texts in little memory.

use std::collections::HashMap;

/// Texts one after the other, so that each takes 8 bytes beside its own.
#[derive(Debug, Default)]
pub(super) struct Texts(String);

/// The place of a text among [`Texts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    begin: u32,
    bytes: u32,
}

impl Texts {
    /// Keeps `text`; nothing when there is no place left, at 4 GiB.
    pub(super) fn keep(&mut self, text: &str) -> Option<Place> {
        let place = Place {
            begin: u32::try_from(self.0.len()).ok()?,
            bytes: u32::try_from(text.len()).ok()?,
        };
        self.0.push_str(text);
        Some(place)
    }

    /// Keeps a `word` that occurs often, once.
    pub(super) fn keep_word(
        &mut self,
        word: &str,
        words: &mut HashMap<String, Place>,
    ) -> Option<Place> {
        if let Some(place) = words.get(word) {
            return Some(*place);
        }
        let place = self.keep(word)?;
        words.insert(word.to_owned(), place);
        Some(place)
    }

    /// The text at a place that these texts gave.
    pub(super) fn at(&self, place: Place) -> &str {
        let begin = place.begin as usize;
        self.0
            .get(begin..begin + place.bytes as usize)
            .unwrap_or_default()
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }
}
