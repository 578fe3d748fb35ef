//! The nouns of a debugging target.
//!
//! A [`Target`] is a core file, a live process or nothing at all. It has an
//! [`AddressSpace`] (what can be read, and why the rest cannot), [`Thread`]s with their
//! [`RegisterSet`]s, [`Mapping`]s and what the kernel said of the process. Nothing here opens
//! a core or attaches to a process: that is the work of `mdb-corefile` and of `mdb-live`, which
//! build these types. [`FakeTarget`] builds them for tests.

mod address_space;
mod arch;
mod fake;
mod fault;
mod file_store;
mod interrupt;
mod mapping;
mod overlay;
mod process;
mod registers;
mod signal;
mod target;
mod thread;

pub mod aarch64;
pub mod x86_64;

pub use address_space::{AddressSpace, Backing, MemoryReader, RunOrigin, Segment};
pub use arch::{Arch, ByteOrder};
pub use fake::FakeTarget;
pub use fault::{Fault, FaultReason};
pub use file_store::{FileStoreError, MappedFile, map_file, map_open_file, mapped_file_containing};
pub use interrupt::Interrupt;
pub use mapping::{FileBacking, Mapping, MappingKind, Permissions};
pub use process::{Auxv, Note, Process, auxv_name};
pub use registers::{RegisterId, RegisterName, RegisterSet};
pub use signal::{SignalInfo, signal_description, signal_name};
pub use target::{NullTarget, Target, TargetKind};
pub use thread::{FloatingPoint, Thread};
