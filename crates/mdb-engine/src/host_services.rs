//! What the session gives to dmods.

mod describe;
mod inner;
mod memory;

pub(crate) use inner::{call_dcmd, call_failure};

use crate::evaluator::Source;
use crate::failure::Failure;
use crate::item::{Item, TypeId};
use crate::output::{Output, OutputMode};
use crate::session::Session;
use crate::stacks::{Naming, SourcePlace, StackMemory, register_values};
use describe::{cell, end_info, module_info, no_blocks, one_line, role_of, service_error};
use inner::{ItemsSink, TextSink};
use mdb_debuginfo::{Module, Symbol, SymbolBinding, SymbolKind};
use mdb_dmod_host::abi::{
    self, Block, FRAME_DOUBTFUL, FRAME_EXACT, FRAME_INLINED, FRAME_SIGNAL, FRAMES_NO_DESCRIPTIONS,
    FRAMES_NO_INLINED, FRAMES_NO_LINES, FRAMES_REGISTERS, OUTPUT_COLOUR, OUTPUT_JSON, OUTPUT_PIPE,
    OUTPUT_TERMINAL, SYMBOL_FUNCTION, SYMBOL_GLOBAL, SYMBOL_OBJECT, SYMBOL_TLS, THREAD_CRASHED,
};
use mdb_dmod_host::{
    Cell as HostCell, CommandSink, ExplanationInfo, Flow, FrameInfo, GraphView, HostServices,
    Item as HostItem, LineInfo, MemberDescription, MemoryServices, ModuleInfo, NoteInfo,
    OutputState, ProcessState, ProviderState, RootInfo, SampleInfo, ServiceError, SignalState,
    StackEndInfo, Status, SymbolInfo, TargetState, ThreadInfo, TypeDescription,
};
use mdb_print::{Cell, StyledText};
use mdb_target::{AddressSpace, RegisterId, RegisterSet, Thread};
use mdb_unwind::FoundBy;
use memory::Memory;
use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// The services during one call of a dmod. What a later stage of the pipe fails of is kept here
/// until the dmod has returned.
pub(crate) struct Services<'a> {
    session: &'a Session,
    output: Option<&'a Output<'a>>,
    memory: Memory<'a>,
    graph: OnceCell<Rc<mdb_graph::Graph>>,
    failure: RefCell<Option<Failure>>,
}

impl<'a> Services<'a> {
    /// For a call whose output goes to `output`; nowhere, for calls that print nothing.
    pub(crate) fn new(session: &'a Session, output: Option<&'a Output<'a>>) -> Self {
        Self { output, ..Self::over(session, session.target().memory()) }
    }

    /// For a question to a provider: nothing is printed, and memory is what is given.
    pub(crate) fn over(session: &'a Session, space: &'a AddressSpace) -> Self {
        Self {
            session,
            output: None,
            memory: Memory { target: &**session.target(), space },
            graph: OnceCell::new(),
            failure: RefCell::new(None),
        }
    }

    /// What a later stage failed of, if it did.
    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.failure.take()
    }

    fn flow(&self, result: Result<(), Failure>) -> Flow {
        match result.map_err(Failure::normalised) {
            Ok(()) => Flow::Continue,
            Err(Failure::Interrupted) => {
                self.failure.replace(Some(Failure::Interrupted));
                Flow::Cancelled
            }
            Err(failure) => {
                self.failure.replace(Some(failure));
                Flow::Closed
            }
        }
    }

    fn symbol_info(&self, module: &Module, symbol: Symbol, offset: u64) -> SymbolInfo<'static> {
        let named = self.session.symbols().symbol_in(self.session, module, symbol, offset);
        let kind = match symbol.kind {
            SymbolKind::Function | SymbolKind::IndirectFunction => SYMBOL_FUNCTION,
            SymbolKind::Object | SymbolKind::Common => SYMBOL_OBJECT,
            SymbolKind::Tls => SYMBOL_TLS,
            _ => 0,
        };
        let global = if symbol.binding == SymbolBinding::Local { 0 } else { SYMBOL_GLOBAL };
        SymbolInfo {
            address: symbol.value,
            size: symbol.size,
            offset,
            flags: kind | global,
            text: named.text().into(),
            name: named.name.into(),
            raw_name: named.raw_name.into(),
            module: one_line(module.name()).into(),
        }
    }

    fn thread_info(&self, thread: &Thread) -> ThreadInfo {
        let target = self.session.target();
        let crashed = thread.number == 1 && target.signal().is_some_and(|s| s.signal != 0);
        ThreadInfo {
            number: thread.number,
            tid: thread.tid,
            flags: if crashed { THREAD_CRASHED } else { 0 },
            signal: thread.signal,
            pc: thread.registers.pc().unwrap_or(0),
            sp: thread.registers.sp().unwrap_or(0),
            thread_pointer: target.thread_pointer(thread).unwrap_or(0),
            name: thread.name.clone().unwrap_or_default(),
        }
    }

    /// The frames that registers lead to.
    fn give_frames(
        &self,
        memory: StackMemory<'_>,
        registers: RegisterSet,
        limit: u32,
        flags: u32,
        each: &mut dyn FnMut(&FrameInfo<'_>) -> Flow,
    ) -> Result<StackEndInfo, ServiceError> {
        let stacks = self.session.stacks();
        let naming = Naming {
            lines: flags & FRAMES_NO_LINES == 0 || flags & FRAMES_NO_INLINED == 0,
            providers: flags & FRAMES_NO_DESCRIPTIONS == 0,
        };
        let mut level = 0;
        let mut flow = Flow::Continue;
        let mut give = |frame: FrameInfo<'_>| {
            flow = each(&frame);
            level += 1;
            flow == Flow::Continue && (limit == 0 || level < limit)
        };
        let mut number = 0;
        let end = stacks.walk_in(self.session, memory, registers, &mut |frame| {
            let unwound = stacks.describe_in(self.session, memory, frame, naming);
            let names = &unwound.names;
            let found_by = match &frame.found_by {
                FoundBy::Context => abi::found_by::REGISTERS,
                FoundBy::Cfi => abi::found_by::CFI,
                FoundBy::FramePointer => abi::found_by::FRAME_POINTER,
                FoundBy::Scan => abi::found_by::STACK_SCAN,
                FoundBy::SignalContext => abi::found_by::SIGNAL_FRAME,
                FoundBy::Provider(_) => abi::found_by::PROVIDER,
                _ => abi::found_by::OTHER,
            };
            let flag = |on: bool, flag: u32| if on { flag } else { 0 };
            let all_have =
                flag(unwound.doubtful, FRAME_DOUBTFUL) | flag(unwound.exact, FRAME_EXACT);
            let base = FrameInfo {
                found_by,
                pc: unwound.pc,
                sp: unwound.sp,
                fp: unwound.address,
                cfa: unwound.cfa.unwrap_or(0),
                module: names.module.as_deref().unwrap_or("").into(),
                found_by_name: unwound.found_by.name().into(),
                registers: if flags & FRAMES_REGISTERS == 0 {
                    Cow::Borrowed(&[])
                } else {
                    register_values(frame).into()
                },
                ..FrameInfo::default()
            };
            if flags & FRAMES_NO_INLINED == 0 {
                for inlined in &names.inlined {
                    let (file, line, column) = parts(inlined.place.as_ref());
                    let more = give(FrameInfo {
                        flags: all_have | FRAME_INLINED,
                        level: number,
                        line,
                        column,
                        file: file.into(),
                        function: inlined.function.as_str().into(),
                        text: inlined.function.as_str().into(),
                        arguments: inlined.arguments.as_str().into(),
                        object: inlined.object,
                        object_type: inlined.object_type.as_str().into(),
                        ..base.clone()
                    });
                    number += 1;
                    if !more {
                        return false;
                    }
                }
            }
            let (file, line, column) = parts(names.place.as_ref());
            let more = give(FrameInfo {
                flags: all_have | flag(unwound.signal, FRAME_SIGNAL),
                level: number,
                function_start: names.function_start.unwrap_or(0),
                offset: names.offset,
                line,
                column,
                file: file.into(),
                function: names.function.as_deref().unwrap_or("").into(),
                text: names.text.as_str().into(),
                arguments: names.arguments.as_str().into(),
                object: names.object,
                object_type: names.object_type.as_str().into(),
                ..base
            });
            number += 1;
            more
        });
        if flow == Flow::Cancelled || self.session.interrupt().is_raised() {
            return Err(ServiceError::cancelled());
        }
        Ok(end_info(end))
    }

    fn thread(&self, number: u32) -> Result<&'a Thread, ServiceError> {
        let thread = self.session.target().thread_numbered(number);
        thread.ok_or_else(|| ServiceError::not_found(format!("there is no thread {number}")))
    }
}

/// File, line and column, as the interface has them.
fn parts(place: Option<&SourcePlace>) -> (&str, u32, u32) {
    place.map_or(("", 0, 0), |p| (p.file.as_str(), p.line, p.column))
}

impl HostServices for Services<'_> {
    fn memory(&self) -> &dyn MemoryServices {
        &self.memory
    }

    fn symbol_by_name(&self, module: Option<&str>, name: &str) -> Option<SymbolInfo<'_>> {
        let (module, symbol) = self.session.modules().lookup(module, name).ok()?;
        Some(self.symbol_info(module, symbol, 0))
    }

    fn symbol_at(&self, address: u64) -> Option<SymbolInfo<'_>> {
        let named = self.session.symbols().at(self.session, address)?;
        let found = self.session.modules().symbol_at(address, mdb_debuginfo::Distance::Smart);
        Some(match found {
            Some((module, symbol, offset)) if symbol.value == named.value => {
                self.symbol_info(module, symbol, offset)
            }
            _ => SymbolInfo {
                address: named.value,
                size: named.size,
                offset: named.offset,
                flags: 0,
                text: named.text().into(),
                name: named.name.into(),
                raw_name: named.raw_name.into(),
                module: named.object.unwrap_or_default().into(),
            },
        })
    }

    fn symbols(
        &self,
        module: Option<&str>,
        each: &mut dyn FnMut(&SymbolInfo<'_>) -> Flow,
    ) -> Result<(), ServiceError> {
        let modules = self.session.modules();
        let chosen: Vec<&Module> = match module {
            Some(name) => vec![modules.by_object_name(name).ok_or_else(|| {
                ServiceError::not_found(format!("there is no load object '{name}'"))
            })?],
            None => modules.all().iter().collect(),
        };
        for module in chosen {
            for symbol in module.symbols().iter(None) {
                match each(&self.symbol_info(module, symbol, 0)) {
                    Flow::Continue => {}
                    Flow::Closed => return Ok(()),
                    Flow::Cancelled => return Err(ServiceError::cancelled()),
                }
            }
        }
        Ok(())
    }

    fn demangle(&self, name: &str) -> Option<String> {
        let plain = self.session.modules().demangle(name.as_bytes()).into_owned();
        (plain != name).then_some(plain)
    }

    fn module_at(&self, address: u64) -> Option<ModuleInfo> {
        self.session.modules().at(address).map(module_info)
    }

    fn modules(&self) -> Vec<ModuleInfo> {
        self.session.modules().all().iter().map(module_info).collect()
    }

    fn section_bytes(&self, module: u32, name: &str) -> Option<&[u8]> {
        self.session.modules().get(module)?.section_bytes(name)
    }

    fn lines_at(&self, address: u64) -> Vec<LineInfo> {
        let frames = self.session.modules().locate(address);
        frames
            .into_iter()
            .map(|f| LineInfo {
                line: f.line.unwrap_or(0),
                column: f.column.unwrap_or(0),
                file: f.file.unwrap_or_default(),
                function: f
                    .function
                    .map_or(String::new(), |n| self.session.symbols().name(self.session, n)),
            })
            .collect()
    }

    fn type_id(&self, name: &str) -> u64 {
        self.session.types().id(name).0
    }

    fn type_name(&self, id: u64) -> Option<String> {
        Some(self.session.types().name(TypeId(id)))
    }

    fn describe_type(&self, name: &str) -> Result<Option<TypeDescription>, ServiceError> {
        self.session.type_by_name(name).map_err(|f| service_error(&f))
    }

    fn type_members(&self, name: &str) -> Result<Option<Vec<MemberDescription>>, ServiceError> {
        self.session.type_members(name).map_err(|f| service_error(&f))
    }

    fn providers(&self, kind: u32) -> Vec<ProviderState> {
        self.session.providers().states(kind)
    }

    fn explain(
        &self,
        addresses: &[u64],
        flags: u32,
        each: &mut dyn FnMut(usize, &ExplanationInfo<'_>) -> Flow,
    ) -> Result<(), ServiceError> {
        self.session.explain(addresses, flags, each).map_err(|f| service_error(&f))
    }

    fn blocks(&self, each: &mut dyn FnMut(&[Block]) -> Flow) -> Result<(), ServiceError> {
        match self.session.blocks(each) {
            Ok(true) => Ok(()),
            Ok(false) => Err(no_blocks()),
            Err(failure) => Err(service_error(&failure)),
        }
    }

    fn roots(&self, each: &mut dyn FnMut(&RootInfo<'_>) -> Flow) -> Result<(), ServiceError> {
        self.session.roots(each).map_err(|f| service_error(&f))
    }

    fn object_type(&self, address: u64) -> Result<Option<TypeDescription>, ServiceError> {
        self.session.object_type(address).map_err(|f| service_error(&f))
    }

    fn print_value(&self, type_name: &str, address: u64) -> Result<Option<String>, ServiceError> {
        self.session.print_value(type_name, address).map_err(|f| service_error(&f))
    }

    fn graph(&self) -> Result<GraphView<'_>, ServiceError> {
        if self.graph.get().is_none() {
            let made = self.session.graph().map_err(|f| service_error(&f))?;
            let graph = made.ok_or_else(no_blocks)?;
            // Kept for the call, so that it stays where it is even if providers change meanwhile.
            let _ = self.graph.set(graph);
        }
        self.graph.get().map(|graph| crate::graph::view(graph)).ok_or_else(no_blocks)
    }

    fn node_at(&self, address: u64) -> Result<Option<u32>, ServiceError> {
        self.graph()?;
        Ok(self.graph.get().and_then(|graph| graph.node_at(address)))
    }

    fn open_target(&self, path: &str) -> Result<u32, ServiceError> {
        self.session.open_other(Path::new(path)).map_err(|f| service_error(&f))
    }

    fn with_target(
        &self,
        number: u32,
        function: &mut dyn FnMut(&dyn HostServices) -> Status,
    ) -> Result<Status, ServiceError> {
        if number == 0 {
            return Ok(function(self));
        }
        let other = self.session.other(number);
        let other =
            other.ok_or_else(|| ServiceError::not_found(format!("there is no target {number}")))?;
        let services = Services::new(&other, self.output);
        let status = function(&services);
        if let Some(failure) = services.take_failure() {
            self.failure.replace(Some(failure));
        }
        Ok(status)
    }

    fn close_target(&self, number: u32) -> Result<(), ServiceError> {
        self.session.close_other(number).map_err(|f| service_error(&f))
    }

    fn threads(&self, each: &mut dyn FnMut(&ThreadInfo) -> Flow) -> Result<(), ServiceError> {
        self.session.process_active().map_err(|f| service_error(&f))?;
        for thread in self.session.target().threads() {
            match each(&self.thread_info(thread)) {
                Flow::Continue => {}
                Flow::Closed => break,
                Flow::Cancelled => return Err(ServiceError::cancelled()),
            }
        }
        Ok(())
    }

    fn find_thread(&self, id: u64) -> Option<ThreadInfo> {
        self.session.find_thread(id).ok().map(|t| self.thread_info(t))
    }

    fn current_thread(&self) -> Option<u32> {
        self.session.thread().map(|t| t.number)
    }

    fn register(&self, thread: u32, register: u32) -> Result<u64, ServiceError> {
        let id = RegisterId(u16::try_from(register).unwrap_or(u16::MAX));
        let value = self.thread(thread)?.registers.get(id);
        value.ok_or_else(|| ServiceError::not_found(format!("register {register} is not known")))
    }

    fn register_by_name(&self, thread: u32, name: &str) -> Result<u64, ServiceError> {
        let thread = self.thread(thread)?;
        let register = self.session.target().arch().register(name);
        register
            .and_then(|r| thread.registers.by_name(r))
            .ok_or_else(|| ServiceError::not_found(format!("register {name} is not known")))
    }

    fn frames(
        &self,
        thread: u32,
        limit: u32,
        flags: u32,
        each: &mut dyn FnMut(&FrameInfo<'_>) -> Flow,
    ) -> Result<StackEndInfo, ServiceError> {
        let registers = self.thread(thread)?.registers.clone();
        let memory = StackMemory::target(self.session);
        self.give_frames(memory, registers, limit, flags, each)
    }

    fn frames_of_sample(
        &self,
        sample: SampleInfo<'_>,
        limit: u32,
        flags: u32,
        each: &mut dyn FnMut(&FrameInfo<'_>) -> Flow,
    ) -> Result<StackEndInfo, ServiceError> {
        let target = self.session.target();
        let mut registers = RegisterSet::new(target.arch());
        for register in sample.registers {
            let id = RegisterId(u16::try_from(register.number).unwrap_or(u16::MAX));
            registers.set(id, register.value);
        }
        if registers.pc().is_none() || registers.sp().is_none() {
            return Err(ServiceError::new(
                "a sample of a stack needs the program counter and the stack pointer",
            ));
        }
        let space = AddressSpace::with_copy(Arc::clone(target), sample.address, sample.bytes);
        self.give_frames(StackMemory::sample(&space), registers, limit, flags, each)
    }

    fn target(&self) -> TargetState {
        use mdb_target::{Arch, Auxv, TargetKind};
        let target = self.session.target();
        TargetState {
            kind: match target.kind() {
                TargetKind::Object => abi::target_kind::OBJECT,
                TargetKind::Core => abi::target_kind::CORE,
                TargetKind::Live => abi::target_kind::LIVE,
                _ => abi::target_kind::NONE,
            },
            flags: if target.written_by_gcore() { abi::TARGET_GCORE } else { 0 },
            machine: if target.arch() == Arch::X86_64 { 62 } else { 183 },
            pointer_size: target.arch().pointer_size() as u32,
            big_endian: false,
            page_size: target.auxv().get(Auxv::PAGESZ).unwrap_or(0x1000),
            threads: u32::try_from(target.threads().len()).unwrap_or(u32::MAX),
        }
    }

    fn signal(&self) -> Option<SignalState> {
        let signal = self.session.target().signal()?;
        Some(SignalState {
            signal: signal.signal,
            code: signal.code,
            errno: signal.errno.unwrap_or(0),
            address: signal.address,
            sender: signal.sender_pid.zip(signal.sender_uid),
        })
    }

    fn process(&self) -> ProcessState {
        let target = self.session.target();
        let process = target.process();
        let text = |t: Option<&std::ffi::OsStr>| {
            t.map_or(String::new(), |t| t.to_string_lossy().into_owned())
        };
        ProcessState {
            pid: process.pid,
            ppid: process.ppid,
            uid: process.uid,
            gid: process.gid,
            name: text(process.name.as_deref()),
            arguments: text(process.arguments.as_deref()),
            executable: text(process.executable.as_deref()),
            path: text(target.path().map(Path::as_os_str)),
        }
    }

    fn auxv(&self) -> Vec<(u64, u64, Cow<'static, str>)> {
        let entries = self.session.target().auxv().0.iter();
        entries.map(|(k, v)| (*k, *v, mdb_target::auxv_name(*k).unwrap_or("").into())).collect()
    }

    fn notes(&self, each: &mut dyn FnMut(&NoteInfo<'_>) -> Flow) {
        for note in self.session.target().notes() {
            let flow = each(&NoteInfo {
                kind: note.kind,
                thread: note.thread.unwrap_or(0),
                offset: note.offset,
                owner: &note.owner,
                name: note.name.unwrap_or(""),
                data: note.data,
            });
            if flow != Flow::Continue {
                return;
            }
        }
    }

    fn output(&self) -> OutputState {
        let Some(output) = self.output else { return OutputState::default() };
        let mode = match output.mode() {
            OutputMode::Text => 0,
            OutputMode::Json => OUTPUT_JSON,
            OutputMode::Items => OUTPUT_PIPE,
        };
        let terminal = if output.sink().is_terminal() { OUTPUT_TERMINAL } else { 0 };
        let colour = terminal != 0 && self.session.options().color;
        OutputState {
            flags: mode | terminal | if colour { OUTPUT_COLOUR } else { 0 },
            width: output.sink().width().and_then(|w| u32::try_from(w).ok()).unwrap_or(0),
        }
    }

    fn write(&self, text: &str) -> Flow {
        let Some(output) = self.output else { return Flow::Closed };
        self.flow(output.text(text))
    }

    fn write_styled(&self, pieces: &[(u32, Cow<'_, str>)]) -> Flow {
        let Some(output) = self.output else { return Flow::Closed };
        let mut text = StyledText::new();
        for (role, piece) in pieces {
            match role_of(*role) {
                Some(role) => text.push_role(role, piece),
                None => text.push(piece),
            }
        }
        self.flow(output.styled(&text))
    }

    fn row(&self, cells: &[HostCell<'_>], text: Option<&str>) -> Flow {
        let Some(output) = self.output else { return Flow::Closed };
        let mut cells: Vec<Cell> = cells.iter().map(cell).collect();
        // In a table a symbol is shown as one; programs and pipes get the address.
        if output.mode() == OutputMode::Text && text.is_none() {
            for (index, cell) in cells.iter_mut().enumerate() {
                if let Some(address) = cell.as_u64().filter(|_| output.is_symbol_column(index)) {
                    *cell = Cell::Text(self.session.address_text(address));
                }
            }
        }
        self.flow(match text {
            Some(text) => output.row_as(&cells, &StyledText::plain(text)),
            None => output.row(&cells),
        })
    }

    fn warn(&self, text: &str) {
        self.session.warn(text);
    }

    fn emit(&self, item: HostItem) -> Flow {
        let Some(output) = self.output else { return Flow::Closed };
        let kind = if item.type_id == 0 { output.item_type } else { TypeId(item.type_id) };
        self.flow(output.emit(Item { value: item.value, kind }))
    }

    fn walk(
        &self,
        name: &str,
        start: Option<HostItem>,
        each: &mut dyn FnMut(HostItem) -> Flow,
    ) -> Result<(), ServiceError> {
        let walker = self.session.registry().walker(name);
        let walker = walker
            .ok_or_else(|| ServiceError::not_found(format!("there is no walker '{name}'")))?;
        let start = start.map(|s| Item { value: s.value, kind: TypeId(s.type_id) });
        let result = walker.walk(self.session, start, &mut |item| match each(HostItem {
            value: item.value,
            type_id: item.kind.0,
        }) {
            Flow::Continue => Ok(()),
            Flow::Closed => Err(Failure::Closed),
            Flow::Cancelled => Err(Failure::Interrupted),
        });
        match result {
            Ok(()) | Err(Failure::Closed) => Ok(()),
            Err(failure) => Err(service_error(&failure)),
        }
    }

    fn command(
        &self,
        text: &str,
        dot: Option<HostItem>,
        sink: CommandSink<'_>,
    ) -> Result<(), ServiceError> {
        let session = self.session;
        let saved = session.dot_and_increment();
        if let Some(dot) = dot {
            session.set_dot(dot.value);
        }
        let result = match sink {
            CommandSink::Show => match self.output {
                Some(output) => session.evaluate_unreported(text, Source::Text, output.sink()),
                None => Ok(()),
            },
            CommandSink::Items(each) => {
                let sink = ItemsSink { each: RefCell::new(each) };
                session.evaluate_unreported(text, Source::Text, &sink)
            }
            CommandSink::Text(each) => {
                let sink = TextSink { each: RefCell::new(each) };
                session.evaluate_unreported(text, Source::Text, &sink)
            }
        };
        if dot.is_some() {
            session.set_dot_and_increment(saved);
        }
        match result.map_err(Failure::normalised) {
            Ok(()) | Err(Failure::Closed) => Ok(()),
            Err(Failure::Quit) => {
                self.failure.replace(Some(Failure::Quit));
                Err(ServiceError::cancelled())
            }
            Err(failure) => Err(service_error(&failure)),
        }
    }

    fn evaluate(&self, text: &str) -> Result<u64, ServiceError> {
        self.session.evaluate_expression(text).map_err(|failure| {
            let error = service_error(&failure);
            ServiceError { message: format!("'{text}': {}", error.message), ..error }
        })
    }

    fn progress(&self, done: u64, total: u64, what: &str) {
        let share = if total == 0 { 0.0 } else { done as f64 / total as f64 };
        self.session.frontend().progress(share, what);
    }

    fn parallel(&self, n: u32, function: &(dyn Fn(u32) -> Status + Sync)) -> Status {
        crate::workers::parallel(n, function)
    }

    fn worker_threads(&self) -> u32 {
        u32::try_from(crate::workers::count()).unwrap_or(1)
    }

    fn blob(&self, dmod: &str, key: &str) -> Option<Vec<u8>> {
        self.session.dmods.borrow().blob(dmod, key)
    }

    fn set_blob(&self, dmod: &str, key: &str, bytes: &[u8]) -> Result<(), ServiceError> {
        self.session.dmods.borrow_mut().set_blob(dmod, key, bytes);
        Ok(())
    }

    fn option(&self, name: &str) -> Option<String> {
        let options = self.session.options();
        let flag = options.flags().into_iter().find(|(n, _, _)| *n == name);
        flag.map(|(_, on, _)| if on { "on" } else { "off" }.to_owned())
    }

    fn variable(&self, name: &str) -> Option<u64> {
        self.session.variable(name)
    }

    fn set_variable(&self, name: &str, value: u64) -> Result<(), ServiceError> {
        self.session.assign(name, value).map_err(|f| service_error(&f))
    }
}
