//! A stable sort by a number of some bits: digit by digit, the lowest first.

/// Bits of a digit: 2,048 counters fit the first cache.
const DIGIT: u32 = 11;

/// The rows in ascending order of their values, of which `bits` low bits are used; equal ones as they stood.
pub(super) fn sort(rows: &[u32], values: &[u64], bits: u32) -> Vec<u32> {
    let row_bits = u32::BITS - u32::try_from(values.len()).unwrap_or(u32::MAX).leading_zeros();
    if bits + row_bits <= u64::BITS {
        // Value and row in one word: half the memory to move.
        let items = rows.iter().map(|row| values[*row as usize] << row_bits | u64::from(*row)).collect();
        let mask = (1u64 << row_bits) - 1;
        return by_digits(items, bits, |item| item >> row_bits).into_iter().map(|item| (item & mask) as u32).collect();
    }
    let items = rows.iter().map(|row| (values[*row as usize], *row)).collect();
    by_digits(items, bits, |item| item.0).into_iter().map(|item| item.1).collect()
}

fn by_digits<T: Copy>(mut items: Vec<T>, bits: u32, value: impl Fn(T) -> u64) -> Vec<T> {
    let passes = bits.div_ceil(DIGIT);
    let digit_bits = if passes == 0 { 0 } else { bits.div_ceil(passes) };
    let mask = (1u64 << digit_bits) - 1;
    let mut target = items.clone();
    for pass in 0..passes {
        let digit = |item: T| (value(item) >> (pass * digit_bits) & mask) as usize;
        let mut places = vec![0usize; 1 << digit_bits];
        for item in &items {
            places[digit(*item)] += 1;
        }
        if places.contains(&items.len()) {
            continue; // all have this digit in common
        }
        let mut next = 0;
        for place in &mut places {
            let count = *place;
            *place = next;
            next += count;
        }
        for item in &items {
            let place = &mut places[digit(*item)];
            target[*place] = *item;
            *place += 1;
        }
        std::mem::swap(&mut items, &mut target);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_stable_sort(values in prop::collection::vec(any::<u64>(), 0..300), bits in 1u32..=64) {
            let values: Vec<u64> = values.into_iter().map(|v| if bits == 64 { v } else { v & ((1 << bits) - 1) & 0xF0F0_F0F0_F0F0_F0F1 }).collect();
            let rows: Vec<u32> = (0u32..).take(values.len()).collect();
            let mut expected = rows.clone();
            expected.sort_by_key(|row| values[*row as usize]);
            prop_assert_eq!(sort(&rows, &values, bits), expected);
        }
    }
}
