//! `keycensus explain`, asked in a scenario.

use std::sync::Arc;

use keycensus_aws::{
    explain::{ExplainError, Question, explain},
    services::aws::Aws,
};
use keycensus_core::{
    explain::{Explanation, requested_key::RequestedKey},
    model::account::AccountId,
    settings::{Settings, Written},
};

use crate::{Scenario, sdk_config};

impl Scenario {
    /// Deploys the templates and asks about a key of `account`, with the scanner's
    /// credentials and settings.
    ///
    /// # Errors
    /// There is nothing to tell.
    ///
    /// # Panics
    /// The templates cannot be deployed, or `key` is none.
    pub async fn explain(&self, key: &str, account: &str) -> Result<Explanation, ExplainError> {
        self.deploy();
        let environment = Written::from_environment(self.environment.iter().cloned());
        let asked = RequestedKey::parse(key);
        let question = Question {
            aws: Arc::new(Aws::new(sdk_config(&self.aws, &self.region))?),
            settings: Settings::read(environment)?,
            asked: asked.unwrap_or_else(|| panic!("{key} is no key to ask about")),
            account: AccountId::parse(account),
            trail_table: None,
            run_id: "explain-1".to_owned(),
            now: self.night.begins(),
        };
        explain(&question).await
    }
}
