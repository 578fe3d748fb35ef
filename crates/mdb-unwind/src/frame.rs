//! What is known of one frame.

use mdb_target::RegisterSet;
use std::fmt;
use std::sync::Arc;

/// What kind of activation a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A function that was called, or the one that the thread is in.
    Normal,
    /// The kernel's trampoline below a signal handler (`__restore_rt`): the frame above it in
    /// the list is the handler, the one below it was interrupted.
    Signal,
}

/// How a frame was found: what led from its callee to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FoundBy {
    /// It is where the thread is; its registers are the thread's.
    Context,
    /// Unwind information of the callee's module.
    Cfi,
    /// The kernel's record of the interrupted registers, recognised by the instructions of a
    /// trampoline that has no unwind information.
    SignalContext,
    /// Instructions of the callee: it had just been entered, or was just about to return.
    Instructions,
    /// The frame pointer.
    FramePointer,
    /// The callee's pc is no code (a call through a null or wild pointer): its return address is
    /// where the call left it, at the stack pointer or in the link register.
    LeafReturn,
    /// A search of the stack for something that looks like a return address.
    Scan,
    /// A [`FrameProvider`](crate::FrameProvider) of this name.
    Provider(Arc<str>),
}

impl FoundBy {
    /// Whether this is a guess that may be wrong. Output marks such a frame.
    pub fn is_doubtful(&self) -> bool {
        matches!(self, Self::Scan)
    }

    /// What it is called in output: `cfi`, `frame pointer`, ..., or the provider's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Context => "context",
            Self::Cfi => "cfi",
            Self::SignalContext => "signal context",
            Self::Instructions => "instructions",
            Self::FramePointer => "frame pointer",
            Self::LeafReturn => "leaf return",
            Self::Scan => "scan",
            Self::Provider(name) => name,
        }
    }
}

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One frame of a stack.
#[derive(Clone, Debug)]
pub struct Frame {
    /// 0 is where the thread is, 1 its caller, and so on.
    pub index: usize,
    /// Every register whose value in this frame is known: all of the thread's in frame 0, in
    /// the others what could be recovered, the callee-saved ones as a rule.
    pub registers: RegisterSet,
    /// Where the frame is: the next instruction to run when its callee returns.
    pub pc: u64,
    /// Its stack pointer; 0 where it is not known.
    pub sp: u64,
    /// Its canonical frame address (DWARF 5, section 6.4): its stack pointer just before it was
    /// called. `None` where nothing says it.
    pub cfa: Option<u64>,
    /// What kind it is.
    pub kind: FrameKind,
    /// How it was found.
    pub found_by: FoundBy,
    /// The address by which to look up function, line and locals: inside of the call
    /// instruction (`pc - 1`) where `pc` is a return address, else `pc`.
    pub lookup_pc: u64,
}

impl Frame {
    /// Whether the frame is a guess that may be wrong.
    pub fn is_doubtful(&self) -> bool {
        self.found_by.is_doubtful()
    }

    /// Whether [`Frame::pc`] is a return address, so that the instruction that the frame is in
    /// ends there instead of beginning there.
    pub fn pc_is_return_address(&self) -> bool {
        self.lookup_pc != self.pc
    }
}
