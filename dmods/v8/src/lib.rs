//! JavaScript in a process that runs V8: Node.js 18 to 26.

mod brief;
mod code;
mod commands;
mod frame;
mod layout;
mod object;
mod partial;
mod source;
mod vm;
mod wasm;

use mdb_dmod::dmod;

dmod! {
    name: v8,
    about: "JavaScript in processes that run V8",
    triggers: ["symbol:v8dbg_*", "object:node", "object:nodejs", "object:libnode.so*"],
    dcmds: [
        commands::isolates::isolate,
        commands::isolates::isolates,
        commands::jsframe::JsFrameCommand,
        commands::jsstack::JsStack,
        commands::v8layout::v8layout,
    ],
    walkers: [commands::isolates::walk, commands::jsframe::jsframe],
    providers: [frames frame::provider::JavaScript],
    detach: vm::Detach,
}
