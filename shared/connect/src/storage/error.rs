//! What can go wrong with files, and whether it may pass.

/// Why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Somebody changed the file since it was looked at.
    #[error("the file was changed meanwhile")]
    Changed,
    /// The file is larger than what is read.
    #[error("the file has {size} bytes, more than {limit}")]
    TooLarge {
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The store takes no such path.
    #[error("not a path that the store takes: {0}")]
    Path(String),
    /// Not allowed.
    #[error("not permitted: {0}")]
    Permission(String),
    /// The store does not answer, or refuses for another reason; it may pass.
    #[error("{0}")]
    Other(String),
}

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        use object_store::Error as E;
        match error {
            E::AlreadyExists { .. } | E::Precondition { .. } => Self::Changed,
            E::InvalidPath { .. } => Self::Path(error.to_string()),
            E::PermissionDenied { .. } | E::Unauthenticated { .. } => Self::Permission(error.to_string()),
            // S3 answers a lost race of two conditional writes so.
            other if other.to_string().contains("ConditionalRequestConflict") => Self::Changed,
            other => Self::Other(other.to_string()),
        }
    }
}
