use proptest::prelude::{any, proptest};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::code;
use crate::model::plain_text::one_line;

/// The code that a reader of Markdown sees, if it sees nothing else.
fn seen(markdown: &str) -> Option<String> {
    let events: Vec<Event<'_>> = Parser::new(markdown).collect();
    match events.as_slice() {
        [
            Event::Start(Tag::Paragraph),
            Event::Code(code),
            Event::End(TagEnd::Paragraph),
        ] => Some(code.to_string()),
        _ => None,
    }
}

#[test]
fn code_is_written_as_people_write_it() {
    for (free, markdown) in [
        ("alias/orders", "`alias/orders`"),
        ("<b>*[x](y)*</b>", "`<b>*[x](y)*</b>`"),
        ("a`b", "``a`b``"),
        ("a``b", "```a``b```"),
        ("`", "`` ` ``"),
        (" a", "`  a `"),
        ("a\nb", "`a\u{FFFD}b`"),
        ("", "(none)"),
        ("  ", "(none)"),
    ] {
        assert_eq!(code(free), markdown);
    }
}

proptest! {
    #[test]
    fn any_text_is_seen_as_it_is_and_does_nothing(free in any::<String>(), marks in "[`*_<>\\[\\]()!&#| \\\\-]{0,12}") {
        for free in [free, marks] {
            let line = one_line(&free);
            if !line.trim().is_empty() {
                assert_eq!(seen(&code(&free)), Some(line));
            }
        }
    }
}
