//! The `suiro` binary.
fn main() {}
