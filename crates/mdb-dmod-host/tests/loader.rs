//! Good, bad and strange dmods: built, judged by their note, opened, called.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod host;

use host::TestHost;
use mdb_dmod_host::abi::ModInfo;
use mdb_dmod_host::{
    ArgumentValue, CallError, DmodFile, Flow, Item, LoadError, LoadedModule, Origin, ParsedArgs,
    SearchPath, Status, Surroundings, Trigger, ValueKind, current_dmod_call, load, open_file,
    read_note,
};
use std::mem::offset_of;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory of its own for each test, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mdb-loader-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Builds the C dmod with definitions that spoil it.
fn build(directory: &Directory, file: &str, defines: &[&str]) -> PathBuf {
    let out = directory.0.join(file);
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/c/sum.c");
    let mut cc = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    cc.args([
        "-shared",
        "-fPIC",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wno-unused",
        "-fvisibility=default",
        "-o",
    ]);
    cc.arg(&out).args(["-I", concat!(env!("CARGO_MANIFEST_DIR"), "/../mdb-dmod-abi/include")]);
    cc.arg(source).args(defines.iter().map(|d| format!("-D{d}")));
    let done = cc.output().expect("the tests need a C compiler");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    out
}

fn load_c(directory: &Directory, file: &str, defines: &[&str]) -> Result<LoadedModule, LoadError> {
    load(&open_file(&build(directory, file, defines))?)
}

/// Why a spoilt dmod is refused, without the directory.
fn refusal(name: &str, defines: &[&str]) -> String {
    let directory = Directory::new(name);
    let error = load_c(&directory, "sum.so", defines).expect_err("it must be refused");
    error.to_string().replace(&directory.0.display().to_string(), "DIR")
}

/// The dmod in Rust that cargo builds as an example of this crate.
fn misbehaves() -> LoadedModule {
    let program = std::env::current_exe().unwrap();
    let beside = program.parent().and_then(Path::parent).unwrap();
    let file = beside.join("examples/libmisbehaves.so");
    assert!(file.exists(), "{}: build the examples of this crate too", file.display());
    load(&open_file(&file).unwrap()).unwrap()
}

fn call(
    module: &LoadedModule,
    host: &TestHost,
    name: &str,
    args: ParsedArgs,
) -> Result<(), CallError> {
    let index = module.dcmds().iter().position(|d| d.name == name).unwrap();
    module.call_dcmd(index, host, &args)
}

fn at(value: u64) -> ParsedArgs {
    ParsedArgs { item: Item::address(value), address_given: true, ..ParsedArgs::default() }
}

#[test]
fn a_c_dmod_is_loaded_and_called() {
    let directory = Directory::new("c");
    let path = build(&directory, "libsum.so", &[]);
    let note = read_note(&path).unwrap();
    assert_eq!((note.name.as_str(), note.version.as_str(), note.abi), ("sum", "1.0", 0));
    assert_eq!(note.triggers, [Trigger::Always]);

    let module = load(&open_file(&path).unwrap()).unwrap();
    assert_eq!((module.name(), module.built_with(), module.about()), ("sum", "cc", "sums"));
    assert_eq!(module.abi(), (0, 1));
    assert!(matches!(module.origin(), Origin::File(file) if file.ends_with("libsum.so")));
    let option = &module.dcmds()[0].options[0];
    assert_eq!((option.short, option.kind), (Some('n'), ValueKind::Number));

    let host = TestHost::new(&[1, 2, 3, 4, 5]);
    call(&module, &host, "sum", at(0x1000)).unwrap();
    let two = vec![vec![ArgumentValue { number: 2, text: "2".into() }]];
    call(&module, &host, "sum", ParsedArgs { options: two, ..at(0x1008) }).unwrap();
    assert_eq!(*host.items.borrow(), [10, 5]);

    // A fault without a word of the dmod's is explained.
    let error = call(&module, &host, "sum", at(0x1018)).unwrap_err();
    assert_eq!(error.message, "no data at address 0x1028: no mapping for address");
    assert_eq!((error.status, error.address), (Status::FAULT, Some(0x1028)));
    assert_eq!(current_dmod_call(), None);
}

#[test]
fn a_walker_in_steps_is_ended_once() {
    let directory = Directory::new("walk");
    let module = load_c(&directory, "sum.so", &[]).unwrap();
    let host = TestHost::new(&[]);
    let walk = |start, most: usize| {
        let mut items = Vec::new();
        let result = module.walk(0, &host, Some(Item::address(start)), &mut |item| {
            assert_eq!(current_dmod_call(), Some(("sum", "walker upto")));
            items.push(item.value);
            if items.len() < most { Flow::Continue } else { Flow::Closed }
        });
        assert_eq!(result, Ok(()));
        items
    };
    assert_eq!(walk(4, 99), [0, 1, 2, 3]);
    assert_eq!(*host.text.borrow(), "fini\n");
    assert_eq!(walk(4, 2), [0, 1]);
    assert_eq!(*host.text.borrow(), "fini\nfini\n");
    assert_eq!(walk(0, 99), [0_u64; 0]);
    assert_eq!(*host.text.borrow(), "fini\nfini\n", "what was not begun is not ended");
    let stopped = module.walk(0, &host, Some(Item::address(9)), &mut |_| Flow::Cancelled);
    assert_eq!(stopped.unwrap_err().status, Status::CANCELLED);
}

#[test]
fn wrong_versions_are_refused_unopened() {
    let note = |abi: u32, minor: u32, min: u32| {
        format!(
            "NOTE_TEXT=\"abi={abi}\\0minor={minor}\\0min={min}\\0name=sum\\0entry=mdb_dmod_sum\\0\""
        )
    };
    let newer = refusal("newer", &[&note(1, 0, 0), "CONSTRUCTOR"]);
    assert_eq!(
        newer,
        "DIR/sum.so: dmod sum is built for ABI 1.0, this mdb has 0.2: use a newer mdb or an older \
         build of the dmod"
    );
    let older = refusal("older", &[&note(0, 0, 0), "CONSTRUCTOR"]);
    assert_eq!(
        older,
        "DIR/sum.so: dmod sum is built for ABI 0.0, this mdb has 0.2: build the dmod again with a \
         newer mdb-dmod"
    );
    let wants = refusal("wants", &[&note(0, 9, 7), "CONSTRUCTOR"]);
    assert!(wants.contains("ABI 0.7 at least, this mdb has 0.2"), "{wants}");
    assert!(std::env::var_os("MDB_TEST_OPENED").is_none(), "no constructor ran");
    // One of a newer minor version that still works with ours.
    let directory = Directory::new("newer-minor");
    assert!(load_c(&directory, "sum.so", &[&note(0, 9, 1)]).is_ok());
    // The note may be wrong: the table counts.
    assert!(refusal("table", &["MAJOR=3"]).contains("built for ABI 3.1"));
    assert!(refusal("table-min", &["MIN_MINOR=3"]).contains("0.3 at least"));
}

#[test]
fn panic_abort_is_refused() {
    let sentence = refusal("abort", &["FLAGS=1"]);
    assert!(sentence.contains("panic=abort") && sentence.contains("DIR/sum.so"), "{sentence}");
}

#[test]
fn false_tables_are_refused_by_name() {
    let cases: &[(&str, &[&str], &str)] = &[
        ("stride", &["DCMDS={dcmds,1,12}"], "table dcmds: elements of 12 bytes, expected"),
        ("odd", &["DCMDS={dcmds,1,177}"], "table dcmds: elements of 177 bytes"),
        ("huge", &["DCMDS={dcmds,1,1u<<20}"], "table dcmds: elements of 1048576 bytes"),
        ("count", &["DCMDS={dcmds,4000,4096}"], "table dcmds: 4000 elements of 4096 bytes reach"),
        ("many", &["DCMDS={dcmds,1u<<30,176}"], "table dcmds: 1073741824 elements, at most"),
        ("null", &["DCMDS={0,2,176}"], "table dcmds: 2 elements at NULL"),
        ("size", &["INFO_SIZE=8"], "table modinfo: its size is 8"),
        ("size2", &["INFO_SIZE=1u<<30"], "table modinfo: its size is 1073741824"),
        ("run", &["RUN=0"], "table dcmds[0] (::sum).run: NULL"),
        ("code", &["RUN=(void*)options"], "(::sum).run: the function lies outside the dmod's code"),
        ("kind", &["OPTION_KIND=77"], "(::sum).options[0]: kind 77 of value is unknown"),
        ("control", &["DCMD_NAME=\"a\\033[2J\""], "control character '\\u{1b}'"),
        ("blank", &["DCMD_NAME=\"a b\""], "\"a b\" has a character no name may have"),
        ("empty", &["DCMD_NAME=\"\""], "table dcmds[0].name: a name is missing"),
        ("twice", &["TWICE"], "table dcmds: dcmd sum is there twice"),
        ("name", &["NAME=\"mus\""], "table modinfo.name: mus, but its note says sum"),
    ];
    for (name, defines, expected) in cases {
        let sentence = refusal(name, defines);
        assert!(sentence.starts_with("DIR/sum.so: table "), "{name}: {sentence}");
        assert!(sentence.contains(expected), "{name}: {sentence}");
    }
}

#[test]
fn a_smaller_table_of_an_older_dmod_is_read() {
    // The fields from `attach` on are missing.
    let directory = Directory::new("old-table");
    let size = format!("INFO_SIZE={}", offset_of!(ModInfo, attach));
    let module = load_c(&directory, "sum.so", &[&size]).unwrap();
    let host = TestHost::new(&[]);
    assert_eq!(module.attach(&host), Ok(()));
    assert_eq!(module.dcmds().len(), 1);
}

#[test]
fn bad_notes_are_explained() {
    let note = |text: &str| format!("NOTE_TEXT=\"{text}\"");
    let cases = [
        ("abi=0\\0name=sum\\0", "its dmod note is bad: entry= is missing"),
        ("abi=x\\0", "its dmod note is bad: abi=x is not a number"),
        ("abi\\0", "its dmod note is bad: \"abi\" is not key=value"),
        ("name=sum\\0entry=mdb_dmod_sum\\0", "its dmod note is bad: abi= is missing"),
        ("abi=0\\0name=Sum\\0entry=x\\0", "its dmod note is bad: name=Sum is not a name"),
        ("abi=0\\0name=sum\\0entry=exit\\0", "its dmod note is bad: entry=exit is not"),
        ("abi=0\\0name=sum\\0trigger=\\033x\\0", "its dmod note is bad: it has control characters"),
    ];
    for (index, (text, expected)) in cases.iter().enumerate() {
        let sentence = refusal(&format!("note{index}"), &[&note(text)]);
        assert!(sentence.contains(expected), "{text}: {sentence}");
    }
}

#[test]
fn files_that_are_no_dmods_are_never_opened() {
    let directory = Directory::new("others");
    let text = directory.0.join("text.so");
    std::fs::write(&text, "hello").unwrap();
    std::fs::write(directory.0.join("empty.so"), "").unwrap();
    std::fs::create_dir(directory.0.join("directory.so")).unwrap();
    let plain = directory.0.join("libplain.so");
    let source = directory.0.join("plain.c");
    std::fs::write(&source, "int plain(void) { return 0; }").unwrap();
    let cc = |args: &[&str], out: &Path| {
        let done = Command::new("cc").args(args).arg("-o").arg(out).arg(&source).status().unwrap();
        assert!(done.success());
    };
    cc(&["-shared", "-fPIC"], &plain);
    let object = directory.0.join("object.so");
    cc(&["-c"], &object);

    let reason = |path: &Path| read_note(path).unwrap_err().to_string();
    assert!(reason(&text).contains("not a dmod"), "{}", reason(&text));
    assert!(reason(&plain).contains("it has no section .note.mdb.dmod"));
    assert!(reason(&object).contains("not a shared library"));
    assert!(reason(&directory.0.join("directory.so")).contains("not a regular file"));
    assert!(reason(&directory.0.join("missing.so")).contains("No such file"));

    let mut path = SearchPath::default();
    path.push(directory.0.clone());
    let found = path.find_all();
    assert_eq!((found.dmods.len(), found.warnings.len(), found.others.len()), (0, 0, 5));
    assert!(path.find("plain").unwrap_err().to_string().contains("not a dmod"));
    assert!(matches!(path.find("nosuch"), Err(LoadError::NotFound { .. })));

    // Truncated and mutated, the file of a dmod is refused or read, and nothing else.
    let good = std::fs::read(build(&directory, "sum.so", &[])).unwrap();
    let damaged = directory.0.join("damaged.so");
    for cut in (0..good.len()).step_by(97) {
        std::fs::write(&damaged, &good[..cut]).unwrap();
        let _ = read_note(&damaged);
    }
    for place in 0..64 {
        for value in [0, 0x7f, 0xff] {
            let mut bytes = good.clone();
            bytes[place] = value;
            std::fs::write(&damaged, bytes).unwrap();
            let _ = read_note(&damaged);
        }
    }
}

#[test]
fn the_first_of_a_name_wins_and_unsafe_places_are_skipped() {
    let (first, second, open) =
        (Directory::new("first"), Directory::new("second"), Directory::new("open"));
    build(&first, "libsum.so", &[]);
    build(&second, "sum.so", &[]);
    build(&open, "sum.so", &[]);
    std::fs::set_permissions(&open.0, PermissionsExt::from_mode(0o777)).unwrap();
    let mut path = SearchPath::default();
    for directory in [&open, &first, &second] {
        path.push(directory.0.clone());
    }
    path.push("relative".into());
    assert_eq!(path.directories().len(), 3);
    let found = path.find_all();
    let files = |list: &[DmodFile]| list.iter().map(|f| f.path.clone()).collect::<Vec<_>>();
    assert_eq!(files(&found.dmods), [first.0.join("libsum.so")]);
    assert_eq!(files(&found.shadowed), [second.0.join("sum.so")]);
    assert_eq!(found.warnings.len(), 1);
    let warning = found.warnings[0].to_string();
    assert!(warning.contains("anybody may write to it (mode 777)"), "{warning}");
    // A file that others may write to, in a directory that they may not.
    let file = first.0.join("libsum.so");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    assert_eq!(files(&path.find_all().dmods), [second.0.join("sum.so")]);
    assert!(matches!(open_file(&file), Err(LoadError::Unsafe { .. })));
}

#[test]
fn the_standard_path_is_in_order() {
    let around = Surroundings {
        dmod_path: Some("/env/one::relative:/env/two".into()),
        config_home: None,
        home: Some("/home/me".into()),
        program: Some("/opt/mdb/bin/mdb".into()),
    };
    let path = SearchPath::standard(&["/given".into()], &around);
    let list: Vec<_> = path.directories().iter().map(|d| d.to_str().unwrap()).collect();
    assert_eq!(
        list,
        [
            "/given",
            "/env/one",
            "/env/two",
            "/home/me/.config/mdb/dmods",
            "/opt/mdb/lib/mdb/dmods",
            "/opt/mdb/bin"
        ]
    );
}

#[test]
fn a_rust_dmod_keeps_its_note_and_its_panics() {
    let module = misbehaves();
    assert_eq!(module.name(), "misbehaves");
    assert!(module.built_with().starts_with("rustc "), "{}", module.built_with());
    let host = TestHost::new(&[]);
    call(&module, &host, "boom", at(1)).unwrap();
    for _ in 0..2 {
        let error = call(&module, &host, "boom", at(2)).unwrap_err();
        assert_eq!(error.status, Status::PANIC);
        let whose = "dmod misbehaves, ::boom: panicked: index out of bounds";
        assert!(error.message.starts_with(whose), "{error}");
        assert!(error.message.contains("misbehaves.rs:"), "{error}");
    }
    // Out of a closure that the host calls back: through the host, not across it.
    let flag = vec![vec![ArgumentValue { number: 1, text: String::new() }]];
    let error = call(&module, &host, "boom", ParsedArgs { options: flag, ..at(0) }).unwrap_err();
    assert_eq!(error.status, Status::PANIC);
    assert!(error.message.contains("::boom: panicked: two is too many"), "{error}");
    // In a walker.
    let mut items = Vec::new();
    let walked = module.walk(0, &host, Some(Item::address(15)), &mut |item| {
        items.push(item.value);
        Flow::Continue
    });
    assert_eq!((walked.unwrap_err().status, items), (Status::PANIC, vec![15, 14]));
    // The session goes on.
    call(&module, &host, "boom", at(0)).unwrap();
}

#[test]
fn a_defect_of_the_host_is_caught_on_its_side() {
    let module = misbehaves();
    let mut host = TestHost::new(&[]);
    host.defect = true;
    let error = call(&module, &host, "count", at(0)).unwrap_err();
    assert_eq!(error.status, Status::HOST_BUG);
    let walked = module.walk(0, &host, Some(Item::address(3)), &mut |_| panic!("in the walk"));
    assert_eq!(walked.unwrap_err().status, Status::HOST_BUG);
}

#[test]
fn loops_are_stopped() {
    let module = misbehaves();
    let mut host = TestHost::new(&[0]);
    host.memory.cancel_after = 1000;
    let error = call(&module, &host, "spin", at(0x1000)).unwrap_err();
    assert_eq!((error.status, error.message.as_str()), (Status::CANCELLED, "interrupted"));

    let mut host = TestHost::new(&[]);
    host.close_after = 3;
    assert_eq!(call(&module, &host, "count", at(0)), Ok(()), "a closed pipe is no failure");
    assert_eq!(*host.items.borrow(), [0, 1, 2]);
}

#[test]
fn the_host_is_re_entered() {
    let module = misbehaves();
    let host = TestHost::new(&[]);
    call(&module, &host, "deep", at(0)).unwrap();
    assert_eq!(*host.items.borrow(), [1, 2, 3, 4]);
    assert_eq!(*host.commands.borrow(), ["0::deeper", "1::deeper", "2::deeper", "3::deeper"]);
}

#[test]
fn rows_text_and_what_is_kept_come_over() {
    let module = misbehaves();
    let host = TestHost::new(&[]);
    let word = |text: &str| ArgumentValue { number: 0, text: text.to_owned() };
    let args = ParsedArgs { arguments: vec![vec![word("x"), word("y"), word("z")]], ..at(0) };
    call(&module, &host, "rows", args).unwrap();
    assert_eq!(
        *host.text.borrow(),
        "[Hex(1), Text(\"x+y+z\")]\ntwo\nwarning: a warning\nkept None\n"
    );
    let columns = &module.dcmds().iter().find(|d| d.name == "rows").unwrap().columns;
    assert_eq!((columns[1].key.as_ref(), columns[0].item), ("b_b", true));
}

#[test]
fn memory_is_read_from_many_threads() {
    let module = misbehaves();
    let host = TestHost::new(&[1, 2, 3, 4]);
    call(&module, &host, "threaded", at(0x1000)).unwrap();
    assert_eq!(*host.items.borrow(), [10]);
    let error = call(&module, &host, "threaded", at(0x1008)).unwrap_err();
    assert_eq!(error.message, "no data at address 0x1020: no mapping for address");
}
