//! Every instruction of a real library: `objdump` is the oracle for where each begins.
#![cfg(target_arch = "x86_64")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use mdb_disasm::Disassembler;
use mdb_target::Arch;
use std::collections::BTreeMap;
use std::process::Command;

/// Instructions by address, bytes included, of a part of this very test program.
fn objdump() -> Option<BTreeMap<u64, Vec<u8>>> {
    let program = std::env::current_exe().unwrap();
    let output = Command::new("objdump")
        .args(["-d", "-z", "--no-show-raw-insn", "--section=.text"])
        .args(["--insn-width=16", "--show-raw-insn", "-w"])
        .arg(program)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    let mut instructions = BTreeMap::new();
    for line in text.lines() {
        let mut columns = line.split('\t');
        let Some(address) = columns.next().and_then(|c| c.trim().strip_suffix(':')) else {
            continue;
        };
        let Ok(address) = u64::from_str_radix(address, 16) else { continue };
        let (Some(bytes), Some(text)) = (columns.next(), columns.next()) else { continue };
        // What objdump itself cannot read says nothing.
        if text.contains("(bad)") {
            continue;
        }
        let bytes: Vec<u8> =
            bytes.split_whitespace().map(|b| u8::from_str_radix(b, 16).unwrap()).collect();
        instructions.insert(address, bytes);
        if instructions.len() == 100_000 {
            break;
        }
    }
    Some(instructions)
}

#[test]
fn lengths_equal_those_of_objdump() {
    let Some(instructions) = objdump() else {
        mdb_fixtures::skipped("lengths_equal_those_of_objdump", "objdump is not installed");
        return;
    };
    assert!(instructions.len() > 10_000, "objdump gave {} instructions", instructions.len());
    let disassembler = Disassembler::new(Arch::X86_64);
    for (address, bytes) in &instructions {
        // A lone prefix, such as objdump shows before an instruction that it does not fit, is
        // part of that instruction to the processor.
        let got = disassembler.decode(*address, bytes, &|_| None).unwrap();
        assert_eq!((got.length, got.valid), (bytes.len(), true), "{address:x}: {bytes:x?} {got}");
    }
}

#[test]
fn windows_find_the_instructions_before() {
    let Some(instructions) = objdump() else {
        mdb_fixtures::skipped("windows_find_the_instructions_before", "objdump is not installed");
        return;
    };
    let disassembler = Disassembler::new(Arch::X86_64);
    let list: Vec<(u64, Vec<u8>)> = instructions.into_iter().collect();
    let (mut right, mut all) = (0, 0);
    for chunk in list.chunks_exact(60).take(500) {
        let contiguous = chunk.windows(2).all(|w| w[0].0 + w[0].1.len() as u64 == w[1].0);
        if !contiguous {
            continue;
        }
        let address = chunk[59].0;
        let bytes: Vec<u8> = chunk[..59].iter().flat_map(|(_, b)| b.iter().copied()).collect();
        let expected: Vec<u64> = chunk[54..59].iter().map(|(a, _)| *a).collect();
        // With the beginning of a function it is certain.
        let start = Some(chunk[0].0);
        assert_eq!(disassembler.window(address, &bytes, start, 5), expected);
        // Without it, from the middle of an instruction, it is nearly so.
        all += 1;
        let cut = bytes.len().min(disassembler.window_bytes(5));
        let bytes = &bytes[bytes.len() - cut..];
        right += i32::from(disassembler.window(address, bytes, None, 5) == expected);
    }
    assert!(all > 100, "{all}");
    assert!(right * 100 >= all * 97, "{right} of {all}");
}
