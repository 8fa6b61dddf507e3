//! The certificates that are trusted instead of this machine's own.

use std::{fs, path::PathBuf};

use aws_types::os_shim_internal::Env;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use keycensus_core::settings::SettingsError;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::transport::profile::Profile;

const VARIABLE: &str = "AWS_CA_BUNDLE";
/// The profile's word for it.
const PROPERTY: &str = "ca_bundle";

/// The CA bundle that `AWS_CA_BUNDLE` names, or else the profile's `ca_bundle`, in PEM.
/// As in the AWS CLI, its certificates are trusted and no others
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html>). `None`
/// where neither is set.
///
/// # Errors
/// The file cannot be read, or has no certificate that can be trusted.
pub(crate) fn read(env: &Env, profile: &Profile) -> Result<Option<Vec<u8>>, SettingsError> {
    let variable = env.get(VARIABLE).ok().filter(|path| !path.is_empty());
    let (spelling, path) = match (variable, profile.get(PROPERTY)) {
        (Some(path), _) => (VARIABLE.to_owned(), path),
        (None, Some(path)) => {
            let spelling = format!("{PROPERTY} of the profile {}", profile.name());
            (spelling, path.to_owned())
        }
        (None, None) => return Ok(None),
    };
    let refused = |problem: String| SettingsError::Refused {
        spelling,
        text: path.clone(),
        problem,
    };
    let bundle = match fs::read(at_home(&path, env)) {
        Ok(bundle) => bundle,
        Err(error) => return Err(refused(format!("it cannot be read: {error}"))),
    };
    match trusted(&bundle) {
        Some(certificates) => Ok(Some(certificates)),
        None => Err(refused(
            "it has no CA certificate: name a file of certificates in PEM".to_owned(),
        )),
    }
}

/// The certificates of a bundle that can be trusted, in PEM: bundles have old ones that
/// cannot, and the SDK would panic at the first.
fn trusted(bundle: &[u8]) -> Option<Vec<u8>> {
    let mut pem = String::new();
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(bundle).filter_map(Result::ok) {
        if roots.add(certificate.clone()).is_ok() {
            let encoded = STANDARD.encode(&certificate);
            pem += &format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
        }
    }
    (!roots.is_empty()).then(|| pem.into_bytes())
}

/// A path in which `~` is the home folder.
fn at_home(path: &str, env: &Env) -> PathBuf {
    match (path.strip_prefix("~/"), env.get("HOME")) {
        (Some(rest), Ok(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}
