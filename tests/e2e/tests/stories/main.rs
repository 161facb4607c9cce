//! Stories over HTTP: a simulated kintone, the local stack, and people and programs that call them.

mod story;
mod webhook;
