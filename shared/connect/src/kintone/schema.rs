//! What an app looks like: its form, its name, its number precision.

use model::field::AppSchema;

use super::client::Kintone;
use super::error::KintoneError;

/// An app's schema, and what could not be learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaRead {
    /// The schema: `$id` and `$revision`, then the form's fields.
    pub schema: AppSchema,
    /// The app's settings are not readable with this credential: kintone's default precision is assumed.
    pub precision_assumed: bool,
    /// The app's name is not readable with this credential: it is empty.
    pub name_unknown: bool,
}

impl Kintone {
    /// Describes an app: three calls at once.
    pub async fn schema(&self, app: u64) -> Result<SchemaRead, KintoneError> {
        let _ = app;
        Err(KintoneError::local("not there yet"))
    }
}
