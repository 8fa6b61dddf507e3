//! The report bucket: a small object is written to it, as a run does, with the settings' encryption.

use super::{Problem, Question};
use crate::{
    error::CensusError,
    store::{
        bucket::{Condition, Stored},
        destination,
    },
    transport::session::Scanner,
};

/// Below `runs/`, where the stack's bucket deletes what is older than 7 days.
const PATH: &str = "runs/doctor.json";

/// Checks that the bucket is there, and takes what is written.
pub(super) async fn check(question: &Question, scanner: &Scanner) -> Result<String, Problem> {
    write(question, scanner).await.map_err(Problem::from)
}

async fn write(question: &Question, scanner: &Scanner) -> Result<String, CensusError> {
    let (aws, settings) = (&question.aws, &question.settings);
    let destination = destination::check(aws, scanner, settings, None, question.source).await?;
    let json = b"{}\n".to_vec();
    let written = destination.put_if(aws, PATH, json, Condition::None).await?;
    match written {
        Stored::Conflict(error) => Err(error),
        Stored::Version(_) | Stored::SomebodyElse => {
            Ok(format!("{} was written", destination.uri(PATH)))
        }
    }
}
