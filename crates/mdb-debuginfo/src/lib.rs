//! The modules of a target and what their files say: symbols, lines, unwind sections.

mod unwind_sections;

pub use unwind_sections::{SectionBytes, UnwindSections};
