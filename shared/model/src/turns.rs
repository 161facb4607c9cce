//! Turns: where only some of many can be looked at now, each has its turn within some minutes. Nothing is kept for it.

use crate::clock::Timestamp;

/// From which of `len` things to begin now, where `most` of them are looked at: at the first where that is all of them,
/// else behind those that were looked at a minute before. So things that stay where they are, because nothing can be done
/// about them, keep no others from their turn.
pub fn begin(now: Timestamp, len: usize, most: usize) -> usize {
    if len <= most {
        return 0;
    }
    let minutes = usize::try_from(now.seconds().div_euclid(60)).unwrap_or_default();
    minutes.wrapping_mul(most) % len
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_has_its_turn() {
        let start = Timestamp(1_800_000_000_000);
        let minute = Duration::from_secs(60);
        for (len, most) in [(21, 20), (40, 20), (399, 20), (501, 500), (1, 1), (7, 3)] {
            let mut seen = BTreeSet::new();
            for n in 0..u32::try_from(len / most + 1).expect("few") {
                let from = begin(start + minute * n, len, most);
                seen.extend((from..from + most).map(|at| at % len));
            }
            assert_eq!(seen.len(), len, "{len}, {most} at once");
        }
        assert_eq!(begin(start + minute, 20, 20), 0, "all of them: in their order");
        assert_eq!(begin(start, 0, 20), 0);
    }
}
