//! Where isolates have their parts. Few processes have more than one: what is counted are the words that
//! agree.

use super::{Check, Subject, Test};
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::partial::found;
use crate::vm::isolates::word_or_zero;
use crate::vm::pages::page_at;
use crate::vm::search::{EmbeddedBlob, PAGE_FACTS, is_exit_frame, known_maps};
use mdb_dmod::prelude::*;

pub(super) const CHECKS: &[Check] = &[
    Check {
        facts: &[Fact::IsolateHeap, Fact::IsolateRoots],
        along: &[],
        needs: &[Fact::MapInstanceType],
        test: Test::Own(roots),
    },
    Check {
        facts: &[Fact::IsolateStackGuard],
        along: &[],
        needs: &[Fact::IsolateHeap],
        test: Test::Own(start),
    },
    Check {
        facts: &[Fact::IsolateEntryFp],
        along: &[],
        needs: &[Fact::IsolateHeap, Fact::FrameContextOrType],
        test: Test::Own(entry_fp),
    },
    Check {
        facts: &[Fact::IsolateHandler],
        along: &[],
        needs: &[Fact::IsolateHeap],
        test: Test::Own(handler),
    },
    Check {
        facts: &[Fact::IsolateEmbeddedBlob],
        along: &[],
        needs: &[Fact::IsolateHeap],
        test: Test::Own(blob),
    },
    Check { facts: PAGE_FACTS, along: &[], needs: &[Fact::IsolateHeap], test: Test::Own(pages) },
];

fn score(passed: u32, tried: u32) -> Score {
    Score { passed, tried }
}

/// The first roots are objects, and those with known names the maps that they should be.
fn roots(subject: &Subject<'_>) -> Result<Score> {
    let mut all = Score::default();
    for isolate in subject.isolates() {
        let named = known_maps(subject.heap, &subject.vm.roots, isolate.roots)?;
        all.passed = all.passed.saturating_add(isolate.sound_roots.0.saturating_add(named.0));
        all.tried = all.tried.saturating_add(isolate.sound_roots.1.saturating_add(named.1));
    }
    Ok(all)
}

/// An isolate begins with its own address, and with limits of its stack.
fn start(subject: &Subject<'_>) -> Result<Score> {
    let mut all = Score::default();
    let guard = subject.heap.layout.need(Fact::IsolateStackGuard)?;
    for isolate in subject.isolates() {
        let at = isolate.address.wrapping_add_signed(guard);
        let is_self = word_or_zero(subject.heap.memory, at)? == isolate.address;
        // 64 bits that agree are no coincidence.
        all.tried = all.tried.saturating_add(4);
        all.passed = all.passed.saturating_add(if is_self { 4 } else { 0 });
    }
    Ok(all)
}

/// Where it is not 0 it points to an exit frame.
fn entry_fp(subject: &Subject<'_>) -> Result<Score> {
    let mut all = Score::default();
    let offset = subject.heap.layout.need(Fact::IsolateEntryFp)?;
    for isolate in subject.isolates() {
        let at = isolate.address.wrapping_add_signed(offset);
        let fp = word_or_zero(subject.heap.memory, at)?;
        if fp == 0 {
            continue;
        }
        let vm = subject.vm;
        let is_exit = is_exit_frame(
            subject.heap.memory,
            subject.heap.layout,
            &vm.frame_types,
            subject.stacks,
            fp,
            &|pc| vm.is_generated(pc),
        )?;
        // A stack's address, a type of frame and a return address agree.
        let weight = score(if is_exit { 4 } else { 0 }, 4);
        all.tried = all.tried.saturating_add(weight.tried);
        all.passed = all.passed.saturating_add(weight.passed);
    }
    Ok(all)
}

/// Where it is not 0 it points into a stack, outwards of the exit frame.
fn handler(subject: &Subject<'_>) -> Result<Score> {
    let mut all = Score::default();
    let offset = subject.heap.layout.need(Fact::IsolateHandler)?;
    for isolate in subject.isolates() {
        let at = isolate.address.wrapping_add_signed(offset);
        let handler = word_or_zero(subject.heap.memory, at)?;
        if handler == 0 && isolate.entry_fp == 0 {
            continue;
        }
        let is_one = subject.stacks.live_at(handler).is_some() && handler > isolate.entry_fp;
        all.tried = all.tried.saturating_add(4);
        all.passed = all.passed.saturating_add(if is_one { 4 } else { 0 });
    }
    Ok(all)
}

/// Code and size of the embedded builtins.
fn blob(subject: &Subject<'_>) -> Result<Score> {
    let mut all = Score::default();
    let offset = subject.heap.layout.need(Fact::IsolateEmbeddedBlob)?;
    let vm = subject.vm;
    for isolate in subject.isolates() {
        let at = isolate.address.wrapping_add_signed(offset);
        let blob = found(EmbeddedBlob::read(subject.heap.memory, at))?;
        let is_sound =
            blob.is_some_and(|blob| blob.is_sound(vm.known_blob_size, &|pc| vm.may_execute(pc)));
        all.tried = all.tried.saturating_add(4);
        all.passed = all.passed.saturating_add(if is_sound { 4 } else { 0 });
    }
    Ok(all)
}

/// Objects are on pages, of the heap of an isolate or of those that all share.
fn pages(subject: &Subject<'_>) -> Result<Score> {
    let mut all = Score::default();
    let heap = subject.heap;
    let size = heap.layout.need(Fact::PageSize)?.cast_unsigned();
    for object in subject.sample.all().take(MOST_OBJECTS) {
        let base = object.address & !size.wrapping_sub(1);
        let page = page_at(heap.memory, heap.layout, base)?;
        all.count(page.is_some_and(|page| {
            (page.area_start..page.area_end).contains(&object.address)
                && (page.heap == 0 || subject.vm.heaps.iter().any(|h| h.address == page.heap))
        }));
    }
    Ok(all)
}

/// Of so many objects the pages are looked at.
const MOST_OBJECTS: usize = 512;
