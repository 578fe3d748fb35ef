//! The last resort: looking for return addresses on the stack.

use crate::abi::{self, CallSite};
use crate::end::StackEnd;
use crate::fde::CfiLookup;
use crate::frame::{FoundBy, Frame};
use crate::step::{Step, Stepper};

impl Stepper<'_> {
    /// Looks upwards from the stack pointer, or from the CFA where one is known, for a word that
    /// can be a return address. `owner` is a frame pointer and the function whose frame it
    /// points to: then only a return into that function, below that frame pointer, counts.
    pub(crate) fn by_scan(
        &mut self,
        frame: &mut Frame,
        owner: Option<(u64, u64)>,
    ) -> Result<Option<Step>, StackEnd> {
        if !self.walk.options.scan {
            return Ok(None);
        }
        let from = frame.cfa.filter(|cfa| *cfa > frame.sp).unwrap_or(frame.sp);
        let Some(from) = from.checked_next_multiple_of(8) else { return Ok(None) };
        // A stack pointer in the guard page of an overflowed stack: the stack begins above.
        let from = match self.walk.memory.segment_at(from) {
            Some(_) => from,
            None => match self.next_segment(from) {
                Some(start) => start,
                None => return Ok(None),
            },
        };
        let mut end = from.saturating_add(self.walk.options.scan_window);
        if let Some((fp, _)) = owner {
            end = end.min(fp);
        }
        let mut second_best = None;
        let mut at = from;
        while at < end {
            let value = match self.read(at) {
                Ok(value) => value,
                Err(end) if end.is_interrupt() => return Err(end),
                Err(_) => break,
            };
            let pc = abi::strip(self.walk.arch, value, self.walk.pac_mask);
            if self.is_candidate(pc, owner)? {
                if self.is_confirmed(frame, pc, at.wrapping_add(8))? {
                    return Ok(Some(self.scanned(frame, pc, at)));
                }
                second_best.get_or_insert((pc, at));
            }
            let Some(next) = at.checked_add(8) else { break };
            at = next;
        }
        Ok(second_best.map(|(pc, at)| self.scanned(frame, pc, at)))
    }

    /// The beginning of a segment that lies at most a page above an address.
    fn next_segment(&self, address: u64) -> Option<u64> {
        let segments = self.walk.memory.segments();
        let after = segments.partition_point(|segment| segment.range.start <= address);
        let start = segments.get(after)?.range.start;
        (start - address <= 0x1000).then_some(start)
    }

    fn is_candidate(&mut self, pc: u64, owner: Option<(u64, u64)>) -> Result<bool, StackEnd> {
        // Cheap refusals first: most words of a stack are small numbers and stack addresses.
        if pc < 0x1000 || self.walk.sources.is_executable(pc.wrapping_sub(1)) == Some(false) {
            return Ok(false);
        }
        if let Some((_, function)) = owner
            && self.function_start(pc.wrapping_sub(1)) != Some(function)
        {
            return Ok(false);
        }
        self.is_plausible_return(pc)
    }

    /// Whether nothing speaks against a candidate, which old frames may have left: the call
    /// before it leads to the frame's function, and the candidate's own unwind information, if
    /// it can tell by the stack pointer alone, to a call of the candidate's function.
    fn is_confirmed(&mut self, frame: &Frame, pc: u64, sp: u64) -> Result<bool, StackEnd> {
        if !self.may_call(pc, frame.lookup_pc) {
            return Ok(false);
        }
        let site = self.site_of_return(pc);
        let CfiLookup::Row(row) = &site.cfi else { return Ok(true) };
        if row.is_outermost() {
            return Ok(true);
        }
        let Some(cfa) = row.cfa_of_sp(self.walk.arch, sp) else { return Ok(true) };
        let Some(place) = row.return_address_place(cfa) else { return Ok(true) };
        let Ok(value) = self.read(place) else { return Ok(false) };
        let caller = abi::strip(self.walk.arch, value, self.walk.pac_mask);
        Ok(self.is_plausible_return(caller)? && self.may_call(caller, pc.wrapping_sub(1)))
    }

    /// Whether the call that ends at `return_address` may have led to the function that holds
    /// `callee`: it names that function, or does not say, or names a place that jumps elsewhere.
    fn may_call(&mut self, return_address: u64, callee: u64) -> bool {
        let (arch, memory) = (self.walk.arch, self.walk.memory);
        let Ok(Some(CallSite::Direct(target))) = abi::call_before(arch, memory, return_address)
        else {
            return true;
        };
        let own = match self.function_start(callee) {
            Some(start) => start == target,
            None => target <= callee && self.same_segment(target, callee),
        };
        own || abi::is_jump(arch, memory, target)
    }

    fn scanned(&self, frame: &mut Frame, pc: u64, at: u64) -> Step {
        let arch = self.walk.arch;
        let sp = at.wrapping_add(8);
        let mut registers = frame.registers.clone();
        for id in abi::caller_saved(arch).iter().chain(abi::not_for_frames(arch)) {
            registers.forget(*id);
        }
        // A frame pointer that points above is likely still the caller's.
        let near = |fp: u64| {
            let segment = self.walk.memory.segment_at(sp);
            fp >= sp && segment.is_some_and(|segment| segment.range.contains(&fp))
        };
        if !registers.fp().is_some_and(near) {
            registers.forget(arch.fp());
        }
        registers.set(arch.pc(), pc);
        registers.set(arch.sp(), sp);
        frame.cfa = Some(sp);
        Step { registers, found_by: FoundBy::Scan, pc_is_exact: false, read_at: Some(at) }
    }
}
