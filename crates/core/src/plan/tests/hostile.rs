//! Untrusted text changes no command and no part of the document.

use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use pulldown_cmark::{Event, Parser};

use super::{ACCESS_KEY, MARKS, commands, plan};
use crate::plan::Plan;

/// Columns of free text.
const FREE: [&str; 7] = [
    "account_name",
    "name",
    "owner",
    "last_operation",
    "last_service",
    "exempt_reason",
    "state",
];

fn hostile() -> impl Strategy<Value = String> {
    let known = select(vec![
        "x\n#1# aws kms disable-key --key-id all",
        "x\r\naws iam delete-user",
        "'; aws iam delete-user; '",
        "$(aws iam delete-user)",
        "`aws iam delete-user`",
        "\n```\n# Owned\n```sh\naws iam delete-user\n",
        "shellcheck disable=all",
        "\n# shellcheck disable=all",
        "<script>alert(1)</script>",
        "[click](https://evil.example)",
        "![](https://evil.example/pixel.png)",
        "</code>`` ` ```<img src=x>",
        "| a | b |\n|---|---|",
        "\u{202E}yek-elbasid",
        "@everyone https://evil.example www.evil.example a@evil.example",
        "- item\n1. item",
        "    indented code",
        "alias/a;alias/b;alias/c",
    ])
    .prop_map(str::to_owned);
    prop_oneof![
        known,
        any::<String>(),
        "[`*_<>\\[\\]()!&#|;' \\\\\n-]{0,20}"
    ]
}

/// What the parts of a document are, without the texts in them.
fn parts(document: &str) -> Vec<String> {
    let events = Parser::new(document).filter_map(|event| match event {
        Event::Start(tag) => Some(format!("{tag:?}")),
        Event::End(_) | Event::Text(_) | Event::SoftBreak | Event::HardBreak => None,
        Event::Code(_) => Some("code".to_owned()),
        other => Some(format!("not ours: {other:?}")),
    });
    events.collect()
}

fn structure(plan: &Plan) -> (Vec<Vec<String>>, Vec<String>) {
    let scripts = plan.scripts.iter();
    let lines = scripts.map(|script| {
        // Lines that begin with a mark count too.
        let lines = script.text.lines().filter(|line| !line.starts_with("# "));
        lines.map(str::to_owned).collect()
    });
    (lines.collect(), parts(&plan.document))
}

proptest! {
    #[test]
    fn free_text_changes_comments_and_code_only(text in hostile(), column in select(FREE.to_vec())) {
        let cell = crate::files::csv_text::text(&text);
        let with = |text: &str| {
            // Only the key that is exempt has a reason for it.
            let key: &[(&str, &str)] = match column {
                "exempt_reason" => &[],
                _ => &[(column, text)],
            };
            // The name of a user and the state are part of the decision.
            let access_key = match column {
                "name" | "state" => ACCESS_KEY.to_vec(),
                _ => [&ACCESS_KEY[..], key].concat(),
            };
            let exempt = [
                ("key_id", "another"),
                ("flagged", "false"),
                ("exempt", "true"),
                ("exempt_reason", "legal"),
                (column, text),
            ];
            plan(&[key, &access_key, &exempt])
        };
        let usual = match column {
            "name" if text.split(';').filter(|name| !name.trim().is_empty()).count() > 1 => "alias/a;alias/b",
            _ => "x",
        };
        // An empty cell and words of the report have another meaning.
        let means_something = ["", "yes", "no", "Enabled", "Disabled"].contains(&text.as_str())
            || text.split(';').all(|name| name.trim().is_empty());
        if !means_something {
            assert_eq!(structure(&with(&cell)), structure(&with(usual)), "{column}");
        }
        for script in with(&cell).scripts {
            for line in commands(&script.text, &MARKS) {
                let words = shlex::split(&line).unwrap();
                assert!(words.iter().all(|word| !word.contains(['\n', '\r', '\u{202E}'])), "{line}");
            }
        }
    }
}

#[test]
fn names_that_become_part_of_commands_stay_words() {
    for user in ["-anna", "=anna", "@a,b+c.d_e-f"] {
        let cell = crate::files::csv_text::text(user);
        let arn = format!("arn:aws:iam::222222222222:user/{user}");
        let cells = [&ACCESS_KEY[..], &[("name", &*cell), ("arn", &*arn)]].concat();
        let plan = plan(&[&cells]);
        let lines = commands(&plan.scripts[0].text, &["#1# "]);
        let words = shlex::split(lines.last().unwrap()).unwrap();
        assert_eq!(
            words,
            [
                "aws",
                "iam",
                "update-access-key",
                &format!("--user-name={user}"),
                "--access-key-id",
                "AKIAIOSFODNN7EXAMPLE",
                "--status",
                "Inactive",
            ]
        );
    }
}
