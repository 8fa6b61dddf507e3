//! The section with the locations of the report.

use super::{page::Page, wording::not_all_read};
use crate::judge::report::Report;

pub(super) fn report_locations(page: &mut Page, report: &Report) {
    let summary = &report.summary;
    let files = &summary.report;
    page.heading("THE WHOLE REPORT");
    let partition = report.findings.partition();
    for location in [
        &files.report_html,
        &files.keys_csv,
        &files.changes_csv,
        &files.coverage_csv,
    ] {
        if location.is_empty() {
            continue;
        }
        page.line(location);
        if let Some(link) = partition.and_then(|partition| console_link(location, partition)) {
            page.line(&link);
        }
    }
    page.line("");
    page.line(&format!(
        "Census of {}, run {}. No key was changed.",
        summary.scanned_at, summary.run_id
    ));
    if let Some(sentence) = not_all_read(summary) {
        page.line(sentence);
    }
    page.line(
        "Unused is not unneeded: disable or deactivate a key and watch before you delete it.",
    );
}

/// The console's page of the report's HTML page; `None` where there is none.
pub(crate) fn console_page(report: &Report) -> Option<String> {
    let partition = report.findings.partition()?;
    console_link(&report.summary.report.report_html, partition)
}

/// The console's page of an object, `s3://bucket/key`; `None` for a path, and in partitions without
/// a documented console.
fn console_link(location: &str, partition: &str) -> Option<String> {
    let (bucket, key) = location.strip_prefix("s3://")?.split_once('/')?;
    let console = match partition {
        "aws" => "s3.console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    let key = in_query(key);
    Some(format!("https://{console}/s3/object/{bucket}?prefix={key}"))
}

/// A key as a query's value. Characters that are allowed there stay readable, except those that a
/// mail program takes for the end of a link.
fn in_query(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'=' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::console_link;

    #[test]
    fn an_object_has_a_page_in_the_console_of_its_partition() {
        let location = "s3://reports/a(b)/keys/date=2026-11-21/keys.csv";
        let key = "a%28b%29/keys/date=2026-11-21/keys.csv";
        for (partition, console) in [
            ("aws", "s3.console.aws.amazon.com"),
            ("aws-cn", "console.amazonaws.cn"),
            ("aws-us-gov", "console.amazonaws-us-gov.com"),
        ] {
            assert_eq!(
                console_link(location, partition),
                Some(format!("https://{console}/s3/object/reports?prefix={key}"))
            );
        }
        assert_eq!(console_link(location, "aws-iso"), None);
        assert_eq!(console_link("out/keys/keys.csv", "aws"), None);
    }
}
