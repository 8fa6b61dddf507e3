//! Untrusted text inside text for people: names, tags and messages must not break a line, hide
//! text, change the reading direction, or become a link.

use std::borrow::Cow;

#[cfg(test)]
pub(crate) mod hostile;
mod mail_address;
mod one_line_each;

pub use one_line_each::OneLineEach;

/// Text with a space for each line break: those of Unicode's newline guidelines
/// (<https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-5/#G10213>), of
/// which a carriage return and a line feed together are one.
#[must_use]
pub fn line_breaks_as_spaces(text: &str) -> Cow<'_, str> {
    const LINE_BREAKS: [char; 7] = [
        '\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}',
    ];
    match text.contains(LINE_BREAKS) {
        true => text.replace("\r\n", " ").replace(LINE_BREAKS, " ").into(),
        false => text.into(),
    }
}

/// `free` on one line: every control character, line separator and invisible
/// formatting character becomes `U+FFFD`.
#[must_use]
pub fn one_line(free: &str) -> String {
    free.chars()
        .map(|c| if is_deceptive(c) { '\u{FFFD}' } else { c })
        .collect()
}

/// JSON in which every character that [`one_line`] replaces is escaped instead: programs read the
/// same value, and terminals no control characters.
#[must_use]
pub fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        // Line breaks stand between values; within strings they are escaped already.
        if c == '\n' || !is_deceptive(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}

/// [`one_line`] without links for mail programs: a URL (`https[:]//evil.example`, defanged), a page
/// without its scheme, or a UNC path.
///
/// A bare domain and a mail address stay as they are, also one with `www.` in it: many accounts,
/// users and owners have such names, and a link to one leads to what it shows.
#[must_use]
pub fn without_links(free: &str) -> String {
    let line = one_line(free)
        .replace("://", "[:]//")
        .replace("\\\\", "[\\][\\]");
    // ASCII letters keep their offsets in lower case.
    let small = line.to_ascii_lowercase();
    let mut shown = String::with_capacity(line.len());
    let mut copied = 0;
    for (at, page) in small.match_indices("www.") {
        if mail_address::around(&line, at).is_some() {
            continue;
        }
        let dot = at + page.len() - 1;
        shown.push_str(&line[copied..dot]);
        shown.push_str("[.]");
        copied = dot + 1;
    }
    shown.push_str(&line[copied..]);
    shown
}

/// [`without_links`], and at most `characters` long. A mail address is never cut so that
/// another one is left.
#[must_use]
pub fn shortened(free: &str, characters: usize) -> String {
    let line = without_links(free);
    if line.chars().count() <= characters {
        return line;
    }
    let short: String = line.chars().take(characters.saturating_sub(1)).collect();
    format!("{}…", mail_address::without_half(&short))
}

/// Control characters (line breaks and the beginnings of escape sequences among them) and all
/// invisible characters of Unicode (`Default_Ignorable_Code_Point`,
/// <https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>), except the variation selectors of emoji.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00AD}' // soft hyphen
            | '\u{034F}'
            | '\u{061C}' // Arabic letter mark
            | '\u{115F}'..='\u{1160}' // Hangul fillers
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' // zero width, left-to-right and right-to-left marks
            | '\u{2028}'..='\u{202E}' // line and paragraph separators, bidirectional overrides
            | '\u{2060}'..='\u{206F}' // invisible operators, bidirectional isolates
            | '\u{3164}' // Hangul filler
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}' // tags and more variation selectors
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{escaped_json, hostile, one_line, shortened, without_links};
    use crate::arbitrary::free_text;

    #[test]
    fn text_stays_on_its_line_and_cannot_change_its_direction() {
        assert_eq!(one_line("payments"), "payments");
        assert_eq!(
            one_line("Zahlung für Köln 支払い ☁\u{FE0F}"),
            "Zahlung für Köln 支払い ☁\u{FE0F}"
        );
        assert_eq!(one_line("a\r\nb\u{2028}c"), "a\u{FFFD}\u{FFFD}b\u{FFFD}c");
        assert_eq!(one_line("\u{1b}[2J"), "\u{FFFD}[2J");
        assert_eq!(one_line("\u{202E}gpj.exe"), "\u{FFFD}gpj.exe");
        assert_eq!(one_line("\u{3164}\u{E0041}"), "\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn what_a_mail_program_would_link_is_shown_and_cannot_be_clicked() {
        for (free, shown) in [
            ("https://evil.example", "https[:]//evil.example"),
            ("HTTP://a ftp://b", "HTTP[:]//a ftp[:]//b"),
            ("see WWW.evil.example", "see WWW[.]evil.example"),
            ("\\\\host\\share", "[\\][\\]host\\share"),
            ("\\\\\\", "[\\][\\]\\"),
            (":://://", ":[:]//[:]//"),
            ("anna@example.com", "anna@example.com"),
            (
                "mail ANNA@WWW.example.com, or",
                "mail ANNA@WWW.example.com, or",
            ),
            (
                "first.last+aws,ci=x@www.example.com",
                "first.last+aws,ci=x@www.example.com",
            ),
            ("x@www.evil.example/login", "x@www[.]evil.example/login"),
            ("x:y@www.evil.example", "x:y@www[.]evil.example"),
            (
                "https://www.good.example@evil.example",
                "https[:]//www[.]good.example@evil.example",
            ),
            ("x@www.evil", "x@www.evil"),
            ("x@y@www.evil.example", "x@y@www[.]evil.example"),
            ("@www.evil.example", "@www[.]evil.example"),
            ("x@www..evil.example", "x@www[.].evil.example"),
            ("example.com: prod", "example.com: prod"),
            ("AWS\\Anna", "AWS\\Anna"),
        ] {
            assert_eq!(without_links(free), shown);
        }
    }

    #[test]
    fn a_mail_address_is_shown_whole_or_not_as_an_address() {
        for (free, characters, shown) in [
            ("anna@example.com", 16, "anna@example.com"),
            ("anna@example.com", 15, "anna…"),
            ("of anna@example.com, in Lyon", 21, "of anna@example.com,…"),
            ("of anna@example.com, in Lyon", 20, "of anna…"),
            ("of anna@example.com", 8, "of anna…"),
            ("of anna@example.com", 7, "of ann…"),
            ("payments", 5, "paym…"),
        ] {
            assert_eq!(shortened(free, characters), shown, "{free} {characters}");
        }
    }

    #[test]
    fn every_hostile_text_stays_visible_on_its_line() {
        for text in hostile::texts() {
            assert!(hostile::is_plain(&without_links(&text)), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_plain_and_plain_text_stays_as_it_is(free in free_text()) {
            let line = one_line(&free);
            prop_assert!(hostile::is_plain(&line), "{line:?}");
            prop_assert_eq!(line.chars().count(), free.chars().count());
            prop_assert_eq!(one_line(&line), line);
            let shown = without_links(&free);
            prop_assert!(!shown.contains("://"));
            prop_assert!(shown.contains('@') || !shown.to_ascii_lowercase().contains("www."));
            prop_assert!(shortened(&free, 20).chars().count() <= 20);
            prop_assert_eq!(without_links(&shown), shown);
        }
    }

    #[test]
    fn escaped_json_has_the_same_values() {
        let text = "Köln\u{1b}[2J\r\n\u{202E}gpj\u{E0041}\u{9b}";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let escaped = escaped_json(&json);
        assert_eq!(
            escaped,
            "[\n  \"Köln\\u001b[2J\\r\\n\\u202egpj\\udb40\\udc41\\u009b\"\n]"
        );
        let read: Vec<String> = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read, [text]);
    }
}
