//! A YAML or JSON document as a tree whose every value and key knows its position.
//!
//! Commands read their settings from it through serde ([`Located::read`]), so an error of any depth has a line and a column.

mod at;
mod error;
mod read;
mod tree;

pub use at::{At, OneOrMany};
pub use error::SettingsError;
pub use tree::{Located, Node};
