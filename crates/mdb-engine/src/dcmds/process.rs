//! What the process was: `::status ::mappings ::objects ::regs ::getenv`.

use super::{add, alias};
use crate::command::Call;
use crate::failure::Failure;
use crate::output::{Output, OutputMode};
use crate::session::Session;
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, ValueKind};
use mdb_print::{Cell, Role, StyledText, escape_bytes, escape_text};
use mdb_target::{
    Arch, Auxv, Mapping, MappingKind, SignalInfo, Target, TargetKind, Thread, signal_description,
    signal_name, x86_64,
};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("status", "show what the target is and how it died")
            .flag('v', "also what the debugger found wrong with the target and its files")
            .column(ColumnSpec::new("PROPERTY", ColumnKind::Text))
            .column(ColumnSpec::new("VALUE", ColumnKind::Text))
            .example("::status", "file, arguments, signal"),
        |session, call, output| {
            for (property, text, value) in status(session, call.flag("v")) {
                let line = StyledText::plain(&format!("{text}\n"));
                output.row_as(&[property.into(), value.into()], &line)?;
            }
            Ok(())
        },
    );
    let mappings = DcmdSpec::new("mappings", "list the mappings of the process")
        .help("ADDRESS, or NAME (part of a file's path), chooses mappings. SAVED is how many bytes the core has.")
        .types("", "mapping")
        .argument(ArgumentSpec::optional("NAME", ValueKind::Text, "part of a name"))
        .column(ColumnSpec::new("BASE", ColumnKind::Address).item())
        .column(ColumnSpec::new("LIMIT", ColumnKind::Address))
        .column(ColumnSpec::new("SIZE", ColumnKind::Size).width(16))
        .column(ColumnSpec::new("PERM", ColumnKind::Text).width(4))
        .column(ColumnSpec::new("OFFSET", ColumnKind::Hex).width(8))
        .column(ColumnSpec::new("SAVED", ColumnKind::Size).width(12))
        .column(ColumnSpec::new("NAME", ColumnKind::Text))
        .example("::mappings", "all of them");
    add(session, mappings.clone(), show_mappings);
    alias(session, "$m", &mappings, show_mappings);
    add(
        session,
        DcmdSpec::new("objects", "list the load objects: executable and libraries")
            .types("", "object")
            .flag('v', "build-ids and files")
            .column(ColumnSpec::new("BASE", ColumnKind::Address).item())
            .column(ColumnSpec::new("LIMIT", ColumnKind::Address))
            .column(ColumnSpec::new("SIZE", ColumnKind::Size).width(16))
            .column(ColumnSpec::new("NAME", ColumnKind::Text))
            .column(ColumnSpec::new("BUILD ID", ColumnKind::Text).detail())
            .column(ColumnSpec::new("FILE", ColumnKind::Text).detail())
            .column(ColumnSpec::new("DEBUG FILE", ColumnKind::Text).detail())
            .example("::objects -v", "with build-ids and what became of the search for files"),
        objects,
    );
    let regs = DcmdSpec::new("regs", "show the registers of a thread")
        .types("thread", "")
        .flag('u', "ADDRESS is a ucontext_t")
        .column(ColumnSpec::new("REGISTER", ColumnKind::Text))
        .column(ColumnSpec::new("VALUE", ColumnKind::Hex).item())
        .column(ColumnSpec::new("SYMBOL", ColumnKind::Symbol))
        .example("::regs", "those of the representative thread");
    add(session, regs.clone(), show_registers);
    alias(session, "$r", &regs, show_registers);
    add(
        session,
        DcmdSpec::new("getenv", "show variables of the environment of the process")
            .flag('t', "accepted for MDB's sake: it is always the target's")
            .argument(ArgumentSpec::optional("NAME", ValueKind::Text, "one variable"))
            .column(ColumnSpec::new("NAME", ColumnKind::Text))
            .column(ColumnSpec::new("VALUE", ColumnKind::Text))
            .example("::getenv PATH", "one of them"),
        getenv,
    );
}

fn os(text: Option<&OsStr>) -> Option<String> {
    text.map(|t| escape_bytes(t.as_bytes()))
}

/// The lines of `::status`: property, line, value.
fn status(session: &Session, verbose: bool) -> Vec<(&'static str, String, String)> {
    let target = session.target();
    let process = target.process();
    let mut lines: Vec<(&'static str, String, String)> = Vec::new();
    let mut add = |property: &'static str, text: String, value: String| {
        lines.push((property, text, value));
    };
    let path = target.path().map(|p| escape_bytes(p.as_os_str().as_bytes()));
    let file = session.modules().executable().map(|m| m.path().to_owned());
    let file = file.map(|p| escape_bytes(p.as_os_str().as_bytes()));
    let name = process
        .name
        .as_deref()
        .map(|n| escape_bytes(n.as_bytes()))
        .or_else(|| file.as_deref().and_then(|f| f.rsplit('/').next()).map(str::to_owned));
    match target.kind() {
        TargetKind::None => add("target", "no target".into(), "none".into()),
        TargetKind::Object => {
            let path = path.unwrap_or_default();
            add("target", format!("debugging object file {path} (64-bit)"), path);
        }
        TargetKind::Core => {
            let name = name.unwrap_or_else(|| "an unknown process".into());
            let host = os(process.host.as_deref());
            let from = host.map_or(String::new(), |h| format!(" from {h}"));
            add("target", format!("debugging core file of {name} (64-bit){from}"), name);
            if let Some(path) = path.filter(|_| verbose) {
                add("core", format!("core: {path}"), path);
            }
        }
        _ => add("target", "debugging a process".into(), "process".into()),
    }
    if let Some(file) = file {
        add("file", format!("file: {file}"), file);
    }
    if let Some(arguments) = os(process.arguments.as_deref()) {
        let arguments = arguments.trim_end().to_owned();
        add("initial argv", format!("initial argv: {arguments}"), arguments);
    }
    if target.kind() == TargetKind::Core {
        if let Some(pid) = process.pid.filter(|_| verbose) {
            add("pid", format!("pid: {pid}, threads: {}", target.threads().len()), pid.to_string());
        }
        add("threading model", "threading model: native threads".into(), "native threads".into());
        let status = if target.written_by_gcore() && target.signal().is_none_or(|s| s.signal == 0) {
            "process core file generated with gcore(1)".to_owned()
        } else {
            target.signal().map_or("unknown: the core does not say".to_owned(), died_of)
        };
        add("status", format!("status: {status}"), status.clone());
    }
    for warning in target.warnings() {
        add("warning", format!("warning: {}", escape_text(warning)), warning.clone());
    }
    if verbose {
        for warning in session.modules().warnings() {
            add("missing", format!("missing: {}", escape_text(&warning)), warning.clone());
        }
    }
    lines
}

/// `process terminated by SIGSEGV (Segmentation Fault), addr=10`.
fn died_of(signal: &SignalInfo) -> String {
    use std::fmt::Write as _;
    let mut text = format!("process terminated by {}", signal_name(signal.signal));
    if let Some(description) = signal_description(signal.signal) {
        let _ = write!(text, " ({description})");
    }
    if let Some(address) = signal.address {
        let _ = write!(text, ", addr={address:x}");
    }
    if let Some(pid) = signal.sender_pid {
        let _ = write!(text, ", pid={pid}");
    }
    if let Some(uid) = signal.sender_uid {
        let _ = write!(text, " uid={uid}");
    }
    if let (Some(code), None) = (signal.code, signal.address) {
        let _ = write!(text, " code={code}");
    }
    text
}

fn mapping_name(session: &Session, mapping: &Mapping) -> String {
    if let Some(file) = &mapping.file {
        return escape_bytes(file.path.as_bytes());
    }
    match mapping.kind {
        MappingKind::Stack(thread) if session.target().threads().len() > 1 => {
            format!("[ stack tid={thread} ]")
        }
        MappingKind::Stack(_) => "[ stack ]".into(),
        MappingKind::Vdso => "[ vdso ]".into(),
        MappingKind::Heap => "[ heap ]".into(),
        _ => "[ anon ]".into(),
    }
}

fn show_mappings(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let part = call.argument(0).map(|a| a.text.as_str());
    let mut any = false;
    for mapping in session.target().mappings() {
        let name = mapping_name(session, mapping);
        let chosen = call.address().is_none_or(|a| mapping.range.contains(&a))
            && part.is_none_or(|p| name.contains(p));
        if !chosen {
            continue;
        }
        any = true;
        output.row(&[
            Cell::Address(mapping.range.start),
            Cell::Address(mapping.range.end),
            Cell::Unsigned(mapping.range.end.saturating_sub(mapping.range.start)),
            mapping.permissions.map_or(Cell::Null, |p| p.to_string().into()),
            mapping.file.as_ref().map_or(Cell::Null, |f| Cell::Hex(f.offset)),
            Cell::Unsigned(mapping.saved),
            name.into(),
        ])?;
    }
    match (part, call.address()) {
        _ if any => {}
        (Some(part), _) => {
            let part = escape_text(part);
            return Err(Failure::Failed(format!("no mapping has '{part}' in its name")));
        }
        (_, Some(address)) => {
            return Err(Failure::Failed(format!("{address:#x} is not mapped")));
        }
        _ => {}
    }
    Ok(())
}

fn objects(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    for module in session.modules().all() {
        let range = module.range();
        let path = escape_bytes(module.path().as_os_str().as_bytes());
        let name = if path.is_empty() { module.name().to_owned() } else { path };
        // Looking for the file costs a little, so only where it is shown.
        let details = call.flag("v") || output.mode() == OutputMode::Json;
        let id = module.build_id().map(hex);
        let file = details.then(|| module.file().to_string());
        let debug = details.then(|| module.debug_file()).flatten();
        let debug = debug.map(|p| escape_bytes(p.as_os_str().as_bytes()));
        let text = |t: &Option<String>| t.clone().map_or(Cell::Null, Cell::Text);
        output.row(&[
            Cell::Address(range.start),
            Cell::Address(range.end),
            Cell::Unsigned(range.end.saturating_sub(range.start)),
            name.into(),
            text(&id),
            text(&file),
            text(&debug),
        ])?;
        if call.flag("v") && output.mode() == OutputMode::Text {
            let id = id.unwrap_or_else(|| "unknown".into());
            output.line(&format!("{:>16} build-id: {id}", ""))?;
            output.line(&format!("{:>16} file: {}", "", escape_text(&file.unwrap_or_default())))?;
            if let Some(debug) = debug {
                output.line(&format!("{:>16} debug file: {debug}", ""))?;
            }
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn show_registers(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    if call.flag("u") {
        let target = session.target();
        let registers = mdb_unwind::ucontext_registers(target.memory(), target.arch(), call.dot())?;
        let thread = Thread {
            number: 0,
            tid: 0,
            name: None,
            registers,
            signal: 0,
            floating_point: mdb_target::FloatingPoint::default(),
        };
        return registers_of(session, &thread, output);
    }
    let thread = session.thread_or_representative(call.address())?;
    registers_of(session, thread, output)
}

fn registers_of(session: &Session, thread: &Thread, output: &Output<'_>) -> Result<(), Failure> {
    let arch = session.target().arch();
    if output.mode() != OutputMode::Text {
        for name in arch.register_names().iter().filter(|n| n.is_whole()) {
            if let Some(value) = thread.registers.by_name(name) {
                let symbol = session.symbols().at(session, value).map(|s| s.text());
                let symbol = symbol.map_or(Cell::Null, Cell::Text);
                output.row(&[name.name.into(), Cell::Hex(value), symbol])?;
            }
        }
        return Ok(());
    }
    let value = |name: &str| arch.register(name).and_then(|n| thread.registers.by_name(n));
    let shown = |name: &str, digits: usize| match value(name) {
        Some(v) => format!("%{name:<3} = 0x{v:0digits$x}"),
        None => format!("%{name:<3} = {:<width$}", "?", width = digits + 2),
    };
    let pairs: &[(&str, &str)] = match arch {
        Arch::X86_64 => &[
            ("rax", "r8"),
            ("rbx", "r9"),
            ("rcx", "r10"),
            ("rdx", "r11"),
            ("rsi", "r12"),
            ("rdi", "r13"),
            ("rbp", "r14"),
            ("rsp", "r15"),
        ],
        _ => &[
            ("x0", "x16"),
            ("x1", "x17"),
            ("x2", "x18"),
            ("x3", "x19"),
            ("x4", "x20"),
            ("x5", "x21"),
            ("x6", "x22"),
            ("x7", "x23"),
            ("x8", "x24"),
            ("x9", "x25"),
            ("x10", "x26"),
            ("x11", "x27"),
            ("x12", "x28"),
            ("x13", "x29"),
            ("x14", "x30"),
            ("x15", "sp"),
        ],
    };
    for (left, right) in pairs {
        output.line(&format!("{}        {}", shown(left, 16), shown(right, 16)))?;
    }
    output.line("")?;
    let pc = if arch == Arch::X86_64 { "rip" } else { "pc" };
    let mut line = StyledText::plain(&shown(pc, 16));
    if let Some(symbol) = value(pc).and_then(|pc| session.symbols().at(session, pc)) {
        line.push(" ");
        line.push_role(Role::Symbol, &symbol.text());
    }
    line.push("\n");
    output.styled(&line)?;
    if arch == Arch::X86_64 {
        for (left, right) in [("cs", "fs"), ("ss", "gs"), ("ds", "es")] {
            output.line(&format!("{}        {}", shown(left, 4), shown(right, 4)))?;
        }
        output.line(&format!("{}  {}", shown("fsbase", 16), shown("gsbase", 16)))?;
        output.line(&shown("rflags", 8))?;
        if let Some(flags) = value("rflags") {
            let names: Vec<String> = x86_64::registers::RFLAGS_BITS
                .iter()
                .map(
                    |(n, bit)| {
                        if flags >> bit & 1 == 1 { (*n).to_owned() } else { n.to_lowercase() }
                    },
                )
                .collect();
            output.line(&format!("  status=<{}>", names.join(",")))?;
        }
        output.line(&shown("orig_rax", 16))?;
    } else {
        output.line(&shown("pstate", 8))?;
        output.line(&shown("tpidr", 16))?;
    }
    Ok(())
}

/// More variables, or longer ones, are not looked at.
const MOST_VARIABLES: u64 = 1 << 16;
const LONGEST_VARIABLE: usize = 1 << 17;

fn getenv(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let wanted = call.argument(0).map(|a| a.text.as_bytes());
    let mut found = false;
    for address in environment(session)? {
        let bytes = session.target().memory().read_c_string(address, LONGEST_VARIABLE)?;
        let equals = bytes.iter().position(|b| *b == b'=').unwrap_or(bytes.len());
        let (name, value) = bytes.split_at(equals);
        if wanted.is_some_and(|w| w != name) {
            continue;
        }
        found = true;
        let line = StyledText::plain(&format!("{}\n", escape_bytes(&bytes)));
        output.row_as(&[name.into(), value.get(1..).unwrap_or_default().into()], &line)?;
    }
    match wanted {
        Some(name) if !found => {
            Err(Failure::Failed(format!("{} is not in the environment", escape_bytes(name))))
        }
        _ => Ok(()),
    }
}

/// Where the strings of the environment are: the words of `__environ`, or of the initial stack,
/// where they lie between the arguments and the auxiliary vector (psABI section 3.4.1).
fn environment(session: &Session) -> Result<Vec<u64>, Failure> {
    let target = session.target();
    if target.kind() == TargetKind::Object || target.kind() == TargetKind::None {
        return Err(Failure::failed("no process active"));
    }
    let memory = target.memory();
    let mut pointers = Vec::new();
    let symbol = session
        .modules()
        .lookup(None, "__environ")
        .or_else(|_| session.modules().lookup(None, "environ"));
    let start = symbol.ok().and_then(|(_, s)| memory.read_u64(s.value).ok()).filter(|a| *a != 0);
    let Some(mut at) = start.or_else(|| initial_environment(&**target)) else {
        return Err(Failure::failed(
            "the environment was not found: there is neither the symbol __environ nor a saved \
             initial stack",
        ));
    };
    for _ in 0..MOST_VARIABLES {
        let pointer = memory.read_u64(at)?;
        if pointer == 0 {
            break;
        }
        pointers.push(pointer);
        at = at.wrapping_add(8);
    }
    Ok(pointers)
}

/// Before the saved auxiliary vector on the stack stand the pointers of the environment.
fn initial_environment(target: &dyn Target) -> Option<u64> {
    let memory = target.memory();
    // AT_EXECFN points to the top of the stack, above the vector.
    let top = target.auxv().get(Auxv::EXECFN)?;
    let (first_kind, first_value) = *target.auxv().0.first()?;
    let mut at = top & !7;
    // The strings between take at most the size of arguments and environment.
    for _ in 0..(1 << 18) {
        at = at.checked_sub(8)?;
        let word = memory.read_u64(at).ok()?;
        if word == first_kind
            && memory.read_u64(at.checked_add(8)?).ok()? == first_value
            && memory.read_u64(at.checked_sub(8)?).ok()? == 0
        {
            break;
        }
    }
    // Back over the pointers to the zero that ends the arguments.
    let mut at = at.checked_sub(8)?;
    for _ in 0..MOST_VARIABLES {
        let before = at.checked_sub(8)?;
        if memory.read_u64(before).ok()? == 0 {
            return Some(at);
        }
        at = before;
    }
    None
}
