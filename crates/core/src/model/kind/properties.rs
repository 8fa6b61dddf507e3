//! What sets one kind of key apart from another, in AWS's terms.

/// The AWS resource that a key is, or whose credential it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyResource {
    /// A KMS key.
    KmsKey,
    /// A secret of Secrets Manager.
    Secret,
    /// An IAM user.
    IamUser,
    /// An account's root user.
    RootUser,
}

/// What the ID of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyId {
    /// Its own, which texts have in full.
    Full,
    /// Its own, of which texts have the last characters
    /// ([`shortened`](crate::model::access_key::shortened)).
    Shortened,
    /// The name of its user.
    UserName,
}

/// Where AWS reports the last use of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastUseSource {
    /// In an answer about the key alone.
    Answer,
    /// In the credential report of its account alone, which can be older than the run.
    CredentialReport,
    /// In the list of its Region: the day, without a time. Since when it is recorded is not
    /// documented.
    List,
    /// Nowhere: AWS does not record it.
    Nowhere,
}
