//! A session over a target made of hostile bytes, and all that a user asks of it.

use crate::shown::{Around, Checked};
use crate::watchdog::watch;
use mdb_debuginfo::{Distance, FileSearch, Module, Modules};
use mdb_engine::{OutputMode, Session, Source};
use mdb_target::Target;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// Looks for files where there are none.
pub(crate) fn nowhere() -> FileSearch {
    let sysroot = Some(PathBuf::from("/nonexistent/mdb-fuzz"));
    FileSearch { sysroot, ..FileSearch::default() }
}

/// The commands of the first minute.
const COMMANDS: &[&str] = &[
    "::status",
    "::mappings",
    "::objects",
    "::regs",
    "::stack",
    "$C",
    "::walk thread | ::findstack -v",
    "::walk thread | ::stack",
    ".::dis",
    "<rip::dis",
    "<rsp,8/nap",
    "<rsp::dump -g 8",
    "::getenv",
    "600000,4/s",
    "500200,3/ai",
    "500200=a; 400000=p; 500200::which",
    "500200::whatis; ::walk thread; ::walk mapping | ::head",
    "::nm -x; 500200::nm",
    "::nm",
    "1::thread",
];

/// Asks everything of a target.
pub(crate) fn explore(target: Arc<dyn Target>, mode: OutputMode) {
    let _watch = watch(target.memory().interrupt().clone());
    touch(&*target);
    let modules = Modules::discover(Arc::clone(&target), nowhere());
    for warning in modules.warnings().iter().chain(&modules.warnings_so_far()) {
        assert!(!warning.is_empty());
    }
    for module in modules.all().iter().take(64) {
        ask(module, &modules);
    }
    let session = Session::new(target, modules, Rc::new(Around));
    evaluate(&session, COMMANDS, mode);
}

/// Runs commands, whatever comes of them.
pub(crate) fn evaluate(session: &Rc<Session>, commands: &[&str], mode: OutputMode) {
    session.set_json(mode == OutputMode::Json);
    for command in commands {
        let sink = Checked::new(mode);
        // Failures were shown by the session.
        let _ = session.evaluate(command, Source::Line, &sink);
    }
}

/// What the target itself answers.
fn touch(target: &dyn Target) {
    let memory = target.memory();
    let mut last = 0;
    for segment in memory.segments() {
        assert!(segment.range.start < segment.range.end && last <= segment.range.start);
        last = segment.range.end;
        for address in [segment.range.start, segment.range.end - 1] {
            let _ = memory.read_u64(address);
            let _ = memory.read_c_string(address, 300);
            let _ = memory.borrow(address, 1 << 20);
        }
    }
    last = 0;
    for mapping in target.mappings() {
        assert!(mapping.range.start < mapping.range.end && last <= mapping.range.start);
        assert!(mapping.saved <= mapping.range.end - mapping.range.start);
        last = mapping.range.end;
    }
    for (number, thread) in (1..).zip(target.threads()) {
        assert_eq!(thread.number, number);
        let _ = target.thread_pointer(thread);
        let _ = mdb_target::x86_64::fpregs::decode(&thread.floating_point);
        let _ = mdb_target::aarch64::fpregs::decode(&thread.floating_point);
        for name in target.arch().register_names() {
            let _ = thread.registers.by_name(name);
        }
    }
    let threads = target.threads().len();
    assert!(target.notes().iter().all(|n| n.thread.is_none_or(|t| t as usize <= threads)));
    for warning in target.warnings() {
        assert!(!warning.is_empty() && !warning.contains('\n'), "{warning:?}");
    }
}

/// Everything that a module can be asked.
fn ask(module: &Module, modules: &Modules) {
    let range = module.range();
    let mut places = vec![range.start, range.start.wrapping_add(0x100), range.end.wrapping_sub(1)];
    for symbol in module.symbols().iter(None).take(64) {
        places.push(symbol.value);
        let _ = modules.demangle(symbol.name);
        let _ = module.symbol_named(symbol.name);
    }
    places.extend(module.entry());
    places.extend(module.text().map(|t| t.start));
    places.extend(module.data().map(|t| t.end));
    for place in places {
        let _ = module.symbol_at(place, Distance::Smart);
        let _ = module.symbol_at(place, Distance::Within(0x40));
        let _ = module.section_at(place);
        for frame in module.locate(place) {
            assert!(frame.function.is_some() || frame.file.is_some());
        }
    }
    let _ = module.symbol_named(b"main@plt");
    let sections = module.unwind_sections();
    assert_eq!(sections.module, module.number());
    for name in [".text", ".debug_info", ".debug_line", ".data", ".note.gnu.build-id"] {
        let _ = module.section_bytes(name);
    }
}
