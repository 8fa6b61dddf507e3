//! Passwords of users and of the root user.

use super::{
    super::{Password, PasswordUse, RootGap, UserPassword},
    parse,
};

const HEADER: &str =
    "user,arn,password_enabled,password_last_used,password_last_changed,mfa_active";

fn with_root(cells: &str) -> String {
    format!("{HEADER}\n<root_account>,arn:aws:iam::222222222222:root,{cells},false\n")
}

fn with_user(cells: &str) -> String {
    let root = with_root("not_supported,no_information,not_supported");
    format!("{root}anna,arn:aws:iam::222222222222:user/anna,{cells},false\n")
}

fn password(last_used: PasswordUse, changed_at: Option<&str>) -> Password {
    Password {
        changed_at: changed_at.map(|at| at.parse().unwrap()),
        last_used,
    }
}

const CHANGED: &str = "2020-01-02T03:04:05+00:00";
const USED: &str = "2026-11-01T10:15:00+00:00";

fn used() -> PasswordUse {
    PasswordUse::At(USED.parse().unwrap())
}

#[test]
fn a_user_has_a_password_where_the_report_says_that_it_is_enabled() {
    let some = |last_used, changed_at| UserPassword::Some(password(last_used, changed_at));
    for (cells, expected) in [
        (
            format!("true,{USED},{CHANGED}"),
            some(used(), Some(CHANGED)),
        ),
        (
            format!("TRUE,{USED},{CHANGED}"),
            some(used(), Some(CHANGED)),
        ),
        (
            format!("true,no_information,{CHANGED}"),
            some(PasswordUse::NoneRecorded, Some(CHANGED)),
        ),
        // What is not known is not "never".
        (
            format!("true,N/A,{CHANGED}"),
            some(PasswordUse::Unknown, Some(CHANGED)),
        ),
        (
            format!("true,not_supported,{CHANGED}"),
            some(PasswordUse::Unknown, Some(CHANGED)),
        ),
        (
            format!("true,,{CHANGED}"),
            some(PasswordUse::Unknown, Some(CHANGED)),
        ),
        (format!("true,{USED},N/A"), some(used(), None)),
        ("false,N/A,N/A".to_owned(), UserPassword::None),
        // A last use survives the password.
        (format!("false,{USED},N/A"), UserPassword::None),
        (format!("not_supported,{USED},N/A"), UserPassword::Unknown),
        (format!("N/A,{USED},N/A"), UserPassword::Unknown),
        (format!("yes,{USED},N/A"), UserPassword::Unknown),
    ] {
        let report = parse(&with_user(&cells));
        assert_eq!(*report.password_of("anna"), expected, "{cells}");
    }
    let report = parse(&with_user("false,N/A,N/A"));
    assert_eq!(*report.password_of("nobody"), UserPassword::Unknown);
}

#[test]
fn a_missing_column_leaves_passwords_unknown() {
    let report = with_user(&format!("true,{USED},{CHANGED}"));
    let without = |column: &str| parse(&report.replace(column, "something_else"));
    let enabled = without("password_enabled");
    assert_eq!(*enabled.password_of("anna"), UserPassword::Unknown);
    assert_eq!(
        enabled.root_password,
        Err(RootGap::NoColumn("password_enabled"))
    );
    let expected = UserPassword::Some(password(PasswordUse::Unknown, Some(CHANGED)));
    assert_eq!(*without("password_last_used").password_of("anna"), expected);
    let expected = UserPassword::Some(password(used(), None));
    assert_eq!(
        *without("password_last_changed").password_of("anna"),
        expected
    );
}

#[test]
fn two_records_of_one_name_that_differ_leave_its_password_unknown() {
    let report = with_user(&format!("true,{USED},{CHANGED}"));
    let more = |cells: &str| {
        parse(&format!(
            "{report}anna,arn:aws:iam::222222222222:user/anna,{cells},false\n"
        ))
    };
    let same = more(&format!("true,{USED},{CHANGED}"));
    assert!(matches!(same.password_of("anna"), UserPassword::Some(_)));
    let other = more("false,N/A,N/A");
    assert_eq!(*other.password_of("anna"), UserPassword::Unknown);
}

#[test]
fn the_root_user_has_a_password_where_the_report_says_so_or_records_its_use() {
    for (cells, expected) in [
        (
            format!("true,{USED},not_supported"),
            Ok(Some(password(used(), None))),
        ),
        (
            "TRUE,no_information,not_supported".to_owned(),
            Ok(Some(password(PasswordUse::NoneRecorded, None))),
        ),
        ("false,N/A,not_supported".to_owned(), Ok(None)),
        ("FALSE,no_information,N/A".to_owned(), Ok(None)),
        // As older reports have it.
        (
            format!("not_supported,{USED},not_supported"),
            Ok(Some(password(used(), None))),
        ),
        (
            "not_supported,no_information,not_supported".to_owned(),
            Ok(None),
        ),
        (
            format!("yes,{USED},not_supported"),
            Err(RootGap::UnclearPassword("password_enabled")),
        ),
    ] {
        let report = parse(&with_root(&cells));
        assert_eq!(report.root_password, expected, "{cells}");
    }
    let without_root = parse(&format!("{HEADER}\n"));
    assert_eq!(without_root.root_password, Err(RootGap::NoRow));
}
