//! The operators: one file per operation of a plan.

pub(crate) mod aggregate;
pub(crate) mod append;
pub(crate) mod check;
pub(crate) mod compute;
pub(crate) mod conditions;
mod deviation;
pub(crate) mod distinct;
pub(crate) mod expand;
pub(crate) mod fill;
pub(crate) mod filter;
pub(crate) mod for_each;
pub(crate) mod group;
pub(crate) mod join;
mod joined;
pub(crate) mod lookup;
pub(crate) mod nest;
pub(crate) mod pivot;
pub(crate) mod retype;
pub(crate) mod select;
pub(crate) mod series;
pub(crate) mod sort;
pub(crate) mod unpivot;
pub(crate) mod window;
