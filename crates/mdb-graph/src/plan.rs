//! Shares of the work, equal by bytes.

use std::ops::Range;

/// A share is at least this large.
const LEAST: u64 = 1 << 20;

/// About so many shares at most, so that the list of them stays small however large the blocks say
/// they are.
const MOST: u64 = 1 << 14;

/// What a range costs besides its bytes.
const EACH: u64 = 16;

/// Shares begin and end at multiples of this, so that no word is cut.
const PAGE: u64 = 4096;

/// What one thread does at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// These ranges, by number.
    Whole(Range<usize>),
    /// A part of one range, which is large. The shares of a range follow each other.
    Part {
        /// The number of the range.
        number: usize,
        /// First address.
        start: u64,
        /// The address behind the last.
        end: u64,
    },
}

/// Deals out `ranges` (first address, address behind the last), in order.
pub(crate) fn shares(ranges: impl Iterator<Item = (u64, u64)> + Clone) -> Vec<Share> {
    let cost = |(start, end): (u64, u64)| end.saturating_sub(start).saturating_add(EACH);
    // Roots may overlap, so the sum may be more than an address space.
    let total: u128 = ranges.clone().map(|range| u128::from(cost(range))).sum();
    let share = u64::try_from(total / u128::from(MOST)).unwrap_or(u64::MAX);
    let share = share.max(LEAST).saturating_add(PAGE);
    let mut shares = Vec::new();
    let mut first = 0;
    let mut sum = 0u64;
    let mut count = 0;
    for (number, (start, end)) in ranges.enumerate() {
        count = number + 1;
        let cost = cost((start, end));
        if cost / 2 > share {
            if first < number {
                shares.push(Share::Whole(first..number));
            }
            let mut at = start;
            while at < end {
                let cut = at.saturating_add(share) & !(PAGE - 1);
                let stop = if cut > at && cut < end { cut } else { end };
                shares.push(Share::Part { number, start: at, end: stop });
                at = stop;
            }
            (first, sum) = (count, 0);
            continue;
        }
        sum = sum.saturating_add(cost);
        if sum >= share {
            shares.push(Share::Whole(first..count));
            (first, sum) = (count, 0);
        }
    }
    if first < count {
        shares.push(Share::Whole(first..count));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Each range in exactly one share, or in parts without gaps; few shares, none too large.
        #[test]
        fn nothing_is_lost(list in prop::collection::vec(
            (any::<u64>(), prop_oneof![0u64..100, 0u64..10 << 20, any::<u64>()]), 0..50)) {
            let ranges: Vec<_> = list.iter().map(|(a, n)| (*a, a.saturating_add(*n))).collect();
            let shares = shares(ranges.iter().copied());
            prop_assert!(shares.len() as u64 <= 3 * MOST + 2 * ranges.len() as u64);
            let mut seen = Vec::new();
            for share in shares {
                match share {
                    Share::Whole(numbers) => seen.extend(numbers.map(|n| (n, ranges[n]))),
                    Share::Part { number, start, end } => match seen.last_mut() {
                        Some((last, range)) if *last == number => {
                            prop_assert_eq!(range.1, start);
                            prop_assert_eq!(start % PAGE, 0);
                            range.1 = end;
                        }
                        _ => seen.push((number, (start, end))),
                    },
                }
            }
            prop_assert_eq!(seen, ranges.into_iter().enumerate().collect::<Vec<_>>());
        }
    }
}
