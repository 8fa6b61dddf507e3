//! The hostile corpus: names, tags and messages that an attacker would write. Everything that
//! contains untrusted text is tested with it.

use serde::Deserialize;

/// Characters that untrusted text must never add to a line for people.
const HIDDEN: &[std::ops::RangeInclusive<char>] = &[
    '\u{0000}'..='\u{001F}',
    '\u{007F}'..='\u{009F}',
    '\u{00AD}'..='\u{00AD}',
    '\u{061C}'..='\u{061C}',
    '\u{200B}'..='\u{200F}',
    '\u{2028}'..='\u{202E}',
    '\u{2060}'..='\u{2069}',
    '\u{FEFF}'..='\u{FEFF}',
    '\u{E0000}'..='\u{E007F}',
];

#[derive(Deserialize)]
struct Hostile {
    text: String,
}

/// Every text of the corpus.
pub(crate) fn texts() -> Vec<String> {
    let corpus: Vec<Hostile> = serde_json::from_str(include_str!("hostile.json")).unwrap();
    corpus.into_iter().map(|hostile| hostile.text).collect()
}

/// Whether `line` is one line on which everything can be seen where it is.
pub(crate) fn is_plain(line: &str) -> bool {
    !line.contains(|c| HIDDEN.iter().any(|hidden| hidden.contains(&c)))
}
