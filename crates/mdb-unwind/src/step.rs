//! From one frame to its caller: the ways, in the order of their worth.

use crate::abi::{self, CallSite, Edge};
use crate::cache::{Site, Worker};
use crate::end::StackEnd;
use crate::fde::CfiLookup;
use crate::frame::{FoundBy, Frame, FrameKind};
use crate::row::Row;
use crate::stack_memory::StackMemory;
use crate::unwinder::Walk;
use mdb_target::RegisterSet;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// How often a walk may go to a lower address. Signal handlers on other stacks and coroutines do
/// it once each.
const MAX_STACK_SWITCHES: usize = 1 << 16;

/// A step to a frame, before it is known how to leave that.
pub(crate) struct Step {
    pub(crate) registers: RegisterSet,
    pub(crate) found_by: FoundBy,
    /// Whether the pc is where the frame was interrupted, not where its callee returns to.
    pub(crate) pc_is_exact: bool,
    /// Where the pc was read.
    pub(crate) read_at: Option<u64>,
}

/// The state of a walk from frame to frame.
pub(crate) struct Stepper<'a> {
    pub(crate) walk: Walk<'a>,
    worker: Option<Worker>,
    stack: StackMemory,
    /// Places (pc, stack pointer) that were reached from above.
    switches: FxHashSet<(u64, u64)>,
    /// The first sign that the stack is corrupt, where a scan went on behind it.
    corruption: Option<StackEnd>,
}

impl Drop for Stepper<'_> {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take() {
            self.walk.cache.give_back(worker);
        }
    }
}

impl<'a> Stepper<'a> {
    pub(crate) fn new(walk: Walk<'a>, worker: Worker) -> Self {
        Self {
            walk,
            worker: Some(worker),
            stack: StackMemory::default(),
            switches: FxHashSet::default(),
            corruption: None,
        }
    }

    /// What is known of a pc.
    pub(crate) fn site(&mut self, pc: u64, lookup_pc: u64) -> Arc<Site> {
        let worker = self.worker.get_or_insert_with(|| self.walk.cache.take_worker());
        worker.site(&self.walk, pc, lookup_pc)
    }

    /// What is known of a return address.
    pub(crate) fn site_of_return(&mut self, pc: u64) -> Arc<Site> {
        self.site(pc, pc.wrapping_sub(1))
    }

    pub(crate) fn read(&mut self, address: u64) -> Result<u64, StackEnd> {
        Ok(self.stack.read_u64(self.walk.memory, address)?)
    }

    /// Finds the caller of a frame, and completes the frame with what that shows.
    pub(crate) fn step(&mut self, frame: &mut Frame) -> Result<Step, StackEnd> {
        if self.walk.memory.interrupt().is_raised() {
            let reason = mdb_target::FaultReason::Interrupted;
            return Err(StackEnd::Fault(mdb_target::Fault::new(frame.sp, reason)));
        }
        self.find_caller(frame).map_err(|end| {
            // A scan may have found a way around a corrupt part; the corruption is the news.
            if end.is_interrupt() { end } else { self.corruption.take().unwrap_or(end) }
        })
    }

    /// The order is that of `docs/developers/architecture.md`.
    fn find_caller(&mut self, frame: &mut Frame) -> Result<Step, StackEnd> {
        let site = self.site(frame.pc, frame.lookup_pc);
        if site.is_trampoline
            && let Some(registers) = abi::interrupted(self.walk.memory, &frame.registers)
        {
            frame.kind = FrameKind::Signal;
            let found_by = FoundBy::SignalContext;
            let found = Step { registers: registers?, found_by, pc_is_exact: true, read_at: None };
            return self.accept(frame, found, true);
        }
        if let CfiLookup::Row(row) = &site.cfi {
            return self.by_cfi(frame, row);
        }
        if let Some(found) = self.by_provider(frame) {
            return self.accept(frame, found?, true);
        }
        if site.is_entry {
            return Err(StackEnd::Outermost);
        }
        if frame.pc_is_return_address() {
            if !site.may_be_code() {
                // A provider may name such a pc: other ways check what they find.
                return Err(StackEnd::PcNotCode { pc: frame.pc });
            }
        } else {
            if let Some(found) = self.by_leaf_return(frame, &site)? {
                return self.accept(frame, found, false);
            }
            if let Some(found) = self.by_instructions(frame)? {
                return self.accept(frame, found, false);
            }
        }
        if let Some(found) = self.by_frame_pointer(frame)? {
            return Ok(found);
        }
        if let Some(found) = self.by_scan(frame, None)? {
            return Ok(found);
        }
        Err(match &site.cfi {
            CfiLookup::Damaged(why) => {
                StackEnd::DamagedUnwindInfo { pc: frame.pc, why: why.clone() }
            }
            _ if !self.is_code(frame.pc, &site) => StackEnd::PcNotCode { pc: frame.pc },
            _ => StackEnd::NoCaller { pc: frame.pc },
        })
    }

    fn by_cfi(&mut self, frame: &mut Frame, row: &Row) -> Result<Step, StackEnd> {
        if row.is_signal {
            frame.kind = FrameKind::Signal;
        }
        if row.is_outermost() {
            return Err(StackEnd::Outermost);
        }
        let cfa = row.cfa(frame.pc, &frame.registers, self.walk.memory)?;
        frame.cfa = Some(cfa);
        let caller = row.apply(frame, cfa, self.walk.memory, &mut self.stack)?;
        let found = Step {
            registers: caller.registers,
            found_by: FoundBy::Cfi,
            pc_is_exact: row.is_signal,
            read_at: caller.read_at,
        };
        self.accept(frame, found, row.may_switch_stacks)
    }

    fn by_provider(&mut self, frame: &Frame) -> Option<Result<Step, StackEnd>> {
        let memory = self.walk.memory;
        self.walk.providers?.iter().find_map(|provider| {
            let registers = match provider.step(memory, frame)? {
                Ok(registers) => registers,
                Err(fault) => return Some(Err(StackEnd::Fault(fault))),
            };
            Some(Ok(Step {
                registers,
                found_by: FoundBy::Provider(provider.name().into()),
                pc_is_exact: false,
                read_at: None,
            }))
        })
    }

    /// The pc is no code: nothing has run since the call, so the caller is where the call left
    /// it, with every register.
    fn by_leaf_return(&mut self, frame: &Frame, site: &Site) -> Result<Option<Step>, StackEnd> {
        if self.is_code(frame.pc, site) {
            return Ok(None);
        }
        let Some(leaf) = abi::leaf(self.walk.memory, &frame.registers) else { return Ok(None) };
        let (mut registers, read_at) = match leaf {
            Ok(leaf) => leaf,
            Err(fault) if fault.is_interrupt() => return Err(StackEnd::Fault(fault)),
            Err(_) => return Ok(None),
        };
        let Some(pc) = self.strip_pc(&mut registers) else { return Ok(None) };
        if !self.is_plausible_return(pc)? {
            return Ok(None);
        }
        let found_by = FoundBy::LeafReturn;
        Ok(Some(Step { registers, found_by, pc_is_exact: false, read_at }))
    }

    /// Whether a pc is in code: by the mappings, or if they say nothing, by being readable.
    fn is_code(&self, pc: u64, site: &Site) -> bool {
        site.executable.unwrap_or_else(|| self.walk.memory.read_u8(pc).is_ok())
    }

    /// The function has no frame yet, or no more.
    fn by_instructions(&mut self, frame: &Frame) -> Result<Option<Step>, StackEnd> {
        let memory = self.walk.memory;
        let start = self.walk.sources.function_start(frame.lookup_pc);
        let edge = abi::edge(memory, &frame.registers, frame.pc, start);
        let (mut registers, read_at) = match edge {
            None => return Ok(None),
            Some(Edge::LinkRegister) => match abi::leaf(memory, &frame.registers) {
                Some(leaf) => leaf?,
                None => return Ok(None),
            },
            Some(Edge::Stack { return_address, frame_pointer }) => {
                let mut registers = frame.registers.clone();
                if let Some(at) = frame_pointer {
                    registers.set(self.walk.arch.fp(), self.read(at)?);
                }
                registers.set(self.walk.arch.pc(), self.read(return_address)?);
                registers.set(self.walk.arch.sp(), return_address.wrapping_add(8));
                (registers, Some(return_address))
            }
        };
        for id in abi::caller_saved(self.walk.arch) {
            registers.forget(*id);
        }
        let Some(pc) = self.strip_pc(&mut registers) else { return Ok(None) };
        if !self.is_plausible_return(pc)? {
            return Ok(None);
        }
        let found_by = FoundBy::Instructions;
        Ok(Some(Step { registers, found_by, pc_is_exact: false, read_at }))
    }

    /// The frame pointer points to the caller's, with the return address above it.
    fn by_frame_pointer(&mut self, frame: &mut Frame) -> Result<Option<Step>, StackEnd> {
        let (memory, arch) = (self.walk.memory, self.walk.arch);
        let Some(fp) = frame.registers.fp() else { return Ok(None) };
        let near = || {
            let of_sp = memory.segment_at(frame.sp)?;
            Some(of_sp.range.contains(&fp))
        };
        // An overflowed stack has its stack pointer in the guard below: then anything above goes.
        if fp % 8 != 0 || fp < frame.sp || near() == Some(false) {
            return Ok(None);
        }
        let return_place = fp.wrapping_add(8);
        let (Ok(caller_fp), Ok(pc)) = (self.read(fp), self.read(return_place)) else {
            return Ok(None);
        };
        if caller_fp == 0 && pc == 0 {
            frame.cfa = Some(fp.wrapping_add(16));
            return Err(StackEnd::NullReturnAddress);
        }
        let pc = abi::strip(arch, pc, self.walk.pac_mask);
        if !self.is_plausible_return(pc)? {
            return Ok(None);
        }
        if let Some(owner) = self.owner_of_frame_pointer(frame, pc)
            && let Some(found) = self.by_scan(frame, Some((fp, owner)))?
        {
            return Ok(Some(found));
        }
        let cfa = fp.wrapping_add(16);
        let mut registers = frame.registers.clone();
        for id in abi::caller_saved(arch).iter().chain(abi::not_for_frames(arch)) {
            registers.forget(*id);
        }
        registers.set(arch.fp(), caller_fp);
        registers.set(arch.pc(), pc);
        registers.set(arch.sp(), cfa);
        frame.cfa = Some(cfa);
        let found_by = FoundBy::FramePointer;
        let read_at = Some(return_place);
        Ok(Some(Step { registers, found_by, pc_is_exact: false, read_at }))
    }

    /// Code without frame pointers leaves its caller's in the register: then the return address
    /// next to it belongs to a call of that caller, not of this function. Answers where the
    /// called function begins, if it saves the frame pointer itself and is not the frame's.
    fn owner_of_frame_pointer(&mut self, frame: &Frame, return_address: u64) -> Option<u64> {
        let (memory, arch) = (self.walk.memory, self.walk.arch);
        let Ok(Some(CallSite::Direct(callee))) = abi::call_before(arch, memory, return_address)
        else {
            return None;
        };
        let own = match self.function_start(frame.lookup_pc) {
            Some(start) => start == callee,
            None => callee <= frame.lookup_pc && self.same_segment(callee, frame.lookup_pc),
        };
        (!own && abi::saves_frame_pointer(arch, memory, callee)).then_some(callee)
    }

    /// Where the function that holds an address begins, by unwind information or by symbols.
    pub(crate) fn function_start(&mut self, address: u64) -> Option<u64> {
        match &self.site(address.wrapping_add(1), address).cfi {
            CfiLookup::Row(row) => Some(row.function_start),
            _ => self.walk.sources.function_start(address),
        }
    }

    pub(crate) fn same_segment(&self, a: u64, b: u64) -> bool {
        self.walk.memory.segment_at(a).is_some_and(|segment| segment.range.contains(&b))
    }

    /// Takes the authentication code off the pc.
    fn strip_pc(&self, registers: &mut RegisterSet) -> Option<u64> {
        let arch = self.walk.arch;
        let pc = abi::strip(arch, registers.pc()?, self.walk.pac_mask);
        registers.set(arch.pc(), pc);
        Some(pc)
    }

    /// Whether a word can be a return address: it is in code, behind a call.
    pub(crate) fn is_plausible_return(&mut self, pc: u64) -> Result<bool, StackEnd> {
        let site = self.site_of_return(pc);
        if !site.may_be_code() {
            return Ok(false);
        }
        match abi::call_before(self.walk.arch, self.walk.memory, pc) {
            Ok(call) => Ok(call.is_some()),
            Err(fault) if fault.is_interrupt() => Err(StackEnd::Fault(fault)),
            // Code that was not saved: where it is known to be code, the benefit of the doubt.
            Err(_) => Ok(site.executable == Some(true)),
        }
    }

    /// Checks a caller: the pc is code, and the walk gets somewhere.
    fn accept(
        &mut self,
        frame: &mut Frame,
        mut found: Step,
        may_switch_stacks: bool,
    ) -> Result<Step, StackEnd> {
        let Some(pc) = self.strip_pc(&mut found.registers) else { return Err(StackEnd::NoContext) };
        let Some(sp) = found.registers.sp() else { return Err(StackEnd::NoContext) };
        if frame.cfa.is_none() && frame.kind == FrameKind::Normal {
            frame.cfa = Some(sp);
        }
        // A signal can interrupt at pc 0; nobody returns there.
        if pc == 0 && !found.pc_is_exact {
            return Err(StackEnd::NullReturnAddress);
        }
        // What a signal interrupted may have its stack pointer anywhere: in a guard page, for one.
        if !found.pc_is_exact && !self.is_stack(sp) {
            return self.around(frame, StackEnd::BadStackPointer { sp });
        }
        if let Err(end) = self.check_progress(frame, pc, sp, may_switch_stacks) {
            return self.around(frame, end);
        }
        if !found.pc_is_exact && !self.site_of_return(pc).may_be_code() {
            let end = StackEnd::BadReturnAddress { value: pc, place: found.read_at };
            return self.around(frame, end);
        }
        Ok(found)
    }

    /// Whether a stack pointer is in a mapping, or just behind one: a walk that reads nothing
    /// would go on for ever.
    fn is_stack(&self, sp: u64) -> bool {
        let mapped = |address| self.walk.memory.segment_at(address).is_some();
        self.stack.holds(sp) || mapped(sp) || mapped(sp.wrapping_sub(1))
    }

    /// Scans the stack behind a corrupt part.
    fn around(&mut self, frame: &mut Frame, end: StackEnd) -> Result<Step, StackEnd> {
        // The first corruption is the news.
        let end = self.corruption.get_or_insert(end).clone();
        if matches!(end, StackEnd::Cycle { .. }) {
            return Err(end);
        }
        self.by_scan(frame, None)?.ok_or(end)
    }

    /// Whether the walk goes on to somewhere new. It does when the stack pointer rises; where it
    /// may fall, each place counts once.
    fn check_progress(
        &mut self,
        frame: &Frame,
        pc: u64,
        sp: u64,
        may_switch_stacks: bool,
    ) -> Result<(), StackEnd> {
        if sp > frame.sp {
            return Ok(());
        }
        // A function without a frame (64-bit Arm) has its caller's stack pointer.
        let leaf = sp == frame.sp && !frame.pc_is_return_address() && pc != frame.pc;
        let other_stack = || {
            let segment = self.walk.memory.segment_at(sp);
            segment.is_some_and(|segment| !segment.range.contains(&frame.sp))
        };
        if !(leaf || may_switch_stacks || other_stack())
            || self.switches.len() >= MAX_STACK_SWITCHES
        {
            return Err(StackEnd::SpNotIncreasing { callee: frame.sp, caller: sp });
        }
        if self.switches.insert((pc, sp)) { Ok(()) } else { Err(StackEnd::Cycle { pc, sp }) }
    }
}
