//! Why a walk over a stack ended.

use mdb_target::Fault;

/// Why a walk over a stack ended. Each is one sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StackEnd {
    /// The outermost frame: unwind information says so, or the frame is in the program's entry
    /// function.
    #[error("the outermost frame")]
    Outermost,
    /// The return address is 0, as it is below the first function of a thread.
    #[error("the outermost frame: its return address is 0")]
    NullReturnAddress,
    /// The same place was reached again.
    #[error("the stack is cyclic: pc 0x{pc:x} with stack pointer 0x{sp:x} was seen before")]
    Cycle {
        /// The pc that was reached again.
        pc: u64,
        /// Its stack pointer.
        sp: u64,
    },
    /// The caller's stack pointer is not above the callee's.
    #[error(
        "the stack is corrupt: the caller's stack pointer 0x{caller:x} is not above 0x{callee:x}"
    )]
    SpNotIncreasing {
        /// The callee's stack pointer.
        callee: u64,
        /// What was found as the caller's.
        caller: u64,
    },
    /// The caller's stack pointer is in no mapping.
    #[error("the stack is corrupt: the caller's stack pointer 0x{sp:x} is in no mapping")]
    BadStackPointer {
        /// What was found as the caller's.
        sp: u64,
    },
    /// The return address is no code.
    #[error(
        "the stack is corrupt: the return address 0x{value:x}{} is not in executable memory",
        Place(*.place)
    )]
    BadReturnAddress {
        /// What was found.
        value: u64,
        /// Where it was read.
        place: Option<u64>,
    },
    /// Memory that is needed to go on cannot be read.
    #[error("the stack cannot be followed: {0}")]
    Fault(#[from] Fault),
    /// Unwind information refers to a register whose value is not known.
    #[error("the caller depends on register {register} (DWARF number), which is not known here")]
    UnknownRegister {
        /// Its DWARF number.
        register: u16,
    },
    /// Unwind information that cannot be understood.
    #[error("the unwind information for pc 0x{pc:x} is damaged: {why}")]
    DamagedUnwindInfo {
        /// Where.
        pc: u64,
        /// What is wrong with it.
        why: String,
    },
    /// No unwind information, no frame pointer, and nothing on the stack that looks like a
    /// return address.
    #[error("no way to find the caller of pc 0x{pc:x}: no unwind information, no frame pointer")]
    NoCaller {
        /// The pc without a caller.
        pc: u64,
    },
    /// The pc is no code, and nothing leads to its caller: most likely the stack was overwritten
    /// and a return address with it.
    #[error("pc 0x{pc:x} is not in executable memory, and nothing on the stack leads to a caller")]
    PcNotCode {
        /// The pc.
        pc: u64,
    },
    /// The pc or the stack pointer of the thread is not known.
    #[error("the thread's pc or stack pointer is not known")]
    NoContext,
    /// As many frames as were asked for.
    #[error("stopped after {0} frames")]
    FrameLimit(usize),
}

struct Place(Option<u64>);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(address) => write!(f, " (read at 0x{address:x})"),
            None => Ok(()),
        }
    }
}

impl StackEnd {
    /// Whether the stack was followed to its end.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Outermost | Self::NullReturnAddress)
    }

    /// Whether the user stopped the walk.
    pub fn is_interrupt(&self) -> bool {
        matches!(self, Self::Fault(fault) if fault.is_interrupt())
    }
}
