//! A small JSON object in the bucket by which several runs agree: it is only ever changed
//! on the condition that no other run has changed it since.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::CensusError,
    run::RunContext,
    store::bucket::{Condition, Stored},
};

/// How often an object is read that cannot be understood.
const READS: u32 = 3;

/// An object that this run has written, as it wrote it last.
#[derive(Debug)]
pub(crate) struct SharedObject<T> {
    path: String,
    pub(crate) content: T,
    /// The version that this run wrote last.
    version: Option<String>,
}

impl<T: Serialize + DeserializeOwned + PartialEq> SharedObject<T> {
    /// The object at `path`, not written yet.
    pub(crate) fn new(path: String, content: T) -> Self {
        Self {
            path,
            content,
            version: None,
        }
    }

    /// Writes the object where there is none; `false` where there is one.
    pub(crate) async fn create(&mut self, at: RunContext<'_>) -> Result<bool, CensusError> {
        self.put(at, Condition::Absent).await
    }

    /// Writes the object over `version`; `false` where that is not the version any more.
    pub(crate) async fn replace(
        &mut self,
        at: RunContext<'_>,
        version: &str,
    ) -> Result<bool, CensusError> {
        self.put(at, Condition::Version(version)).await
    }

    /// Writes the object over what this run wrote last; `false` where another run has
    /// changed it since.
    pub(crate) async fn update(&mut self, at: RunContext<'_>) -> Result<bool, CensusError> {
        let version = self.version.clone();
        let condition = version
            .as_deref()
            .map_or(Condition::None, Condition::Version);
        self.put(at, condition).await
    }

    async fn put(
        &mut self,
        at: RunContext<'_>,
        condition: Condition<'_>,
    ) -> Result<bool, CensusError> {
        let bytes = serde_json::to_vec(&self.content).unwrap_or_default();
        let stored = at
            .destination
            .put_if(at.aws, &self.path, bytes, condition)
            .await?;
        let conflict = match stored {
            Stored::Version(version) => {
                self.version = version;
                return Ok(true);
            }
            Stored::SomebodyElse => None,
            Stored::Conflict(error) => Some(error),
        };
        self.is_there(at, condition, conflict).await
    }

    /// Tells whether the object that was not written is there nevertheless: a request that
    /// took effect and was not answered was made again.
    ///
    /// # Errors
    /// It was not written because of `conflict`, and no other run has written it either: if
    /// this run left its work to another, nobody would do it.
    async fn is_there(
        &mut self,
        at: RunContext<'_>,
        condition: Condition<'_>,
        conflict: Option<CensusError>,
    ) -> Result<bool, CensusError> {
        let found = self.found(at).await?;
        let was_changed = match (&found, condition) {
            (None, _) => false,
            (Some((_, version)), Condition::Version(wanted)) => version != wanted,
            (Some(_), Condition::Absent | Condition::None) => true,
        };
        match (found, conflict) {
            (Some((content, version)), _) if content == self.content => {
                self.version = Some(version);
                Ok(true)
            }
            (_, Some(conflict)) if !was_changed => Err(conflict),
            _ => Ok(false),
        }
    }

    /// Takes `version` for the one that this run wrote last.
    pub(crate) fn adopt(&mut self, version: String) {
        self.version = Some(version);
    }

    /// The object that is there, with its version.
    pub(crate) async fn found(
        &self,
        at: RunContext<'_>,
    ) -> Result<Option<(T, String)>, CensusError> {
        Self::read(at, &self.path).await
    }

    /// The object at `path`, with its version. One that cannot be parsed is an error: if it
    /// counted as another run's, this run would end and no other run would take its place.
    pub(crate) async fn read(
        at: RunContext<'_>,
        path: &str,
    ) -> Result<Option<(T, String)>, CensusError> {
        for _ in 0..READS {
            let found = at.destination.get_versioned(at.aws, path).await?;
            let Some((bytes, version)) = found else {
                return Ok(None);
            };
            if let (Ok(content), Some(version)) = (serde_json::from_slice(&bytes), version) {
                return Ok(Some((content, version)));
            }
        }
        Err(CensusError::LeaseUnreadable {
            location: at.destination.uri(path),
            reason:
                "what an earlier run has left there cannot be understood: delete it and run again"
                    .to_owned(),
        })
    }
}
