//! Stacks of threads: `::findstack`, `::stacks`, `::threads`.

mod filter;
mod findstack;
mod group;
mod sleep;
mod stacks;
mod threads;

use mdb_dmod::dmod;

dmod! {
    name: stacks,
    about: "stacks of threads, one by one and grouped",
    triggers: ["always"],
    dcmds: [findstack::FindStack, stacks::Stacks, threads::Threads],
}
