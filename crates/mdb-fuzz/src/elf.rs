//! The file of a module.

use mdb_fixtures::synth::{CoreBuilder, EXECUTE, Format, READ, WRITE};

/// Where the file is mapped.
const BASE: u64 = 0x7f00_0000_0000;
/// `AT_SYSINFO_EHDR`, `AT_PHDR`, `AT_PHNUM` of `elf.h`.
const SYSINFO_EHDR: u64 = 33;

/// Takes the bytes as a load object that is whole in the core's memory, as the vDSO is: headers,
/// sections (also compressed ones), symbols, PLT, unwind sections, lines. No file is needed.
pub fn elf(data: &[u8]) {
    let stack: Vec<u8> = (0..64_u64).flat_map(|n| (BASE + n * 0x93).to_le_bytes()).collect();
    let machine = data.get(18).copied().unwrap_or(0);
    let (format, pc) = match machine {
        183 => (Format::AARCH64, 32),
        _ => (Format::X86_64, 16),
    };
    let mut registers = [0; 34];
    // The entry point of the file (e_entry at 24) is as good a place to begin as any.
    let entry = data.get(24..32).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    for (number, value) in
        [(pc, BASE.wrapping_add(entry)), (19, 0x7fff_0000_0000), (31, 0x7fff_0000_0000)]
    {
        if let Some(register) = registers.get_mut(number) {
            *register = value;
        }
    }
    let core = CoreBuilder::new(format)
        .alignment(16)
        .thread(1, 11, &registers)
        .auxv(&[(SYSINFO_EHDR, BASE)])
        .load(BASE, READ | EXECUTE, data)
        .load(0x7fff_0000_0000, READ | WRITE, stack)
        .build();
    crate::core(&core);
}
