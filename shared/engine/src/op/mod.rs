//! The operators: one file per operation of a plan.

pub(crate) mod aggregate;
pub(crate) mod compute;
pub(crate) mod conditions;
pub(crate) mod filter;
pub(crate) mod group;
pub(crate) mod join;
pub(crate) mod select;
