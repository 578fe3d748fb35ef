//! What a file is, by its first bytes.

use crate::CoreError;
use mdb_target::{Arch, map_file};
use object::LittleEndian as LE;
use object::elf::{FileHeader64, PT_INTERP, ProgramHeader64};
use std::path::Path;

/// What a file is.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileKind {
    /// An ELF core that [`crate::open_core`] can try to open.
    Core,
    /// A zstd-compressed file; [`crate::open_core`] finds out whether a core is in it.
    CompressedCore,
    /// An ELF program (`ET_EXEC`, or `ET_DYN` with an interpreter).
    Executable,
    /// An ELF shared object.
    SharedObject,
    /// None of these, or of a machine that mdb does not know; the error's text says what it is.
    Other(CoreError),
}

/// Tells what a file is without opening it as a target.
pub fn sniff(path: &Path) -> FileKind {
    let mapped = match map_file(path) {
        Ok(mapped) => mapped,
        Err(error) => return FileKind::Other(error.into()),
    };
    kind_of(path, mapped.data)
}

/// Tells what a file with these contents is.
pub(crate) fn kind_of(file: &Path, data: &[u8]) -> FileKind {
    if is_zstd(data) {
        return FileKind::CompressedCore;
    }
    match identify(file, data) {
        Err(error) => FileKind::Other(error),
        Ok((header, _)) => match header.e_type.get(LE).0 {
            ET_CORE => FileKind::Core,
            ET_EXEC => FileKind::Executable,
            ET_DYN if has_interpreter(header, data) => FileKind::Executable,
            ET_DYN => FileKind::SharedObject,
            value => FileKind::Other(not_a_core(file, value)),
        },
    }
}

// The gABI's e_type values.
const ET_EXEC: u16 = 2;
const ET_DYN: u16 = 3;
pub(crate) const ET_CORE: u16 = 4;

/// That an ELF file is no core.
pub(crate) fn not_a_core(file: &Path, value: u16) -> CoreError {
    let what = match value {
        0 => "no type",
        1 => "a relocatable object file",
        ET_EXEC => "an executable",
        ET_DYN => "an executable or a shared object",
        _ => "an unknown type",
    };
    CoreError::NotACore { file: file.to_owned(), what, value }
}

/// Refuses what cannot be a core by its first bytes.
pub(crate) fn refuse_other(file: &Path, start: &[u8]) -> Result<(), CoreError> {
    match kind_of(file, start) {
        FileKind::Core => Ok(()),
        FileKind::Other(error) => Err(error),
        FileKind::CompressedCore => Err(CoreError::NotElf {
            file: file.to_owned(),
            found: "another compressed file (zstd) within this one".to_owned(),
        }),
        FileKind::Executable => Err(not_a_core(file, ET_EXEC)),
        FileKind::SharedObject => Err(not_a_core(file, ET_DYN)),
    }
}

fn has_interpreter(header: &FileHeader64<LE>, data: &[u8]) -> bool {
    let table = usize::try_from(header.e_phoff.get(LE)).ok().and_then(|at| data.get(at..));
    let Some(mut table) = table else { return false };
    for _ in 0..header.e_phnum.get(LE) {
        let Ok((entry, rest)) = object::pod::from_bytes::<ProgramHeader64<LE>>(table) else {
            return false;
        };
        if entry.p_type.get(LE) == PT_INTERP {
            return true;
        }
        table = rest;
    }
    false
}

/// Whether the bytes begin with a zstd frame (0xFD2FB528) or with one to be skipped
/// (0x184D2A50 to 0x184D2A5F): RFC 8878, sections 3.1.1 and 3.1.2.
pub(crate) fn is_zstd(data: &[u8]) -> bool {
    match crate::bytes::u32_at(data, 0) {
        Some(0xfd2f_b528) => true,
        Some(magic) => magic & 0xffff_fff0 == 0x184d_2a50,
        None => false,
    }
}

/// How a file begins, and what it then is and does.
enum Known {
    /// Something that is no core.
    Thing(&'static str),
    /// Something compressed, and the command that decompresses it.
    Compressed(&'static str, &'static str),
    /// The dump of a kernel.
    Kernel(&'static str),
}

/// Files that people take for cores, or have instead of them. Sources: the formats' own
/// documents (RFC 1952, xz-file-format.txt, lz4_Frame_format.md, bzip2's manual, APPNOTE.TXT),
/// `IMPLEMENTATION` of makedumpfile and its `diskdump_mod.h`, Breakpad's `minidump_format.h`.
const MAGICS: &[(&[u8], Known)] = &[
    (b"\x1f\x8b", Known::Compressed("gzip", "gzip -dc")),
    (b"\xfd7zXZ\0", Known::Compressed("xz", "xz -dc")),
    (b"\x04\x22\x4d\x18", Known::Compressed("lz4", "lz4 -dc")),
    (b"\x02\x21\x4c\x18", Known::Compressed("lz4 (legacy)", "lz4 -dc")),
    (b"BZh", Known::Compressed("bzip2", "bzip2 -dc")),
    (b"PK\x03\x04", Known::Thing("a zip archive")),
    (b"!<arch>\n", Known::Thing("a library archive (ar)")),
    (b"KDUMP   ", Known::Kernel("a kernel dump of makedumpfile (KDUMP)")),
    (b"DISKDUMP", Known::Kernel("a kernel dump (DISKDUMP)")),
    (b"makedumpfile\0", Known::Kernel("a flattened kernel dump of makedumpfile")),
    (b"MDMP", Known::Thing("a minidump (Breakpad, Crashpad)")),
    (b"#!", Known::Thing("a script")),
    (b"\xfe\xed\xfa\xcf", Known::Thing("a Mach-O file")),
    (b"\xcf\xfa\xed\xfe", Known::Thing("a Mach-O file")),
];

/// Checks the ELF header as far as it must hold for any file that mdb reads.
pub(crate) fn identify<'a>(
    file: &Path,
    data: &'a [u8],
) -> Result<(&'a FileHeader64<LE>, Arch), CoreError> {
    check_ident(file, data)?;
    let length = data.len() as u64;
    let Ok((header, _)) = object::pod::from_bytes::<FileHeader64<LE>>(data) else {
        return Err(CoreError::HeaderCut { file: file.to_owned(), length });
    };
    let machine = header.e_machine.get(LE).0;
    let Some(arch) = Arch::from_elf_machine(machine) else {
        return Err(CoreError::Header {
            file: file.to_owned(),
            offset: 0x12,
            expected: "a file of x86_64 (62) or aarch64 (183)",
            found: machine_name(machine),
        });
    };
    Ok((header, arch))
}

/// Checks the first bytes, which decide how to read the others.
fn check_ident(file: &Path, data: &[u8]) -> Result<(), CoreError> {
    if data.is_empty() {
        return Err(CoreError::Empty { file: file.to_owned() });
    }
    if !data.starts_with(b"\x7fELF") {
        return Err(no_elf(file, data));
    }
    let (Some(&[class, order, version, system]), Some(machine)) =
        (data.get(4..).and_then(|d| d.first_chunk()), data.get(0x12..0x14))
    else {
        return Err(CoreError::HeaderCut { file: file.to_owned(), length: data.len() as u64 });
    };
    let wrong = |offset, expected, found| {
        Err(CoreError::Header { file: file.to_owned(), offset, expected, found })
    };
    let machine: [u8; 2] = machine.try_into().unwrap_or_default();
    let machine = machine_name(if order == 2 {
        u16::from_be_bytes(machine)
    } else {
        u16::from_le_bytes(machine)
    });
    match class {
        2 => {}
        1 => return wrong(4, "a 64-bit file (2)", format!("a 32-bit file (1) of {machine}")),
        other => return wrong(4, "a 64-bit file (2)", format!("{other}")),
    }
    match order {
        1 => {}
        2 => {
            let found = format!("a big-endian file (2) of {machine}");
            return wrong(5, "a little-endian file (1)", found);
        }
        other => return wrong(5, "a little-endian file (1)", format!("{other}")),
    }
    if version != 1 {
        return wrong(6, "ELF version 1 (EV_CURRENT)", format!("{version}"));
    }
    // Others have other notes. (0 is what Linux writes, 3 is what it may.)
    let name = match system {
        2 => "NetBSD",
        6 => "Solaris",
        9 => "FreeBSD",
        12 => "OpenBSD",
        _ => return Ok(()),
    };
    wrong(7, "a file of Linux (0 or 3)", format!("one of {name} ({system})"))
}

/// Says of a file without ELF's magic what it is.
fn no_elf(file: &Path, data: &[u8]) -> CoreError {
    let file = file.to_owned();
    for (magic, known) in MAGICS {
        if data.starts_with(magic) {
            return match *known {
                Known::Thing(what) => CoreError::NotElf { file, found: what.to_owned() },
                Known::Compressed(format, command) => {
                    CoreError::Compressed { file, format, command }
                }
                Known::Kernel(what) => CoreError::KernelDump { file, offset: 0, what },
            };
        }
    }
    let start = data.get(..512).unwrap_or(data);
    let text = match std::str::from_utf8(start) {
        Ok(text) => Some(text),
        // The cut may go through a letter.
        Err(error) if error.error_len().is_none() => {
            start.get(..error.valid_up_to()).and_then(|s| std::str::from_utf8(s).ok())
        }
        Err(_) => None,
    };
    let is_text = text.is_some_and(|t| {
        !t.is_empty()
            && !t.chars().any(|c| c.is_control() && !c.is_ascii_whitespace() && c != '\x1b')
    });
    let found = if is_text {
        "a text file".to_owned()
    } else if start.iter().all(|b| *b == 0) {
        "only zeros".to_owned()
    } else {
        let bytes: Vec<String> = start.iter().take(4).map(|b| format!("{b:02x}")).collect();
        bytes.join(" ")
    };
    CoreError::NotElf { file, found }
}

/// The processor that `e_machine` names (ELF gABI registry).
fn machine_name(machine: u16) -> String {
    let name = match machine {
        2 => "sparc",
        3 => "i386",
        8 => "mips",
        15 => "parisc",
        18 | 43 => "sparc64",
        20 => "powerpc",
        21 => "powerpc64",
        22 => "s390",
        40 => "arm",
        50 => "ia64",
        62 => "x86_64",
        183 => "aarch64",
        243 => "riscv",
        247 => "bpf",
        258 => "loongarch",
        _ => return format!("machine {machine}"),
    };
    format!("{name} ({machine})")
}
