//! Stories over HTTP: a simulated kintone, the local stack, and people and programs that call them.

mod awaits;
mod book;
mod budget;
mod caps;
mod faults;
mod files;
mod gate;
mod made;
mod output;
mod refusals;
mod sheet;
mod story;
mod tools;
mod undo;
mod webhook;
