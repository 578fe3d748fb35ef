//! Sorting of packed numbers, several times as fast as by comparing them.

/// So many bits are sorted by in one pass: their counts fit in a first-level cache.
const BITS: u32 = 11;
const BUCKETS: usize = 1 << BITS;
/// Fewer entries are sorted by comparing them.
const FEW: usize = 1 << 12;

/// Sorts entries by their bits from `from` on. The bits below have to be in order already, among
/// entries that are alike above.
pub(crate) fn sort_above(mut entries: Vec<u64>, from: u32) -> Vec<u64> {
    if entries.is_sorted() {
        return entries;
    }
    if entries.len() < FEW {
        entries.sort_unstable();
        return entries;
    }
    let highest = entries.iter().copied().max().unwrap_or(0);
    let mut sorted = vec![0; entries.len()];
    let mut from = from;
    while highest.checked_shr(from).is_some_and(|left| left != 0) {
        let bucket = |entry: u64| (entry >> from) as usize & (BUCKETS - 1);
        let mut places = [0_usize; BUCKETS];
        for entry in &entries {
            if let Some(count) = places.get_mut(bucket(*entry)) {
                *count += 1;
            }
        }
        let mut before = 0;
        for place in &mut places {
            let count = *place;
            *place = before;
            before += count;
        }
        for entry in &entries {
            if let Some(place) = places.get_mut(bucket(*entry)) {
                if let Some(slot) = sorted.get_mut(*place) {
                    *slot = *entry;
                }
                *place += 1;
            }
        }
        std::mem::swap(&mut entries, &mut sorted);
        from += BITS;
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_standard_library_sorts(
            seeds in prop::collection::vec(any::<u64>(), 1..80),
            low in 13u32..24,
            wide in 1u32..64,
            few in any::<bool>(),
        ) {
            let count = if few { 40 } else { FEW + 123 };
            // Upper parts all over the place, lower parts ascending: all numbers fit in 13 bits.
            let limit = u64::MAX >> wide.max(low);
            let entries: Vec<u64> = (0..count as u64)
                .map(|n| {
                    let seed = seeds[n as usize % seeds.len()];
                    let upper = seed.wrapping_mul(n | 1) & limit;
                    upper << low | n & ((1 << low) - 1)
                })
                .collect();
            let mut expected = entries.clone();
            expected.sort_unstable();
            prop_assert_eq!(sort_above(entries, low), expected);
        }
    }
}
