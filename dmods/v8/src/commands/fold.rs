//! Folding of deep recursion: cycles of equal frames.

use std::collections::VecDeque;

/// The longest cycle that is seen.
const LONGEST_CYCLE: usize = 16;
/// So many cycles are shown before the rest is folded.
const SHOWN_CYCLES: usize = 3;

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    /// It is shown. First, so many that were not shown are told of.
    Show {
        /// How many were folded before it.
        folded: u64,
    },
    /// It is folded.
    Skip,
}

/// Sees frames one by one, by keys that are equal for frames that look alike.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// The last keys.
    recent: VecDeque<u64>,
    /// For each length of a cycle, how many frames in a row were like the one that many before.
    alike: [usize; LONGEST_CYCLE],
    /// The cycle that is being folded.
    cycle: Option<usize>,
    folded: u64,
}

impl Folder {
    /// Sees the next frame.
    pub(crate) fn next(&mut self, key: u64) -> Fold {
        for (index, alike) in self.alike.iter_mut().enumerate() {
            let before = self.recent.get(index);
            *alike = if before == Some(&key) { alike.saturating_add(1) } else { 0 };
        }
        self.recent.push_front(key);
        self.recent.truncate(LONGEST_CYCLE);
        if let Some(cycle) = self.cycle {
            if self.alike.get(cycle.saturating_sub(1)).is_some_and(|alike| *alike > 0) {
                self.folded = self.folded.saturating_add(1);
                return Fold::Skip;
            }
            self.cycle = None;
        } else {
            let mut lengths = (1..=LONGEST_CYCLE).zip(&self.alike);
            let found = lengths.find(|(length, alike)| **alike > (SHOWN_CYCLES - 1) * length);
            if let Some((length, _)) = found {
                self.cycle = Some(length);
                self.folded = 1;
                return Fold::Skip;
            }
        }
        Fold::Show { folded: self.take() }
    }

    /// How many were folded since the last that was shown.
    pub(crate) fn take(&mut self) -> u64 {
        std::mem::take(&mut self.folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that are shown, and numbers of folded ones (negative).
    fn fold(keys: impl IntoIterator<Item = u64>) -> Vec<i64> {
        let mut folder = Folder::default();
        let mut out = Vec::new();
        for key in keys {
            if let Fold::Show { folded } = folder.next(key) {
                if folded > 0 {
                    out.push(-(folded as i64));
                }
                out.push(key as i64);
            }
        }
        match folder.take() {
            0 => {}
            folded => out.push(-(folded as i64)),
        }
        out
    }

    #[test]
    fn repetition_is_folded() {
        let deep = [1].into_iter().chain(std::iter::repeat_n(2, 10_903)).chain([3]);
        assert_eq!(fold(deep), [1, 2, 2, 2, -10_900, 3]);
        assert_eq!(fold([2, 2, 2, 3]), [2, 2, 2, 3]);
        assert_eq!(fold([2, 2, 2, 2]), [2, 2, 2, -1]);
    }

    #[test]
    fn cycles_are_folded() {
        let cycle = (0..3000).map(|n| n % 3).chain([9, 8]);
        assert_eq!(fold(cycle), [0, 1, 2, 0, 1, 2, 0, 1, 2, -2991, 9, 8]);
        let two = [7, 8].repeat(4);
        assert_eq!(fold(two), [7, 8, 7, 8, 7, 8, -2]);
        assert_eq!(fold(0..100), (0..100).collect::<Vec<i64>>());
    }
}
