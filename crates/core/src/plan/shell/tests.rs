use std::process::Command;

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{collection::vec, prelude::Strategy};

use super::{comment, quoted};

const HOSTILE: [&str; 22] = [
    "",
    " ",
    "'",
    "''",
    "'; rm -rf /; '",
    "\\'",
    "\\",
    "\"",
    "$(touch /tmp/owned)",
    "`touch /tmp/owned`",
    "$HOME ${HOME} $((1+1))",
    "*",
    "~",
    "a b\tc",
    "a\nb",
    "a\r\nb",
    "#1# aws kms disable-key",
    "-rf",
    "!!",
    "a;b&c|d>e<f(g)",
    "\u{2028}\u{202E}\u{0}",
    "Ä支払い\u{FFFD}",
];

/// What a real shell makes of `words`, each quoted.
fn read_by_sh(words: &[String]) -> Vec<String> {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let printed = Command::new("sh")
        .arg("-c")
        .arg(format!("printf '%s\\0' {} end", quoted.join(" ")))
        .env_clear()
        .output()
        .unwrap();
    assert!(printed.status.success(), "{printed:?}");
    let text = String::from_utf8(printed.stdout).unwrap();
    let mut read: Vec<String> = text.split_terminator('\0').map(str::to_owned).collect();
    assert_eq!(read.pop().as_deref(), Some("end"));
    read
}

fn without_nul(word: &str) -> String {
    word.replace('\0', "")
}

#[test]
fn hostile_words_come_out_of_a_shell_as_they_went_in() {
    let words = HOSTILE.map(without_nul);
    assert_eq!(read_by_sh(&words), words);
}

#[test]
fn a_comment_is_one_line_and_does_nothing() {
    for word in HOSTILE {
        let comment = comment(word);
        assert!(comment.starts_with("# "));
        assert!(!comment.contains(['\n', '\r', '\0']), "{comment:?}");
        let script = format!("{comment}\necho end\n");
        let run = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert_eq!(String::from_utf8(run.stdout).unwrap(), "end\n", "{word:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_word_comes_out_as_it_went_in(words in vec(any::<String>().prop_map(|word| without_nul(&word)), 1..40)) {
        assert_eq!(read_by_sh(&words), words);
        let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        assert_eq!(shlex::split(&line.join(" ")), Some(words));
    }
}
