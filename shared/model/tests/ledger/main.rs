//! The ledger over the store in memory.

mod budget;
mod callers;
mod coalescing;
mod credentials;
mod floods;
mod repeats;
mod requests;
mod scene;
mod schedule_runs;
mod schedules;
mod undoing;
