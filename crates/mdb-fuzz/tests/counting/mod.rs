//! An allocator that counts, and the bound that everything hostile has to keep.
#![allow(unreachable_pub, reason = "each test file has it as a module of its own")]

use mdb_fuzz::{Body, TARGETS};
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

/// What a session takes whatever its target is, and what a hostile byte may cost.
const BASE: usize = 64 << 20;
const EACH: usize = 16;

/// Runs a body over an input; the name is for the message.
pub fn check(body: Body, name: &str, bytes: &[u8]) {
    let before = NOW.get();
    MOST.set(before);
    let result = std::panic::catch_unwind(|| body(bytes));
    let cost = MOST.get() - before;
    assert!(result.is_ok(), "{name} panics (above)");
    assert!(cost <= BASE + EACH * bytes.len(), "{name}: {cost} bytes for {}", bytes.len());
}

/// A target by its name.
pub fn body(target: &str) -> Body {
    TARGETS.iter().find(|(name, _)| *name == target).unwrap().1
}
