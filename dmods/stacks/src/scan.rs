//! `::findstack -S`: return addresses on a stack that cannot be unwound, such as one that was
//! overwritten, or that of a coroutine.

use crate::architecture::{Architecture, CallSite, LONGEST_CALL};
use crate::findstack::{COLUMNS, title};
use mdb_dmod::prelude::*;
use mdb_dmod::{Mapping, MappingKind, Thread};
use std::collections::HashMap;

/// So much of a stack is searched: as much as a thread has by default.
const MOST_BYTES: u64 = 8 << 20;
const BLOCK: usize = 1 << 16;
/// Words of both architectures.
const WORD: usize = 8;

/// A word that may be a return address.
struct Found {
    place: u64,
    pc: u64,
    site: CallSite,
}

/// Scans from a thread's stack pointer, or from a stack address.
pub(crate) fn scan(s: &Session<'_>, id: u64) -> Result<()> {
    let thread = match s.thread(id) {
        Ok(thread) => Some(thread),
        Err(error) if error.is_stop() => return Err(error),
        Err(error) => match s.mapping_at(id)? {
            Some(_) => None,
            None => return Err(error),
        },
    };
    let threads = s.threads()?;
    let Some(architecture) = Architecture::of(s, threads.first()) else {
        return Err(Error::Unsupported("calls of this machine's code are not known".to_owned()));
    };
    let from = thread.as_ref().map_or(id, |thread| thread.sp);
    let Some(start) = from.checked_next_multiple_of(WORD as u64) else {
        return Err(Error::at(from, "the stack pointer is in no mapping"));
    };
    let Some(stack) = s.mapping_at(start)? else {
        return Err(Error::at(start, "the stack pointer is in no mapping"));
    };
    let end = stack.end.min(start.saturating_add(MOST_BYTES));
    let heading = match &thread {
        Some(thread) => title(thread),
        None => format!("return addresses on the stack from {start:x}\n"),
    };
    s.row_as(&cells(thread.as_ref(), None, &Named::default(), ""), &heading)?;
    let mut scanner = Scanner { s, architecture, code: code(s)?, known: HashMap::new() };
    let mut count = 0_u64;
    let searched = scanner.each(start, end, &mut |scanner, found| {
        count += 1;
        scanner.show(thread.as_ref(), found)
    })?;
    let say = |sentence: String| {
        let text = format!("  {sentence}\n");
        s.row_as(&cells(thread.as_ref(), None, &Named::default(), &sentence), &text)
    };
    if count == 0 {
        say(format!("no return address stands between {start:x} and {searched:x}"))?;
    }
    if searched < stack.end {
        say(format!("searched up to {searched:x}; the mapping ends at {:x}", stack.end))?;
    }
    Ok(())
}

/// Where code may be. Where permissions are not known, in mapped files.
fn code(s: &Session<'_>) -> Result<Vec<(u64, u64)>> {
    let is_code = |mapping: &Mapping| match mapping.permissions {
        Some([_, _, execute]) => execute,
        None => matches!(mapping.kind, MappingKind::File | MappingKind::Vdso),
    };
    let mappings = s.mappings()?;
    Ok(mappings.iter().filter(|m| is_code(m)).map(|m| (m.start, m.end)).collect())
}

struct Scanner<'a, 's> {
    s: &'a Session<'s>,
    architecture: &'static Architecture,
    code: Vec<(u64, u64)>,
    /// Whether a call is in front of an address.
    known: HashMap<u64, Option<CallSite>>,
}

impl Scanner<'_, '_> {
    /// Every word from `start` to `end` that may be a return address. Answers how far it came: what
    /// is not in the core ends it.
    fn each(
        &mut self,
        start: u64,
        end: u64,
        give: &mut dyn FnMut(&Self, &Found) -> Result<()>,
    ) -> Result<u64> {
        let mut block = vec![0; BLOCK];
        let mut at = start;
        while at < end {
            let wanted = usize::try_from(end - at).unwrap_or(BLOCK).min(BLOCK);
            let Some(part) = block.get_mut(..wanted) else { break };
            let got = match self.s.memory().read_some(at, part) {
                Ok(got) => got,
                Err(error) if error.is_stop() => return Err(error),
                Err(_) => break,
            };
            let words = part.get(..got).unwrap_or_default().as_chunks::<WORD>().0;
            for (index, word) in words.iter().enumerate() {
                let pc = u64::from_le_bytes(*word);
                if let Some(site) = self.call_before(pc) {
                    let place = at + (WORD * index) as u64;
                    give(self, &Found { place, pc, site })?;
                }
            }
            if words.is_empty() {
                break;
            }
            at += (WORD * words.len()) as u64;
        }
        Ok(at)
    }

    fn is_code(&self, pc: u64) -> bool {
        let after = self.code.partition_point(|(start, _)| *start <= pc);
        after.checked_sub(1).and_then(|n| self.code.get(n)).is_some_and(|(_, end)| pc < *end)
    }

    fn call_before(&mut self, pc: u64) -> Option<CallSite> {
        if !self.is_code(pc) {
            return None;
        }
        if let Some(known) = self.known.get(&pc) {
            return *known;
        }
        let mut bytes = [0; LONGEST_CALL];
        let read = self.s.memory().read(pc.wrapping_sub(LONGEST_CALL as u64), &mut bytes);
        let site = read.ok().and_then(|()| (self.architecture.call_before)(&bytes, pc));
        // A call into nowhere is no call.
        let site = site.filter(|site| site.target.is_none_or(|target| self.is_code(target)));
        self.known.insert(pc, site);
        site
    }

    fn show(&self, thread: Option<&Thread>, found: &Found) -> Result<()> {
        let named = Named::at(self.s, found.pc)?;
        let calls = match found.site.target {
            Some(target) => match self.s.symbol_at(target)? {
                Some(symbol) => format!(", calls {}", symbol.text),
                None => format!(", calls {target:#x}"),
            },
            None => String::new(),
        };
        let place = if self.s.flag('n') { format!("{:#x}", found.pc) } else { named.text.clone() };
        let text = format!("  {:016x} {place}() ? scan{calls}\n", found.place);
        self.s.row_as(&cells(thread, Some(found), &named, ""), &text)
    }
}

/// What a return address is called.
#[derive(Default)]
struct Named {
    text: String,
    function: String,
    offset: u64,
    module: String,
}

impl Named {
    /// After the function that made the call: a function that never returns may be followed by
    /// another one.
    fn at(s: &Session<'_>, pc: u64) -> Result<Self> {
        let Some(symbol) = s.symbol_at(pc.wrapping_sub(1))? else {
            return Ok(Self { text: format!("{pc:#x}"), ..Self::default() });
        };
        let offset = symbol.offset.wrapping_add(1);
        let behind = s.symbol_at(pc)?.filter(|behind| behind.address == symbol.address);
        let text = behind.map_or_else(|| format!("{}+{offset:#x}", symbol.name), |b| b.text);
        Ok(Self { text, function: symbol.name, offset, module: symbol.module })
    }
}

fn cells<'c>(
    thread: Option<&Thread>,
    found: Option<&Found>,
    named: &'c Named,
    end: &'c str,
) -> [Cell<'c>; COLUMNS] {
    let mut cells: [Cell<'c>; COLUMNS] = Default::default();
    let [number, tid, frame, pc, symbol, function, offset, module, .., by, doubtful, last] =
        &mut cells;
    if let Some(thread) = thread {
        *number = Cell::Unsigned(thread.number.into());
        *tid = Cell::Unsigned(thread.tid.into());
    }
    if let Some(found) = found {
        *frame = Cell::Address(found.place);
        *pc = Cell::Address(found.pc);
        *symbol = Cell::text(named.text.as_str());
        *function = Cell::text(named.function.as_str());
        if !named.function.is_empty() {
            *offset = Cell::Hex(named.offset);
        }
        *module = Cell::text(named.module.as_str());
        *by = Cell::text("scan");
        *doubtful = Cell::Boolean(true);
    }
    *last = Cell::text(end);
    cells
}
