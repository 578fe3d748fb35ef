//! Stacks of threads: `::findstack`, `::stacks`, `::threads`, `::flamegraph`.

mod aarch64;
mod architecture;
mod calls;
mod cross;
mod filter;
mod findstack;
mod flamegraph;
mod folded;
mod frames;
mod group;
mod lock;
mod scan;
mod sobj;
mod stacks;
mod state;
mod subjects;
mod threads;
mod waiting;
mod x86_64;

use mdb_dmod::dmod;

dmod! {
    name: stacks,
    about: "stacks of threads, one by one and grouped",
    triggers: ["always"],
    dcmds: [
        findstack::FindStack, stacks::Stacks, threads::Threads, flamegraph::FlameGraph,
    ],
}
