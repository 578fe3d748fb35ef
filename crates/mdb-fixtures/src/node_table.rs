//! The table of Node cases: which script, which flags, how each dies.

use crate::living::State;
use crate::node_case::NodeCase;
use crate::node_program::NodeProgram;

/// A throw that nobody catches ends in a trap.
const UNCAUGHT: &[&str] = &["--abort-on-uncaught-exception"];

/// The scripts use V8's `%` functions, and collect garbage before they print addresses.
const NATIVES: &[&str] = &["--allow-natives-syntax", "--expose-gc"];

/// `process.config.variables.v8_enable_maglev` of the official builds; a test looks.
const NO_MAGLEV: &[(u32, &str)] = &[
    (18, "its V8 is built without Maglev"),
    (20, "its V8 is built without Maglev"),
    (22, "its V8 is built without Maglev"),
];

/// TypeScript came with 22.6.
const NO_TYPESCRIPT: &[(u32, &str)] =
    &[(18, "it does not strip types"), (20, "it does not strip types")];

/// One stripped program takes some 100 MB.
const ENOUGH_STRIPPED: &[(u32, &str)] =
    &[(20, "stripped it keeps the same symbols as 18"), (22, "stripped it keeps the same as 18")];

/// Debian 12's is 18.
const DEBIAN: &[(u32, &str)] = &[
    (20, "Debian 12 has Node 18"),
    (22, "Debian 12 has Node 18"),
    (24, "Debian 12 has Node 18"),
    (26, "Debian 12 has Node 18"),
];

/// No loop is to leave the tier that it was put into.
const LOOP: &[&str] = &["--allow-natives-syntax", "--no-use-osr"];

/// `stack.js`, which calls in every way there is.
const fn stack(name: &'static str, flags: &'static [&'static str]) -> NodeCase {
    NodeCase { flags, ..NodeCase::new(name, "stack.js") }
}

/// `inlined.js` in a tier.
const fn inlined(
    name: &'static str,
    tier: &'static [&'static str],
    flags: &'static [&'static str],
) -> NodeCase {
    NodeCase { flags, arguments: tier, modules: &["tiers.js"], ..NodeCase::new(name, "inlined.js") }
}

/// `loop.js` in a tier, killed as by a fault of its own.
const fn looping(
    name: &'static str,
    tier: &'static [&'static str],
    flags: &'static [&'static str],
) -> NodeCase {
    NodeCase {
        flags,
        arguments: tier,
        modules: &["tiers.js"],
        ..killed(name, "loop.js", libc::SIGSEGV, State::Busy)
    }
}

/// `busy.js` in a builtin.
const fn busy(name: &'static str, builtin: &'static [&'static str]) -> NodeCase {
    NodeCase { arguments: builtin, ..killed(name, "busy.js", libc::SIGSEGV, State::Busy) }
}

/// A script that lives on until a signal comes from outside.
const fn killed(name: &'static str, script: &'static str, signal: i32, state: State) -> NodeCase {
    NodeCase { signal, killed: Some(state), ..NodeCase::new(name, script) }
}

/// All Node cases.
pub static NODE_CASES: &[NodeCase] = &[
    // Every kind of call, as it comes and with flags that change code, frames or addresses.
    stack("stack", &[]),
    stack("stack-compaction", &["--stress-compaction"]),
    stack("stack-sparkplug", &["--always-sparkplug"]),
    stack("stack-jitless", &["--jitless"]),
    stack("stack-size", &["--stack-size=2000"]),
    NodeCase { lacking: NO_MAGLEV, ..stack("stack-maglev", &["--maglev", "--stress-maglev"]) },
    // Every kind of value.
    NodeCase { flags: NATIVES, ..NodeCase::new("values", "values.js") },
    // Every tier, the optimising ones with inlined calls.
    inlined(
        "interpreter",
        &["interpreter"],
        &["--allow-natives-syntax", "--expose-gc", "--no-sparkplug", "--no-opt"],
    ),
    inlined("baseline", &["baseline"], NATIVES),
    NodeCase {
        lacking: NO_MAGLEV,
        ..inlined("maglev", &["maglev"], &["--allow-natives-syntax", "--expose-gc", "--maglev"])
    },
    inlined("turbofan", &["turbofan"], NATIVES),
    inlined(
        "turbofan-compaction",
        &["turbofan"],
        &["--allow-natives-syntax", "--expose-gc", "--stress-compaction"],
    ),
    // Nobody catches.
    NodeCase {
        flags: UNCAUGHT,
        arguments: &["error"],
        signal: libc::SIGTRAP,
        ..NodeCase::new("throw", "throw.js")
    },
    NodeCase {
        flags: UNCAUGHT,
        arguments: &["other"],
        signal: libc::SIGTRAP,
        ..NodeCase::new("throw-other", "throw.js")
    },
    // The heap's limit and the stack's.
    NodeCase {
        flags: &["--max-old-space-size=32", "--max-semi-space-size=1"],
        ..NodeCase::new("oom", "oom.js")
    },
    NodeCase {
        flags: &["--stack-size=65500"],
        signal: libc::SIGSEGV,
        stack_limit: Some(4 << 20),
        ..NodeCase::new("overflow", "overflow.js")
    },
    NodeCase {
        flags: &["--stack-size=12000"],
        stack_limit: Some(16 << 20),
        ..NodeCase::new("recursion", "recursion.js")
    },
    // Killed in the middle of something.
    looping("loop-jitless", &["any"], &["--jitless"]),
    looping(
        "loop-interpreted",
        &["interpreter"],
        &["--allow-natives-syntax", "--no-use-osr", "--no-sparkplug", "--no-opt"],
    ),
    looping("loop-baseline", &["baseline"], LOOP),
    NodeCase {
        lacking: NO_MAGLEV,
        ..looping(
            "loop-maglev",
            &["maglev"],
            &["--allow-natives-syntax", "--no-use-osr", "--maglev"],
        )
    },
    looping("loop-optimized", &["turbofan"], LOOP),
    NodeCase { signal: libc::SIGQUIT, ..looping("loop-optimized-quit", &["turbofan"], LOOP) },
    looping("loop-osr", &["any"], &[]),
    busy("loop-builtin", &["lastIndexOf"]),
    busy("loop-builtin-calls", &["sort"]),
    busy("loop-cpp", &["stringify"]),
    busy("loop-regexp", &["regexp"]),
    NodeCase { flags: &["--no-regexp-tier-up"], ..busy("loop-regexp-native", &["regexp"]) },
    killed("idle", "idle.js", libc::SIGQUIT, State::Asleep),
    killed("idle-abort", "idle.js", libc::SIGABRT, State::Asleep),
    // Threads, modules, languages.
    NodeCase::new("worker", "worker.js"),
    NodeCase {
        flags: &["--allow-natives-syntax"],
        signal: libc::SIGTRAP,
        ..NodeCase::new("worker-dies", "worker-dies.js")
    },
    NodeCase { modules: &["esm-imported.mjs"], ..NodeCase::new("esm", "esm.mjs") },
    NodeCase {
        flags: &["--experimental-strip-types"],
        lacking: NO_TYPESCRIPT,
        ..NodeCase::new("typescript", "typescript.ts")
    },
    NodeCase::new("wasm", "wasm.js"),
    NodeCase { flags: &["--no-liftoff"], ..NodeCase::new("wasm-inlined", "wasm-inlined.js") },
    // Other builds than the official ones, and those that are no longer where they were.
    NodeCase {
        program: NodeProgram::Stripped,
        lacking: ENOUGH_STRIPPED,
        ..stack("stack-stripped", &[])
    },
    NodeCase { program: NodeProgram::Missing, ..stack("stack-missing", &[]) },
    NodeCase { program: NodeProgram::Replaced, ..stack("stack-replaced", &[]) },
    NodeCase { program: NodeProgram::Debian, lacking: DEBIAN, ..stack("stack-debian", &[]) },
    NodeCase {
        program: NodeProgram::Debian,
        lacking: DEBIAN,
        ..inlined("turbofan-debian", &["turbofan"], NATIVES)
    },
];
