//! Once a minute: nudge what waits without a nudge, end what has passed its deadline.
