//! HTTP around the simulated kintone: listening, the way of a call, the control endpoint.

pub mod call;
pub mod control;
pub mod domain;
pub mod listen;
pub mod reply;
pub mod upload;
