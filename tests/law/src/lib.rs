//! The law is in tests/law; this crate has nothing to build.
