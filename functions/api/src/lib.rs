//! Realtime URLs: verify, admit, nudge, tell the state.
