//! The demo: a company on a simulated kintone, and the seed's own story told live in the terminal.

pub mod company;
