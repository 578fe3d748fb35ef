//! What is known of the target, asked for once and only if needed.

use crate::elf::{self, ProgramHeader};
use crate::process::start::InitialStack;
use mdb_dmod::prelude::*;
use mdb_dmod::{Mapping, Module, Thread};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// A frame of a stack: where it begins, its level, how its pc is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrameStart {
    pub(crate) sp: u64,
    pub(crate) level: u32,
    pub(crate) text: String,
}

/// What is known of the target during one call.
pub(crate) struct Facts<'s> {
    pub(crate) s: &'s Session<'s>,
    threads: OnceCell<Vec<Thread>>,
    mappings: OnceCell<Vec<Mapping>>,
    modules: OnceCell<Vec<Module>>,
    stack: OnceCell<Option<InitialStack>>,
    /// By the number of the thread.
    frames: RefCell<HashMap<u32, Rc<Vec<FrameStart>>>>,
    /// By the number of the module.
    headers: RefCell<HashMap<u32, Rc<Vec<ProgramHeader>>>>,
}

/// What a cell holds, or what is found now.
fn once<T>(cell: &OnceCell<T>, find: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(found) = cell.get() {
        return Ok(found);
    }
    let found = find()?;
    Ok(cell.get_or_init(|| found))
}

impl<'s> Facts<'s> {
    pub(crate) fn new(s: &'s Session<'s>) -> Self {
        Self {
            s,
            threads: OnceCell::new(),
            mappings: OnceCell::new(),
            modules: OnceCell::new(),
            stack: OnceCell::new(),
            frames: RefCell::default(),
            headers: RefCell::default(),
        }
    }

    /// By thread pointer. None where the target has no process.
    pub(crate) fn threads(&self) -> Result<&[Thread]> {
        once(&self.threads, || {
            let mut threads = match self.s.threads() {
                Ok(threads) => threads,
                Err(error) if error.is_stop() => return Err(error),
                Err(_) => Vec::new(),
            };
            threads.sort_by_key(|thread| thread.thread_pointer);
            Ok(threads)
        })
        .map(Vec::as_slice)
    }

    /// By address.
    pub(crate) fn mappings(&self) -> Result<&[Mapping]> {
        once(&self.mappings, || self.s.mappings()).map(Vec::as_slice)
    }

    /// By address.
    pub(crate) fn modules(&self) -> Result<&[Module]> {
        once(&self.modules, || match self.s.modules() {
            Err(error) if error.is_stop() => Err(error),
            result => {
                let mut modules = result.unwrap_or_default();
                modules.sort_by_key(|module| module.start);
                Ok(modules)
            }
        })
        .map(Vec::as_slice)
    }

    /// The module that covers an address.
    pub(crate) fn module_at(&self, address: u64) -> Result<Option<&Module>> {
        let modules = self.modules()?;
        let after = modules.partition_point(|module| module.start <= address);
        let last = after.checked_sub(1).and_then(|index| modules.get(index));
        Ok(last.filter(|module| address < module.end))
    }

    /// The program headers of a module.
    pub(crate) fn headers(&self, module: &Module) -> Result<Rc<Vec<ProgramHeader>>> {
        if let Some(known) = self.headers.borrow().get(&module.index) {
            return Ok(Rc::clone(known));
        }
        let headers = Rc::new(elf::program_headers(self.s, module)?);
        self.headers.borrow_mut().insert(module.index, Rc::clone(&headers));
        Ok(headers)
    }

    pub(crate) fn initial_stack(&self) -> Result<Option<&InitialStack>> {
        once(&self.stack, || InitialStack::find(self.s)).map(Option::as_ref)
    }

    /// The frames of a thread, innermost first.
    pub(crate) fn frames(&self, thread: u32) -> Result<Rc<Vec<FrameStart>>> {
        if let Some(known) = self.frames.borrow().get(&thread) {
            return Ok(Rc::clone(known));
        }
        let mut frames = Vec::new();
        let result = self.s.plain_frames(thread, 0, |frame| {
            let text = frame.text.to_owned();
            frames.push(FrameStart { sp: frame.sp, level: frame.level, text });
            Ok(())
        });
        match result {
            Err(error) if error.is_stop() => return Err(error),
            _ => {}
        }
        let frames = Rc::new(frames);
        self.frames.borrow_mut().insert(thread, Rc::clone(&frames));
        Ok(frames)
    }
}
