//! Facts of a native process: what an address is, what the process was started with and died of,
//! where its memory went, and what is in it.

mod auxv;
mod elf;
mod memory_map;
mod notes;
mod process;
mod search;
mod siginfo;
mod whatis;

use mdb_dmod::dmod;

dmod! {
    name: native,
    about: "facts of a native process",
    triggers: ["always"],
    dcmds: [
        auxv::auxv,
        memory_map::MemoryMap,
        notes::Notes,
        process::abort_message::AbortMessage,
        process::args::Args,
        process::env::Env,
        process::errno::Errno,
        process::exception::ExceptionCommand,
        process::panicinfo::PanicInfo,
        process::unsaved::Pcred,
        process::unsaved::Pfiles,
        process::unsaved::Plimit,
        process::unsaved::Pwdx,
        search::search_command::Search,
        search::strings::Strings,
        search::ugrep::Kgrep,
        search::ugrep::Ugrep,
        siginfo::siginfo,
        whatis::Whatis,
    ],
}
