//! AWS Security Hub, as far as finding providers see it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    aws::regions::partition,
    call::{Call, Subject},
    state::State,
    wire::{AwsError, Reply},
};

// Limits of a call (<https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html>).
const MOST_FINDINGS: usize = 100;
const LARGEST_FINDING: usize = 240 * 1_024;
const LARGEST_CALL: usize = 6 * 1_024 * 1_024;
/// Members that every finding has, and the most characters of each; of those without a limit, 0
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>).
const REQUIRED: [(&str, usize); 9] = [
    ("SchemaVersion", 0),
    ("Id", 512),
    ("ProductArn", 2_048),
    ("GeneratorId", 512),
    ("AwsAccountId", 12),
    ("CreatedAt", 0),
    ("UpdatedAt", 0),
    ("Title", 256),
    ("Description", 1_024),
];
/// The one version of the format (same page).
const SCHEMA_VERSION: &str = "2018-10-08";
/// Moments of a finding (same page).
const MOMENTS: [&str; 4] = [
    "CreatedAt",
    "UpdatedAt",
    "FirstObservedAt",
    "LastObservedAt",
];
/// Resources of a finding at most (same page).
const MOST_RESOURCES: usize = 32;
/// `ProductFields` of a finding at most, and the most characters of a name and a value (same page).
const PRODUCT_FIELDS: (usize, usize, usize) = (50, 128, 2_048);
/// The longest text of a recommendation
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Recommendation.html>).
const RECOMMENDATION: usize = 512;
/// Labels of severity (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_FindingProviderSeverity.html>).
const LABELS: [&str; 5] = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
/// Namespaces of types (as for [`REQUIRED`]).
const NAMESPACES: [&str; 5] = [
    "Software and Configuration Checks",
    "TTPs",
    "Effects",
    "Unusual Behaviors",
    "Sensitive Data Identifications",
];
/// The longest name of a Region
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Resource.html>).
const REGION: usize = 16;

/// What a call is about: the caller's own findings.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    Subject::of_caller(call, "")
}

/// The product of the caller's own findings in the Region of the call
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-custom-providers.html>).
pub(crate) fn default_product(call: &Call<'_>) -> String {
    let (region, account) = (call.region, &call.caller.account);
    let partition = partition(region);
    format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default")
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    import(state, call, None)
}

/// Answers a call whose last finding fails in Security Hub, while the others are imported.
pub(crate) fn answer_but_the_last(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let last = call.input.list("Findings").len().checked_sub(1);
    import(state, call, last)
}

fn import(state: &State, call: &Call<'_>, lost: Option<usize>) -> Result<Reply, AwsError> {
    let findings = call.input.list("Findings");
    check_call(state, call, findings)?;
    let mut failed = Vec::new();
    for (position, finding) in findings.iter().enumerate() {
        let id = text(finding, "Id");
        let refused = match lost == Some(position) {
            true => Err(("InternalError", "Internal error.".to_owned())),
            false => check(finding, call).map_err(|problem| ("InvalidInput", problem)),
        };
        match refused {
            Ok(()) => {
                let product = text(finding, "ProductArn");
                state.findings.import(product, id, finding);
            }
            Err((code, message)) => {
                failed.push(json!({"Id": id, "ErrorCode": code, "ErrorMessage": message}));
            }
        }
    }
    Ok(Reply::Json(json!({
        "FailedCount": failed.len(),
        "SuccessCount": findings.len() - failed.len(),
        "FailedFindings": failed,
    })))
}

/// Why Security Hub refuses a whole call
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>).
fn check_call(state: &State, call: &Call<'_>, findings: &[Value]) -> Result<(), AwsError> {
    let account = &call.caller.account;
    let hubs = &state.world.security_hubs;
    if !hubs
        .iter()
        .any(|hub| hub.account == *account && hub.region == call.region)
    {
        let message = format!("Account {account} is not subscribed to AWS Security Hub");
        return Err(AwsError::new("InvalidAccessException", 401, message));
    }
    let invalid = |message: &str| AwsError::new("InvalidInputException", 400, message.to_owned());
    if !(1..=MOST_FINDINGS).contains(&findings.len()) {
        return Err(invalid(
            "Invalid parameter 'Findings'. It must have 1 to 100 items.",
        ));
    }
    if findings.iter().map(size).sum::<usize>() > LARGEST_CALL {
        return Err(invalid("The request is larger than 6 MB."));
    }
    Ok(())
}

/// Why Security Hub does not import a finding.
fn check(finding: &Value, call: &Call<'_>) -> Result<(), String> {
    for (name, most) in REQUIRED {
        let length = text(finding, name).chars().count();
        ensure(!text(finding, name).trim().is_empty(), || {
            format!("finding.{name} should be present")
        })?;
        ensure(most == 0 || length <= most, || {
            format!("finding.{name} should NOT be longer than {most} characters")
        })?;
    }
    ensure(size(finding) <= LARGEST_FINDING, || {
        "the finding is larger than 240 KB".to_owned()
    })?;
    ensure(text(finding, "SchemaVersion") == SCHEMA_VERSION, || {
        format!("finding.SchemaVersion should be {SCHEMA_VERSION}")
    })?;
    // The caller's own findings are for its default product, and are of its account, whatever they are about.
    ensure(text(finding, "ProductArn") == default_product(call), || {
        "finding.ProductArn should be that of a product that the account may import for".to_owned()
    })?;
    ensure(text(finding, "AwsAccountId") == call.caller.account, || {
        "finding.AwsAccountId should be the account that imports".to_owned()
    })?;
    for name in MOMENTS {
        let is_moment = |at: &Value| {
            let at = at.as_str().unwrap_or_default();
            at.parse::<Timestamp>().is_ok()
        };
        ensure(finding.get(name).is_none_or(is_moment), || {
            format!("finding.{name} should be a moment")
        })?;
    }
    check_contents(finding)
}

fn check_contents(finding: &Value) -> Result<(), String> {
    let resources = finding["Resources"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    ensure((1..=MOST_RESOURCES).contains(&resources.len()), || {
        format!("finding.Resources should have 1 to {MOST_RESOURCES} items")
    })?;
    for resource in resources {
        let is_whole = ["Type", "Id"]
            .iter()
            .all(|name| !text(resource, name).trim().is_empty());
        let region = text(resource, "Region").chars().count();
        ensure(is_whole && region <= REGION, || {
            "finding.Resources should have a Type, an Id and a Region".to_owned()
        })?;
    }
    let provider = &finding["FindingProviderFields"];
    let label = provider["Severity"]["Label"].as_str();
    let label = label.or_else(|| finding["Severity"]["Label"].as_str());
    ensure(label.is_some_and(|label| LABELS.contains(&label)), || {
        "finding.Severity should have a Label".to_owned()
    })?;
    let types = provider["Types"].as_array().into_iter().flatten();
    for of_type in types.filter_map(Value::as_str) {
        let namespace = of_type.split('/').next().unwrap_or_default();
        ensure(NAMESPACES.contains(&namespace), || {
            format!("finding.Types should not have {of_type}")
        })?;
    }
    let state = finding
        .get("RecordState")
        .map_or(Some("ACTIVE"), Value::as_str);
    ensure(matches!(state, Some("ACTIVE" | "ARCHIVED")), || {
        "finding.RecordState should be ACTIVE or ARCHIVED".to_owned()
    })?;
    let recommendation = text(&finding["Remediation"]["Recommendation"], "Text");
    ensure(recommendation.chars().count() <= RECOMMENDATION, || {
        "finding.Remediation has too long a text".to_owned()
    })?;
    let (most, longest_name, longest_value) = PRODUCT_FIELDS;
    let fields = finding["ProductFields"].as_object();
    ensure(fields.map_or(0, serde_json::Map::len) <= most, || {
        format!("finding.ProductFields should have {most} items at most")
    })?;
    for (name, value) in fields.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let is_within =
            name.chars().count() <= longest_name && value.chars().count() <= longest_value;
        ensure(is_within && !value.trim().is_empty(), || {
            format!("finding.ProductFields has a wrong {name}")
        })?;
    }
    Ok(())
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    match holds {
        true => Ok(()),
        false => Err(problem()),
    }
}

fn size(finding: &Value) -> usize {
    finding.to_string().len()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
