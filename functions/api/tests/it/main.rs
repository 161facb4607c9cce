//! The router over the store in memory: what the stories of tests/e2e cannot count.

mod doors;
mod flood;
mod nudging;
mod repeats;
mod scene;
mod status;
mod whose;
