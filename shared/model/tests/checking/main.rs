//! The gate, the output budget, the gate of scheduled runs, leases, journal and fence, explored exhaustively: every order of
//! what workers, requests, schedules, time and faults can do, up to a depth. The decisions are the real ones; around them
//! `world` plays the store's transactions, the workers and kintone's side of the fence.
//!
//! Nudges are not played: any idle worker may look at any unit at any time, which is more than lost, late and doubled nudges can
//! do. A worker may be lost at any point, may stall at any point and go on when it is too late, and what it has sent to kintone may
//! arrive at any time, with or without its answer arriving.
//!
//! For every rule there is a variant of the world without it (`rules`), and a test that the exploration finds what goes wrong.
//! `SUIRO_DEPTH=4 cargo test --release -p model --test checking` explores four steps deeper than the suite does.

mod broken;
mod rules;
mod scenes;
mod steps;
mod world;
