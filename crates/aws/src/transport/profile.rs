//! The profile of `~/.aws/config` that is used.

use aws_config::profile::ProfileSet;
use aws_types::os_shim_internal::{Env, Fs};
use keycensus_core::settings::SettingsError;

/// The profile that is used when none is named.
const DEFAULT_PROFILE: &str = "default";

/// The profile that is used.
#[derive(Debug)]
pub(crate) struct Profile {
    spelling: &'static str,
    set: ProfileSet,
}

impl Profile {
    const ARGUMENT: &str = "--profile";
    const VARIABLE: &str = "AWS_PROFILE";

    /// Reads the profile that `argument` names, or else the environment.
    ///
    /// # Errors
    /// There is no such profile, or its file cannot be read.
    pub(crate) async fn read(argument: Option<String>, env: &Env) -> Result<Self, SettingsError> {
        let variable = env.get(Self::VARIABLE).ok();
        let (spelling, name) = match argument {
            Some(name) => (Self::ARGUMENT, Some(name)),
            None => (Self::VARIABLE, variable.filter(|name| !name.is_empty())),
        };
        let name = name.unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
        let (disk, usual_files) = (Fs::real(), Default::default());
        let set = aws_config::profile::load(&disk, env, &usual_files, Some(name.into()));
        let set = set.await.map_err(|error| {
            let cause = std::error::Error::source(&error);
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            SettingsError::Machine(format!("{error}{cause}: mend {}", files(env)))
        })?;
        let profile = Self { spelling, set };
        profile.is_there(env)?;
        Ok(profile)
    }

    fn is_there(&self, env: &Env) -> Result<(), SettingsError> {
        let name = self.name();
        if name == DEFAULT_PROFILE || self.set.get_profile(name).is_some() {
            return Ok(());
        }
        let likeness = |other: &str| strsim::normalized_damerau_levenshtein(other, name);
        let closest = self
            .set
            .profiles()
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let right = match closest {
            Some(closest) => format!("did you mean {closest}?"),
            None => "there is no profile at all".to_owned(),
        };
        Err(SettingsError::Refused {
            spelling: self.spelling.to_owned(),
            text: name.to_owned(),
            problem: format!("there is no such profile in {}: {right}", files(env)),
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.set.selected_profile()
    }

    /// A property of it.
    pub(crate) fn get(&self, property: &str) -> Option<&str> {
        self.set.get(property).filter(|value| !value.is_empty())
    }

    /// Whether the command line names it.
    pub(crate) fn is_argument(&self) -> bool {
        self.spelling == Self::ARGUMENT
    }
}

/// Where profiles are.
fn files(env: &Env) -> String {
    let file = |variable, usual: &str| env.get(variable).unwrap_or_else(|_| usual.to_owned());
    format!(
        "{} or {}",
        file("AWS_CONFIG_FILE", "~/.aws/config"),
        file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
    )
}
