//! Facts of a native process: what an address is, the auxiliary vector, the signal, the notes.

mod auxv;
mod notes;
mod siginfo;
mod whatis;

use mdb_dmod::dmod;

dmod! {
    name: native,
    about: "facts of a native process",
    triggers: ["always"],
    dcmds: [auxv::auxv, notes::Notes, siginfo::siginfo, whatis::Whatis],
}
