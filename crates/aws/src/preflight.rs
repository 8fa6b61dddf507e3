//! What is checked before anything is read: who the census is, and everything that a
//! setting names and that can be seen from outside.

use keycensus_core::settings::{DigestMode, stage::Stage};

use crate::{
    error::CensusError,
    plan::organization::Listing,
    read::regions,
    report::{events, topic},
    run::{Census, RunContext},
    store::destination::{self, Destination},
    transport::session::{self, Scanner},
};

/// What a run needs that was found to be as the settings say.
pub(crate) struct Preflight<'a> {
    pub(crate) scanner: Scanner,
    pub(crate) destination: Destination,
    /// The first page of the organization's accounts; `None` in a stage that goes by a plan.
    pub(crate) listing: Option<Listing<'a>>,
}

impl Preflight<'_> {
    /// What the stages of the run share.
    pub(crate) fn context<'a>(&'a self, census: &'a Census) -> RunContext<'a> {
        RunContext {
            aws: &census.aws,
            scanner: &self.scanner,
            destination: &self.destination,
        }
    }
}

/// Checks the credentials, the settings and the organization.
///
/// # Errors
/// There are no usable credentials, what a setting names is not there or may not be used, or
/// the organization cannot be listed.
pub(crate) async fn check(census: &Census) -> Result<Preflight<'_>, CensusError> {
    let scanner = session::scanner(&census.aws).await?;
    let (destination, listing) = tokio::join!(check_settings(census, &scanner), async {
        match census.stage {
            Stage::All | Stage::Plan => {
                let listing = Listing::begin(&census.aws, &scanner, &census.settings);
                listing.await.map(Some)
            }
            Stage::Read(_) | Stage::Report | Stage::Doctor => Ok(None),
        }
    });
    // What a setting names wrongly is reported before what AWS refuses.
    let (destination, listing) = (destination?, listing?);
    Ok(Preflight {
        scanner,
        destination,
        listing,
    })
}

/// Everything that a setting names and that can be seen before the scan.
async fn check_settings(census: &Census, scanner: &Scanner) -> Result<Destination, CensusError> {
    let Census {
        aws,
        settings,
        source,
        folder,
        ..
    } = census;
    if let Some(bus) = &settings.event_bus {
        events::check(aws, bus, *source)?;
    }
    regions::check(aws, scanner, settings, *source).await?;
    let destination = destination::check(aws, scanner, settings, folder.clone(), *source).await?;
    // A topic that gets no message is not asked for: its permissions may not be given.
    if settings.digest != DigestMode::Never {
        let topics = [
            ("topic_arn", &settings.topic_arn),
            ("chat_topic_arn", &settings.chat_topic_arn),
        ];
        for (setting, topic) in topics {
            if let Some(topic) = topic {
                topic::check(aws, scanner, topic, setting, *source).await?;
            }
        }
    }
    Ok(destination)
}
