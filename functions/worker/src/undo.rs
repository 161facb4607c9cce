//! Taking back what a run wrote.
//!
//! Where its unit says so, a run keeps what the records held before it writes ([`images`]) and notes of every bulk that it
//! took effect ([`notes`]). A later run reads both, looks at the records as they are now ([`standing`]), and writes what
//! nobody has changed since as any flow is written ([`restoring`]).

pub mod finding;
mod fitting;
pub mod images;
pub mod left;
pub mod lost;
pub mod notes;
pub mod restoring;
pub mod standing;

use connect::storage::FileStore;

/// What is kept of one flow of a run.
#[derive(Clone, Copy, Debug)]
pub struct OfFlow<'a> {
    /// The unit's store.
    pub store: &'a FileStore,
    /// The run.
    pub run: &'a str,
    /// The flow's number in its unit.
    pub flow: usize,
}
