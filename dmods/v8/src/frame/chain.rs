//! The frames below C++ that cannot be unwound: an isolate keeps the frame pointer of the innermost
//! frame that left JavaScript, and frame pointers lead on from there.

use super::frame_type::Role;
use super::javascript::Reader;
use super::physical::Physical;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// No stack has more frames.
const MOST_FRAMES: u32 = 1 << 24;

impl Reader<'_> {
    /// Gives the frames from one on, outwards; pc 0: that of the first is not known.
    pub(crate) fn chain(
        self,
        exit_fp: u64,
        exit_pc: u64,
        first_level: u32,
        each: &mut dyn FnMut(Physical) -> Result<()>,
    ) -> Result<String> {
        let mut fp = exit_fp;
        let mut pc = exit_pc;
        for level in 0..MOST_FRAMES {
            let frame = Physical {
                level: first_level.saturating_add(level),
                pc,
                sp: fp,
                fp: Some(fp),
                is_chained: true,
                is_doubtful: true,
                text: format!("{pc:#x}"),
                ..Physical::default()
            };
            each(frame)?;
            let caller = match self.caller(fp) {
                Ok(Some(caller)) => caller,
                Ok(None) => return Ok(String::new()),
                Err(error) if error.is_stop() => return Err(error),
                Err(error) => return Ok(error.to_string()),
            };
            if caller.0 <= fp {
                return Ok(format!("the frame pointer at {fp:x} does not lead outwards"));
            }
            (fp, pc) = caller;
        }
        Ok("there are too many frames".to_owned())
    }

    /// The caller of a frame, if it is further out.
    pub(crate) fn outer(self, fp: u64) -> Result<Option<(u64, u64)>> {
        match self.caller(fp) {
            Ok(caller) => Ok(caller.filter(|(caller, _)| *caller > fp)),
            Err(error) if error.is_stop() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Frame pointer and return address of a frame's caller; `None`: it is the outermost.
    fn caller(self, fp: u64) -> Result<Option<(u64, u64)>> {
        let caller = self.heap.memory.read_u64(fp)?;
        let pc = self.heap.memory.read_u64(fp.wrapping_add(8))?;
        let marker = self.frame_word(fp, Fact::FrameContextOrType)?;
        let is_entry =
            self.vm.frame_types.of_marker(marker).is_some_and(|found| found.role == Role::Entry);
        if is_entry {
            // C++ stands between; the next frame that left JavaScript is kept here.
            let next = self.frame_word(fp, Fact::FrameEntryLink)?;
            return Ok((next != 0).then_some((next, 0)));
        }
        Ok((caller != 0).then_some((caller, pc)))
    }
}
