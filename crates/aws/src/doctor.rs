//! Checks of what a first census needs, for `keycensus doctor`: no key is read.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use keycensus_core::{
    model::account::Account,
    settings::{Settings, SettingsError, Source},
};
use serde_json::{Value, json};

use crate::{
    deadline::Deadline,
    error::CensusError,
    plan::organization::Listing,
    read::regions,
    report::{events, topic},
    run::{Census, Ended},
    services::aws::Aws,
    transport::{
        clock::Clock,
        session::{self, Entry, Scanner},
    },
};

mod account;
mod accounts;
mod bucket;

/// How many accounts are tried at once.
const ACCOUNTS_AT_ONCE: usize = 16;

/// What is to be checked.
#[derive(Debug)]
pub struct Question {
    /// The connection to AWS.
    pub aws: Arc<Aws>,
    /// The settings of the census.
    pub settings: Settings,
    /// Where settings come from, and so how errors spell them.
    pub source: Source,
    /// How many accounts are tried, spread evenly over all that are to be read; `None`: all.
    pub sample: Option<usize>,
    /// Unique to the question; it is in the names of sessions.
    pub run_id: String,
    /// The moment it is asked.
    pub now: Timestamp,
}

/// What one check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub subject: Subject,
    /// What is there, in words; or what is wrong.
    pub result: Result<String, Problem>,
}

/// What a check is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The AWS credentials.
    Credentials,
    /// The organization, and what settings select of it.
    Organization,
    /// The Regions that settings name.
    Regions,
    /// The report bucket.
    Bucket,
    /// The digest's topic.
    Topic,
    /// The topic for a chat channel.
    ChatTopic,
    /// The event bus.
    EventBus,
    /// An account that is to be read.
    Account(Arc<Account>),
}

impl Subject {
    /// `credentials`, `organization`, … and `account` for each account.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Organization => "organization",
            Self::Regions => "Regions",
            Self::Bucket => "bucket",
            Self::Topic => "topic",
            Self::ChatTopic => "chat topic",
            Self::EventBus => "event bus",
            Self::Account(_) => "account",
        }
    }
}

/// What is wrong; free text of AWS's may be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub what: String,
    /// What would be right; `None` where `what` says it.
    pub remedy: Option<String>,
}

impl From<CensusError> for Problem {
    fn from(error: CensusError) -> Self {
        Self {
            what: error.to_string(),
            remedy: None,
        }
    }
}

/// Makes the checks as an invocation, whose answer has them all.
///
/// # Errors
/// As [`examine`].
pub(crate) async fn run(census: &Census) -> Result<Ended, CensusError> {
    let question = Question {
        aws: Arc::clone(&census.aws),
        settings: census.settings.clone(),
        source: census.source,
        sample: None,
        run_id: census.run_id.clone(),
        now: census.now,
    };
    let mut findings = Vec::new();
    examine(&question, |finding| findings.push(finding)).await?;
    let wrong = findings.iter().filter(|finding| finding.result.is_err());
    Ok(Ended::Stage(json!({
        "stage": "doctor",
        "checks": findings.len(),
        "wrong": wrong.count(),
        "findings": findings.iter().map(to_json).collect::<Vec<_>>(),
    })))
}

fn to_json(finding: &Finding) -> Value {
    let account = match &finding.subject {
        Subject::Account(account) => Some(account.id),
        _ => None,
    };
    let (found, remedy) = match &finding.result {
        Ok(fine) => (fine, None),
        Err(problem) => (&problem.what, problem.remedy.as_deref()),
    };
    json!({
        "check": finding.subject.as_str(),
        "account_id": account,
        "ok": finding.result.is_ok(),
        "found": found,
        "remedy": remedy,
    })
}

/// Makes the checks, and gives what each came to as soon as it is known.
///
/// # Errors
/// There are no usable credentials.
pub async fn examine(
    question: &Question,
    mut each: impl FnMut(Finding),
) -> Result<(), SettingsError> {
    let scanner = session::scanner(&question.aws).await?;
    let Scanner { account, partition } = &scanner;
    each(Finding {
        subject: Subject::Credentials,
        result: Ok(format!("account {account}, partition {partition}")),
    });
    let mut to_read = Vec::new();
    let listing = Listing::begin(&question.aws, &scanner, &question.settings);
    match listing.await {
        Err(error) => each(Finding {
            subject: Subject::Organization,
            result: Err(error.into()),
        }),
        Ok(listing) => {
            let deadline = Deadline::never(&question.settings);
            let listed = accounts::list(question, &scanner, listing, &deadline).await;
            to_read = listed.to_read;
            for result in listed.results {
                each(Finding {
                    subject: Subject::Organization,
                    result,
                });
            }
        }
    }
    for (subject, result) in of_settings(question, &scanner).await {
        each(Finding { subject, result });
    }
    let clock = Clock::begin(question.now);
    let entry = Entry::new(scanner, &question.settings, &question.run_id, clock);
    let entry = Arc::new(entry);
    let tried = accounts::sample(to_read, question.sample);
    let tried = stream::iter(tried).map(|account| {
        let entry = Arc::clone(&entry);
        async move {
            let result = account::check(question, &entry, &account).await;
            let subject = Subject::Account(account);
            Finding { subject, result }
        }
    });
    let mut tried = tried.buffered(ACCOUNTS_AT_ONCE);
    while let Some(finding) = tried.next().await {
        each(finding);
    }
    Ok(())
}

/// What settings name beside accounts.
async fn of_settings(
    question: &Question,
    scanner: &Scanner,
) -> Vec<(Subject, Result<String, Problem>)> {
    let Question {
        aws,
        settings,
        source,
        ..
    } = question;
    let mut results = Vec::new();
    if let Some(regions) = &settings.regions {
        let checked = regions::check(aws, scanner, settings, *source).await;
        let named = format!("{} named, all known", regions.len());
        let checked = checked.map_err(|error| CensusError::from(error).into());
        results.push((Subject::Regions, checked.map(|()| named)));
    }
    if settings.report_bucket.is_some() {
        results.push((Subject::Bucket, bucket::check(question, scanner).await));
    }
    let topics = [
        (Subject::Topic, "topic_arn", &settings.topic_arn),
        (
            Subject::ChatTopic,
            "chat_topic_arn",
            &settings.chat_topic_arn,
        ),
    ];
    for (subject, setting, topic) in topics {
        if let Some(topic) = topic {
            let checked = topic::check(aws, scanner, topic, setting, *source).await;
            let named = topic.to_string();
            results.push((subject, checked.map(|()| named).map_err(Problem::from)));
        }
    }
    if let Some(bus) = &settings.event_bus {
        let checked = events::check(aws, bus, *source);
        let there = format!("{bus}, in the right Region");
        let result = checked.map(|()| there).map_err(Problem::from);
        results.push((Subject::EventBus, result));
    }
    results
}
