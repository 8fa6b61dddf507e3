//! STS in the Region that the census runs in, and in the partition's default Region.
//!
//! An account has STS by Region: a Region that must be enabled has it once it is, and in
//! the others an administrator can deactivate it. Where it is not active, STS answers
//! `RegionDisabledException`. In the default Region it is always active, and the
//! credentials that it gives are valid in every Region
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>).

use std::sync::atomic::{AtomicBool, Ordering};

use keycensus_core::model::region::Region;

use crate::transport::{call_error::CallError, retry::retrying, sdk_client::client};
use aws_config::SdkConfig;

/// STS for a whole run.
#[derive(Debug)]
pub(crate) struct Sts {
    here: RegionalSts,
    default: RegionalSts,
    /// Whether an account was entered by the default Region's STS where the Region's own is
    /// not active: then all are.
    use_default: AtomicBool,
}

/// STS of one Region.
#[derive(Debug, Clone)]
pub(crate) struct RegionalSts {
    pub(crate) client: aws_sdk_sts::Client,
    pub(crate) region: Region,
}

impl Sts {
    /// STS of `region` and of the default Region of its partition.
    pub(crate) fn new(config: &SdkConfig, region: &Region) -> Self {
        let of = |region: Region| RegionalSts {
            client: client!(
                aws_sdk_sts,
                config,
                region(aws_sdk_sts::config::Region::new(region.to_string()))
            ),
            region,
        };
        Self {
            here: of(region.clone()),
            default: of(region.partition_default()),
            use_default: AtomicBool::new(false),
        }
    }

    /// Makes a call until it is answered, refused, or has failed too often. Where STS of
    /// the Region is not active, makes it in the default Region; once that has succeeded,
    /// every later call goes there at once.
    ///
    /// # Errors
    /// What the Region's STS answered; or the default Region's, where it denied the call.
    pub(crate) async fn ask<T, F>(&self, call: impl Fn(RegionalSts) -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let Self { here, default, .. } = self;
        if self.use_default.load(Ordering::Relaxed) {
            return retrying(|| call(default.clone())).await;
        }
        let answer = retrying(|| call(here.clone())).await;
        let inactive = match answer {
            Err(error) if error.is_region_disabled() && here.region != default.region => error,
            answer => return answer,
        };
        match retrying(|| call(default.clone())).await {
            Ok(answer) => {
                if !self.use_default.swap(true, Ordering::Relaxed) {
                    tracing::info!(
                        aws.region = %here.region,
                        error.code = inactive.code,
                        "STS of {} is not active in every account: using that of {}",
                        here.region,
                        default.region,
                    );
                }
                Ok(answer)
            }
            Err(error) if &*error.code == "AccessDenied" => Err(error),
            // The default Region's may be out of reach, as from a VPC.
            Err(_) => Err(inactive),
        }
    }
}
