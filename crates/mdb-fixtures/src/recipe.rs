//! The table of fixtures: which source, which flags, how each dies and what happens then.

/// How a fixture is made.
#[derive(Debug, Hash)]
pub(crate) struct Recipe {
    /// What tests ask for.
    pub(crate) name: &'static str,
    /// File in `fixtures/src`; the program is called like it, without the extension.
    pub(crate) source: &'static str,
    /// Arguments for the compiler, after the source.
    pub(crate) flags: &'static [&'static str],
    /// The soft stack limit that the program gets, in bytes; the system's own when `None`.
    pub(crate) stack_limit: Option<u64>,
    /// Whether debug information and symbols move into a file of their own.
    pub(crate) split_debug: bool,
    /// How the core comes about.
    pub(crate) capture: Capture,
    /// What happens to the executable once the core is there.
    pub(crate) afterwards: Afterwards,
}

/// How the core of a fixture comes about.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) enum Capture {
    /// The program dies by this signal.
    Death(i32),
    /// The program prints `ready` and lives on; `gcore` takes the core.
    Gcore,
}

/// What happens to the executable once the core is there.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) enum Afterwards {
    /// Nothing.
    Keep,
    /// It is deleted.
    Delete,
    /// Another build, with these flags added, takes its place.
    Replace(&'static [&'static str]),
}

/// Which compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    /// `cc`
    C,
    /// `c++`
    Cxx,
    /// `rustc`
    Rust,
}

impl Recipe {
    /// A program that dies by SIGSEGV.
    const fn new(name: &'static str, source: &'static str, flags: &'static [&'static str]) -> Self {
        Self {
            name,
            source,
            flags,
            stack_limit: None,
            split_debug: false,
            capture: Capture::Death(libc::SIGSEGV),
            afterwards: Afterwards::Keep,
        }
    }

    /// By the source's extension.
    pub(crate) fn language(&self) -> Language {
        match self.source.rsplit_once('.') {
            Some((_, "cc")) => Language::Cxx,
            Some((_, "rs")) => Language::Rust,
            _ => Language::C,
        }
    }

    /// What the executable is called: the source without its extension.
    pub(crate) fn program(&self) -> &'static str {
        self.source.rsplit_once('.').map_or(self.source, |(stem, _)| stem)
    }
}

/// All fixtures.
pub(crate) static RECIPES: &[Recipe] = &[
    // The classic example and its variants.
    Recipe::new("example1", "example1.c", &["-O0", "-g"]),
];
