//! The notes of a core, byte by byte.

use super::bytes::{Class, Format, Writer};

/// Note types (`NT_` in the kernel's include/uapi/linux/elf.h).
pub mod note_type {
    /// NT_PRSTATUS
    pub const PRSTATUS: u32 = 1;
    /// NT_PRFPREG
    pub const FPREGSET: u32 = 2;
    /// NT_PRPSINFO
    pub const PRPSINFO: u32 = 3;
    /// NT_AUXV
    pub const AUXV: u32 = 6;
    /// NT_SIGINFO, "SIGI"
    pub const SIGINFO: u32 = 0x5349_4749;
    /// NT_FILE, "FILE"
    pub const FILE: u32 = 0x4649_4c45;
    /// NT_X86_XSTATE, owner "LINUX"
    pub const X86_XSTATE: u32 = 0x202;
}

/// Machines (`EM_` in the kernel's include/uapi/linux/elf-em.h).
pub mod machine {
    /// EM_386
    pub const I386: u16 = 3;
    /// EM_S390
    pub const S390: u16 = 22;
    /// EM_X86_64
    pub const X86_64: u16 = 62;
    /// EM_AARCH64
    pub const AARCH64: u16 = 183;
    /// EM_RISCV
    pub const RISCV: u16 = 243;
}

/// A row of NT_FILE.
#[derive(Debug, Clone, Copy)]
pub struct MappedFile<'a> {
    /// First address.
    pub start: u64,
    /// Address behind the last.
    pub end: u64,
    /// Offset in the file, in pages of 4096 bytes.
    pub page_offset: u64,
    /// The file.
    pub path: &'a str,
}

/// A note before it is bytes.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) owner: String,
    pub(super) kind: u32,
    pub(super) description: Vec<u8>,
}

impl Note {
    /// `Elf_Nhdr`, owner with NUL, description, both padded to 4 bytes (elf(5)).
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u32(self.owner.len() as u32 + 1).u32(self.description.len() as u32).u32(self.kind);
        writer.bytes(self.owner.as_bytes()).u8(0).align4();
        writer.bytes(&self.description).align4();
    }
}

/// How many words `elf_gregset_t` has (`struct user_regs_struct`, `user_pt_regs` and so on in each
/// architecture's asm/ptrace.h or asm/user.h).
fn register_words(machine: u16) -> usize {
    match machine {
        machine::I386 => 17,
        machine::AARCH64 => 34,
        machine::RISCV => 32,
        // x86-64: 27 registers. s390x: psw (2), 16 registers, 16 access registers of 4 bytes, and
        // orig_gpr2: 27 words as well.
        _ => 27,
    }
}

/// `struct elf_prstatus` (the kernel's include/linux/elfcore.h): 112 bytes before the registers
/// where words have 8 bytes, 72 where they have 4.
pub(super) fn prstatus(format: Format, tid: u32, signal: u16, registers: &[u64]) -> Vec<u8> {
    let mut writer = Writer::new(format);
    // elf_siginfo: signo, code, errno; then pr_cursig with padding.
    writer.u32(u32::from(signal)).u32(0).u32(0).u16(signal).u16(0);
    writer.word(0).word(0);
    // pid, ppid, pgrp, sid
    writer.u32(tid).u32(1).u32(tid).u32(tid);
    // Four timevals.
    for _ in 0..8 {
        writer.word(0);
    }
    for index in 0..register_words(format.machine) {
        writer.word(registers.get(index).copied().unwrap_or(0));
    }
    // pr_fpvalid, and padding to a word.
    writer.u32(0);
    if format.class == Class::Bits64 {
        writer.u32(0);
    }
    writer.done()
}

/// `struct elf_prpsinfo` (include/linux/elfcore.h): 136 bytes, or 124 on i386 where uid and gid
/// have 2 bytes.
pub(super) fn prpsinfo(format: Format, pid: u32, name: &str, arguments: &str) -> Vec<u8> {
    let mut writer = Writer::new(format);
    // pr_state, pr_sname, pr_zomb, pr_nice
    writer.u8(0).u8(b'R').u8(0).u8(0);
    match format.class {
        Class::Bits64 => writer.u32(0).u64(0x40_0000).u32(1000).u32(1000),
        Class::Bits32 => writer.u32(0x40_0000).u16(1000).u16(1000),
    };
    writer.u32(pid).u32(1).u32(pid).u32(pid);
    writer.text(name, 16).text(arguments, 80);
    writer.done()
}

/// `siginfo_t` (include/uapi/asm-generic/siginfo.h): si_addr is the first word of the union, which
/// is aligned to words.
pub(super) fn siginfo(format: Format, number: i32, code: i32, address: u64) -> Vec<u8> {
    let mut writer = Writer::new(format);
    writer.u32(number as u32).u32(0).u32(code as u32);
    if format.class == Class::Bits64 {
        writer.u32(0);
    }
    writer.word(address).pad_to(128);
    writer.done()
}

/// NT_FILE (`fill_files_note` in the kernel's fs/binfmt_elf.c): count, page size, rows, names.
pub(super) fn files(format: Format, files: &[MappedFile<'_>]) -> Vec<u8> {
    let mut writer = Writer::new(format);
    writer.word(files.len() as u64).word(4096);
    for file in files {
        writer.word(file.start).word(file.end).word(file.page_offset);
    }
    for file in files {
        writer.bytes(file.path.as_bytes()).u8(0);
    }
    writer.done()
}
