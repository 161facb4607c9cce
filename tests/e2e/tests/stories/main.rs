//! Stories over HTTP: a simulated kintone, the local stack, and people and programs that call them.

mod awaits;
mod bare;
mod book;
mod budget;
mod caps;
mod coalescing;
mod cost;
mod faults;
mod files;
mod gate;
mod given_up;
mod histories;
mod made;
mod minimum;
mod output;
mod parked;
mod people;
mod refusals;
mod sheet;
mod story;
mod tools;
mod undo;
mod unlogged;
mod unreliable;
mod waiting;
mod webhook;
