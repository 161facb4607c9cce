//! A YAML or JSON document as a tree whose every value and key knows its position.
//!
//! Commands read their settings from it through serde ([`Located::read`]), so an error of any depth has a line and a column.

mod read;
mod tree;

pub use read::{At, OneOrMany, SettingsError};
pub use tree::{Located, Node};
