//! Amazon Elastic Compute Cloud: the volumes and snapshots of EBS.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    aws::operation::Operation,
    call::{Call, Subject},
    services::page::{add_next, page_of},
    state::State,
    wire::{AwsError, Reply, input::Input},
    world::{Account, Snapshot, Volume},
};

/// The version of the API.
const VERSION: &str = "2016-11-15";
/// Items of a page that a request may ask for. Without a number all come at once
/// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-pagination.html>).
const SMALLEST_PAGE: usize = 5;
const LARGEST_PAGE: usize = 1000;

/// What a call is about: everything of the caller's account.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    Subject::of_caller(call, "")
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let version = call.input.text("Version").unwrap_or_default();
    if version != VERSION {
        return Err(invalid(
            "NoSuchVersion",
            format!("The requested version ({version}) of service AmazonEC2 does not exist"),
        ));
    }
    let account = state.account(&call.caller.account);
    let body = match call.operation {
        Operation::DescribeSnapshots => describe_snapshots(state, call, account)?,
        _ => describe_volumes(state, call, account)?,
    };
    Ok(Reply::Query(body))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>
fn describe_volumes(
    state: &State,
    call: &Call<'_>,
    account: Option<&Account>,
) -> Result<Value, AwsError> {
    let wanted = wanted_encryption(&call.input)?;
    let epoch = state.clock.epoch();
    let volumes = account.into_iter().flat_map(|account| {
        let here = |volume: &&Volume| volume.region == call.region;
        account.volumes.iter().filter(here).filter_map(|volume| {
            let arn = key_of(account, &volume.region, volume.kms_key.as_deref());
            wanted
                .includes(arn.as_deref())
                .then(|| volume_entry(volume, arn, epoch))
        })
    });
    listing(call, "volumeSet", volumes.collect())
}

/// The caller's own snapshots. Without an owner AWS lists public ones too; the simulator has none.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html>
fn describe_snapshots(
    state: &State,
    call: &Call<'_>,
    account: Option<&Account>,
) -> Result<Value, AwsError> {
    let wanted = wanted_encryption(&call.input)?;
    let owner = call.input.text("Owner.1").unwrap_or("self");
    let is_own = owner == "self" || owner == call.caller.account;
    let epoch = state.clock.epoch();
    let snapshots = account.filter(|_| is_own).into_iter().flat_map(|account| {
        let here = |snapshot: &&Snapshot| snapshot.region == call.region;
        account
            .snapshots
            .iter()
            .filter(here)
            .filter_map(|snapshot| {
                let arn = key_of(account, &snapshot.region, snapshot.kms_key.as_deref());
                wanted
                    .includes(arn.as_deref())
                    .then(|| snapshot_entry(account, snapshot, arn, epoch))
            })
    });
    listing(call, "snapshotSet", snapshots.collect())
}

fn volume_entry(volume: &Volume, key: Option<String>, epoch: Timestamp) -> Value {
    let created = date_time(volume.created.resolve(epoch));
    let attachments: Vec<_> = volume
        .attached_to
        .iter()
        .map(|instance| {
            json!({
                "volumeId": volume.id,
                "instanceId": instance,
                "device": "/dev/sdf",
                "status": "attached",
                "attachTime": created,
                "deleteOnTermination": false,
            })
        })
        .collect();
    let mut entry = json!({
        "volumeId": volume.id,
        "size": volume.size,
        "snapshotId": "",
        "availabilityZone": format!("{}a", volume.region),
        "status": if attachments.is_empty() { "available" } else { "in-use" },
        "createTime": created,
        "attachmentSet": attachments,
        "volumeType": "gp2",
        "encrypted": key.is_some(),
        "multiAttachEnabled": false,
    });
    if let Some(arn) = key {
        entry["kmsKeyId"] = arn.into();
    }
    entry
}

fn snapshot_entry(
    account: &Account,
    snapshot: &Snapshot,
    key: Option<String>,
    epoch: Timestamp,
) -> Value {
    let mut entry = json!({
        "snapshotId": snapshot.id,
        "volumeId": snapshot.volume,
        "status": "completed",
        "startTime": date_time(snapshot.created.resolve(epoch)),
        "progress": "100%",
        "ownerId": account.id,
        "volumeSize": snapshot.size,
        "description": snapshot.description,
        "encrypted": key.is_some(),
        "storageTier": "standard",
    });
    if let Some(arn) = key {
        entry["kmsKeyId"] = arn.into();
    }
    entry
}

fn key_of(account: &Account, region: &str, named: Option<&str>) -> Option<String> {
    named.map(|named| account.arn_of_key(region, named))
}

/// What the filter `encrypted` selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Encrypted,
    Plain,
    None,
}

impl Wanted {
    fn includes(self, key: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Encrypted => key.is_some(),
            Self::Plain => key.is_none(),
            Self::None => false,
        }
    }
}

/// Reads the filter `encrypted`; the simulator knows no other.
fn wanted_encryption(input: &Input) -> Result<Wanted, AwsError> {
    let mut wanted = Wanted::All;
    for number in 1.. {
        let Some(name) = input.text(&format!("Filter.{number}.Name")) else {
            break;
        };
        if name != "encrypted" {
            return Err(invalid_value(format!("The filter '{name}' is invalid")));
        }
        let given = |word: &str| {
            let values = (1..).map_while(|at| input.text(&format!("Filter.{number}.Value.{at}")));
            values.into_iter().any(|value| value == word)
        };
        wanted = match (given("true"), given("false")) {
            (true, true) => wanted,
            (true, false) => Wanted::Encrypted,
            (false, true) => Wanted::Plain,
            (false, false) => Wanted::None,
        };
    }
    Ok(wanted)
}

fn listing(call: &Call<'_>, name: &str, mut all: Vec<Value>) -> Result<Value, AwsError> {
    let size = page_size(&call.input, all.len())?;
    let page = page_of(call, "NextToken", all.len(), size).ok_or_else(|| {
        let message = "The specified pagination token is not valid or is expired.";
        invalid("InvalidPaginationToken", message)
    })?;
    let items: Vec<_> = all.drain(page.items).collect();
    let mut body = json!({name: items});
    add_next(&mut body, "nextToken", page.next);
    Ok(body)
}

fn page_size(input: &Input, all: usize) -> Result<usize, AwsError> {
    let Some(given) = input.text("MaxResults") else {
        return Ok(all);
    };
    match given.parse() {
        Ok(size) if (SMALLEST_PAGE..=LARGEST_PAGE).contains(&size) => Ok(size),
        _ => Err(invalid_value(format!(
            "Value ( {given} ) for parameter maxResults is invalid. Expecting a value from {SMALLEST_PAGE} to {LARGEST_PAGE}."
        ))),
    }
}

fn invalid_value(message: String) -> AwsError {
    invalid("InvalidParameterValue", message)
}

fn invalid(code: &'static str, message: impl Into<String>) -> AwsError {
    AwsError::new(code, 400, message)
}

/// A moment as EC2's XML writes it, to the millisecond.
fn date_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
