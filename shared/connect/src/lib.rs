//! The outside: kintone, and where files lie. The only product crate that names the HTTP client.

pub mod kintone;
pub mod messages;
pub mod records;
pub mod storage;
