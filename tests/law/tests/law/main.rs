//! The dependency law of the design, in force from the first commit. Builds in seconds: it reads what `cargo metadata`
//! says, and the sources as text.

mod edges;
mod sources;
mod template;
mod tree;
