use super::*;

fn tables(major: u32, minor: u32) -> &'static Tables {
    for_version(major, minor).expect("a table of ours")
}

/// Counts of symbols, roots, bytecodes and builtins as readelf counts them in the programs: symbols
/// that begin with `v8dbg_`, and sizes of arrays over those of their elements.
#[test]
fn five_versions_are_whole() {
    let counts: Vec<_> = all()
        .map(|tables| {
            (
                tables.node_version,
                tables.symbols_with_prefix("v8dbg_").count(),
                tables.root_names().len(),
                tables.bytecode_sizes().len(),
                tables.builtins().len(),
            )
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("18.20.8", 495, 6272 / 8, 594, 49296 / 24),
            ("20.20.2", 531, 6640 / 8, 594, 52368 / 24),
            ("22.23.3", 457, 6896 / 8, 609, 55296 / 24),
            ("24.21.0", 480, 9120 / 8, 624, 57216 / 24),
            ("26.10.0", 477, 9248 / 8, 636, 57960 / 24),
        ]
    );
}

/// No file is forgotten here.
#[test]
fn every_file_is_a_source() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tables");
    let files = std::fs::read_dir(directory).expect("the directory of tables");
    let mut names: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
    names.sort();
    let of_source = |source: &Source| format!("v8-{}.{}.txt", source.major, source.minor).into();
    assert_eq!(names, SOURCES.iter().map(of_source).collect::<Vec<std::ffi::OsString>>());
}

/// The reader leaves out nothing but what is known at run time only.
#[test]
fn every_line_is_read() {
    for source in &SOURCES {
        let tables = source.tables();
        let lines = |section: &'static str| {
            let of_section = source.text.lines().skip_while(move |line| *line != section).skip(1);
            of_section.take_while(|line| !line.is_empty())
        };
        let unknown = lines("[symbols]").filter(|line| line.ends_with(" ?")).count();
        assert_eq!(lines("[symbols]").count() - unknown, tables.symbols().count());
        assert!(tables.symbols.is_sorted_by(|one, other| one.0 < other.0));
        assert_eq!(lines("[roots]").count(), tables.root_names().len());
        assert_eq!(lines("[bytecodes]").count(), tables.bytecode_names().len());
        assert_eq!(lines("[builtins]").count(), tables.builtins().len());
        let sizes = |(index, line): (usize, &str)| {
            let at = |scale: usize| {
                tables.bytecode_sizes()[index + scale * tables.bytecode_names().len()]
            };
            let name = tables.bytecode_names()[index];
            assert_eq!(line, format!("{name} {} {} {}", at(0), at(1), at(2)));
        };
        lines("[bytecodes]").enumerate().for_each(sizes);
        assert!(tables.builtins().iter().all(|(_, kind)| *kind != BuiltinKind::Other));
        assert!(tables.v8_version.starts_with(&format!("{}.{}.", source.major, source.minor)));
        assert!(tables.blob_code_size > 1 << 20 && tables.blob_data_size > 0);
        assert!(tables.blob_code_address % 64 == 0 && tables.blob_code_address > 0);
        assert!(tables.blob_data_address > tables.blob_code_address);
    }
}

/// `include/v8-internal.h` (`kSmiTag`, `kHeapObjectTag`), `src/roots/roots.h`,
/// `src/interpreter/bytecodes.h` (the first three bytecodes and the last two),
/// `src/builtins/builtins-definitions.h`.
#[test]
fn facts_of_all_versions() {
    for tables in all() {
        assert_eq!(tables.symbol("v8dbg_SmiTag"), Some(0), "{tables:?}");
        assert_eq!(tables.symbol("v8dbg_HeapObjectTag"), Some(1));
        assert_eq!(tables.symbol("v8dbg_SmiTagg"), None);
        assert_eq!(tables.symbol(""), None);
        for root in ["meta_map", "undefined_value", "fixed_array_map"] {
            assert!(tables.root_names().contains(&root), "{tables:?}: {root}");
        }
        assert_eq!(tables.bytecode_names()[..3], ["Wide", "ExtraWide", "DebugBreakWide"]);
        assert!(!tables.bytecode_names().contains(&"?"));
        let star = tables.bytecode_names().iter().position(|name| *name == "Star0");
        assert_eq!(tables.bytecode_names()[star.expect("Star0") + 1], "Illegal");
        for builtin in [("ArrayPush", BuiltinKind::Cpp), ("ObjectCreate", BuiltinKind::Tfj)] {
            assert!(tables.builtins().contains(&builtin), "{tables:?}: {builtin:?}");
        }
    }
}

#[test]
fn lookups() {
    assert_eq!(for_version(13, 6).map(|tables| tables.node_version), Some("24.21.0"));
    assert!(for_version(13, 5).is_none());
    for tables in all() {
        let id = tables.build_ids()[0];
        assert_eq!(id.len(), 40);
        let found = for_build_id(&id.to_uppercase()).expect("its own build-id");
        assert_eq!(found.v8_version, tables.v8_version);
    }
    assert!(for_build_id("").is_none());
    assert!(for_build_id("00").is_none());
}

/// The type in the name moved with the versions, the field did not.
#[test]
fn fields_by_prefix() {
    for (major, minor) in [(10, 2), (14, 6)] {
        let tables = tables(major, minor);
        let found: Vec<_> =
            tables.symbols_with_prefix("v8dbg_class_Map__instance_type__").collect();
        assert_eq!(found, [("v8dbg_class_Map__instance_type__uint16_t", 12)]);
        let all = tables.symbols().count();
        assert_eq!(tables.symbols_with_prefix("").count(), all);
        assert_eq!(tables.symbols_with_prefix("zz").count(), 0);
    }
}

/// Node 18 to 24 compute their own symbols when they start.
#[test]
fn symbols_of_node() {
    let name = "nodedbg_const_ContextEmbedderIndex__kEnvironment__int";
    assert_eq!(tables(13, 6).symbol(name), None);
    assert_eq!(tables(14, 6).symbol(name), Some(32));
}

/// Text that is no table is no panic.
#[test]
fn other_text_is_left_out() {
    let tables =
        Tables::parse("v8\n\nx y z\n[symbols]\na\nb x\nc 1\n[bytecodes]\nd 1 x\n[what]\ne f");
    assert_eq!(tables.symbols().collect::<Vec<_>>(), [("c", 1)]);
    assert_eq!(tables.bytecode_sizes(), [1, 0, 0]);
    assert!(tables.root_names().is_empty() && tables.builtins().is_empty());
}
