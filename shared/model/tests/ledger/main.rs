//! The ledger over the store in memory.

mod budget;
mod requests;
mod scene;
mod schedule_runs;
mod schedules;
