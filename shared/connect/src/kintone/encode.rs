//! Values to the JSON that kintone takes, written straight into bytes.

/// Why a value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: {reason}")]
pub struct EncodeError {
    /// Field code.
    pub field: String,
    /// Why, in technical words.
    pub reason: String,
}
