//! Why the first call to AWS failed, and what to do: what is wrong with this machine, its
//! network or its credentials shows there.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use rustls::CertificateError;

use crate::transport::call_error::CallError;

/// Why a first call failed, with its remedy: the headline on the first line, and what AWS
/// or the SDK said on those below.
pub(crate) fn message(error: &CallError) -> String {
    match Cause::of(error) {
        Some(cause) => format!("{}\n{}", cause.headline(error), evidence(error, cause)),
        None => format!("the first call to AWS failed: {error}"),
    }
}

/// The same where the cause lies on this machine or on the way, and nothing where AWS has
/// answered something else.
pub(crate) fn known(error: &CallError) -> Option<String> {
    Cause::of(error).map(|_| message(error))
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    NoCredentials,
    NotSignedIn,
    UnusableProfile,
    UnusableSource,
    ExpiredSession,
    UnknownAccessKey,
    WrongSecret,
    WrongClock,
    RegionWithoutSts,
    Proxy,
    ProxyCredentials,
    NoName,
    Certificate,
    OutdatedCertificate,
    NoConnection,
}

impl Cause {
    fn of(error: &CallError) -> Option<Self> {
        Self::of_answer(error)
            .or_else(|| Self::on_the_way(error))
            .or_else(|| Self::of_credentials(error))
    }

    /// By AWS's error codes
    /// (<https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
    fn of_answer(error: &CallError) -> Option<Self> {
        match &*error.code {
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
                Some(Self::ExpiredSession)
            }
            "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "InvalidToken" => Some(Self::UnknownAccessKey),
            "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => {
                Some(Self::WrongClock)
            }
            "SignatureDoesNotMatch" | "InvalidSignatureException" => {
                Some(match is_of_another_time(&error.message) {
                    true => Self::WrongClock,
                    false => Self::WrongSecret,
                })
            }
            "RegionDisabledException" => Some(Self::RegionWithoutSts),
            "Http407" => Some(Self::ProxyCredentials),
            _ => None,
        }
    }

    /// By what broke before AWS answered. The types of most are private to the SDK's HTTP
    /// client, so that their texts must do.
    fn on_the_way(error: &CallError) -> Option<Self> {
        let chain = error.chain();
        let texts: Vec<String> = chain.iter().map(ToString::to_string).collect();
        let says = |part: &str| texts.iter().any(|text| text.contains(part));
        if says("tunnel error: proxy authorization required") {
            return Some(Self::ProxyCredentials);
        }
        if says("tunnel error: ") {
            return Some(Self::Proxy);
        }
        if error.is_name_not_found() {
            return Some(Self::NoName);
        }
        let of_tls = chain
            .iter()
            .find_map(|error| error.downcast_ref::<rustls::Error>());
        match of_tls {
            Some(rustls::Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            )) => Some(Self::OutdatedCertificate),
            Some(_) => Some(Self::Certificate),
            None if matches!(&*error.code, "Timeout" | "ConnectionFailed") => {
                Some(Self::NoConnection)
            }
            None => None,
        }
    }

    /// By where the credentials should have come from.
    fn of_credentials(error: &CallError) -> Option<Self> {
        let chain = error.chain();
        let found = chain
            .iter()
            .find_map(|error| error.downcast_ref::<CredentialsError>())?;
        Some(match found {
            CredentialsError::CredentialsNotLoaded(_) if is_of_lost_profile(&chain) => {
                Self::UnusableProfile
            }
            CredentialsError::CredentialsNotLoaded(_) => Self::NoCredentials,
            CredentialsError::InvalidConfiguration(_) => Self::UnusableProfile,
            _ if is_of_sign_in(&chain) => Self::NotSignedIn,
            _ => Self::UnusableSource,
        })
    }

    fn is_of_credentials(self) -> bool {
        matches!(
            self,
            Self::NoCredentials | Self::NotSignedIn | Self::UnusableProfile | Self::UnusableSource
        )
    }

    fn headline(self, error: &CallError) -> String {
        let region = &error.site.region;
        match self {
            Self::NoCredentials => "there are no AWS credentials: name a profile (--profile, AWS_PROFILE), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in (aws sso login, aws login)".to_owned(),
            Self::NotSignedIn => "the profile's sign-in session has expired or is not there: sign in again (aws sso login, or aws login, with the profile)".to_owned(),
            Self::UnusableProfile => "the profile cannot be used: mend it in ~/.aws/config (aws configure list shows what is read)".to_owned(),
            Self::UnusableSource => "the credentials could not be got from where the profile or the environment says: mend that, or name another profile (--profile, AWS_PROFILE)".to_owned(),
            Self::ExpiredSession => "the AWS session has expired: sign in again (aws sso login, aws login), or renew AWS_SESSION_TOKEN and its keys".to_owned(),
            Self::UnknownAccessKey => format!("AWS does not know the access key: it is deleted or inactive, its session token is missing or of another key, it is of another partition, or {region} is not enabled in its account; check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or the profile"),
            Self::WrongSecret => "the secret access key is not that of the access key: check AWS_SECRET_ACCESS_KEY, or the profile in ~/.aws/credentials".to_owned(),
            Self::WrongClock => match clock_off(&error.message) {
                Some(off) => format!("the clock of this machine is wrong, {off} AWS's: set it (timedatectl set-ntp true)"),
                None => "the clock of this machine is wrong: set it (timedatectl set-ntp true)".to_owned(),
            },
            Self::RegionWithoutSts => format!("STS is not active for the account in {region}: run in another Region (--region, AWS_REGION), or activate it in IAM's account settings"),
            Self::Proxy => "the proxy does not connect to AWS: check HTTPS_PROXY, and what the proxy allows; NO_PROXY names what is reached without".to_owned(),
            Self::ProxyCredentials => "the proxy wants a user name and a password: give them in HTTPS_PROXY (http://user:password@proxy.example.com:3128)".to_owned(),
            Self::NoName => format!("the name of AWS's endpoint in {region} is not found: check the network, its DNS or VPN, the Region's name, and whether a proxy is needed (HTTPS_PROXY)"),
            Self::Certificate => "the certificate of AWS's endpoint is not trusted: where a proxy looks into TLS, name its CA bundle (AWS_CA_BUNDLE, or ca_bundle in the profile)".to_owned(),
            Self::OutdatedCertificate => "the certificate of AWS's endpoint is not valid now: set the clock of this machine (timedatectl set-ntp true), or, where a proxy looks into TLS, have its certificate renewed".to_owned(),
            Self::NoConnection => "there is no connection to AWS: check the network, its firewall or VPN, and whether a proxy is needed (HTTPS_PROXY, NO_PROXY)".to_owned(),
        }
    }
}

/// What was said, line by line as the SDK broke it: of credentials, by their source.
fn evidence(error: &CallError, cause: Cause) -> String {
    if !cause.is_of_credentials() {
        return error.to_string();
    }
    let chain = error.chain();
    let is_general = |error: &&(dyn Error + 'static)| error.is::<CredentialsError>();
    let source = chain.iter().rposition(is_general).map_or(0, |at| at + 1);
    let said: Vec<String> = match &chain[source..] {
        [] => chain.last().map(ToString::to_string).into_iter().collect(),
        below => below.iter().map(ToString::to_string).collect(),
    };
    said.join("\n")
}

/// Whether a profile names another one that is not there. That there is none called
/// `default` is no fault.
fn is_of_lost_profile(chain: &[&(dyn Error + 'static)]) -> bool {
    chain.iter().any(|error| {
        let text = error.to_string();
        text.contains("` was not defined") && !text.contains("profile `default` was not defined")
    })
}

/// Whether credentials are missing because a person has to sign in: to SSO or, with
/// `aws login`, to the console.
fn is_of_sign_in(chain: &[&(dyn Error + 'static)]) -> bool {
    const SAID: [&str; 6] = [
        "expired",
        "reauthenticate",
        "sso/cache",
        "login/cache",
        "session token not found or invalid",
        "unauthorizedexception",
    ];
    chain.iter().any(|error| {
        let text = error.to_string().to_lowercase();
        SAID.iter().any(|said| text.contains(said))
    })
}

/// Whether a signature was refused for its time.
fn is_of_another_time(message: &str) -> bool {
    message.starts_with("Signature expired") || message.starts_with("Signature not yet current")
}

/// How far the clock is off, by `Signature expired: 20261129T171000Z is now earlier than
/// 20261129T172400Z (20261129T173900Z - 15 min.)`: the first moment is this machine's,
/// the last AWS's.
fn clock_off(message: &str) -> Option<String> {
    let is_time = |word: &&str| word.len() == 16 && word.ends_with('Z');
    let words = message.split(|c: char| !c.is_ascii_alphanumeric());
    let times: Vec<Timestamp> = words.filter(is_time).filter_map(moment).collect();
    let [here, _, at_aws] = times[..] else {
        return None;
    };
    let minutes = here.duration_since(at_aws).as_mins();
    Some(match minutes {
        0.. => format!("{minutes} minutes ahead of"),
        _ => format!("{} minutes behind", minutes.unsigned_abs()),
    })
}

fn moment(text: &str) -> Option<Timestamp> {
    let at = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::clock_off;

    #[test]
    fn how_far_the_clock_is_off_is_read_from_what_aws_says() {
        for (message, off) in [
            (
                "Signature expired: 20261129T171000Z is now earlier than 20261129T172400Z (20261129T173900Z - 15 min.)",
                Some("29 minutes behind"),
            ),
            (
                "Signature not yet current: 20261129T181000Z is still later than 20261129T172900Z (20261129T171400Z + 15 min.)",
                Some("56 minutes ahead of"),
            ),
            ("Signature expired: then", None),
            ("Request has expired.", None),
        ] {
            assert_eq!(clock_off(message).as_deref(), off, "{message}");
        }
    }
}
