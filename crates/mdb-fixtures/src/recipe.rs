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

const ABORT: Capture = Capture::Death(libc::SIGABRT);

/// What a program needs so that each call has a frame, while the compiler optimises.
const OPTIMISED: &[&str] = &["-O2", "-g"];

/// All fixtures.
pub(crate) static RECIPES: &[Recipe] = &[
    // The classic example and its variants.
    Recipe::new("example1", "example1.c", &["-O0", "-g"]),
    Recipe::new("example1-O2", "example1.c", OPTIMISED),
    Recipe::new("example1-pie", "example1.c", &["-O0", "-g", "-fPIE", "-pie"]),
    Recipe::new("example1-no-pie", "example1.c", &["-O0", "-g", "-fno-pie", "-no-pie"]),
    Recipe::new("example1-static", "example1.c", &["-O0", "-g", "-static"]),
    Recipe::new(
        "example1-no-eh",
        "example1.c",
        &[
            "-O1",
            "-fno-asynchronous-unwind-tables",
            "-fno-unwind-tables",
            "-fno-omit-frame-pointer",
        ],
    ),
    // No .eh_frame, but .debug_frame.
    Recipe::new(
        "example1-debug-frame",
        "example1.c",
        &[
            "-O1",
            "-g",
            "-fno-asynchronous-unwind-tables",
            "-fno-unwind-tables",
            "-fomit-frame-pointer",
        ],
    ),
    Recipe { split_debug: true, ..Recipe::new("example1-stripped", "example1.c", OPTIMISED) },
    Recipe {
        afterwards: Afterwards::Delete,
        ..Recipe::new("example1-missing", "example1.c", &["-O0", "-g"])
    },
    Recipe {
        afterwards: Afterwards::Replace(&["-O2", "-DREPLACED"]),
        ..Recipe::new("example1-replaced", "example1.c", &["-O0", "-g"])
    },
    // Threads.
    Recipe { capture: ABORT, ..Recipe::new("threads", "threads.c", OPTIMISED) },
    Recipe {
        capture: Capture::Gcore,
        ..Recipe::new("threads-gcore", "threads.c", &["-O2", "-g", "-DALIVE"])
    },
    Recipe::new("threads3", "threads3.c", &["-O0", "-g"]),
    Recipe { capture: ABORT, ..Recipe::new("threads1001", "threads1001.c", OPTIMISED) },
    Recipe { capture: ABORT, ..Recipe::new("blocks", "blocks.c", &["-O1", "-g"]) },
    // Languages.
    Recipe { capture: ABORT, ..Recipe::new("cxx", "cxx.cc", &["-O2", "-g", "-std=c++17"]) },
    Recipe {
        capture: ABORT,
        ..Recipe::new("rust", "rust.rs", &["-g", "-O", "-Cpanic=abort", "-Ccodegen-units=1"])
    },
    // Stacks that end badly.
    Recipe::new("overflow", "overflow.c", &["-O1", "-g"]),
    Recipe {
        capture: ABORT,
        ..Recipe::new("overflow-handled", "overflow.c", &["-O1", "-g", "-DHANDLER"])
    },
    Recipe {
        capture: ABORT,
        stack_limit: Some(64 << 20),
        ..Recipe::new("deep", "deep.c", &["-O1", "-g"])
    },
    Recipe::new("smashed", "smashed.c", &["-O1", "-g", "-fno-omit-frame-pointer"]),
    Recipe::new(
        "smashed-return",
        "smashed.c",
        &["-O1", "-g", "-fno-omit-frame-pointer", "-DRETURN"],
    ),
    // Frames that are not plain calls.
    Recipe { capture: ABORT, ..Recipe::new("sighandler", "sighandler.c", OPTIMISED) },
    Recipe::new("vdso", "vdso.c", OPTIMISED),
    Recipe { capture: ABORT, ..Recipe::new("tls", "tls.c", OPTIMISED) },
    Recipe::new("queue", "queue.c", OPTIMISED),
    Recipe::new("worker", "worker.c", OPTIMISED),
    Recipe::new("tailcall", "tailcall.c", OPTIMISED),
    Recipe::new("call-null", "badcall.c", &["-O2", "-g", "-DTARGET=0"]),
    Recipe::new("pc-unmapped", "badcall.c", &["-O2", "-g", "-DTARGET=0xdead000"]),
    Recipe { capture: ABORT, ..Recipe::new("jit-fp", "jit.c", &["-O2", "-g", "-DFRAME_POINTER"]) },
    Recipe { capture: ABORT, ..Recipe::new("jit-nofp", "jit.c", OPTIMISED) },
    // What a process was started with, what it died of, and an address of each kind.
    Recipe {
        capture: ABORT,
        ..Recipe::new("facts-assert", "facts.c", &["-O0", "-g", "-DFAIL=0", "-pthread"])
    },
    Recipe {
        capture: ABORT,
        ..Recipe::new("facts-free", "facts.c", &["-O0", "-g", "-DFAIL=1", "-pthread"])
    },
    Recipe {
        capture: ABORT,
        ..Recipe::new("facts-static", "facts.c", &["-O0", "-g", "-DFAIL=0", "-static"])
    },
    Recipe { capture: ABORT, ..Recipe::new("thrown", "thrown.cc", &["-O1", "-g", "-pthread"]) },
    Recipe {
        capture: ABORT,
        ..Recipe::new("thrown-what", "thrown.cc", &["-O1", "-g", "-pthread", "-DOWN_WHAT"])
    },
    Recipe {
        capture: ABORT,
        ..Recipe::new("thrown-static", "thrown.cc", &["-O1", "-g", "-static"])
    },
    // A copy of a living process.
    Recipe { capture: Capture::Gcore, ..Recipe::new("alive", "alive.c", &["-O1", "-g"]) },
];

/// Fixtures that only the bench makes: they are large.
pub(crate) static LARGE: &[Recipe] =
    &[Recipe { capture: ABORT, ..Recipe::new("gigabyte", "gigabyte.c", OPTIMISED) }];
