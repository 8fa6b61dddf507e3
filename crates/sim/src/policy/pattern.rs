//! Texts of a policy with wildcards and variables.
//!
//! `*` stands for any characters and `?` for one, across the parts of an ARN as well; `${aws:PrincipalOrgID}` stands for
//! its value in the request, and `${*}`, `${?}` and `${$}` for the character itself
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).

use super::{error::PolicyError, request::Context};

/// A text with wildcards and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// `?`
    One,
    /// `*`
    Any,
    /// A condition key in lower case.
    Variable(String),
}

/// What a pattern's `*` and `?` mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    /// Any characters, and one.
    Active,
    /// Themselves.
    Literal,
}

impl Pattern {
    /// Reads a text of the policy element `at`.
    pub(super) fn parse(text: &str, wildcards: Wildcards, at: &str) -> Result<Self, PolicyError> {
        let mut pattern = Self(Vec::new());
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some(begun) = rest.strip_prefix("${") {
                let (name, after) = begun.split_once('}').ok_or_else(|| {
                    PolicyError::malformed(at, format!("a variable in {text:?} has no end"))
                })?;
                pattern.push_variable(name, at)?;
                rest = after;
                continue;
            }
            match next {
                '*' if wildcards == Wildcards::Active => pattern.0.push(Piece::Any),
                '?' if wildcards == Wildcards::Active => pattern.0.push(Piece::One),
                other => pattern.push_literal(other),
            }
            rest = &rest[next.len_utf8()..];
        }
        Ok(pattern)
    }

    fn push_literal(&mut self, character: char) {
        match self.0.last_mut() {
            Some(Piece::Literal(literal)) => literal.push(character),
            _ => self.0.push(Piece::Literal(character.to_string())),
        }
    }

    fn push_variable(&mut self, name: &str, at: &str) -> Result<(), PolicyError> {
        match name {
            "*" | "?" | "$" => self.push_literal(name.chars().next().unwrap_or_default()),
            _ if name.contains(',') => {
                let what = format!("the default value of ${{{name}}}");
                return Err(PolicyError::unsupported(at, what));
            }
            _ => self.0.push(Piece::Variable(name.to_ascii_lowercase())),
        }
        Ok(())
    }

    /// The condition keys that it has variables for, in lower case.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(key) => Some(key.as_str()),
            _ => None,
        })
    }

    /// Whether it matches the whole of `text`. A variable that the request does not have matches nothing.
    pub(super) fn matches(&self, text: &str, context: &Context<'_>) -> bool {
        let mut tokens = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            tokens.push(match piece {
                Piece::Literal(literal) => Token::Literal(literal),
                Piece::One => Token::One,
                Piece::Any => Token::Any,
                Piece::Variable(key) => match context.get(key) {
                    Some(value) => Token::Literal(value),
                    None => return false,
                },
            });
        }
        is_match(&tokens, text)
    }
}

#[derive(Debug, Clone, Copy)]
enum Token<'a> {
    Literal(&'a str),
    One,
    Any,
}

/// Scans the text once and backtracks to the last `*` only: the parts before it match as early as they can.
fn is_match(tokens: &[Token<'_>], text: &str) -> bool {
    let (mut token, mut rest) = (0, text);
    let mut last_any: Option<(usize, &str)> = None;
    loop {
        let step = match tokens.get(token) {
            Some(Token::Any) => {
                last_any = Some((token + 1, rest));
                Some(rest)
            }
            Some(Token::Literal(literal)) => rest.strip_prefix(literal),
            Some(Token::One) => after_one(rest),
            None if rest.is_empty() => return true,
            None => None,
        };
        match (step, last_any) {
            (Some(after), _) => {
                token += 1;
                rest = after;
            }
            (None, Some((after_any, from))) => {
                let Some(from) = after_one(from) else {
                    return false;
                };
                last_any = Some((after_any, from));
                (token, rest) = (after_any, from);
            }
            (None, None) => return false,
        }
    }
}

fn after_one(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next().map(|_| characters.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let context = Context::default().with("aws:PrincipalOrgID", "o-*");
        let pattern = Pattern::parse(pattern, Wildcards::Active, "here").unwrap();
        pattern.matches(text, &context)
    }

    #[test]
    fn wildcards_stand_for_any_characters_and_for_one() {
        for (pattern, text, is_match) in [
            ("kms:list*", "kms:listkeys", true),
            ("kms:list*", "kms:list", true),
            ("kms:list?", "kms:list", false),
            ("*", "", true),
            ("?", "", false),
            ("?", "ü", true),
            (
                "arn:aws:kms:*:111:key/*",
                "arn:aws:kms:eu-west-1:111:key/a",
                true,
            ),
            (
                "arn:aws:kms:*:111:key/*",
                "arn:aws:kms:eu-west-1:222:key/a",
                false,
            ),
            // A star goes beyond a colon, as AWS's does.
            (
                "arn:aws:kms:*:key/*",
                "arn:aws:kms:eu-west-1:111:key/a",
                true,
            ),
            ("arn:aws:s3:::b/x/*", "arn:aws:s3:::b/x/", true),
            ("arn:aws:s3:::b/x/*", "arn:aws:s3:::b/xy", false),
            ("*a*b", "aab", true),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "aab", false),
            ("a", "A", false),
            ("${*}", "*", true),
            ("${*}", "a", false),
            ("${$}{a}", "${a}", true),
            ("ou/${aws:PrincipalOrgID}/ou-*", "ou/o-*/ou-1", true),
            // What a variable stands for is no pattern.
            ("ou/${aws:PrincipalOrgID}/ou-*", "ou/o-1/ou-1", false),
            ("${aws:PrincipalTag/team}", "", false),
        ] {
            assert_eq!(matches(pattern, text), is_match, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_variable_that_is_not_understood_is_an_error() {
        for text in ["${aws:username", "${aws:username, 'nobody'}"] {
            assert!(
                Pattern::parse(text, Wildcards::Active, "here").is_err(),
                "{text}"
            );
        }
    }

    /// The definition, without regard to run time.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), None) => by_definition(rest, text),
            (Some(('*', rest)), Some((_, after))) => {
                by_definition(rest, text) || by_definition(pattern, after)
            }
            (Some(('?', rest)), Some((_, after))) => by_definition(rest, after),
            (Some((a, rest)), Some((b, after))) => a == b && by_definition(rest, after),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn any_pattern_matches_what_it_matches_by_definition(pattern in "[ab:*?]{0,8}", text in "[ab:ü]{0,10}") {
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&pattern, &text), by_definition(&characters(&pattern), &characters(&text)));
        }

        #[test]
        fn a_text_without_wildcards_matches_itself_only(text in "[^*?$]{0,12}", other in "[^*?$]{0,12}") {
            prop_assert!(matches(&text, &text));
            prop_assert_eq!(matches(&text, &other), text == other);
        }

        #[test]
        fn a_star_in_place_of_any_part_still_matches(text in "\\PC{1,12}", from in 0usize..12, to in 0usize..12) {
            prop_assume!(!text.contains(['*', '?', '$']));
            let characters: Vec<char> = text.chars().collect();
            let (from, to) = (from.min(to).min(characters.len()), from.max(to).min(characters.len()));
            let pattern: String = characters[..from].iter().chain(&['*']).chain(&characters[to..]).collect();
            prop_assert!(matches(&pattern, &text));
        }
    }
}
