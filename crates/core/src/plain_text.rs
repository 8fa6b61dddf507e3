//! Strangers' text inside text that people read: names, tags and messages that
//! somebody else chose must not be able to break a line, hide themselves or
//! turn the reading direction.

/// `free` on one line: every control character, line separator and invisible
/// formatting character becomes `U+FFFD`.
#[must_use]
pub fn one_line(free: &str) -> String {
    free.chars()
        .map(|c| if is_deceptive(c) { '\u{FFFD}' } else { c })
        .collect()
}

/// JSON in which every character that [`one_line`] replaces is escaped instead: to a
/// program it says the same, to a terminal nothing.
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

fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00AD}' // soft hyphen
            | '\u{061C}' // Arabic letter mark
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}' // zero width, left-to-right and right-to-left marks
            | '\u{2028}'..='\u{202E}' // line and paragraph separators, bidirectional overrides
            | '\u{2060}'..='\u{206F}' // invisible operators, bidirectional isolates
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}' // tags
        )
}

#[cfg(test)]
mod tests {
    use super::{escaped_json, one_line};

    #[test]
    fn text_stays_on_its_line_and_cannot_turn_around() {
        assert_eq!(one_line("payments"), "payments");
        assert_eq!(
            one_line("Zahlung für Köln 支払い"),
            "Zahlung für Köln 支払い"
        );
        assert_eq!(one_line("a\r\nb\u{2028}c"), "a\u{FFFD}\u{FFFD}b\u{FFFD}c");
        assert_eq!(one_line("\u{1b}[2J"), "\u{FFFD}[2J");
        assert_eq!(one_line("\u{202E}gpj.exe"), "\u{FFFD}gpj.exe");
    }

    #[test]
    fn json_says_the_same_to_a_program_when_it_is_escaped() {
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
