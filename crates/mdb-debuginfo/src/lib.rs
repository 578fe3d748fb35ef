//! The modules of a target and what their files say: symbols, lines, unwind sections.
//!
//! [`Modules::discover`] finds the load objects in the memory of a target without opening a file.
//! What is asked of a [`Module`] is looked up when it is asked: its file (verified by build-id),
//! its symbols, its source lines, its unwind sections. From then on the target's memory also
//! reads, out of the verified files, code and constants that a core leaves out.

mod aarch64;
mod debug_file;
mod demangle;
mod discover;
mod elf_image;
mod file_memory;
mod file_search;
mod lines;
mod loaded_headers;
mod module;
mod module_file;
mod module_symbols;
mod modules;
mod object_target;
mod plt;
mod radix_sort;
mod saved_memory;
mod source_frame;
mod symbol;
mod symbol_table;
mod unwind_sections;
mod x86_64;

pub use demangle::{Demangler, demangle};
pub use elf_image::ElfError;
pub use file_search::{FileSearch, FileState, HexId, Verification};
pub use module::{Module, ModuleKind, SectionInfo};
pub use modules::{LookupError, Modules};
pub use object_target::{ObjectTarget, ObjectTargetError};
pub use source_frame::SourceFrame;
pub use symbol::{Distance, Symbol, SymbolBinding, SymbolKind, SymbolOrigin};
pub use symbol_table::SymbolTable;
pub use unwind_sections::{SectionBytes, UnwindSections};
