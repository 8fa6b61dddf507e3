//! What is particular to service-specific credentials of IAM users.

/// Services whose credentials can be made to expire: those with long-term API keys
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_api_keys_for_aws_services.html>).
const WITH_EXPIRY: [&str; 2] = ["bedrock.amazonaws.com", "logs.amazonaws.com"];

/// Whether a credential for `service` can be made to expire.
#[must_use]
pub fn can_expire(service: &str) -> bool {
    WITH_EXPIRY.contains(&service)
}

/// The user and the service among the names of a credential of the user with this `arn`. Neither is
/// known where the names are not a user's and a service's.
#[must_use]
pub fn user_and_service<'a>(names: &'a [String], arn: &str) -> Option<(&'a str, &'a str)> {
    let [one, other] = names else {
        return None;
    };
    let is_user = |name: &str| {
        let before = arn.strip_suffix(name);
        before.is_some_and(|before| before.ends_with('/'))
    };
    match (is_user(one), is_user(other)) {
        (true, false) => Some((one, other)),
        (false, true) => Some((other, one)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::user_and_service;

    #[test]
    fn the_user_of_a_credential_is_the_one_of_its_arn_whatever_comes_first() {
        let names = |one: &str, other: &str| [one.to_owned(), other.to_owned()];
        let arn = "arn:aws:iam::222222222222:user/staff/anna";
        let service = "bedrock.amazonaws.com";
        for names in [names("anna", service), names(service, "anna")] {
            assert_eq!(user_and_service(&names, arn), Some(("anna", service)));
        }
        assert_eq!(user_and_service(&names("ben", service), arn), None);
        assert_eq!(user_and_service(&names("anna", "anna"), arn), None);
        assert_eq!(user_and_service(&["anna".to_owned()], arn), None);
    }
}
