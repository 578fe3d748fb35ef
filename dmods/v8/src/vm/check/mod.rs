//! Whether the layout fits the target: each fact has a test that runs over objects of the target and
//! counts how many instances fit. A fact that fails is replaced by what another version of V8 has, if
//! that fits; else nobody may rely on it ([`Layout::need`] says so).

mod bytecode;
mod code;
mod fields;
pub(crate) mod frames;
mod isolates;
mod maps;
mod scopes;
mod strings;

use super::Vm;
use super::isolates::{Isolate, word_or_zero};
use super::sample::Sample;
use super::stacks::Stacks;
use crate::layout::fact::{Fact, versions};
use crate::layout::version::Minor;
use crate::layout::{Layout, Origin, Score};
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::found;
use mdb_dmod::prelude::*;

/// A test of some facts that are right or wrong together.
pub(crate) struct Check {
    /// What it tests.
    pub(crate) facts: &'static [Fact],
    /// What is of the same version as those, though no instance tests it.
    pub(crate) along: &'static [Fact],
    /// What it relies on: where one of these has failed, it says nothing.
    pub(crate) needs: &'static [Fact],
    /// The test.
    pub(crate) test: Test,
}

/// How instances are tested.
pub(crate) enum Test {
    /// What the field holds, in objects of these kinds: a small integer, or an object of a kind that
    /// fits.
    Field(&'static [Kind], Smi, fn(Kind) -> bool),
    /// In its own way.
    Own(fn(&Subject<'_>) -> Result<Score>),
}

/// Whether a field may hold a small integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Smi {
    /// It may.
    May,
    /// It never does.
    Never,
}

/// What is tested.
pub(crate) struct Subject<'a> {
    /// The machine; its layout may be another than that which is tested.
    pub(crate) vm: &'a Vm,
    /// The heap, with the layout that is tested.
    pub(crate) heap: Heap<'a>,
    /// Objects.
    pub(crate) sample: &'a Sample,
    /// The stacks of the threads.
    pub(crate) stacks: &'a Stacks,
}

/// All checks; those come first on which others rely.
fn all() -> impl Iterator<Item = &'static Check> {
    [
        isolates::CHECKS,
        maps::CHECKS,
        strings::CHECKS,
        fields::CHECKS,
        scopes::CHECKS,
        bytecode::CHECKS,
        code::CHECKS,
        frames::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Checks a machine, and answers its layout as it fits best.
pub(crate) fn run(s: &Session<'_>, vm: &Vm, stacks: &Stacks, sample: &Sample) -> Result<Layout> {
    let mut layout = vm.layout.clone();
    for check in all() {
        s.check_cancelled()?;
        let score = |layout: &Layout| {
            let heap = Heap { memory: s.memory(), layout, kinds: &vm.kinds };
            Subject { vm, heap, sample, stacks }.score(check)
        };
        let mut result = score(&layout)?;
        if result.has_failed()
            && let Some((other, better)) = adapted(&layout, vm.base, check, &score)?
        {
            layout = other;
            result = better;
        }
        for fact in check.facts {
            layout.score(*fact, result);
        }
    }
    Ok(layout)
}

/// The layout with the values of another version for some facts, if those fit; near versions first. What
/// the binary itself says is given up last.
fn adapted(
    layout: &Layout,
    base: Minor,
    check: &Check,
    score: &dyn Fn(&Layout) -> Result<Score>,
) -> Result<Option<(Layout, Score)>> {
    let all = versions();
    let place = |version: Minor| all.iter().filter(|other| **other <= version).count();
    let mut near = all.clone();
    near.sort_by_key(|version| place(*version).abs_diff(place(base)));
    for with_metadata in [false, true] {
        for version in &near {
            let Some(other) = taken_from(layout, check, *version, with_metadata) else { continue };
            let result = score(&other)?;
            if result.has_passed() {
                return Ok(Some((other, result)));
            }
        }
    }
    Ok(None)
}

/// The layout with what a version has for the facts of a check; `None`: it is no other one.
fn taken_from(
    layout: &Layout,
    check: &Check,
    version: Minor,
    with_metadata: bool,
) -> Option<Layout> {
    let mut other = layout.clone();
    let mut differs = false;
    let tested = check.facts.iter().map(|fact| (*fact, FITS));
    for (fact, how) in tested.chain(check.along.iter().map(|fact| (*fact, ALONG))) {
        let known = layout.known(fact);
        let is_said = known.is_some_and(|known| matches!(known.origin, Origin::Metadata(_)));
        let value = fact.row()?.builtin_for(version);
        if (is_said && !with_metadata) || value == known.map(|known| known.value) {
            continue;
        }
        other.take_from(fact, version, how);
        differs = true;
    }
    differs.then_some(other)
}

/// How a fact is known that was tested.
const FITS: &str = "fits, as of another version";
/// How a fact is known that goes with others.
const ALONG: &str = "as of the version of what fits";

/// Of so many isolates the parts are looked at.
const MOST_ISOLATES: usize = 16;

impl Subject<'_> {
    /// The isolates, if they are few; else some.
    pub(crate) fn isolates(&self) -> &[Isolate] {
        let all = &self.vm.isolates;
        all.get(..MOST_ISOLATES).unwrap_or(all)
    }

    fn score(&self, check: &Check) -> Result<Score> {
        if check.needs.iter().any(|fact| self.heap.layout.get(*fact).is_none()) {
            return Ok(Score::default());
        }
        match &check.test {
            // A fact that it needs is not known: it says nothing.
            Test::Own(run) => Ok(found(run(self))?.unwrap_or_default()),
            Test::Field(kinds, smi, fits) => {
                let Some(fact) = check.facts.first() else { return Ok(Score::default()) };
                let Some(offset) = self.heap.layout.known(*fact).map(|known| known.value) else {
                    return Ok(Score::default());
                };
                self.each(kinds, |object| {
                    let value = Value(self.heap.word(object.address, offset)?);
                    if value.is_smi() {
                        return Ok(Some(*smi == Smi::May && value.exact_smi().is_some()));
                    }
                    match self.heap.object(value) {
                        // Undefined or null: many fields of many objects may be, it proves nothing.
                        Ok(object) if object.kind == Kind::Oddball && fits(Kind::Oddball) => {
                            Ok(None)
                        }
                        Ok(object) => Ok(Some(fits(object.kind))),
                        Err(error) if error.is_stop() => Err(error),
                        Err(_) => Ok((!self.is_moved(value)?).then_some(false)),
                    }
                })
            }
        }
    }

    /// Whether an object has been moved, which only a process that died in a garbage collection shows:
    /// its first word is the untagged address of the copy.
    pub(crate) fn is_moved(&self, value: Value) -> Result<bool> {
        let Some(address) = value.address() else { return Ok(false) };
        let word = word_or_zero(self.heap.memory, address)?;
        Ok(word != 0 && word % 8 == 0 && found(self.heap.object_at(word))?.is_some())
    }

    /// Counts the objects of some kinds for which a test holds; `None`: the object is no instance. What
    /// cannot be read does not fit.
    pub(crate) fn each(
        &self,
        kinds: &[Kind],
        test: impl Fn(Object) -> Result<Option<bool>>,
    ) -> Result<Score> {
        let mut score = Score::default();
        for object in kinds.iter().flat_map(|kind| self.sample.of(*kind)) {
            match test(*object) {
                Ok(Some(fits)) => score.count(fits),
                Ok(None) => {}
                Err(error) if error.is_stop() => return Err(error),
                // That a fact is not known has no address: nothing is said of the object then.
                Err(error) if error.address().is_none() => {}
                Err(_) => score.count(false),
            }
        }
        Ok(score)
    }
}
