//! Discovery where a core says little: no NT_FILE, no headers, cyclic lists, files mapped twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use mdb_debuginfo::{
    Distance, FileSearch, FileState, ModuleKind, Modules, SymbolOrigin, Verification,
};
use mdb_target::{
    Arch, Auxv, Backing, FakeTarget, FaultReason, FileBacking, Mapping, MappingKind, Permissions,
    Segment,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// A shared library that this test compiles: two functions, data that is relocated.
struct Library {
    directory: PathBuf,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Library {
    fn new(test: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("mdb-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let source = directory.join("lib.c");
        std::fs::write(
            &source,
            "int changed = 5; int inner(int x) { return x * 3 + changed; }\n\
             int (*const table[])(int) = { inner };\n\
             int outer(int x) { return table[x & 0](x) + 1; }\n",
        )
        .unwrap();
        let path = directory.join("libfixture.so.1");
        let done = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-g", "-Wl,--build-id=sha1", "-o"])
            .arg(&path)
            .arg(&source)
            .status()
            .unwrap();
        assert!(done.success());
        let bytes = std::fs::read(&path).unwrap();
        Self { directory, path, bytes }
    }

    fn elf(&self) -> goblin::elf::Elf<'_> {
        goblin::elf::Elf::parse(&self.bytes).unwrap()
    }

    fn symbol(&self, name: &str) -> u64 {
        let elf = self.elf();
        elf.syms.iter().find(|s| elf.strtab.get_at(s.st_name) == Some(name)).unwrap().st_value
    }

    /// The mappings as the dynamic linker makes them, and the saved first page of each that has
    /// the ELF header; all else is not saved.
    fn load(&self, mut target: FakeTarget, base: u64, save_header: bool) -> FakeTarget {
        for header in self.elf().program_headers.iter().filter(|h| h.p_type == 1) {
            let start = base + (header.p_vaddr & !0xfff);
            let end = base + ((header.p_vaddr + header.p_memsz + 0xfff) & !0xfff);
            let offset = header.p_offset & !0xfff;
            let saved = if offset == 0 && save_header { 0x1000 } else { 0 };
            target = target.mapping(Mapping {
                range: start..end,
                permissions: Some(Permissions::from_elf(header.p_flags)),
                file: Some(FileBacking { path: self.path.clone().into(), offset }),
                kind: MappingKind::File,
                saved,
            });
            if saved > 0 {
                target = target.region(start, &self.bytes[..saved as usize]);
            }
            target = target.segment(Segment {
                range: start + saved..end,
                backing: Backing::Absent(FaultReason::NotInCore),
            });
        }
        target
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn discover(target: FakeTarget) -> Arc<Modules> {
    Modules::discover(Arc::new(target), FileSearch::default())
}

const BASE: u64 = 0x7f00_0000_0000;

#[test]
fn headers_saved() {
    let library = Library::new("headers-saved");
    let modules = discover(library.load(FakeTarget::new(Arch::X86_64), BASE, true));
    let [module] = modules.all() else { panic!("{modules:?}") };
    assert_eq!((module.kind(), module.bias()), (ModuleKind::Library, BASE));
    assert!(matches!(module.file(), FileState::Found { verification: Verification::BuildId, .. }));
    let (_, symbol) = modules.lookup(Some("libfixture"), "outer").unwrap();
    assert_eq!(symbol.value, BASE + library.symbol("outer"));
    // Code comes from the file.
    let memory = modules.target().memory();
    let at = library.symbol("inner");
    let code = memory.borrow(BASE + at, 4).unwrap();
    assert_eq!(code, &library.bytes[at as usize..at as usize + 4]);
    // Data may have changed, relocated constants were: neither does, and the reason says so.
    for name in ["changed", "table"] {
        let fault = memory.read_u8(BASE + library.symbol(name)).unwrap_err();
        assert!(matches!(&fault.reason, FaultReason::FileUnavailable(w) if w.contains("changed")));
    }
}

/// A kernel that saves the stack saves changed private memory, too; what it left out is as in the
/// file.
#[test]
fn unchanged_data_of_kernel_cores() {
    let library = Library::new("unchanged");
    let stack = Mapping {
        range: 0x7ff0_0000_0000..0x7ff0_0000_1000,
        permissions: Some(Permissions::from_elf(6)),
        file: None,
        kind: MappingKind::Stack(1),
        saved: 0x1000,
    };
    let target = library.load(FakeTarget::new(Arch::X86_64), BASE, true).mapping(stack);
    let modules = discover(target);
    let memory = modules.target().memory();
    assert_eq!(memory.read_u32(BASE + library.symbol("changed")), Ok(5));
}

#[test]
fn headers_not_saved() {
    let library = Library::new("headers-not-saved");
    let modules = discover(library.load(FakeTarget::new(Arch::X86_64), BASE, false));
    let [module] = modules.all() else { panic!("{modules:?}") };
    assert_eq!(module.build_id(), None);
    assert_eq!(module.bias(), BASE);
    assert!(matches!(
        module.file(),
        FileState::Found { verification: Verification::Unverified, .. }
    ));
    assert!(modules.warnings()[0].contains("unverified"), "{:?}", modules.warnings());
    let (_, symbol) = modules.lookup(None, "inner").unwrap();
    assert_eq!(symbol.value, BASE + library.symbol("inner"));
}

#[test]
fn another_first_page_is_another_file() {
    let library = Library::new("first-page");
    let mut target = library.load(FakeTarget::new(Arch::X86_64), BASE, true);
    // No build-id in memory: its note's type is another.
    let elf = library.elf();
    let notes: Vec<_> = elf.program_headers.iter().filter(|h| h.p_type == 4).collect();
    for note in &notes {
        let zeros = vec![0u8; note.p_filesz as usize];
        target = target.region(BASE + note.p_vaddr, zeros);
    }
    let modules = discover(target);
    let state = modules.all()[0].file();
    assert!(matches!(state, FileState::Mismatched { wanted: None, .. }), "{state:?}");
    assert!(state.to_string().contains("first page"), "{state}");
}

#[test]
fn a_part_mapped_again_has_the_same_names() {
    let library = Library::new("remapped");
    let text = library.elf().program_headers.iter().find(|h| h.p_flags & 1 != 0).unwrap().clone();
    let copy = BASE + 0x1_0000_0000;
    let target = library.load(FakeTarget::new(Arch::X86_64), BASE, true).mapping(Mapping {
        range: copy..copy + 0x1000,
        permissions: Some(Permissions::from_elf(5)),
        file: Some(FileBacking {
            path: library.path.clone().into(),
            offset: text.p_offset & !0xfff,
        }),
        kind: MappingKind::File,
        saved: 0,
    });
    let modules = discover(target);
    assert_eq!(modules.all().len(), 1);
    let again = modules.at(copy).unwrap();
    assert_eq!(again.kind(), ModuleKind::Remapped);
    let inner = library.symbol("inner");
    let at = copy + inner - (text.p_vaddr & !0xfff);
    let (module, symbol, offset) = modules.symbol_at(at + 1, Distance::Smart).unwrap();
    assert_eq!((module.number(), symbol.name, offset), (again.number(), &b"inner"[..], 1));
    assert_eq!(symbol.value, at);
    assert_eq!(again.locate(at)[0].function, Some(&b"inner"[..]));
    assert_eq!(again.unwind_sections().bias, again.bias());
    // A name means the original.
    assert_eq!(modules.lookup(None, "inner").unwrap().1.value, BASE + inner);
    assert!(modules.warnings().is_empty());
}

/// An executable's dynamic section with `DT_DEBUG`, `r_debug` and nodes of `link_map`, without
/// any mapping that names a file.
fn linked(nodes: &[(u64, u64, u64)], target: FakeTarget) -> FakeTarget {
    const PROGRAM: u64 = 0x40_0000;
    let mut header = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
    header.resize(16, 0);
    header.extend([2u8, 0, 62, 0, 1, 0, 0, 0]);
    header.extend(PROGRAM.to_le_bytes());
    header.extend(64u64.to_le_bytes());
    header.extend(0u64.to_le_bytes());
    header.extend([0u8, 0, 0, 0, 64, 0, 56, 0, 2, 0, 64, 0, 0, 0, 0, 0]);
    for (kind, flags, address, size) in
        [(1u32, 7u32, PROGRAM, 0x1000u64), (2, 6, PROGRAM + 0x800, 0x40)]
    {
        header.extend(kind.to_le_bytes());
        header.extend(flags.to_le_bytes());
        for word in [address - PROGRAM, address, address, size, size, 0x1000] {
            header.extend(word.to_le_bytes());
        }
    }
    header.resize(0x800, 0);
    for word in [21, 0x50_0000u64, 0, 0] {
        header.extend(word.to_le_bytes());
    }
    header.resize(0x1000, 0);
    let mut target = target
        .region(PROGRAM, header)
        .words(0x50_0000, &[1, 0x51_0000, 0, 0, 0, 0])
        .region(0x60_0000, *b"/nowhere/libfixture.so\0")
        .region(0x60_1000, *b"\0")
        .auxv_entry(Auxv::PHDR, PROGRAM + 64)
        .auxv_entry(Auxv::PHNUM, 2);
    for (i, (bias, dynamic, next)) in nodes.iter().enumerate() {
        let name = if i == 0 { 0x60_1000 } else { 0x60_0000 };
        target = target.words(0x51_0000 + i as u64 * 0x100, &[*bias, name, *dynamic, *next, 0]);
    }
    target
}

#[test]
fn the_link_map_alone() {
    let library = Library::new("link-map");
    let dynamic = library.elf().program_headers.iter().find(|h| h.p_type == 2).unwrap().p_vaddr;
    // All of the library is in the core: its names are read without its file.
    let mut target = FakeTarget::new(Arch::X86_64);
    for header in library.elf().program_headers.iter().filter(|h| h.p_type == 1) {
        let range = header.file_range();
        target = target.region(BASE + header.p_vaddr, &library.bytes[range]);
    }
    let nodes = [(0, 0x40_0800, 0x51_0100), (BASE, BASE + dynamic, 0)];
    let modules = discover(linked(&nodes, target));
    let [program, found] = modules.all() else { panic!("{modules:?}") };
    assert_eq!(program.kind(), ModuleKind::Executable);
    assert_eq!((program.range().start, program.bias()), (0x40_0000, 0));
    assert_eq!(program.link_map(), Some(0x51_0000));
    assert_eq!(found.path(), Path::new("/nowhere/libfixture.so"));
    assert_eq!(found.link_map(), Some(0x51_0100));
    assert_eq!(found.bias(), BASE);
    assert!(found.build_id().is_some());
    assert!(matches!(found.file(), FileState::NotFound { .. }));
    let outer = found.symbol_named(b"outer").unwrap();
    assert_eq!(outer.origin, SymbolOrigin::Dynsym);
    assert_eq!(outer.value, BASE + library.symbol("outer"));
    let (at, offset) = found.symbol_at(outer.value + 2, Distance::Smart).unwrap();
    assert_eq!((at.name, offset), (&b"outer"[..], 2));
    let unwind = found.unwind_sections();
    let elf = library.elf();
    let section = |name| {
        let named =
            |s: &&goblin::elf::SectionHeader| elf.shdr_strtab.get_at(s.sh_name) == Some(name);
        elf.section_headers.iter().find(named).unwrap()
    };
    let (header, frames) = (section(".eh_frame_hdr"), section(".eh_frame"));
    assert_eq!(unwind.eh_frame_hdr.unwrap().address, header.sh_addr);
    let found = unwind.eh_frame.unwrap();
    assert_eq!(found.address, frames.sh_addr);
    let expected = &library.bytes[frames.file_range().unwrap()];
    assert!(found.bytes.starts_with(expected));
}

#[test]
fn cyclic_and_broken_link_maps_end() {
    let cyclic = [(0, 0x40_0800, 0x51_0100), (BASE, BASE + 8, 0x51_0000)];
    assert_eq!(discover(linked(&cyclic, FakeTarget::new(Arch::X86_64))).all().len(), 1);
    let own = [(0, 0x40_0800, 0x51_0000)];
    assert_eq!(discover(linked(&own, FakeTarget::new(Arch::X86_64))).all().len(), 1);
    let nowhere = [(0, 0x40_0800, 0xdead_0000), (u64::MAX, u64::MAX, u64::MAX)];
    assert_eq!(discover(linked(&nowhere, FakeTarget::new(Arch::X86_64))).all().len(), 1);
}

#[test]
fn data_files_are_no_modules() {
    let mapping = |start: u64, path: &str, flags| Mapping {
        range: start..start + 0x1000,
        permissions: Some(Permissions::from_elf(flags)),
        file: Some(FileBacking { path: path.into(), offset: 0 }),
        kind: MappingKind::File,
        saved: 0,
    };
    let target = FakeTarget::new(Arch::X86_64)
        .mapping(mapping(0x1000, "/usr/share/locale.archive", 4))
        .mapping(mapping(0x3000, "/tmp/jit.bin", 5))
        .region(0x3000, vec![0x90; 0x1000])
        .segment(Segment {
            range: 0x1000..0x2000,
            backing: Backing::Absent(FaultReason::NotInCore),
        });
    let modules = discover(target);
    assert!(modules.all().is_empty(), "{modules:?}");
    // Its bytes are not given as facts: nothing says that the file is still the same.
    let fault = modules.target().memory().read_u8(0x1800).unwrap_err();
    assert!(matches!(&fault.reason, FaultReason::FileUnavailable(w) if w.contains("--force")));
}

#[test]
fn wild_headers() {
    // Program headers with sizes and addresses to the ends of the address space.
    for (address, size) in [(u64::MAX, 1), (0, u64::MAX), (u64::MAX - 0xfff, 0x1000), (0x1000, 0)] {
        let mut page = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
        page.resize(64, 0);
        page[32..40].copy_from_slice(&64u64.to_le_bytes());
        page[54] = 56;
        page[56] = 2;
        for kind in [1u32, 4] {
            page.extend(kind.to_le_bytes());
            page.extend(5u32.to_le_bytes());
            for word in [0, address, address, size, size, 0x1000u64] {
                page.extend(word.to_le_bytes());
            }
        }
        page.resize(0x1000, 0);
        let target = FakeTarget::new(Arch::X86_64)
            .region(0x7000, page)
            .auxv_entry(Auxv::PHDR, 0x7040)
            .auxv_entry(Auxv::PHNUM, u64::MAX)
            .auxv_entry(Auxv::SYSINFO_EHDR, 0x7000)
            .mapping(Mapping {
                range: 0x7000..0x8000,
                permissions: None,
                file: Some(FileBacking { path: "/nowhere/x".into(), offset: 0 }),
                kind: MappingKind::File,
                saved: 0x1000,
            });
        let modules = discover(target);
        for module in modules.all() {
            let _ = (module.symbols().len(), module.unwind_sections(), module.file());
            let _ = module.symbol_at(0x7000, Distance::Smart);
            assert!(!module.range().is_empty());
        }
    }
}
