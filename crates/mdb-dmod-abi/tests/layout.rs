//! Compares size and offset of every field of the contract with a committed table.
//!
//! A difference is a change of the ABI: while the major version is 0, raise `ABI_MINOR` for an
//! addition at the end and `OLDEST_MINOR` too for anything else, say so in the CHANGELOG, and run
//! this test with `MDB_BLESS=1`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

use mdb_dmod_abi::*;
use std::fmt::Write as _;
use std::mem::offset_of;

fn table() -> String {
    let mut table = String::new();
    macro_rules! layout {
        ($type:ty: $($field:ident),*) => {
            writeln!(table, "{} {} {}", stringify!($type), size_of::<$type>(), align_of::<$type>())
                .unwrap();
            $(writeln!(table, "  {} {}", stringify!($field), offset_of!($type, $field)).unwrap();)*
        };
    }
    layout!(Str: data, len);
    layout!(Array<u64>: items, count, stride);
    layout!(Bytes: data, len);
    layout!(Mapping: size, flags, kind, thread, start, end, offset, saved, path);
    layout!(MemoryGroup: size, reserved, read, borrow, next_mapping, describe_fault, search, next_run);
    layout!(MemoryRun: size, flags, start, end);
    layout!(Item: value, type_id);
    layout!(ModInfo: size, flags, abi_major, abi_minor, min_minor, reserved, name, version, built_with, about, dcmds, walkers, providers, attach, detach);
    layout!(Opt: short, kind, flags, reserved, long, value_name, help, choices);
    layout!(Argument: kind, flags, name, help, choices);
    layout!(Column: kind, flags, align, width, heading, key, help);
    layout!(Example: flags, reserved, command, help);
    layout!(Partial: size, option, argument, reserved, word);
    layout!(Dcmd: name, summary, help, input_type, output_type, flags, reserved, options, arguments, columns, examples, run, complete);
    layout!(Value: kind, flags, number, text, rest);
    layout!(Call: size, flags, item, options, arguments, input);
    layout!(WalkCall: size, flags, start);
    layout!(Walker: name, summary, help, input_type, output_type, layered_on, flags, reserved, init, step, fini, each);
    layout!(Provider: kind, flags, priority, reserved, name, about, table);
    layout!(CallerFrame: size, flags, pc, sp, fp, has_fp, count, registers, values);
    layout!(FrameDescription: size, flags, line, column, function_start, object, function, module, file, arguments, object_type);
    layout!(FrameProvider: size, reserved, caller, describe);
    layout!(SymbolProvider: size, reserved, at, by_name);
    layout!(Explanation: size, flags, base, length, rank, thread, kind, text, type_name, details);
    layout!(WhatisProvider: size, reserved, explain);
    layout!(Block: address, size, state, flags);
    layout!(BlocksProvider: size, reserved, each);
    layout!(Root: size, kind, thread, flags, start, end, value, name);
    layout!(RootsProvider: size, reserved, each);
    layout!(TypesProvider: size, reserved, by_name, members, of_object);
    layout!(PrinterProvider: size, reserved, print);
    layout!(ProviderInfo: size, flags, kind, priority, name, dmod, about);
    layout!(ProvidersGroup: size, reserved, list, whatis, blocks, roots, object_type, print);
    layout!(RootEdge: root, node, at);
    layout!(Graph: size, flags, nodes, first_edge, edges, first_referrer, referrers, roots, unreadable, overlapping);
    layout!(GraphGroup: size, reserved, get, node_at);
    layout!(TargetsGroup: size, reserved, open, with, close);
    layout!(TypeInfo: struct_size, kind, size, count, name, target);
    layout!(MemberInfo: struct_size, kind, offset, size, bit_offset, bit_size, name, type_name);
    layout!(RegisterValue: number, reserved, value);
    layout!(FrameView: size, flags, level, has_fp, pc, sp, fp, registers);
    layout!(StackSample: size, flags, address, bytes, registers);
    layout!(StyledPiece: role, reserved, text);
    layout!(Host: size, abi_major, abi_minor, memory, symbols, types, threads, output, pipe, run, session, work, target, providers, graph, targets);
    layout!(Symbol: struct_size, flags, address, size, offset, name, raw_name, module, text);
    layout!(Module: size, flags, index, reserved, start, end, bias, name, path, build_id);
    layout!(SourceLine: size, line, column, reserved, file, function);
    layout!(SymbolsGroup: size, reserved, by_name, by_address, iterate, demangle, module_at, modules, section_bytes, line_at);
    layout!(TypesGroup: size, reserved, by_name, name_of, describe, members);
    layout!(Thread: size, flags, number, tid, signal, reserved, pc, sp, thread_pointer, name);
    layout!(Frame: size, flags, level, found_by, pc, sp, fp, cfa, function_start, offset, line, column, function, module, file, text, arguments, found_by_name, object, object_type, registers);
    layout!(StackEnd: size, kind, sentence);
    layout!(ThreadsGroup: size, reserved, iterate, find, register, register_by_name, frames, current, frames_of_sample);
    layout!(OutputInfo: size, flags, width, reserved);
    layout!(Cell: kind, flags, number, text);
    layout!(OutputGroup: size, reserved, info, write, row, warn, fail, write_styled);
    layout!(PipeGroup: size, reserved, emit);
    layout!(RunGroup: size, reserved, walk, command, capture, evaluate, cancelled, progress);
    layout!(SessionGroup: size, reserved, get, set, option, variable, set_variable, log, last_error);
    layout!(WorkGroup: size, reserved, parallel, threads);
    layout!(TargetInfo: size, flags, kind, machine, pointer_size, big_endian, page_size, threads, reserved);
    layout!(SignalInfo: size, flags, signal, code, errno, sender_pid, sender_uid, reserved, address);
    layout!(ProcessInfo: size, flags, pid, ppid, uid, gid, name, arguments, executable, path);
    layout!(Note: size, kind, thread, reserved, offset, owner, name, data);
    layout!(TargetGroup: size, reserved, info, signal, process, auxv, notes, stop, resume);
    table
}

#[test]
fn nothing_has_moved() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/layout.txt");
    let table = table();
    if std::env::var_os("MDB_BLESS").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    let committed = std::fs::read_to_string(path).expect("the committed table");
    for (line, (ours, theirs)) in table.lines().zip(committed.lines()).enumerate() {
        assert_eq!(ours, theirs, "layout.txt, line {}", line + 1);
    }
    assert_eq!(table.lines().count(), committed.lines().count());
}

/// The list of structs above is complete: every `repr(C)` struct of the sources is in it.
#[test]
fn no_struct_is_forgotten() {
    let table = table();
    let mut structs = 0;
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for part in source.split("#[repr(C)]").skip(1) {
            let (_, rest) = part.split_once("pub struct ").unwrap();
            let name = rest.split([' ', '<']).next().unwrap();
            if name == "Cx" {
                continue; // Opaque.
            }
            structs += 1;
            let body = rest.split_once('{').unwrap().1.split_once("\n}").unwrap().0;
            let fields = body.lines().filter(|l| l.trim_start().starts_with("pub ")).count();
            let listed = table
                .lines()
                .skip_while(|l| {
                    !(l.starts_with(&format!("{name} ")) || l.starts_with(&format!("{name}<")))
                })
                .skip(1)
                .take_while(|l| l.starts_with("  "))
                .count();
            assert_eq!(listed, fields, "fields of {name}");
        }
    }
    assert!(structs > 30, "{structs}");
}

/// A struct of an older sender ends early, one of a newer goes on: both are read as far as both
/// sides know.
#[test]
fn shorter_and_longer_structs_are_read() {
    // Two words of 32 bits, aligned as the struct is: size 8, flags 7.
    let old = [8_u64 | 7 << 32];
    // SAFETY: the size says that 8 bytes are readable.
    let call = unsafe { read_sized(old.as_ptr().cast::<Call>()) }.unwrap();
    assert_eq!((call.flags, call.item.value), (7, 0));

    #[repr(C)]
    struct New {
        item: Item,
        more: u64,
    }
    let items = [1, 2, 3].map(|value| New { item: Item::address(value), more: 9 });
    let array = Array::<Item> { items: items.as_ptr().cast(), count: 3, stride: 24 };
    // SAFETY: three elements of 24 bytes.
    let values: Vec<u64> = unsafe { array.iter() }.map(|item| item.value).collect();
    assert_eq!(values, [1, 2, 3]);
    assert_eq!(items[0].more, 9);

    let short = [1_u64, 2, 3];
    let array = Array::<Item> { items: short.as_ptr().cast(), count: 3, stride: 8 };
    // SAFETY: three elements of 8 bytes.
    let items: Vec<Item> = unsafe { array.iter() }.collect();
    assert_eq!(items, [1, 2, 3].map(Item::address));
}

/// A function that an older host does not have is not called.
#[test]
fn a_table_may_end_early() {
    unsafe extern "C" fn emit(_: *mut Cx, _: Item) -> Status {
        Status::OK
    }
    let mut group = PipeGroup { size: 16, reserved: 0, emit: Some(emit) };
    // SAFETY: the table has its size.
    assert!(unsafe { field!(&raw const group, PipeGroup, emit) }.is_some_and(|f| f.is_some()));
    group.size = 8;
    // SAFETY: as above.
    assert!(unsafe { field!(&raw const group, PipeGroup, emit) }.is_none());
    // SAFETY: null is allowed.
    assert!(unsafe { field!(std::ptr::null(), PipeGroup, emit) }.is_none());
}
