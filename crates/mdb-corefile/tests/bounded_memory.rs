//! A hostile core cannot make the program take more memory than a few times the core's size.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use mdb_corefile::CoreFile;
use mdb_fixtures::synth::{self, CoreBuilder, Format, READ};
use mdb_target::Interrupt;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what a thread has allocated, and the most that it had at once.
struct Counting;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator with the arguments as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = NOW.try_with(|now| {
            now.set(now.get() + layout.size());
            let _ = MOST.try_with(|most| most.set(most.get().max(now.get())));
        });
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let _ = NOW.try_with(|now| now.set(now.get().saturating_sub(layout.size())));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How much opening takes at most, in bytes.
fn cost(bytes: &[u8]) -> usize {
    let pointer: *mut [u8] = Box::into_raw(bytes.to_vec().into_boxed_slice());
    // SAFETY: valid until it is freed below.
    let lent: &'static [u8] = unsafe { &*pointer };
    let before = NOW.get();
    MOST.set(before);
    drop(CoreFile::from_bytes("hostile", lent, Interrupt::new()));
    let cost = MOST.get() - before;
    // SAFETY: made by `Box::into_raw` above; the core is gone.
    drop(unsafe { Box::from_raw(pointer) });
    cost
}

fn check(what: &str, bytes: &[u8]) {
    let cost = cost(bytes);
    // A program header of 56 bytes can make two mappings and three segments; none can make more.
    let most = 15 * bytes.len() + (64 << 10);
    assert!(cost <= most, "{what}: {cost} bytes for a core of {}", bytes.len());
}

#[test]
fn mutations() {
    for (what, bytes) in synth::mutations(&synth::minimal(Format::X86_64).build()) {
        check(&what, &bytes);
    }
}

#[test]
fn many_things() {
    check("mappings", &synth::many_mappings(70_000));
    let core = || CoreBuilder::new(Format::X86_64).load(0x1000, READ, vec![1; 64]);
    let mut empty_notes = core().thread(1, 11, &[0; 27]);
    let mut short_threads = core();
    let mut threads = core();
    for i in 0..20_000 {
        empty_notes = empty_notes.note("X", 1, Vec::new());
        short_threads = short_threads.note("CORE", 1, vec![1; 40]);
        threads = threads.thread(i, 11, &[0; 27]);
    }
    check("empty notes", &empty_notes.build());
    check("short threads", &short_threads.build());
    check("threads", &threads.build());
}

/// One long name, and very many segments that all lie in the mapping of that name.
#[test]
fn a_name_for_many_mappings() {
    let path = "x".repeat(4000);
    let mut core = CoreBuilder::new(Format::X86_64)
        .alignment(16)
        .thread(1, 11, &[0; 27])
        .files(&[synth::MappedFile { start: 0x1000, end: 1 << 40, page_offset: 0, path: &path }]);
    for i in 0..20_000u64 {
        core = core.load_partly(0x10_0000 + i * 0x2000, 0x1000, READ, Vec::new());
    }
    check("a name for many mappings", &core.build());
}

/// NT_FILE with false counts.
#[test]
fn false_counts_of_files() {
    for count in [1u64, 1000, 1 << 32, u64::MAX / 24, u64::MAX] {
        let mut note = count.to_le_bytes().to_vec();
        note.extend(4096u64.to_le_bytes());
        note.extend([7; 24 * 3]);
        note.extend(b"/a\0/b\0/c\0");
        let core = CoreBuilder::new(Format::X86_64)
            .thread(1, 11, &[0; 27])
            .note("CORE", 0x4649_4c45, note)
            .load(0x1000, READ, vec![1; 64])
            .build();
        check("files", &core);
    }
}
