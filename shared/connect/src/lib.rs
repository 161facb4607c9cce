//! The outside: kintone. The only product crate that names the HTTP client.

pub mod kintone;
