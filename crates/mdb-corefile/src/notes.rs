//! The notes: owner, type, contents. What they mean is elsewhere.

use crate::bytes::{self, u32_at};
use crate::warnings::Warnings;
use object::LittleEndian as LE;
use object::elf::{PT_NOTE, ProgramHeader64};

/// A note as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawNote {
    /// `n_name` without its NUL.
    pub(crate) owner: &'static [u8],
    /// `n_type`.
    pub(crate) kind: u32,
    /// The contents, as many as there are.
    pub(crate) data: &'static [u8],
    /// Where the contents begin in the file.
    pub(crate) offset: u64,
    /// Whether the file ends within it.
    pub(crate) cut: bool,
}

impl RawNote {
    /// Whether it is this one.
    pub(crate) fn is(&self, owner: &[u8], kind: u32) -> bool {
        self.kind == kind && self.owner == owner
    }
}

/// Note types (`include/uapi/linux/elf.h`, gdb's `include/elf/common.h`).
pub(crate) mod kinds {
    pub(crate) const PRSTATUS: u32 = 1;
    pub(crate) const PRFPREG: u32 = 2;
    pub(crate) const PRPSINFO: u32 = 3;
    pub(crate) const AUXV: u32 = 6;
    pub(crate) const SIGINFO: u32 = 0x5349_4749;
    pub(crate) const FILE: u32 = 0x4649_4c45;
    pub(crate) const X86_XSTATE: u32 = 0x202;
    pub(crate) const X86_XSAVE_LAYOUT: u32 = 0x205;
    pub(crate) const GDB_TDESC: u32 = 0xff00_0000;
}

/// The name of a note's type.
pub(crate) fn kind_name(owner: &[u8], kind: u32) -> Option<&'static str> {
    Some(match (owner, kind) {
        (b"CORE", kinds::PRSTATUS) => "NT_PRSTATUS",
        (b"CORE", kinds::PRFPREG) => "NT_PRFPREG",
        (b"CORE", kinds::PRPSINFO) => "NT_PRPSINFO",
        (b"CORE", 4) => "NT_TASKSTRUCT",
        (b"CORE", kinds::AUXV) => "NT_AUXV",
        (b"CORE", kinds::SIGINFO) => "NT_SIGINFO",
        (b"CORE", kinds::FILE) => "NT_FILE",
        (b"LINUX", 0x200) => "NT_386_TLS",
        (b"LINUX", 0x201) => "NT_386_IOPERM",
        (b"LINUX", kinds::X86_XSTATE) => "NT_X86_XSTATE",
        (b"LINUX", 0x203) => "NT_X86_CET",
        (b"LINUX", 0x204) => "NT_X86_SHSTK",
        (b"LINUX", kinds::X86_XSAVE_LAYOUT) => "NT_X86_XSAVE_LAYOUT",
        (b"LINUX", 0x400) => "NT_ARM_VFP",
        (b"LINUX", 0x401) => "NT_ARM_TLS",
        (b"LINUX", 0x402) => "NT_ARM_HW_BREAK",
        (b"LINUX", 0x403) => "NT_ARM_HW_WATCH",
        (b"LINUX", 0x404) => "NT_ARM_SYSTEM_CALL",
        (b"LINUX", 0x405) => "NT_ARM_SVE",
        (b"LINUX", 0x406) => "NT_ARM_PAC_MASK",
        (b"LINUX", 0x407) => "NT_ARM_PACA_KEYS",
        (b"LINUX", 0x408) => "NT_ARM_PACG_KEYS",
        (b"LINUX", 0x409) => "NT_ARM_TAGGED_ADDR_CTRL",
        (b"LINUX", 0x40a) => "NT_ARM_PAC_ENABLED_KEYS",
        (b"LINUX", 0x40b) => "NT_ARM_SSVE",
        (b"LINUX", 0x40c) => "NT_ARM_ZA",
        (b"LINUX", 0x40d) => "NT_ARM_ZT",
        (b"LINUX", 0x40e) => "NT_ARM_FPMR",
        (b"LINUX", 0x40f) => "NT_ARM_POE",
        (b"LINUX", 0x410) => "NT_ARM_GCS",
        (b"GDB", kinds::GDB_TDESC) => "NT_GDB_TDESC",
        (b"VMCOREINFO", 0) => "VMCOREINFO",
        _ => return None,
    })
}

const HEADER: usize = 12;
/// Longer than any owner's name that is in use.
const LONGEST_NAME: usize = 64;

/// The bytes of the file that the PT_NOTE program headers name.
struct Region {
    data: &'static [u8],
    offset: u64,
    /// Whether the file ends before the notes should.
    cut: bool,
}

/// Reads all notes. `fixed_size` knows the sizes that some must have, and so tells a false one.
pub(crate) fn read(
    data: &'static [u8],
    program: &[ProgramHeader64<LE>],
    fixed_size: &dyn Fn(&[u8], u32) -> Option<usize>,
    warnings: &mut Warnings,
) -> Vec<RawNote> {
    let mut notes = Vec::new();
    let mut budget = data.len();
    for header in program.iter().filter(|p| p.p_type.get(LE) == PT_NOTE) {
        let (offset, size) = (header.p_offset.get(LE), header.p_filesz.get(LE));
        let bytes = bytes::clipped(data, offset, size);
        // Honest ones do not overlap, so together they are no longer than the file.
        let Some(rest) = budget.checked_sub(bytes.len()) else {
            warnings.push(format!(
                "offset {offset:#x}: notes of {size} bytes left out: the notes overlap"
            ));
            continue;
        };
        budget = rest;
        let region = Region { data: bytes, offset, cut: (bytes.len() as u64) < size };
        if region.cut {
            warnings.push(format!(
                "offset {offset:#x}: expected {size} bytes of notes, the file ends after {}",
                bytes.len()
            ));
        }
        read_region(&region, fixed_size, warnings, &mut notes);
    }
    notes
}

/// A note's header, taken apart.
struct Head {
    owner: &'static [u8],
    kind: u32,
    size: usize,
    /// Where the contents begin in the region.
    start: usize,
}

fn head(region: &Region, at: usize) -> Option<Head> {
    let rest = region.data.get(at..)?;
    let name_size = usize::try_from(u32_at(rest, 0)?).ok()?;
    let size = usize::try_from(u32_at(rest, 4)?).ok()?;
    let kind = u32_at(rest, 8)?;
    if name_size > LONGEST_NAME {
        return None;
    }
    let name = rest.get(HEADER..HEADER.checked_add(name_size)?)?;
    let start = at.checked_add(HEADER)?.checked_add(name_size.next_multiple_of(4))?;
    Some(Head { owner: bytes::until_nul(name), kind, size, start })
}

impl Head {
    fn end(&self) -> Option<usize> {
        self.start.checked_add(self.size)
    }

    /// Whether this is the beginning of a note for sure, and not bytes that could be anything.
    fn is_known(&self) -> bool {
        kind_name(self.owner, self.kind).is_some()
    }
}

/// Whether a note that we know begins here and its contents are within the notes.
fn stands_at(region: &Region, at: usize) -> bool {
    let fits = |head: &Head| region.cut || head.end().is_some_and(|end| end <= region.data.len());
    head(region, at).is_some_and(|head| head.is_known() && fits(&head))
}

/// The next place from `at` on where a note that we know begins.
fn next_known(region: &Region, at: usize) -> Option<usize> {
    (at.next_multiple_of(4)..region.data.len()).step_by(4).find(|at| stands_at(region, *at))
}

fn read_region(
    region: &Region,
    fixed_size: &dyn Fn(&[u8], u32) -> Option<usize>,
    warnings: &mut Warnings,
    notes: &mut Vec<RawNote>,
) {
    // Notes are longer than this on average; a file of empty ones shall not fill the memory.
    let most = notes.len() + 1024 + region.data.len() / 64;
    let place = |at: usize| region.offset.saturating_add(at as u64);
    let mut at = 0;
    while at < region.data.len() {
        if notes.len() >= most {
            warnings.push(format!("offset {:#x}: more notes than expected, left out", place(at)));
            return;
        }
        // Padding. (An honest header has a type or a name.)
        if region.data.get(at..).is_some_and(|d| d.iter().take(HEADER).all(|b| *b == 0)) {
            let zeros = region.data.iter().skip(at).take_while(|b| **b == 0).count();
            at = at.saturating_add((zeros / 4 * 4).max(4));
            continue;
        }
        let Some(head) = head(region, at) else {
            let short = region.data.len() - at < HEADER + 8;
            if !(region.cut && short) {
                warnings.push(format!("offset {:#x}: expected a note, found none", place(at)));
            }
            match next_known(region, at + 4) {
                Some(next) => at = next,
                None => return,
            }
            continue;
        };
        let mut cut = false;
        let end = match (head.end(), fixed_size(head.owner, head.kind)) {
            (Some(end), Some(size)) if size != head.size => {
                let other = head.start.saturating_add(size);
                let next = other.next_multiple_of(4);
                warnings.push(format!(
                    "offset {:#x}: expected {} of {size} bytes, found {}",
                    place(at),
                    kind_name(head.owner, head.kind).unwrap_or("a note"),
                    head.size
                ));
                if next == region.data.len() || stands_at(region, next) { other } else { end }
            }
            (Some(end), _) => end,
            (None, _) => usize::MAX,
        };
        let end = if end <= region.data.len() {
            end
        } else if region.cut {
            cut = true;
            region.data.len()
        } else {
            warnings.push(format!(
                "offset {:#x}: expected a note of at most {} bytes, found one of {}",
                place(at),
                region.data.len().saturating_sub(head.start),
                head.size
            ));
            next_known(region, head.start).unwrap_or(region.data.len())
        };
        let data = region.data.get(head.start..end).unwrap_or(&[]);
        if !head.owner.is_empty() {
            notes.push(RawNote {
                owner: head.owner,
                kind: head.kind,
                data,
                offset: place(head.start),
                cut,
            });
        }
        at = end.next_multiple_of(4).max(at + 4);
    }
}
