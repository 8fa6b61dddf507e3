use base64::{Engine, prelude::BASE64_STANDARD};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::{KEYS_SHOWN, page, words::grouped};
use crate::{
    arbitrary::reading,
    examples::{
        access_key, account, first_report, kms_key, next_report, root_key, with_keys,
        with_text_everywhere,
    },
    model::{
        before_deletion::BeforeDeletion, dependents::Dependents, key_policy::Guard,
        plain_text::hostile, reading::KeyReading,
    },
};

const LONG_AGO: &str = "2026-06-11T02:00:07Z";
const YESTERDAY: &str = "2026-11-20T02:00:07Z";
/// The page's size stays below this, in bytes.
const LARGEST: usize = 3_000_000;

fn page_of(keys: Vec<KeyReading>) -> String {
    page(&first_report(with_keys(keys)))
}

fn rows(page: &str) -> usize {
    page.matches("<tr><th scope=\"row\">alias/").count()
        + page.matches("<tr><th scope=\"row\">&#34;").count()
}

fn created(mut key: KeyReading, at: &str) -> KeyReading {
    key.created_at = Some(at.parse().unwrap());
    key
}

/// What stands between a start and an end.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

#[test]
fn without_keys_every_section_is_empty_and_shows_it() {
    let page = page_of(vec![]);
    for sentence in [
        "No key unused for 90 days or more",
        "There is no key whose last use was read.",
        "No key is flagged.",
        "No flagged key costs anything.",
        "Nothing is flagged, and nothing is missing.",
        "Everything that was asked for was read.",
        "No key is pending deletion.",
        "No key policy was read.",
    ] {
        assert!(page.contains(sentence), "{sentence}");
    }
    assert!(!page.contains("id=\"root\""));
    assert!(page.ends_with("</html>"));
}

#[test]
fn a_flagged_key_has_a_row_with_its_link_and_one_in_use_has_none() {
    let payments = account(222_222_222_222, "payments");
    let page = page_of(vec![
        created(kms_key(&payments, 1, LONG_AGO), "2026-01-25T02:00:07Z"),
        kms_key(&payments, 2, YESTERDAY),
    ]);
    assert_eq!(rows(&page), 1);
    assert_eq!(
        between(&page, "<tr><th scope=\"row\">", "\n"),
        "alias/orders-000001<code><a href=\"https://eu-west-1.console.aws.amazon.com/\
         kms/home?region=eu-west-1#/kms/keys/key-000001\">key-000001</a></code>\
         <td>payments<p>222222222222<td>KMS key<p>eu-west-1<td>orders<td>163<td>300\
         <td>2026-06-11<p>Decrypt<td>stale<td>disable and watch<td>1.00"
    );
}

#[test]
fn an_access_key_is_shown_by_its_last_four_characters_only() {
    let payments = account(222_222_222_222, "payments");
    let page = page_of(vec![
        access_key(&payments, "ci", 1_234, LONG_AGO),
        root_key(&payments, 1, YESTERDAY),
    ]);
    assert!(page.contains(">…1234</a>"));
    assert!(page.contains("root_access_key_1"));
    assert!(!page.contains("AKIA"));
}

#[test]
fn what_else_is_to_be_known_of_a_key_stands_below_its_verdict() {
    let mut key = kms_key(&account(1, "a"), 1, LONG_AGO);
    key.state = Some("Disabled".to_owned());
    assert!(page_of(vec![key]).contains("<td>stale<p>already disabled<td>"));
}

/// A key with what was read of it before its deletion.
fn before_deletion(n: usize, state: &str, read: BeforeDeletion) -> KeyReading {
    let mut key = kms_key(&account(222_222_222_222, "payments"), n, LONG_AGO);
    key.state = Some(state.to_owned());
    key.before_deletion = Some(Box::new(read));
    key
}

fn three_volumes() -> Option<Dependents> {
    Some(Dependents {
        ebs_volumes: 3,
        ..Dependents::default()
    })
}

#[test]
fn what_depends_on_a_flagged_key_stands_below_its_recommendation() {
    let page = page_of(vec![before_deletion(
        1,
        "Enabled",
        BeforeDeletion {
            dependents: three_volumes(),
            ..BeforeDeletion::default()
        },
    )]);
    assert!(page.contains("<td>check dependents<p>3 EBS volumes<td>"));
    assert!(page.contains("looks for what depends on them: EBS volumes, EBS snapshots, grants."));
    assert!(page.contains("It does not look for objects in S3, "));
    assert!(!page.contains("not asked about"));
}

#[test]
fn keys_pending_deletion_are_shown_by_their_day_and_with_what_depends_on_them() {
    let leaving = |n, state, date: Option<&str>, dependents| {
        let read = BeforeDeletion {
            deletion_date: date.map(|date| date.parse().unwrap()),
            dependents,
            ..BeforeDeletion::default()
        };
        before_deletion(n, state, read)
    };
    let page = page_of(vec![
        leaving(1, "PendingReplicaDeletion", None, None),
        leaving(
            2,
            "PendingDeletion",
            Some("2026-12-01T02:00:07Z"),
            three_volumes(),
        ),
        leaving(
            3,
            "PendingDeletion",
            Some("2026-11-22T01:00:00Z"),
            Some(Dependents::default()),
        ),
    ]);
    let section = between(&page, "id=\"deletion\"", "</section>");
    let cells: Vec<&str> = section
        .split("<td class=\"")
        .skip(1)
        .filter(|cell| !cell.starts_with("ours"))
        .map(|cell| cell.split("</td>").next().unwrap())
        .map(|cell| cell.split_once('>').unwrap().1)
        .collect();
    assert_eq!(
        cells,
        [
            "alias/orders-000003 <code>key-000003</code>",
            "within a day, on 2026-11-22",
            "nothing found that depends on it",
            "refused uses were not looked for",
            "alias/orders-000002 <code>key-000002</code>",
            "in 10 days, on 2026-12-01",
            "still needed by 3 EBS volumes",
            "refused uses were not looked for",
            "alias/orders-000001 <code>key-000001</code>",
            "no date yet: its replica keys are deleted first",
            "what depends on it was not looked for",
            "refused uses were not looked for",
        ]
    );
    assert!(section.contains("1 key was not checked."));
}

#[test]
fn how_the_keys_of_an_account_are_guarded_is_a_bar_and_words() {
    let guarded = |n, guard: Option<&str>| {
        let read = BeforeDeletion {
            guard: guard.and_then(Guard::parse),
            ..BeforeDeletion::default()
        };
        before_deletion(n, "Enabled", read)
    };
    let page = page_of(vec![
        guarded(1, Some("365")),
        guarded(2, Some("0")),
        guarded(3, Some("0")),
        guarded(4, Some("partial:30")),
        guarded(5, None),
    ]);
    let section = between(&page, "id=\"deletion\"", "</section>");
    assert!(section.contains("<td>1 of 5 guarded, 1 in part, 1 not read</td>"));
    let bars: Vec<&str> = section
        .split("<rect class=\"")
        .filter(|bar| bar.contains("width="))
        .map(|bar| bar.split(" height").next().unwrap())
        .collect();
    assert_eq!(
        bars,
        [
            "guarded\" x=\"0.00%\" width=\"20.00%\"",
            "in-part\" x=\"20.00%\" width=\"20.00%\"",
            "unguarded\" x=\"40.00%\" width=\"40.00%\"",
            "not-read\" x=\"80.00%\" width=\"20.00%\"",
        ]
    );
}

#[test]
fn five_thousand_keys_with_long_names_stay_below_the_largest_size() {
    let payments = account(222_222_222_222, &"payments-".repeat(6));
    let keys = (0..KEYS_SHOWN + 7).map(|n| {
        let mut key = kms_key(&payments, n, LONG_AGO);
        key.key_id = format!("f49ba8f0-1b9d-4086-bac5-{n:012}");
        key.names = vec![format!(
            "alias/{}{n}",
            "customer-upload-material/".repeat(10)
        )];
        key.owner = Some("platform-security@example.com ".repeat(8));
        key
    });
    let page = page_of(keys.collect());
    assert_eq!(rows(&page), KEYS_SHOWN);
    assert!(page.len() < LARGEST, "{} bytes", page.len());
    assert!(page.contains("5,000 of 5,007 are shown here; the 7 others"));
}

#[test]
fn text_that_grows_when_it_is_escaped_costs_rows_and_not_size() {
    let payments = account(222_222_222_222, &"'".repeat(50));
    let keys = (0..KEYS_SHOWN).map(|n| {
        let mut key = kms_key(&payments, n, LONG_AGO);
        key.key_id = "<".repeat(300);
        key.names = vec!["\"".repeat(256)];
        key.owner = Some("&".repeat(256));
        key
    });
    let page = page_of(keys.collect());
    let shown = rows(&page);
    assert!(shown > 1_000 && shown < KEYS_SHOWN, "{shown} rows");
    assert!(page.len() < LARGEST, "{} bytes", page.len());
    let shown = grouped(shown as u64);
    assert!(page.contains(&format!("{shown} of 5,000 are shown here")));
}

#[test]
fn the_policy_allows_exactly_the_style_and_the_script_of_the_page() {
    let page = page_of(vec![]);
    let hash = |text: &str| format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)));
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            hash(between(&page, "<style>", "</style>")),
            hash(between(&page, "<script>", "</script>"))
        )
    );
}

#[test]
fn the_page_asks_nothing_of_any_network() {
    let page = page_of(vec![kms_key(&account(1, "a"), 1, LONG_AGO)]);
    for loads in [
        "src=", "@import", "url(", "<link", "<iframe", "fetch(", "style=",
    ] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn no_hostile_text_adds_a_mark_to_the_page() {
    /// How often the characters occur that tags and attributes begin and end with.
    fn marks(text: &str) -> [usize; 4] {
        let reading = with_text_everywhere(text);
        // Where a long word may break depends on the word.
        let page = page(&first_report(reading)).replace("<wbr>", "");
        ["<", ">", "\"", "'"].map(|mark| page.matches(mark).count())
    }
    let harmless = marks("payments");
    for text in hostile::texts() {
        assert_eq!(marks(&text), harmless, "{text:?}");
    }
}

#[test]
fn the_page_has_one_policy_and_no_event_handler() {
    for text in hostile::texts() {
        let reading = with_text_everywhere(&text);
        let page = page(&first_report(reading));
        assert_eq!(
            page.matches("http-equiv=\"Content-Security-Policy\"")
                .count(),
            1
        );
        let (markup, _) = page.split_once("<script>").unwrap();
        let tags = markup.split('<').filter_map(|rest| rest.split_once('>'));
        for (tag, _) in tags {
            let mut attributes = tag.split_ascii_whitespace().skip(1);
            assert!(!attributes.any(|name| name.starts_with("on")), "<{tag}>");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_text_becomes_markup_or_changes_its_direction(before in reading(6), tonight in reading(12)) {
        let before = first_report(before);
        let page = page(&next_report(tonight, &before));
        // The page's own markup; untrusted text is escaped.
        for (markup, own) in [("<script", 1), ("<img", 0), ("<!--", 0), ("\"javascript:", 0)] {
            prop_assert_eq!(page.matches(markup).count(), own);
        }
        for line in page.split('\n') {
            prop_assert!(hostile::is_plain(line), "{line:?}");
        }
    }

    #[test]
    fn the_order_of_answers_does_not_change_a_byte(reading in reading(12)) {
        let mut reversed = reading.clone();
        reversed.keys.reverse();
        prop_assert_eq!(
            page(&first_report(reading)),
            page(&first_report(reversed))
        );
    }
}
