//! A place in source text.

/// A function and a place in it. Of several for one address, the innermost inlined one is first
/// and the function that has machine code of its own is last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFrame {
    /// The function's linkage name, else its plain name. Any bytes; demangle and escape it.
    pub function: Option<&'static [u8]>,
    /// The source file, as the compiler named it.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
    /// Whether the function's code stands inside that of the next frame.
    pub inlined: bool,
}
