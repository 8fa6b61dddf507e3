use super::read;
use crate::{
    examples::{access_key, account, first_report, kms_key, with_keys},
    judge::{
        known_keys::{KnownKey, KnownKeys},
        last_run::{LastRun, NoLastRun},
        verdict::Verdict,
    },
    model::{layout::ReportFile, reading::KeyKind},
};

const HEADER: &str = "scan_date,account_id,account_name,region,kind,key_id,name,owner,state,\
                      verdict,flagged,first_flagged_on,change,disabled_since,recommendation,arn";
const ROW: &str = "2026-11-20,111111111111,one,eu-west-1,kms_key,k1,alias/a;alias/b,ops,Enabled,\
                   stale,true,2026-09-01,same,,cancel_deletion,arn:aws:kms:eu-west-1:111111111111:key/k1";
const UNSEEN_HEADER: &str = "account_id,account_name,region,kind,key_id,name,owner,state,verdict,\
                             flagged,first_flagged_on,last_seen_on,disabled_since";

fn known(keys_csv: &str, unseen_csv: Option<&str>) -> KnownKeys {
    match read(Some(keys_csv.as_bytes()), unseen_csv.map(str::as_bytes)) {
        LastRun::Known(known) => known,
        LastRun::None(why) => panic!("{why}"),
    }
}

fn refused(keys_csv: Option<&[u8]>) -> NoLastRun {
    match read(keys_csv, None) {
        LastRun::Known(known) => panic!("{known:?}"),
        LastRun::None(why) => why,
    }
}

fn all(known: &KnownKeys) -> Vec<KnownKey> {
    known.accounts.iter().flatten().cloned().collect()
}

#[test]
fn a_known_key_has_the_cells_of_its_row() {
    let known = known(&format!("{HEADER}\n{ROW}\n"), None);
    assert_eq!(known.scan_date, Some("2026-11-20".parse().unwrap()));
    assert_eq!(
        all(&known),
        [KnownKey {
            account: account(111_111_111_111, "one"),
            region: "eu-west-1".to_owned(),
            kind: KeyKind::KmsKey,
            key_id: "k1".to_owned(),
            arn: "arn:aws:kms:eu-west-1:111111111111:key/k1".to_owned(),
            name: "alias/a;alias/b".to_owned(),
            owner: "ops".to_owned(),
            state: "Enabled".to_owned(),
            verdict: Verdict::Stale,
            is_flagged: true,
            first_flagged_on: Some("2026-09-01".parse().unwrap()),
            disabled_since: None,
            was_needed: true,
            last_seen_on: Some("2026-11-20".parse().unwrap()),
        }]
    );
}

#[test]
fn the_files_that_a_run_writes_are_read_by_the_next() {
    let one = account(1, "=one");
    let keys = vec![
        access_key(&one, "anna", 1, "2026-05-01T00:00:00Z"),
        kms_key(&one, 2, "2026-11-01T00:00:00Z"),
    ];
    let report = first_report(with_keys(keys));
    let [keys, unseen] = [ReportFile::KeysCsv, ReportFile::UnseenCsv].map(|file| report.file(file));
    let LastRun::Known(known) = read(Some(&keys), Some(&unseen)) else {
        panic!("{}", String::from_utf8_lossy(&keys));
    };
    let ids: Vec<String> = all(&known).into_iter().map(|key| key.key_id).collect();
    assert_eq!(ids, ["key-000002", "AKIA2222333344000001"]);
}

#[test]
fn columns_are_found_by_name_wherever_they_are() {
    let reordered = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells.reverse();
        cells.insert(3, "something_new");
        cells.join(",")
    };
    let known_keys = known(&format!("{HEADER}\n{ROW}\n"), None);
    let reordered = known(
        &format!("{}\n{}\n", reordered(HEADER), reordered(ROW)),
        None,
    );
    assert_eq!(all(&reordered), all(&known_keys));
}

#[test]
fn a_key_that_was_unseen_is_known_and_what_was_listed_counts_more() {
    let unseen = format!(
        "{UNSEEN_HEADER}\n\
         111111111111,one,eu-west-1,kms_key,k0,,,Enabled,never_used,true,2026-08-01,2026-11-01,\n\
         111111111111,one,eu-west-1,kms_key,k1,,,Disabled,in_use,false,,2026-11-01,\n"
    );
    let known = known(&format!("{HEADER}\n{ROW}\n"), Some(&unseen));
    let found: Vec<_> = all(&known)
        .into_iter()
        .map(|key| (key.key_id, key.state, key.last_seen_on.unwrap().to_string()))
        .collect();
    let row = |id: &str, state: &str, on: &str| (id.to_owned(), state.to_owned(), on.to_owned());
    assert_eq!(
        found,
        [
            row("k0", "Enabled", "2026-11-01"),
            row("k1", "Enabled", "2026-11-20"),
        ]
    );
}

#[test]
fn keys_are_found_whatever_the_order_of_rows() {
    let row = |id: &str| ROW.replace(",k1,", &format!(",{id},"));
    let known = known(
        &format!("{HEADER}\n{}\n{}\n{}\n", row("c"), row("a"), row("b")),
        None,
    );
    let ids: Vec<String> = all(&known).into_iter().map(|key| key.key_id).collect();
    assert_eq!(ids, ["a", "b", "c"]);
}

#[test]
fn keys_of_both_files_come_account_by_account() {
    let row = |account: u64, id: &str| {
        let row = ROW.replace(",k1,", &format!(",{id},"));
        row.replace("111111111111", &format!("{account:012}"))
    };
    let unseen = |account: u64, id: &str| {
        format!(
            "{account:012},one,eu-west-1,kms_key,{id},,,Enabled,stale,true,2026-08-01,2026-11-01,"
        )
    };
    let keys = [row(2, "b"), row(2, "d"), row(4, "a")].join("\n");
    let unseen = [
        unseen(1, "x"),
        unseen(2, "c"),
        unseen(2, "d"),
        unseen(5, "y"),
        unseen(6, "z"),
    ];
    let unseen = format!("{UNSEEN_HEADER}\n{}\n", unseen.join("\n"));
    let known = known(&format!("{HEADER}\n{keys}\n"), Some(&unseen));
    let ids: Vec<String> = known
        .accounts
        .iter()
        .map(|keys| keys.iter().map(|key| &*key.key_id).collect())
        .collect();
    assert_eq!(ids, ["x", "bcd", "a", "y", "z"]);
}

#[test]
fn a_report_that_is_not_sorted_by_account_is_not_read() {
    let other = ROW.replace("111111111111", "000000000001");
    let file = format!("{HEADER}\n{ROW}\n{other}\n");
    assert_eq!(refused(Some(file.as_bytes())), NoLastRun::Unreadable);
}

#[test]
fn without_a_last_report_that_can_be_compared_this_is_the_first_census_and_why() {
    let older = HEADER.replace(",disabled_since", "");
    let cut = format!("{HEADER}\n{ROW}\n2026-11-20,11111");
    let odd = format!("{HEADER}\n{}\n", ROW.replace("stale", "bored"));
    let neither = format!("{HEADER}\n{}\n", ROW.replace(",true,", ",yes,"));
    for (file, why) in [
        (None, NoLastRun::Missing),
        (Some(&b""[..]), NoLastRun::Unreadable),
        (Some(b"hello"), NoLastRun::Unreadable),
        (Some(b"\xff\xfe\n\x00"), NoLastRun::Unreadable),
        (Some(older.as_bytes()), NoLastRun::OlderColumns),
        (Some(cut.as_bytes()), NoLastRun::Unreadable),
        (Some(odd.as_bytes()), NoLastRun::Unreadable),
        (Some(neither.as_bytes()), NoLastRun::Unreadable),
    ] {
        assert_eq!(
            refused(file),
            why,
            "{:?}",
            file.map(String::from_utf8_lossy)
        );
    }
}

#[test]
fn a_report_that_a_spreadsheet_saved_has_the_same_keys() {
    let written = format!("{HEADER}\n{ROW}\n");
    let saved = written.replace('\n', "\r\n").replace(",true,", ",TRUE,");
    let saved = known(&format!("\u{feff}{saved}"), None);
    assert_eq!(all(&saved), all(&known(&written, None)));
}

#[test]
fn a_report_without_a_key_can_be_compared_with_though_it_has_no_date() {
    let known = known(&format!("{HEADER}\n"), None);
    assert!(known.accounts.is_empty());
    assert_eq!(known.scan_date, None);
}

#[test]
fn a_damaged_unseen_file_counts_as_empty() {
    let keys = format!("{HEADER}\n{ROW}\n");
    let cut = format!(
        "{UNSEEN_HEADER}\n\
         111111111111,one,eu-west-1,kms_key,k0,,,Enabled,never_used,true,2026-08-01,2026-11-01,\n\
         1111"
    );
    for unseen in ["", "hello", &cut] {
        assert_eq!(all(&known(&keys, Some(unseen))), all(&known(&keys, None)));
    }
}

#[test]
fn since_when_a_key_is_disabled_is_read() {
    let since = |cell: &str| {
        let row = ROW
            .replace(",Enabled,", ",Disabled,")
            .replace(",same,,", &format!(",same,{cell},"));
        let known = known(&format!("{HEADER}\n{row}\n"), None);
        let since = all(&known)[0].disabled_since;
        since.map(|on| on.to_string())
    };
    assert_eq!(since("2026-10-02").as_deref(), Some("2026-10-02"));
    assert_eq!(since(""), None);
}
