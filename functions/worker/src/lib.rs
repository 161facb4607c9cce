//! One nudge: gate, flows in order, log.
