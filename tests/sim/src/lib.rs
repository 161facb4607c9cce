//! Simulated outside for tests and demos: kintone. Shares no types with the product.

pub mod field_type;
pub mod form;
pub mod query;
pub mod record;
