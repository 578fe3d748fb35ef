//! Providers, from the side of who provides: types that implement one of these traits, listed in
//! [`dmod!`](crate::dmod) as `providers: [blocks Malloc, whatis Malloc]`.
//!
//! ```
//! use mdb_dmod::prelude::*;
//! use mdb_dmod::provide::{Blocks, Provider};
//! use mdb_dmod::abi::{Block, block_state};
//!
//! /// One block that everybody knows.
//! struct One;
//!
//! impl Provider for One {
//!     const NAME: &'static str = "one";
//!     const ABOUT: &'static str = "one block";
//! }
//!
//! impl Blocks for One {
//!     fn each(_: &Session<'_>, give: &mut dyn FnMut(&[Block]) -> Result<()>) -> Result<()> {
//!         let block = Block { address: 0x1000, size: 32, state: block_state::ALLOCATED, flags: 0 };
//!         give(&[block])
//!     }
//! }
//!
//! dmod! { name: one, about: "an example", triggers: [], providers: [blocks One] }
//! # assert_eq!(builtin().providers.count, 1);
//! ```

mod entry;

use crate::providers::{Explanation, Root, WhatisFlags};
use crate::types::{Member, Type};
use crate::{Result, Session, Symbol};
use mdb_dmod_abi::Block;

/// What every provider says of itself.
pub trait Provider {
    /// Its name, by which it is switched off.
    const NAME: &'static str;
    /// One line.
    const ABOUT: &'static str;
    /// The higher, the earlier it is asked.
    const PRIORITY: i32 = 0;
}

/// A frame that a [`Frames`] provider is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedFrame {
    /// 0 for the innermost.
    pub level: u32,
    /// The program counter.
    pub pc: u64,
    /// The stack pointer.
    pub sp: u64,
    /// The frame pointer register, if it is known.
    pub fp: Option<u64>,
    /// Other registers that are known: DWARF number and value.
    pub registers: Vec<(u32, u64)>,
    /// `pc` is exact, no return address.
    pub is_exact: bool,
    /// The stack is a copy that was taken earlier.
    pub is_sample: bool,
}

/// The caller of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The return address; 0: the frame has no caller.
    pub pc: u64,
    /// The caller's stack pointer.
    pub sp: u64,
    /// The caller's frame pointer register, if it is known.
    pub fp: Option<u64>,
    /// Further registers, at most 8: DWARF number and value.
    pub registers: Vec<(u32, u64)>,
}

/// What a frame is. All texts may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribedFrame {
    /// The function's name.
    pub function: String,
    /// What its module is called.
    pub module: String,
    /// The source file.
    pub file: String,
    /// The line, or 0.
    pub line: u32,
    /// The column, or 0.
    pub column: u32,
    /// Where the function's code begins, or 0.
    pub function_start: u64,
    /// The arguments, ready to be shown between parentheses.
    pub arguments: String,
    /// The object that stands for the function, or 0.
    pub object: u64,
    /// The name of its type.
    pub object_type: String,
    /// The functions that the compiler put into this one and that run in the frame too, innermost
    /// first. Those of an inlined function count for nothing.
    pub inlined: Vec<DescribedFrame>,
}

/// Callers and names of frames. Memory is read **only through the session that is given**: a copy
/// of a stack may stand behind it.
pub trait Frames: Provider {
    /// The caller of a frame that no unwind table describes; `None`: none of mine.
    fn caller(session: &Session<'_>, frame: &AskedFrame) -> Result<Option<Caller>>;

    /// What a frame is; `None`: none of mine. Asked for every frame, so it says no quickly.
    fn describe(session: &Session<'_>, frame: &AskedFrame) -> Result<Option<DescribedFrame>> {
        let _ = (session, frame);
        Ok(None)
    }
}

/// What is at an address where no ELF symbol is.
pub trait Symbols: Provider {
    /// The symbol that covers an address (`address`, `size`, `name`, `module` of it count).
    fn at(session: &Session<'_>, address: u64) -> Result<Option<Symbol>>;

    /// The symbol of a name.
    fn by_name(session: &Session<'_>, name: &str) -> Result<Option<Symbol>> {
        let _ = (session, name);
        Ok(None)
    }
}

/// What addresses are.
pub trait Whatis: Provider {
    /// Gives for those of the addresses that are mine their index and what they are.
    fn explain(
        session: &Session<'_>,
        addresses: &[u64],
        flags: WhatisFlags,
        give: &mut dyn FnMut(usize, &Explanation) -> Result<()>,
    ) -> Result<()>;
}

/// The blocks of an allocator.
pub trait Blocks: Provider {
    /// Gives all blocks, some thousands at a time.
    fn each(session: &Session<'_>, give: &mut dyn FnMut(&[Block]) -> Result<()>) -> Result<()>;
}

/// Roots besides registers, stacks, local storage and writable data.
pub trait Roots: Provider {
    /// Gives all of them.
    fn each(session: &Session<'_>, give: &mut dyn FnMut(&Root) -> Result<()>) -> Result<()>;
}

/// Types by name, types of objects.
pub trait Types: Provider {
    /// The type of a name.
    fn by_name(session: &Session<'_>, name: &str) -> Result<Option<Type>>;

    /// The members of the type of a name, in order; `None`: not known.
    fn members(session: &Session<'_>, name: &str) -> Result<Option<Vec<Member>>>;

    /// The type of the object at an address.
    fn of_object(session: &Session<'_>, address: u64) -> Result<Option<Type>> {
        let _ = (session, address);
        Ok(None)
    }
}

/// Texts of values.
pub trait Printer: Provider {
    /// The value of a type at an address; `None`: a type of somebody else.
    fn print(session: &Session<'_>, type_name: &str, address: u64) -> Result<Option<String>>;
}

pub use entry::{blocks, frames, printer, roots, symbols, types, whatis};
