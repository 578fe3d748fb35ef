//! Files that are no core that mdb can debug, and some that only look like it.

use std::fs;
use std::path::{Path, PathBuf};

use super::bytes::Format;
use super::scenes::{cyclic_link_map, many_mappings, minimal};
use super::{CoreBuilder, READ};
use crate::FixtureError;

/// A file (or directory) to hand to the debugger.
#[derive(Debug, Clone)]
pub struct OddFile {
    /// What it is, in a word or two.
    pub name: &'static str,
    /// Where it lies.
    pub path: PathBuf,
    /// Whether it can be debugged all the same (odd but sound). The others are to be refused with
    /// one sentence and a status other than 0.
    pub sound: bool,
}

/// Writes all of them into a directory.
pub fn odd_files(dir: &Path) -> Result<Vec<OddFile>, FixtureError> {
    let mut files = Vec::new();
    for (name, sound, bytes) in contents() {
        let path = dir.join(name);
        fs::write(&path, bytes).map_err(FixtureError::io("write", &path))?;
        files.push(OddFile { name, path, sound });
    }
    let path = dir.join("directory");
    fs::create_dir_all(&path).map_err(FixtureError::io("create", &path))?;
    files.push(OddFile { name: "directory", path, sound: false });
    files.push(OddFile { name: "absent", path: dir.join("absent"), sound: false });
    Ok(files)
}

/// Name, soundness, bytes.
fn contents() -> Vec<(&'static str, bool, Vec<u8>)> {
    let whole = minimal(Format::X86_64).build();
    let cut = |length: usize| whole.get(..length).unwrap_or_default().to_vec();
    // makedumpfile's kdump-compressed format begins with this signature (struct disk_dump_header);
    // the older diskdump with the other.
    let dump = |signature: &[u8; 8]| {
        let mut bytes = signature.to_vec();
        bytes.extend(6_u32.to_le_bytes());
        bytes.extend(b"Linux\0");
        bytes.resize(0x2000, 0);
        bytes
    };
    // The ELF form of a kernel dump: a note of owner VMCOREINFO, and kernel addresses.
    let vmcore = CoreBuilder::new(Format::X86_64)
        .thread(0, 0, &[])
        .note("VMCOREINFO", 0, "OSRELEASE=6.1.0\nPAGESIZE=4096\n")
        .load(0xffff_ffff_8100_0000, READ, vec![0; 64])
        .build();
    let no_threads = CoreBuilder::new(Format::X86_64).load(0x1000, READ, vec![1; 64]).build();
    let no_segments = CoreBuilder::new(Format::X86_64).build();
    let mut wild_version = whole.clone();
    if let Some(byte) = wild_version.get_mut(6) {
        *byte = 9;
    }
    vec![
        ("empty", false, Vec::new()),
        ("one-byte", false, vec![0x7f]),
        ("text", false, b"This is no core: it is a letter.\n".repeat(20)),
        ("magic-only", false, cut(4)),
        ("identification-only", false, cut(16)),
        ("header-only", false, cut(64)),
        ("core-32-bit", false, minimal(Format::I386).build()),
        ("core-big-endian", false, minimal(Format::S390X).build()),
        ("core-riscv", false, minimal(Format::RISCV64).build()),
        ("core-aarch64", true, minimal(Format::AARCH64).build()),
        ("kernel-dump-compressed", false, dump(b"KDUMP   ")),
        ("kernel-dump-disk", false, dump(b"DISKDUMP")),
        ("kernel-dump-elf", false, vmcore),
        ("relocatable", false, minimal(Format::X86_64).file_type(1).build()),
        ("no-threads", false, no_threads),
        ("no-segments", false, no_segments),
        ("elf-version", false, wild_version),
        ("zstd-garbage.zst", false, b"\x28\xb5\x2f\xfdno frame follows".to_vec()),
        ("zstd-empty.zst", false, b"\x28\xb5\x2f\xfd".to_vec()),
        ("core-70000-mappings", true, many_mappings(70_000)),
        ("core-cyclic-link-map", true, cyclic_link_map()),
    ]
}
