//! Frames as the host unwinds them.

use mdb_dmod::Frame;
use mdb_dmod::prelude::*;

/// The DWARF number of the frame pointer register of x86-64 (System V ABI, figure 3.36).
const RBP: u32 = 6;

/// A frame of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Physical {
    /// 0 for the innermost.
    pub(crate) level: u32,
    /// The program counter.
    pub(crate) pc: u64,
    /// The stack pointer.
    pub(crate) sp: u64,
    /// The frame pointer register, if it is known.
    pub(crate) fp: Option<u64>,
    /// `pc` is where the thread was, not a return address.
    pub(crate) is_exact: bool,
    /// How the host shows it.
    pub(crate) text: String,
    /// The file and line of native code, where they are known.
    pub(crate) place: Option<(String, u32)>,
    /// The host guessed it.
    pub(crate) is_doubtful: bool,
    /// It was found by V8's own links, not by the host.
    pub(crate) is_chained: bool,
    /// It is a native function that is inlined into the next frame outwards.
    pub(crate) is_inlined: bool,
}

impl Physical {
    /// From a frame of the host.
    pub(crate) fn of(frame: &Frame<'_>) -> Self {
        let fp = frame.registers().into_iter().find(|(number, _)| *number == RBP);
        let place = (!frame.file.is_empty()).then(|| (frame.file.to_owned(), frame.line));
        Self {
            level: frame.level,
            pc: frame.pc,
            sp: frame.sp,
            fp: fp.map(|(_, value)| value),
            is_exact: frame.is_exact,
            text: frame.text.to_owned(),
            place,
            is_doubtful: frame.is_doubtful,
            is_inlined: frame.is_inlined,
            is_chained: false,
        }
    }
}

/// The frames of a thread as the host unwinds them. Answers the sentence with which the stack ends, or
/// nothing where it ends regularly.
pub(crate) fn frames(
    s: &Session<'_>,
    thread: u32,
    lines: bool,
    each: &mut dyn FnMut(Physical) -> Result<()>,
) -> Result<String> {
    let end = s.undescribed_frames(thread, lines, |frame| each(Physical::of(frame)))?;
    Ok(if end.is_regular { String::new() } else { end.sentence })
}
