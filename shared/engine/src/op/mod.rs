//! The operators: one file per operation of a plan.

pub(crate) mod aggregate;
pub(crate) mod compute;
pub(crate) mod conditions;
pub(crate) mod expand;
pub(crate) mod filter;
pub(crate) mod for_each;
pub(crate) mod group;
pub(crate) mod join;
pub(crate) mod lookup;
pub(crate) mod nest;
pub(crate) mod retype;
pub(crate) mod select;
pub(crate) mod sort;
pub(crate) mod window;
