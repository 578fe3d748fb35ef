//! Threads of the target, their registers and frames.

use crate::callbacks::{Lent, Receiver};
use crate::session::function;
use crate::{Error, Result, Session};
use mdb_dmod_abi::{
    Array, Bytes, FRAME_DOUBTFUL, FRAME_EXACT, FRAME_INLINED, FRAME_SIGNAL, FRAMES_NO_DESCRIPTIONS,
    FRAMES_NO_INLINED, FRAMES_NO_LINES, FRAMES_REGISTERS, RegisterValue, StackSample, Status, Str,
    THREAD_CRASHED, ThreadsGroup, found_by, read_sized, stack_end,
};
use std::ffi::c_void;

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// 1..N; the one that crashed is 1.
    pub number: u32,
    /// The kernel's thread id.
    pub tid: u32,
    /// The one that crashed.
    pub crashed: bool,
    /// The signal that it was handling or dying of, or 0.
    pub signal: i32,
    /// Program counter.
    pub pc: u64,
    /// Stack pointer.
    pub sp: u64,
    /// Where its thread-local storage begins, or 0.
    pub thread_pointer: u64,
    /// Its name, or empty.
    pub name: String,
}

impl Lent for mdb_dmod_abi::Thread {
    type View<'v> = Thread;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        Thread {
            number: self.number,
            tid: self.tid,
            crashed: self.flags & THREAD_CRASHED != 0,
            signal: self.signal,
            pc: self.pc,
            sp: self.sp,
            thread_pointer: self.thread_pointer,
            // SAFETY: the caller says that it is lent.
            name: unsafe { String::from_utf8_lossy(self.name.bytes()).into_owned() },
        }
    }
}

/// How a frame was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FoundBy {
    /// The thread's registers.
    Registers,
    /// Call frame information.
    Cfi,
    /// The chain of frame pointers.
    FramePointer,
    /// A word on the stack that looks like a return address.
    StackScan,
    /// A signal frame of the kernel.
    SignalFrame,
    /// A frame provider.
    Provider,
    /// Another way.
    Other,
}

/// A frame of a stack, innermost first. The texts are lent until the closure returns.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// 0 for the innermost.
    pub level: u32,
    /// Program counter; mostly a return address.
    pub pc: u64,
    /// Stack pointer.
    pub sp: u64,
    /// What `$C` shows: frame pointer, or canonical frame address.
    pub fp: u64,
    /// Canonical frame address, or 0.
    pub cfa: u64,
    /// Where the function begins, or 0.
    pub function_start: u64,
    /// How far behind that `pc` is.
    pub offset: u64,
    /// Or 0.
    pub line: u32,
    /// Or 0.
    pub column: u32,
    /// How it was found.
    pub found_by: FoundBy,
    /// A signal frame.
    pub is_signal: bool,
    /// Inlined into the next frame.
    pub is_inlined: bool,
    /// Found by a guess.
    pub is_doubtful: bool,
    /// `pc` is where the frame is, no return address.
    pub is_exact: bool,
    /// Demangled as the user has chosen, or empty.
    pub function: &'a str,
    /// Its module's name, or empty.
    pub module: &'a str,
    /// The source file, or empty.
    pub file: &'a str,
    /// How the host prints the pc.
    pub text: &'a str,
    /// The arguments, where somebody knows them.
    pub arguments: &'a str,
    /// How it was found, in words.
    pub found_by_name: &'a str,
    /// The object that stands for the function, where a provider knows one; or 0.
    pub object: u64,
    /// The name of its type, or empty.
    pub object_type: &'a str,
    registers: Array<RegisterValue>,
}

impl Frame<'_> {
    /// The registers that are known in the frame, by DWARF number; none unless they were asked for.
    pub fn registers(&self) -> Vec<(u32, u64)> {
        // SAFETY: the host lends the array for as long as the frame.
        unsafe { self.registers.iter() }.map(|r| (r.number, r.value)).collect()
    }
}

impl Lent for mdb_dmod_abi::Frame {
    type View<'v> = Frame<'v>;

    unsafe fn view<'v>(self) -> Frame<'v> {
        // SAFETY: the caller says that the texts are lent.
        let lent = |text: Str| -> &'v str { unsafe { text.text() } };
        Frame {
            level: self.level,
            pc: self.pc,
            sp: self.sp,
            fp: self.fp,
            cfa: self.cfa,
            function_start: self.function_start,
            offset: self.offset,
            line: self.line,
            column: self.column,
            found_by: match self.found_by {
                found_by::REGISTERS => FoundBy::Registers,
                found_by::CFI => FoundBy::Cfi,
                found_by::FRAME_POINTER => FoundBy::FramePointer,
                found_by::STACK_SCAN => FoundBy::StackScan,
                found_by::SIGNAL_FRAME => FoundBy::SignalFrame,
                found_by::PROVIDER => FoundBy::Provider,
                _ => FoundBy::Other,
            },
            is_signal: self.flags & FRAME_SIGNAL != 0,
            is_inlined: self.flags & FRAME_INLINED != 0,
            is_doubtful: self.flags & FRAME_DOUBTFUL != 0,
            is_exact: self.flags & FRAME_EXACT != 0,
            function: lent(self.function),
            module: lent(self.module),
            file: lent(self.file),
            text: lent(self.text),
            arguments: lent(self.arguments),
            found_by_name: lent(self.found_by_name),
            object: self.object,
            object_type: lent(self.object_type),
            registers: self.registers,
        }
    }
}

/// Why a stack ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackEnd {
    /// The outermost frame was reached, or the limit.
    pub is_regular: bool,
    /// A sentence; empty where it ends regularly.
    pub sentence: String,
}

/// A closure for frames, and the end.
struct Stack<F> {
    frames: Receiver<F>,
    end: StackEnd,
}

unsafe extern "C" fn on_frame<F>(arg: *mut c_void, frame: *const mdb_dmod_abi::Frame) -> Status
where
    F: FnMut(&Frame<'_>) -> Result<()>,
{
    // SAFETY: we passed such an argument, and the host lends the frame for this call.
    unsafe {
        match (arg.cast::<Stack<F>>().as_mut(), read_sized(frame)) {
            (Some(stack), Some(frame)) => stack.frames.guard(|function| function(&frame.view())),
            _ => Status::BAD_ARGUMENT,
        }
    }
}

unsafe extern "C" fn on_end<F>(arg: *mut c_void, end: *const mdb_dmod_abi::StackEnd) {
    // SAFETY: we passed such an argument, and the host lends the end for this call.
    unsafe {
        if let (Some(stack), Some(end)) = (arg.cast::<Stack<F>>().as_mut(), read_sized(end)) {
            stack.end = StackEnd {
                is_regular: matches!(end.kind, stack_end::OUTERMOST | stack_end::LIMIT),
                sentence: String::from_utf8_lossy(end.sentence.bytes()).into_owned(),
            };
        }
    }
}

impl Session<'_> {
    /// All threads, by number.
    pub fn threads(&self) -> Result<Vec<Thread>> {
        fn ask<F: FnMut(&Thread) -> Result<()>>(s: &Session<'_>, f: F) -> Result<()> {
            let function = function!(s.threads, ThreadsGroup, iterate)?;
            let mut receiver = Receiver::new(f);
            let callback = crate::callbacks::lend::<mdb_dmod_abi::Thread, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut all = Vec::new();
        ask(self, |thread| {
            all.push(thread.clone());
            Ok(())
        })?;
        Ok(all)
    }

    /// The thread with this number (1..N), or else with this kernel thread id.
    pub fn thread(&self, id: u64) -> Result<Thread> {
        fn ask<F: FnMut(&Thread) -> Result<()>>(s: &Session<'_>, id: u64, f: F) -> Result<()> {
            let function = function!(s.threads, ThreadsGroup, find)?;
            let mut receiver = Receiver::new(f);
            let callback = crate::callbacks::lend::<mdb_dmod_abi::Thread, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, id, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut found = None;
        ask(self, id, |thread| {
            found = Some(thread.clone());
            Ok(())
        })?;
        found.ok_or_else(|| Error::NotFound(format!("no thread {id}")))
    }

    /// The number of the representative thread.
    pub fn current_thread(&self) -> Result<u32> {
        let function = function!(self.threads, ThreadsGroup, current)?;
        let mut number = 0;
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, &raw mut number) };
        self.check(status).map(|()| number)
    }

    /// A register of a thread (1..N) by its DWARF number.
    pub fn register(&self, thread: u32, register: u32) -> Result<u64> {
        let function = function!(self.threads, ThreadsGroup, register)?;
        let mut value = 0;
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, thread, register, &raw mut value) };
        self.check(status).map(|()| value)
    }

    /// A register of a thread (1..N) by its name.
    pub fn register_named(&self, thread: u32, name: &str) -> Result<u64> {
        let function = function!(self.threads, ThreadsGroup, register_by_name)?;
        let mut value = 0;
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, thread, Str::new(name), &raw mut value) };
        self.check(status).map(|()| value)
    }

    /// The frames of a thread (1..N), innermost first, with inlined functions and lines.
    pub fn frames<F>(&self, thread: u32, each: F) -> Result<StackEnd>
    where
        F: FnMut(&Frame<'_>) -> Result<()>,
    {
        self.frames_with(thread, 0, 0, each)
    }

    /// As [`Session::frames`], with the registers that are known in each frame
    /// ([`Frame::registers`]).
    pub fn frames_with_registers<F>(&self, thread: u32, each: F) -> Result<StackEnd>
    where
        F: FnMut(&Frame<'_>) -> Result<()>,
    {
        self.frames_with(thread, 0, FRAMES_REGISTERS, each)
    }

    /// As [`Session::frames_with_registers`], without what providers say that the frames are: for
    /// commands of a provider of frames, which finds that out itself. `lines`: with lines and inlined
    /// functions of native code, which may have to be searched in DWARF.
    pub fn undescribed_frames<F>(&self, thread: u32, lines: bool, each: F) -> Result<StackEnd>
    where
        F: FnMut(&Frame<'_>) -> Result<()>,
    {
        let quick = if lines { 0 } else { FRAMES_NO_INLINED | FRAMES_NO_LINES };
        self.frames_with(thread, 0, FRAMES_REGISTERS | FRAMES_NO_DESCRIPTIONS | quick, each)
    }

    /// The frames of a thread (1..N), at most `limit` (0: all), without inlined functions and
    /// lines: as fast as can be.
    pub fn plain_frames<F>(&self, thread: u32, limit: u32, each: F) -> Result<StackEnd>
    where
        F: FnMut(&Frame<'_>) -> Result<()>,
    {
        self.frames_with(thread, limit, FRAMES_NO_INLINED | FRAMES_NO_LINES, each)
    }

    /// The frames of a copy of a stack, which was taken from `address` on while `registers` (by
    /// DWARF number; at least the program counter and the stack pointer) were as they are given.
    pub fn frames_of_sample<F>(
        &self,
        address: u64,
        bytes: &[u8],
        registers: &[(u32, u64)],
        each: F,
    ) -> Result<StackEnd>
    where
        F: FnMut(&Frame<'_>) -> Result<()>,
    {
        let function = function!(self.threads, ThreadsGroup, frames_of_sample)?;
        let registers: Vec<RegisterValue> = registers
            .iter()
            .map(|(number, value)| RegisterValue { number: *number, reserved: 0, value: *value })
            .collect();
        let sample = StackSample {
            size: size_of::<StackSample>() as u32,
            flags: 0,
            address,
            bytes: Bytes::new(bytes),
            registers: Array::of(&registers),
        };
        let flags = FRAMES_NO_INLINED | FRAMES_NO_LINES;
        let end = StackEnd { is_regular: true, sentence: String::new() };
        let mut stack = Stack { frames: Receiver::new(each), end };
        let arg = (&raw mut stack).cast();
        let (on_frame, on_end) = (on_frame::<F>, on_end::<F>);
        // SAFETY: the context is that of the call under way; the callbacks fit their argument.
        let status = unsafe {
            function(self.cx, &raw const sample, 0, flags, Some(on_frame), Some(on_end), arg)
        };
        stack.frames.finish(self, status)?;
        Ok(stack.end)
    }

    fn frames_with<F>(&self, thread: u32, limit: u32, flags: u32, each: F) -> Result<StackEnd>
    where
        F: FnMut(&Frame<'_>) -> Result<()>,
    {
        let function = function!(self.threads, ThreadsGroup, frames)?;
        let end = StackEnd { is_regular: true, sentence: String::new() };
        let mut stack = Stack { frames: Receiver::new(each), end };
        let arg = (&raw mut stack).cast();
        // SAFETY: the context is that of the call under way; the callbacks fit their argument.
        let status = unsafe {
            function(self.cx, thread, limit, flags, Some(on_frame::<F>), Some(on_end::<F>), arg)
        };
        stack.frames.finish(self, status)?;
        Ok(stack.end)
    }
}
