//! The services: what a call is about, and how its service answers it.

mod account;
mod cloudtrail;
mod ec2;
pub(crate) mod events;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod organizations;
mod page;
pub(crate) mod s3;
pub(crate) mod secrets_manager;
pub(crate) mod security_hub;
pub(crate) mod sns;
pub(crate) mod sts;

use crate::{
    aws::operation::Service,
    call::{Call, Subject},
    state::State,
    wire::{AwsError, Reply},
};

/// What a call is about.
pub(crate) fn subject<'a>(state: &'a State, call: &'a Call<'_>) -> Subject<'a> {
    match call.operation.service() {
        Service::Organizations => organizations::subject(call),
        Service::Sts => sts::subject(call),
        Service::Account => account::subject(call),
        Service::Kms => kms::subject(state, call),
        Service::Iam => iam::subject(state, call),
        Service::S3 => s3::subject(call),
        Service::Sns => sns::subject(call),
        Service::Events => events::subject(call),
        Service::Ec2 => ec2::subject(call),
        Service::CloudTrail => cloudtrail::subject(call),
        Service::SecretsManager => secrets_manager::subject(call),
        Service::SecurityHub => security_hub::subject(call),
    }
}

/// The service's answer to a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    match call.operation.service() {
        Service::Organizations => organizations::answer(state, call),
        Service::Sts => sts::answer(state, call),
        Service::Account => account::answer(state, call),
        Service::Kms => kms::answer(state, call),
        Service::Iam => iam::answer(state, call),
        Service::S3 => s3::answer(state, call),
        Service::Sns => sns::answer(state, call),
        Service::Events => events::answer(state, call),
        Service::Ec2 => ec2::answer(state, call),
        Service::CloudTrail => cloudtrail::answer(state, call),
        Service::SecretsManager => secrets_manager::answer(state, call),
        Service::SecurityHub => security_hub::answer(state, call),
    }
}
