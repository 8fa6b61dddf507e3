//! Untrusted text that chat programs show as it is.
//!
//! Slack reads `<…>` as a link or a mention of everybody, and `*`, `_`, `~` and backquotes as formatting
//! (<https://docs.slack.dev/messaging/formatting-message-text>); Teams reads Markdown and HTML
//! (<https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/format-your-bot-messages>). They do not share a
//! way to escape: what one takes for an escape, the other shows. So these characters become the full-width ones of
//! Unicode, which look much the same and mean nothing to either.

use crate::model::plain_text::without_links;

/// Full-width characters come in the order of ASCII's
/// (<https://www.unicode.org/charts/PDF/UFF00.pdf>).
const TO_FULL_WIDTH: u32 = 0xFEE0;

/// `free` as text that is neither a link, nor a mention, nor formatted.
pub(super) fn as_plain_text(free: &str) -> String {
    let line = without_links(free);
    let is_of_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut shown = String::with_capacity(line.len());
    let mut before = None;
    for (at, c) in line.char_indices() {
        let is_read = match c {
            '<' | '>' | '&' | '@' | '[' | ']' | '*' | '~' | '`' | '|' | '\\' => true,
            // `my_key` stays as it is: neither program formats a part of a word.
            '_' => !is_of_word(before) || !is_of_word(line[at + 1..].chars().next()),
            _ => false,
        };
        let full_width = char::from_u32(u32::from(c) + TO_FULL_WIDTH);
        shown.push(full_width.filter(|_| is_read).unwrap_or(c));
        before = Some(c);
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::as_plain_text;
    use crate::{arbitrary::free_text, model::plain_text::hostile};

    #[test]
    fn text_that_chat_programs_would_read_is_shown_instead() {
        for (free, shown) in [
            ("alias/my_key-1", "alias/my_key-1"),
            ("<!channel> hi", "＜!channel＞ hi"),
            ("<@U123|anna>", "＜＠U123｜anna＞"),
            ("@here", "＠here"),
            ("[x](javascript:alert(1))", "［x］(javascript:alert(1))"),
            (
                "![x](https://evil.example)",
                "!［x］(https［:］//evil.example)",
            ),
            ("*bold* _it_ ~no~ `code`", "＊bold＊ ＿it＿ ～no～ ｀code｀"),
            ("<at>Anna</at>", "＜at＞Anna＜/at＞"),
            ("&lt;!here&gt;", "＆lt;!here＆gt;"),
        ] {
            assert_eq!(as_plain_text(free), shown);
        }
    }

    #[test]
    fn every_hostile_text_stays_visible() {
        for text in hostile::texts() {
            let shown = as_plain_text(&text);
            assert!(hostile::is_plain(&shown), "{text:?}");
            assert!(
                !shown.contains(['<', '>', '&', '@', '[', ']', '`']),
                "{text:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_keeps_its_length_and_stays_as_it_is_the_second_time(free in free_text()) {
            let shown = as_plain_text(&free);
            prop_assert!(hostile::is_plain(&shown));
            prop_assert!(!shown.contains(['<', '>', '&', '@', '[', ']', '*', '~', '`', '|', '\\']));
            prop_assert_eq!(as_plain_text(&shown), shown);
        }
    }
}
