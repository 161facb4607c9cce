//! The gate, the output budget, the gate of scheduled runs, leases, journal, fence and the list of runs to log, explored
//! exhaustively by stateright: every order of what workers, requests, schedules, time and faults can do, up to a depth. The
//! decisions are the real ones; around them `world` plays the store's transactions, the workers and kintone's side of the fence.
//!
//! Nudges are not played: any idle worker may look at any unit at any time, which is more than lost, late and doubled nudges can
//! do. A worker may be lost at any point, may stall at any point and go on when it is too late, and what it has sent to kintone may
//! arrive at any time, with or without its answer arriving.
//!
//! `scenes` are small worlds, each about one thing. `meeting` is the world of three units, a schedule and three workers, in which
//! everything meets: explored from its beginning and from the middle of what happens there (`begun`: the way there is written
//! down, and each step of it must be possible). `walks` go through it by chance until all runs have ended and are told, far beyond
//! the depth. `canonical` makes one state of those that nothing can tell apart, and the walks look whether it loses anything.
//! `urls` is a world of its own, for invariant 7.
//!
//! The depth is a number of steps, and every state within it is judged. For every rule there is a variant of the world without
//! what keeps it (`rules`), and a test that the exploration finds what goes wrong (`broken`, `broken_meeting`).
//! `SUIRO_DEPTH=3 cargo test --release -p model --test checking` explores three steps deeper than the suite does;
//! `SUIRO_WALKS=20000` walks so often.

mod begun;
mod broken;
mod broken_meeting;
mod canonical;
mod explore;
mod judging;
mod meeting;
mod rules;
mod scene;
mod scenes;
mod situations;
mod steps;
mod urls;
mod walks;
mod world;
