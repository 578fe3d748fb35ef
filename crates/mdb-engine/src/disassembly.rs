//! Instructions of the target.

use crate::failure::Failure;
use crate::session::Session;
use mdb_disasm::{Disassembler, Instruction, Syntax};
use mdb_target::Fault;

impl Session {
    /// The disassembler in the mode that the user chose.
    pub fn disassembler(&self) -> Disassembler {
        let arch = self.target().arch();
        let disassembler = Disassembler::new(arch);
        match Syntax::from_name(arch, &self.options().disassembly) {
            Some(syntax) => disassembler.with_syntax(syntax),
            None => disassembler,
        }
    }

    /// Reads as much as there is of `buffer` at an address.
    pub(crate) fn read_code(
        &self,
        address: u64,
        buffer: &mut [u8],
        from_file: bool,
    ) -> Result<usize, Fault> {
        if !from_file {
            return self.target().memory().read(address, buffer);
        }
        // The file's section may end inside of the buffer.
        let mut length = buffer.len();
        loop {
            let part = buffer.get_mut(..length).unwrap_or_default();
            match self.symbols().read_file(address, part) {
                Ok(()) => return Ok(length),
                Err(fault) if length <= 1 => return Err(fault),
                Err(_) => length -= 1,
            }
        }
    }

    /// The instruction at an address, with its bytes.
    pub(crate) fn instruction_at(
        &self,
        address: u64,
        from_file: bool,
    ) -> Result<(Instruction, Vec<u8>), Failure> {
        let disassembler = self.disassembler();
        let mut bytes = vec![0; disassembler.max_length()];
        let got = self.read_code(address, &mut bytes, from_file)?;
        bytes.truncate(got);
        let name = |address| self.symbols().at(self, address).map(|s| s.text());
        let instruction = disassembler.decode(address, &bytes, &name);
        let instruction =
            instruction.ok_or_else(|| Failure::failed(format!("no bytes at {address:#x}")))?;
        bytes.truncate(instruction.length);
        Ok((instruction, bytes))
    }

    /// The next address at or after this one that can be read, if any.
    pub(crate) fn next_readable(&self, address: u64) -> Option<u64> {
        let segments = self.target().memory().segments();
        let next = segments.partition_point(|s| s.range.end <= address);
        let segment = segments.get(next)?;
        // Inside of a segment nothing is known; the reader goes on byte by byte.
        (segment.range.start > address).then_some(segment.range.start)
    }
}
