//! What may differ between Suiro and a peer, and why. Everything else is a fault of one of the two.

/// An intended difference.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// Its name in answers and tables.
    pub name: &'static str,
    /// What differs, and why it is meant to.
    pub reason: &'static str,
}

/// All of them.
pub const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "double",
        reason: "averages, medians, standard deviations and shares: the peers compute them in double, Suiro in decimals; \
                 equal to 1e-12 of the largest number that went in",
    },
    Difference {
        name: "width",
        reason: "the peer's decimals end at 38 digits with one scale for the whole case, and a sum or a rescaled number needs \
                 more; Suiro keeps a number at its own scale",
    },
    Difference {
        name: "one scale",
        reason: "Suiro refuses a column that needs more than 38 digits at the largest scale among its results: an average with \
                 14 decimals beside one of 28 whole digits; the peers lose the digits instead",
    },
    Difference { name: "absent", reason: "the peer has no such operation, so the other peer alone answers" },
];

/// The entry of this name.
pub fn difference(name: &str) -> Option<&'static Difference> {
    DIFFERENCES.iter().find(|d| d.name == name)
}
