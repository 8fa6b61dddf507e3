//! AWS, as a census calls it: the connection, and the clients of services, one for each
//! Region that a service is in, for all accounts.

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, Mutex, OnceLock},
};

pub use aws_config::SdkConfig;
use keycensus_core::{model::region::Region, settings::SettingsError};

use crate::{
    services::{account_management::AccountManagement, ec2::client::Client as Ec2Client},
    transport::{connection::Connection, endpoint::Endpoint, lock::lock, sdk_client::client},
};

/// The connection to AWS with the clients that all accounts share.
#[derive(Debug)]
pub struct Aws {
    connection: Connection,
    account_management: AccountManagement,
    kms: Clients<aws_sdk_kms::Client>,
    ec2: Clients<Arc<Ec2Client>>,
    secrets_manager: Clients<aws_sdk_secretsmanager::Client>,
    cloudtrail: Clients<aws_sdk_cloudtrail::Client>,
    iam: OnceLock<(aws_sdk_iam::Client, Arc<Endpoint>)>,
}

/// The clients of a service, one a Region.
type Clients<C> = Mutex<BTreeMap<Region, (C, Arc<Endpoint>)>>;

impl Deref for Aws {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Aws {
    /// Connects with `config`, whose retries and time limits are replaced by
    /// the census's own. Makes no call.
    ///
    /// # Errors
    /// `config` names no Region.
    pub fn new(config: SdkConfig) -> Result<Self, SettingsError> {
        let connection = Connection::new(config)?;
        Ok(Self {
            account_management: AccountManagement::new(connection.config()),
            connection,
            kms: Mutex::default(),
            ec2: Mutex::default(),
            secrets_manager: Mutex::default(),
            cloudtrail: Mutex::default(),
            iam: OnceLock::new(),
        })
    }

    /// Account Management, for all accounts.
    pub(crate) fn account_management(&self) -> &AccountManagement {
        &self.account_management
    }

    /// KMS in a Region. There is one client a Region, for all accounts: whose
    /// credentials a call is made with is said in the call.
    pub(crate) fn kms(&self, region: &Region) -> (aws_sdk_kms::Client, Arc<Endpoint>) {
        self.in_region(&self.kms, region, || {
            let region = aws_sdk_kms::config::Region::new(region.to_string());
            client!(aws_sdk_kms, self.config(), region(region))
        })
    }

    /// EC2 in a Region, for all accounts.
    pub(crate) fn ec2(&self, region: &Region) -> (Arc<Ec2Client>, Arc<Endpoint>) {
        let client = || Arc::new(Ec2Client::new(self.config(), region));
        self.in_region(&self.ec2, region, client)
    }

    /// Secrets Manager in a Region, for all accounts.
    pub(crate) fn secrets_manager(
        &self,
        region: &Region,
    ) -> (aws_sdk_secretsmanager::Client, Arc<Endpoint>) {
        self.in_region(&self.secrets_manager, region, || {
            let region = aws_sdk_secretsmanager::config::Region::new(region.to_string());
            client!(aws_sdk_secretsmanager, self.config(), region(region))
        })
    }

    /// CloudTrail in a Region, for all accounts.
    pub(crate) fn cloudtrail(
        &self,
        region: &Region,
    ) -> (aws_sdk_cloudtrail::Client, Arc<Endpoint>) {
        self.in_region(&self.cloudtrail, region, || {
            let region = aws_sdk_cloudtrail::config::Region::new(region.to_string());
            client!(aws_sdk_cloudtrail, self.config(), region(region))
        })
    }

    /// The client of a service in a Region, built when it is first asked for.
    fn in_region<C: Clone>(
        &self,
        clients: &Clients<C>,
        region: &Region,
        client: impl FnOnce() -> C,
    ) -> (C, Arc<Endpoint>) {
        let mut clients = lock(clients);
        let built = || (client(), Arc::new(Endpoint::new(self.capacity())));
        clients.entry(region.clone()).or_insert_with(built).clone()
    }

    /// IAM, which has one endpoint for all Regions of a partition; the Region
    /// its requests are signed for.
    pub(crate) fn iam(&self) -> (aws_sdk_iam::Client, Arc<Endpoint>, Region) {
        let region = self.region().partition_default();
        let (client, endpoint) = self.iam.get_or_init(|| {
            let region = aws_sdk_iam::config::Region::new(region.to_string());
            let client = client!(aws_sdk_iam, self.config(), region(region));
            (client, Arc::new(Endpoint::new(self.capacity())))
        });
        (client.clone(), Arc::clone(endpoint), region)
    }
}
