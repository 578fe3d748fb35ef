//! The layout of V8's heap, code and frames in one target: each fact with its value, where that
//! comes from, and how it did when it was checked against the core.
//!
//! Built-in facts ([`fact`]) come first, metadata of the binary overrides them, and what was found in
//! the target itself overrides both.

pub(crate) mod fact;
pub(crate) mod metadata;
pub(crate) mod tables;
pub(crate) mod version;

use fact::{Fact, ROWS, Row, Unit};
use mdb_dmod::prelude::*;
use metadata::Metadata;
use version::{Minor, Version};

/// Where the value of a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Built in, from this version of V8 on.
    BuiltIn(Minor),
    /// A metadata symbol of the binary.
    Metadata(&'static str),
    /// Found in the target; the sentence says how.
    Derived(&'static str),
}

/// Fewer instances than this prove nothing, neither way.
const FEWEST_INSTANCES: u32 = 4;

/// How a fact did when it was checked: how many of how many instances it fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    /// Instances that it fitted.
    pub(crate) passed: u32,
    /// Instances that were looked at.
    pub(crate) tried: u32,
}

impl Score {
    /// Counts one instance.
    pub(crate) fn count(&mut self, passed: bool) {
        self.tried = self.tried.saturating_add(1);
        if passed {
            self.passed = self.passed.saturating_add(1);
        }
    }

    /// Whether enough instances were looked at and too few fitted.
    pub(crate) fn has_failed(self) -> bool {
        self.tried >= FEWEST_INSTANCES && !self.is_good()
    }

    /// Whether enough instances were looked at and enough of them fitted.
    pub(crate) fn has_passed(self) -> bool {
        self.tried >= FEWEST_INSTANCES && self.is_good()
    }

    fn is_good(self) -> bool {
        u64::from(self.passed) * 100 >= u64::from(self.tried) * 95
    }
}

/// Frames are few, and what a signal or the end of the process interrupted is among them: only where
/// fewer fit than do not is the layout wrong.
fn has_failed(fact: Fact, score: Score) -> bool {
    let is_of_frames = fact.row().is_some_and(|row| row.unit == Unit::FrameOffset);
    score.has_failed() && !(is_of_frames && score.passed.saturating_mul(2) >= score.tried)
}

/// A fact in one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its number.
    pub(crate) value: i64,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// How it did.
    pub(crate) score: Score,
}

/// All facts of one target.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The version that the target's V8 has.
    version: Version,
    facts: Vec<Option<Known>>,
    /// Facts that this V8 has, but that are not known of the target.
    forgotten: Vec<Fact>,
}

impl Layout {
    /// What is built in for a version, overridden by what the binary says.
    #[cfg(test)]
    pub(crate) fn new(version: Version, metadata: &Metadata) -> Self {
        Self::based_on(version, version.minor(), metadata)
    }

    /// What is built in for a version, `base`, overridden by what the binary says.
    pub(crate) fn based_on(version: Version, base: Minor, metadata: &Metadata) -> Self {
        let facts = ROWS
            .iter()
            .map(|row| {
                let said = row.symbols.iter().find_map(|name| Some((*name, metadata.get(name)?)));
                if let Some((name, value)) = said {
                    let origin = Origin::Metadata(name);
                    return Some(Known { value, origin, score: Score::default() });
                }
                let (from, value) = row.builtin_since(base);
                let origin = Origin::BuiltIn(from);
                Some(Known { value: value?, origin, score: Score::default() })
            })
            .collect();
        Self { version, facts, forgotten: Vec::new() }
    }

    /// All facts with what is known of them, in the order of the table.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (&'static Row, Option<&Known>)> {
        ROWS.iter().zip(self.facts.iter().map(Option::as_ref))
    }

    /// All that is known of a fact.
    pub(crate) fn known(&self, fact: Fact) -> Option<&Known> {
        self.facts.get(fact as usize)?.as_ref()
    }

    /// Whether a fact was checked and does not fit.
    pub(crate) fn is_unfit(&self, fact: Fact) -> bool {
        self.known(fact).is_some_and(|known| has_failed(fact, known.score))
    }

    /// The number of a fact, if this V8 has it and it fits.
    pub(crate) fn get(&self, fact: Fact) -> Option<i64> {
        self.known(fact).filter(|known| !has_failed(fact, known.score)).map(|known| known.value)
    }

    /// The number of a fact, or a sentence that says what is not known.
    pub(crate) fn need(&self, fact: Fact) -> Result<i64> {
        match self.known(fact) {
            Some(known) if !has_failed(fact, known.score) => Ok(known.value),
            Some(known) => Err(Error::new(format!(
                "{} of V8 {} does not fit this core ({} of {}): see ::v8layout -v",
                fact.name(),
                self.version,
                known.score.passed,
                known.score.tried,
            ))),
            None => Err(Error::new(format!(
                "{} is not known of V8 {}: see ::v8layout -v",
                fact.name(),
                self.version,
            ))),
        }
    }

    /// Whether this variant of an algorithm is in use.
    pub(crate) fn is(&self, fact: Fact) -> bool {
        self.get(fact).is_some_and(|value| value != 0)
    }

    /// Overrides a fact with what the target itself shows.
    pub(crate) fn derive(&mut self, fact: Fact, value: i64, how: &'static str) {
        if let Some(place) = self.facts.get_mut(fact as usize) {
            *place = Some(Known { value, origin: Origin::Derived(how), score: Score::default() });
        }
    }

    /// A fact is not known of this target.
    pub(crate) fn forget(&mut self, fact: Fact) {
        if let Some(place) = self.facts.get_mut(fact as usize) {
            *place = None;
            self.forgotten.push(fact);
        }
    }

    /// Whether it is a fact that this V8 has, but that is not known of the target.
    pub(crate) fn is_unknown(&self, fact: Fact) -> bool {
        self.known(fact).is_none() && self.forgotten.contains(&fact)
    }

    /// Takes what a version has instead of what is there; nothing, where that version lacks it.
    pub(crate) fn take_from(&mut self, fact: Fact, version: Minor, how: &'static str) {
        let value = fact.row().and_then(|row| row.builtin_for(version));
        if let Some(place) = self.facts.get_mut(fact as usize) {
            *place = value.map(|value| Known {
                value,
                origin: Origin::Derived(how),
                score: Score::default(),
            });
        }
    }

    /// Adds to the score of a fact.
    pub(crate) fn score(&mut self, fact: Fact, score: Score) {
        if let Some(Some(known)) = self.facts.get_mut(fact as usize) {
            // A fact is as good as the worst of its checks.
            let (old, new) = (known.score, score);
            if old.has_failed() && !new.has_failed() {
                return;
            }
            if new.has_failed() && !old.has_failed() {
                known.score = new;
                return;
            }
            known.score.passed = known.score.passed.saturating_add(score.passed);
            known.score.tried = known.score.tried.saturating_add(score.tried);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_binary_says_counts_more() {
        let metadata = Metadata::new(vec![("class_JSFunction__shared__X".into(), 77)]);
        let version = Version { major: 12, minor: 4, ..Version::default() };
        let mut layout = Layout::new(version, &metadata);
        assert_eq!(layout.get(Fact::JsFunctionShared), Some(77));
        assert_eq!(layout.get(Fact::JsFunctionContext), Some(40));
        layout.derive(Fact::JsFunctionShared, 78, "seen");
        assert_eq!(layout.get(Fact::JsFunctionShared), Some(78));
        assert_eq!(layout.get(Fact::ContextCellValue), None);
    }

    #[test]
    fn few_instances_prove_nothing() {
        let score = |passed, tried| Score { passed, tried };
        assert!(!score(0, 3).has_failed() && !score(3, 3).has_passed());
        assert!(score(0, 4).has_failed() && score(4, 4).has_passed());
        assert!(score(94, 100).has_failed() && score(95, 100).has_passed());
        // A fact is as good as the worst of its checks.
        let mut layout = Layout::new(Version::default(), &Metadata::default());
        layout.score(Fact::JsFunctionShared, score(1000, 1000));
        layout.score(Fact::JsFunctionShared, score(0, 4));
        assert_eq!(layout.get(Fact::JsFunctionShared), None);
        layout.score(Fact::JsFunctionShared, score(1000, 1000));
        assert_eq!(layout.get(Fact::JsFunctionShared), None);
    }

    #[test]
    fn what_was_not_found_is_unknown() {
        let mut layout = Layout::new(Version::default(), &Metadata::default());
        layout.forget(Fact::IsolateEntryFp);
        assert!(layout.is_unknown(Fact::IsolateEntryFp) && !layout.is_unknown(Fact::IsolateHeap));
        let error = layout.need(Fact::IsolateEntryFp).err().map(|e| e.to_string());
        assert!(error.unwrap_or_default().contains("c_entry_fp is not known of V8"));
        layout.derive(Fact::IsolateEntryFp, 8, "seen");
        assert!(!layout.is_unknown(Fact::IsolateEntryFp));
    }

    #[test]
    fn a_fact_that_failed_is_not_relied_on() {
        let mut layout = Layout::new(Version::default(), &Metadata::default());
        assert!(layout.need(Fact::JsFunctionShared).is_ok());
        layout.score(Fact::JsFunctionShared, Score { passed: 1, tried: 20 });
        assert_eq!(layout.get(Fact::JsFunctionShared), None);
        let error = layout.need(Fact::JsFunctionShared).err().map(|e| e.to_string());
        assert!(error.unwrap_or_default().contains("does not fit"));
    }
}
