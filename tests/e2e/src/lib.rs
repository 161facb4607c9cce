//! Stories over HTTP on the local stack. One binary.
