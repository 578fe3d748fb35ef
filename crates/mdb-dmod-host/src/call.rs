//! Calling a dmod, and the context that it calls back with.

use crate::services::{Flow, HostServices, MemoryServices, ServiceError};
use crate::spec::ParsedArgs;
use crate::tables::HOST;
use mdb_dmod_abi::{
    Array, CALL_ADDRESS, CALL_LOOP, CALL_LOOP_FIRST, CALL_PIPE_IN, CALL_PIPE_OUT, Call, Cx,
    DcmdComplete, DcmdRun, Host, Item, Partial, Status, Str, VALUE_GIVEN, Value, WalkCall, Walker,
};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a call of a dmod came to, if it was no success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// The status that it answered. Never [`Status::OK`] or [`Status::CLOSED`].
    pub status: Status,
    /// One sentence.
    pub message: String,
    /// The address that it is about.
    pub address: Option<u64>,
}

impl CallError {
    pub(crate) fn cancelled() -> Self {
        Self { status: Status::CANCELLED, message: "interrupted".to_owned(), address: None }
    }
}

/// What stands behind the `mdb_cx *` of a call.
pub(crate) struct Context<'a> {
    pub(crate) services: &'a dyn HostServices,
    pub(crate) memory: &'a dyn MemoryServices,
    /// The module that is called (its blobs are its own), and what of it.
    pub(crate) module: &'a str,
    pub(crate) place: &'static Place,
    /// Only this thread may use `services`.
    owner: usize,
    /// Why the call is going to fail (`output.fail`).
    failure: RefCell<Option<(String, Option<u64>)>>,
    /// Why a service failed last.
    last_error: RefCell<Option<ServiceError>>,
    /// The address of the last fault, and whether there was one: from any thread.
    fault: AtomicU64,
    faulted: AtomicBool,
}

thread_local! {
    static MARK: u8 = const { 0 };
}

/// A number of the calling thread that no other living thread has; cheaper than a `ThreadId`.
fn this_thread() -> usize {
    MARK.with(|mark| std::ptr::from_ref(mark).addr())
}

impl<'a> Context<'a> {
    fn new(services: &'a dyn HostServices, place: &'static Place) -> Self {
        Self {
            services,
            memory: services.memory(),
            module: place.module,
            place,
            owner: this_thread(),
            failure: RefCell::new(None),
            last_error: RefCell::new(None),
            fault: AtomicU64::new(0),
            faulted: AtomicBool::new(false),
        }
    }

    /// Whether the calling thread is the one that the dmod was called on.
    pub(crate) fn on_owner(&self) -> bool {
        this_thread() == self.owner
    }

    pub(crate) fn set_failure(&self, message: String, address: Option<u64>) {
        *self.failure.borrow_mut() = Some((message, address));
    }

    pub(crate) fn record_fault(&self, address: u64) {
        self.fault.store(address, Ordering::Relaxed);
        self.faulted.store(true, Ordering::Relaxed);
    }

    /// Remembers an error for `session.last_error` and answers its status.
    pub(crate) fn record(&self, error: ServiceError) -> Status {
        let status = error.status;
        *self.last_error.borrow_mut() = Some(error);
        status
    }

    pub(crate) fn last_error(&self) -> Option<ServiceError> {
        self.last_error.borrow().clone()
    }

    /// The outcome of a call that answered `status`.
    fn outcome(self, status: Status) -> Result<(), CallError> {
        if matches!(status, Status::OK | Status::CLOSED) {
            return Ok(());
        }
        let failure = self.failure.take();
        let fault = self.faulted.load(Ordering::Relaxed);
        let fault = fault.then(|| self.fault.load(Ordering::Relaxed));
        // Whose defect it is.
        let whose = |message: &str| {
            let Place { module, what } = self.place;
            format!("dmod {module}, {what}: {message}")
        };
        let (message, address) = match (failure, status) {
            (Some((message, address)), Status::PANIC) => (whose(&message), address),
            (Some((message, address)), _) => (message, address),
            (None, Status::CANCELLED) => ("interrupted".to_owned(), None),
            (None, Status::FAULT) if fault.is_some() => {
                let address = fault.unwrap_or(0);
                let why = self.memory.describe_fault(address);
                (format!("no data at address 0x{address:x}: {}", why.sentence), fault)
            }
            (None, status) => match self.last_error.take() {
                Some(error) if error.status == status => (error.message, error.address),
                _ => (whose(describe(status)), None),
            },
        };
        Err(CallError { status, message, address })
    }
}

/// A sentence for a status that came without one.
fn describe(status: Status) -> &'static str {
    match status {
        Status::USAGE => "wrong usage",
        Status::FAULT => "memory of the target could not be read",
        Status::UNSUPPORTED => "not supported by this target",
        Status::NOT_FOUND => "not found",
        Status::HOST_BUG => {
            "mdb itself has a defect: it was caught in a function that a dmod called"
        }
        Status::PANIC => "the dmod panicked",
        Status::BAD_ARGUMENT => "the dmod passed an argument that makes no sense",
        _ => "failed, and the dmod did not say why",
    }
}

/// The context behind a pointer that a dmod passed.
///
/// # Safety
/// `cx` must be null or the pointer that the dmod got for the call that is under way.
pub(crate) unsafe fn context<'a>(cx: *mut Cx) -> Option<&'a Context<'a>> {
    // SAFETY: says the caller; the context outlives the call.
    unsafe { cx.cast::<Context<'a>>().as_ref() }
}

/// Calls into a dmod: with a context, with the names noted for the handler of SIGSEGV.
pub(crate) fn enter(
    services: &dyn HostServices,
    place: &'static Place,
    function: impl FnOnce(*const Host, *mut Cx) -> Status,
) -> Result<(), CallError> {
    let (context, status) = call(services, place, function);
    context.outcome(status)
}

/// As [`enter`]; the error of [`Status::NOT_FOUND`] has no sentence. Providers are asked for every
/// frame and every address, and most of what they are asked is none of theirs.
pub(crate) fn ask(
    services: &dyn HostServices,
    place: &'static Place,
    function: impl FnOnce(*const Host, *mut Cx) -> Status,
) -> Result<(), CallError> {
    match call(services, place, function) {
        (_, status @ Status::NOT_FOUND) => {
            Err(CallError { status, message: String::new(), address: None })
        }
        (context, status) => context.outcome(status),
    }
}

fn call<'a>(
    services: &'a dyn HostServices,
    place: &'static Place,
    function: impl FnOnce(*const Host, *mut Cx) -> Status,
) -> (Context<'a>, Status) {
    let context = Context::new(services, place);
    let note = CurrentCall::enter(place);
    // A panic of the host that a callback already caught does not come this way; one of a dmod
    // cannot (it would have ended the process), so nothing is caught here.
    let status = function(&raw const HOST, (&raw const context).cast_mut().cast::<Cx>());
    drop(note);
    (context, status)
}

/// Names of what is called, kept for as long as the program runs.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) module: &'static str,
    pub(crate) what: &'static str,
}

impl Place {
    /// Keeps the names for ever: a signal handler may ask for them at any time.
    pub(crate) fn new(module: &str, what: &str) -> &'static Self {
        Box::leak(Box::new(Self {
            module: Box::leak(module.to_owned().into_boxed_str()),
            what: Box::leak(what.to_owned().into_boxed_str()),
        }))
    }
}

thread_local! {
    static CURRENT: Cell<Option<&'static Place>> = const { Cell::new(None) };
}

/// Notes on this thread what is called, until it is dropped.
pub(crate) struct CurrentCall {
    before: Option<&'static Place>,
}

impl CurrentCall {
    pub(crate) fn enter(place: &'static Place) -> Self {
        Self { before: CURRENT.replace(Some(place)) }
    }
}

impl Drop for CurrentCall {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

/// The names of the dmod and of its dcmd (`::name`) or walker that this thread runs now, the
/// innermost.
///
/// May be called from a signal handler: it only loads from a thread-local that is a plain word,
/// and the names are never freed.
pub fn current_dmod_call() -> Option<(&'static str, &'static str)> {
    CURRENT.get().map(|place| (place.module, place.what))
}

fn value(kind: u32, given: &[crate::spec::ArgumentValue], rest: &mut Vec<Vec<Value>>) -> Value {
    let scalar = |v: &crate::spec::ArgumentValue| Value {
        kind,
        flags: VALUE_GIVEN,
        number: v.number,
        text: Str::new(&v.text),
        rest: Array::EMPTY,
    };
    let Some((first, others)) = given.split_first() else {
        return Value { kind, flags: 0, number: 0, text: Str::EMPTY, rest: Array::EMPTY };
    };
    let mut value = scalar(first);
    if !others.is_empty() {
        let others: Vec<Value> = others.iter().map(scalar).collect();
        // The heap block stays where it is when the vector of vectors grows.
        value.rest = Array::of(&others);
        rest.push(others);
    }
    value
}

/// Calls a command. `option_kinds` and `argument_kinds` are the declared ones.
pub(crate) fn call_dcmd(
    services: &dyn HostServices,
    place: &'static Place,
    run: DcmdRun,
    option_kinds: &[u32],
    argument_kinds: &[u32],
    args: &ParsedArgs,
) -> Result<(), CallError> {
    let Some(run) = run else {
        return Err(no_function(place));
    };
    let mut rest = Vec::new();
    let mut values = |kinds: &[u32], given: &[Vec<crate::spec::ArgumentValue>]| -> Vec<Value> {
        let of = |index: usize| given.get(index).map_or(&[][..], Vec::as_slice);
        kinds.iter().enumerate().map(|(i, kind)| value(*kind, of(i), &mut rest)).collect()
    };
    let options = values(option_kinds, &args.options);
    let arguments = values(argument_kinds, &args.arguments);
    let flag = |on: bool, flag: u32| if on { flag } else { 0 };
    let call = Call {
        size: size_of::<Call>() as u32,
        flags: flag(args.address_given, CALL_ADDRESS)
            | flag(args.in_loop, CALL_LOOP)
            | flag(args.loop_first, CALL_LOOP_FIRST)
            | flag(args.pipe_in, CALL_PIPE_IN)
            | flag(args.pipe_out, CALL_PIPE_OUT),
        item: args.item,
        options: Array::of(&options),
        arguments: Array::of(&arguments),
        input: Array::of(&args.input),
    };
    enter(services, place, |host, cx| {
        // SAFETY: a checked function of the dmod; what it is given lives until it returns.
        unsafe { run(host, cx, &raw const call) }
    })
}

/// So many words a command may offer, each of so many bytes at most.
const MOST_WORDS: usize = 500;
const LONGEST_WORD: usize = 256;

/// Takes a word that a command offers; the argument is a vector of them.
unsafe extern "C" fn take_word(arg: *mut c_void, text: Str) -> Status {
    // SAFETY: `arg` is what `complete` passed; the call is under way.
    let Some(words) = (unsafe { arg.cast::<Vec<String>>().as_mut() }) else {
        return Status::BAD_ARGUMENT;
    };
    if words.len() >= MOST_WORDS {
        return Status::CLOSED;
    }
    // SAFETY: the dmod lends the text until we return.
    let word = std::str::from_utf8(unsafe { text.bytes() }).unwrap_or_default();
    if !word.is_empty() && word.len() <= LONGEST_WORD && !word.contains(char::is_control) {
        words.push(word.to_owned());
    }
    Status::OK
}

/// Asks a command what the word that is being typed could be.
pub(crate) fn complete(
    services: &dyn HostServices,
    place: &'static Place,
    function: DcmdComplete,
    word_place: mdb_lang::arguments::WordPlace,
    word: &str,
) -> Result<Vec<String>, CallError> {
    use mdb_lang::arguments::WordPlace;
    let Some(function) = function else { return Ok(Vec::new()) };
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let (option, argument) = match word_place {
        WordPlace::Option(index) => (number(index), u32::MAX),
        WordPlace::Argument(index) => (u32::MAX, number(index)),
    };
    let size = size_of::<Partial>() as u32;
    let partial = Partial { size, option, argument, reserved: 0, word: Str::new(word) };
    let mut words: Vec<String> = Vec::new();
    let arg = (&raw mut words).cast::<c_void>();
    enter(services, place, |host, cx| {
        // SAFETY: a checked function of the dmod; what it is given lives until it returns.
        unsafe { function(host, cx, &raw const partial, Some(take_word), arg) }
    })?;
    Ok(words)
}

/// Calls `attach` or `detach`.
pub(crate) fn call_hook(
    services: &dyn HostServices,
    place: &'static Place,
    hook: Option<unsafe extern "C" fn(*const Host, *mut Cx) -> Status>,
) -> Result<(), CallError> {
    match hook {
        // SAFETY: a checked function of the dmod; what it is given lives until it returns.
        Some(hook) => enter(services, place, |host, cx| unsafe { hook(host, cx) }),
        None => Ok(()),
    }
}

fn no_function(place: &Place) -> CallError {
    CallError {
        status: Status::UNSUPPORTED,
        message: format!("{} of dmod {} has no function", place.what, place.module),
        address: None,
    }
}

/// The callback of a walk: hands items to a closure of the host.
struct Receiver<'a> {
    each: &'a mut dyn FnMut(Item) -> Flow,
    stopped: Option<Flow>,
    defect: bool,
}

unsafe extern "C" fn receive(arg: *mut c_void, item: Item) -> Status {
    // SAFETY: `arg` is the receiver that `walk` passed; the walk is under way.
    let Some(receiver) = (unsafe { arg.cast::<Receiver<'_>>().as_mut() }) else {
        return Status::BAD_ARGUMENT;
    };
    let each = &mut receiver.each;
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| each(item))) {
        Ok(Flow::Continue) => Status::OK,
        Ok(flow) => {
            receiver.stopped = Some(flow);
            flow.status()
        }
        Err(_) => {
            receiver.defect = true;
            Status::HOST_BUG
        }
    }
}

/// Walks with a walker of a dmod.
pub(crate) fn walk(
    services: &dyn HostServices,
    place: &'static Place,
    walker: &Walker,
    start: Option<Item>,
    each: &mut dyn FnMut(Item) -> Flow,
) -> Result<(), CallError> {
    let call = WalkCall {
        size: size_of::<WalkCall>() as u32,
        flags: if start.is_some() { CALL_ADDRESS } else { 0 },
        start: start.unwrap_or_default(),
    };
    let mut receiver = Receiver { each, stopped: None, defect: false };
    let result = enter(services, place, |host, cx| {
        if let (None, Some(function)) = (walker.step, walker.each) {
            let arg = (&raw mut receiver).cast::<c_void>();
            // SAFETY: a checked function of the dmod; what it is given lives until it returns.
            return unsafe { function(host, cx, &raw const call, Some(receive), arg) };
        }
        steps(host, cx, walker, &call, &mut receiver)
    });
    // Who stopped the walk knows why; a walker may hide it.
    match receiver.stopped {
        Some(Flow::Closed) => Ok(()),
        Some(Flow::Cancelled) => Err(CallError::cancelled()),
        _ if receiver.defect => Err(CallError {
            status: Status::HOST_BUG,
            message: describe(Status::HOST_BUG).to_owned(),
            address: None,
        }),
        _ => result,
    }
}

fn steps(
    host: *const Host,
    cx: *mut Cx,
    walker: &Walker,
    call: &WalkCall,
    receiver: &mut Receiver<'_>,
) -> Status {
    let Some(step) = walker.step else { return Status::UNSUPPORTED };
    let mut state: *mut c_void = std::ptr::null_mut();
    if let Some(init) = walker.init {
        // SAFETY: a checked function of the dmod; what it is given lives until it returns.
        let status = unsafe { init(host, cx, std::ptr::from_ref(call), &raw mut state) };
        match status {
            Status::OK => {}
            // Nothing to walk, and nothing to end.
            Status::CLOSED => return Status::OK,
            status => return status,
        }
    }
    let status = loop {
        let mut item = Item::default();
        // SAFETY: as above; the state is the walker's own.
        match unsafe { step(host, cx, state, &raw mut item) } {
            Status::OK => {}
            Status::CLOSED => break Status::OK,
            status => break status,
        }
        // SAFETY: the receiver lives on our stack.
        let status = unsafe { receive(std::ptr::from_mut(receiver).cast(), item) };
        if !status.is_ok() {
            break status;
        }
    };
    if let Some(fini) = walker.fini {
        // SAFETY: once for each successful `init`.
        unsafe { fini(host, cx, state) };
    }
    status
}
