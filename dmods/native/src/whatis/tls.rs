//! Thread-local storage: whose, of which module, which variable.

use super::explanation::{Explanation, rank};
use super::facts::Facts;
use crate::elf::{PT_TLS, ProgramHeader};
use crate::process::thread_local::ThreadLocal;
use mdb_dmod::{Error, Module, Result, Symbol};
use std::cell::OnceCell;

/// `EM_X86_64` (`elf.h`).
const X86_64: u32 = 62;

/// The blocks of all threads.
#[derive(Debug, Default)]
pub(crate) struct Tls {
    blocks: OnceCell<Blocks>,
}

#[derive(Debug, Default)]
struct Blocks {
    /// At the same distance from the thread pointer in all threads: the distance, the size, the
    /// module.
    fixed: Vec<(u64, u64, Module)>,
    /// Elsewhere in each thread: where, the size, the thread, the module. By address.
    single: Vec<(u64, u64, u32, Module)>,
}

/// A block that an address is in.
struct Block<'b> {
    start: u64,
    thread: u32,
    module: &'b Module,
}

impl Tls {
    pub(crate) fn explain(
        &self,
        facts: &Facts<'_>,
        address: u64,
        found: &mut Vec<Explanation>,
    ) -> Result<()> {
        let blocks = if let Some(blocks) = self.blocks.get() {
            blocks
        } else {
            let blocks = Blocks::find(facts)?;
            self.blocks.get_or_init(|| blocks)
        };
        let Some(block) = blocks.holding(facts, address)? else { return Ok(()) };
        let offset = address - block.start;
        let thread = facts.s.thread(block.thread.into())?;
        let whose = format!(
            "the thread-local storage of {} in thread {} (tid {})",
            block.module.name, thread.number, thread.tid
        );
        let variable = variable_at(facts, block.module, offset)?;
        let text = match &variable {
            Some(variable) if variable.address == offset => {
                format!("{}, in {whose}", variable.name)
            }
            Some(variable) => {
                format!("{}+0x{:x}, in {whose}", variable.name, offset - variable.address)
            }
            None => format!("{:x}+{offset:x}, {whose}", block.start),
        };
        let (symbol, start) = variable.map_or((String::new(), 0), |v| (v.name, v.address));
        found.push(Explanation {
            thread: Some(thread.number),
            symbol,
            offset: Some(offset - start),
            ..Explanation::new(rank::TLS, "tls", text)
        });
        Ok(())
    }
}

/// The thread-local variable that covers an offset in the block of a module.
fn variable_at(facts: &Facts<'_>, module: &Module, offset: u64) -> Result<Option<Symbol>> {
    let mut best: Option<Symbol> = None;
    let result = facts.s.symbols(Some(&module.name), |symbol| {
        let covers =
            offset.checked_sub(symbol.address).is_some_and(|inside| inside < symbol.size.max(1));
        // The smallest that covers it; of several names the one without underscores.
        let key = |symbol: &Symbol| (symbol.size, symbol.name.starts_with('_'));
        if symbol.is_tls && covers && best.as_ref().is_none_or(|best| key(symbol) < key(best)) {
            best = Some(symbol.clone());
        }
        Ok(())
    });
    match result {
        Err(error) if error.is_stop() => Err(error),
        _ => Ok(best),
    }
}

impl Blocks {
    fn find(facts: &Facts<'_>) -> Result<Self> {
        let mut blocks = Self::default();
        let threads = facts.threads()?;
        let variant_two = facts.s.target().is_ok_and(|target| target.machine == X86_64);
        for module in facts.modules()? {
            let headers = facts.headers(module)?;
            let Some(header) = headers.iter().find(|h| h.kind == PT_TLS && h.memory_size > 0)
            else {
                continue;
            };
            if module.is_executable && variant_two {
                blocks.fixed.extend(
                    below_pointer(header)
                        .map(|distance| (distance, header.memory_size, module.clone())),
                );
                continue;
            }
            // Any variable of the module tells where the block is.
            let Some(symbol) = any_variable(facts, module)? else { continue };
            let start_of = symbol.address;
            let variable = ThreadLocal::new(facts.s, symbol, threads)?;
            if let Some(distance) = variable.distance() {
                let distance = distance.wrapping_sub(start_of);
                blocks.fixed.push((distance, header.memory_size, module.clone()));
                continue;
            }
            for thread in threads {
                if let Some(at) = variable.in_thread(facts.s, thread)? {
                    let start = at.wrapping_sub(start_of);
                    blocks.single.push((start, header.memory_size, thread.number, module.clone()));
                }
            }
        }
        blocks.single.sort_by_key(|(start, ..)| *start);
        Ok(blocks)
    }

    fn holding(&self, facts: &Facts<'_>, address: u64) -> Result<Option<Block<'_>>> {
        let threads = facts.threads()?;
        // Blocks lie below the thread pointer, so the next thread pointer above is whose it is.
        let above = threads.partition_point(|thread| thread.thread_pointer <= address);
        if let Some(thread) = threads.get(above) {
            for (distance, size, module) in &self.fixed {
                let start = thread.thread_pointer.wrapping_add(*distance);
                if address.checked_sub(start).is_some_and(|inside| inside < *size) {
                    return Ok(Some(Block { start, thread: thread.number, module }));
                }
            }
        }
        let after = self.single.partition_point(|(start, ..)| *start <= address);
        let last = after.checked_sub(1).and_then(|index| self.single.get(index));
        Ok(last
            .filter(|(start, size, ..)| address - start < *size)
            .map(|(start, _, thread, module)| Block { start: *start, thread: *thread, module }))
    }
}

/// The executable's block ends at the thread pointer, rounded up to its alignment (variant II of
/// "ELF Handling For Thread-Local Storage", section 3).
fn below_pointer(header: &ProgramHeader) -> Option<u64> {
    let rounded = header.memory_size.checked_next_multiple_of(header.align.max(1))?;
    Some(rounded.wrapping_neg())
}

fn any_variable(facts: &Facts<'_>, module: &Module) -> Result<Option<Symbol>> {
    let mut any = None;
    let result = facts.s.symbols(Some(&module.name), |symbol| {
        if symbol.is_tls {
            any = Some(symbol.clone());
            return Err(Error::Closed);
        }
        Ok(())
    });
    match result {
        Err(Error::Cancelled) => Err(Error::Cancelled),
        _ => Ok(any),
    }
}
