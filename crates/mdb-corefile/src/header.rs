//! The ELF header and the program headers of a core.

use crate::kind::{ET_CORE, identify, not_a_core};
use crate::warnings::Warnings;
use crate::{CoreError, bytes};
use mdb_target::Arch;
use object::LittleEndian as LE;
use object::elf::{FileHeader64, PN_XNUM, PT_NOTE, ProgramHeader64, SectionHeader64};
use std::path::Path;

/// The headers of a core.
pub(crate) struct Headers {
    /// Its machine.
    pub(crate) arch: Arch,
    /// Its program headers, as many as the file has.
    pub(crate) program: &'static [ProgramHeader64<LE>],
    /// `e_phoff`.
    pub(crate) offset: u64,
    /// Whether it has sections beyond the one that PN_XNUM needs. The kernel writes none
    /// (`fs/binfmt_elf.c`, `elf_core_dump`); BFD, with which gdb writes, one for each segment.
    pub(crate) has_sections: bool,
}

/// Reads the headers of an ELF core.
pub(crate) fn read(
    file: &Path,
    data: &'static [u8],
    warnings: &mut Warnings,
) -> Result<Headers, CoreError> {
    let (header, arch) = identify(file, data)?;
    let kind = header.e_type.get(LE).0;
    if kind != ET_CORE {
        return Err(not_a_core(file, kind));
    }
    let offset = header.e_phoff.get(LE);
    let length = data.len() as u64;
    let entry = header.e_phentsize.get(LE);
    if usize::from(entry) != size_of::<ProgramHeader64<LE>>() {
        return Err(CoreError::Header {
            file: file.to_owned(),
            offset: 0x36,
            expected: "program headers of 56 bytes",
            found: format!("{entry}"),
        });
    }
    let count = count(header, data, warnings);
    let table = bytes::clipped(data, offset, u64::MAX);
    let fitting = table.len() / size_of::<ProgramHeader64<LE>>();
    let present = usize::try_from(count).unwrap_or(usize::MAX).min(fitting);
    let program = match object::pod::slice_from_bytes::<ProgramHeader64<LE>>(table, present) {
        Ok((program, _)) => program,
        Err(()) => &[],
    };
    if (program.len() as u64) < count {
        // Whoever writes a core writes these first: without all of them, most often there is
        // nothing else.
        let something =
            program.iter().any(|p| p.p_filesz.get(LE) > 0 && p.p_offset.get(LE) < length);
        if !something {
            return Err(CoreError::ProgramHeaders { file: file.to_owned(), offset, count, length });
        }
        warnings.push(format!(
            "offset {offset:#x}: expected {count} program headers, the file has room for {}",
            program.len()
        ));
    }
    let has_sections = header.e_shnum.get(LE) > 1;
    Ok(Headers { arch, program, offset, has_sections })
}

/// How many program headers there are: `e_phnum`, or if that is `PN_XNUM`, `sh_info` of the
/// first section header (gABI; `fill_extnum_info` in the kernel's `fs/binfmt_elf.c`).
fn count(header: &FileHeader64<LE>, data: &'static [u8], warnings: &mut Warnings) -> u64 {
    let count = header.e_phnum.get(LE);
    if count != PN_XNUM {
        return u64::from(count);
    }
    let section = bytes::clipped(data, header.e_shoff.get(LE), u64::MAX);
    let in_section = match object::pod::from_bytes::<SectionHeader64<LE>>(section) {
        Ok((section, _)) if header.e_shoff.get(LE) != 0 => u64::from(section.sh_info.get(LE)),
        _ => 0,
    };
    if in_section >= u64::from(PN_XNUM) {
        return in_section;
    }
    // The kernel writes that section header at the file's very end, so a truncated core lacks
    // it. But its first program header is PT_NOTE, and the notes follow the program headers.
    let table = bytes::clipped(data, header.e_phoff.get(LE), u64::MAX);
    let derived = match object::pod::from_bytes::<ProgramHeader64<LE>>(table) {
        Ok((first, _)) if first.p_type.get(LE) == PT_NOTE => {
            first.p_offset.get(LE).saturating_sub(header.e_phoff.get(LE))
                / size_of::<ProgramHeader64<LE>>() as u64
        }
        _ => 0,
    };
    let derived = derived.max(u64::from(PN_XNUM));
    warnings.push(format!(
        "offset {:#x}: expected a section header with the number of program headers (PN_XNUM), \
         found none; taking {derived}",
        header.e_shoff.get(LE)
    ));
    derived
}
