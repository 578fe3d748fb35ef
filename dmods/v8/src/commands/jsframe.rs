//! `::jsframe` and the walker of the same name.

use super::jsstack::{chosen_thread, source_lines, thread_holding};
use super::stack_text::{self, COLUMNS, Style};
use crate::frame::javascript::Reader;
use crate::frame::walk::{Wanted, frame_at, walk};
use crate::vm::Vm;
use mdb_dmod::prelude::*;

/// `fp::jsframe [-aiv] [-n lines]`.
pub(crate) struct JsFrameCommand;

impl Dcmd for JsFrameCommand {
    const DECLARATION: Declaration = Declaration::new("jsframe", "print one JavaScript frame")
        .help(
            "Prints the JavaScript frame whose frame pointer is given, with the functions inlined \
             into it, as `::jsstack` does. `::walk jsframe` and `::jsstack -a` give the frame pointers of \
             a thread.",
        )
        .input("jsframe")
        .needs_address()
        .options(&[
            Opt::flag('a', "frame pointer, pc, compiler and function"),
            Opt::flag(
                'i',
                "accepted for scripts of mdb_v8: the frame is always the one at the address",
            ),
            Opt::flag('v', "receiver, arguments, locals and source"),
            Opt::new(
                'n',
                value_kind::DECIMAL,
                "LINES",
                "lines of source on each side, with -v; 0: none",
            ),
        ])
        .columns(COLUMNS)
        .examples(&[Example::new(
            "::walk jsframe | ::jsframe -v",
            "every frame with all it holds",
        )]);

    fn run(s: &Session<'_>) -> Result<()> {
        let vm = Vm::of(s)?;
        let fp = s.dot();
        let thread = thread_holding(s, fp)?
            .ok_or_else(|| Error::at(fp, format!("{fp:x} is not on the stack of a thread")))?;
        let style =
            Style { all: s.flag('a'), verbose: s.flag('v'), lines: source_lines(s), thread };
        let reader = Reader::new(&vm, s);
        let wanted = Wanted { registers: style.verbose, lines: false };
        let Some(frame) = frame_at(s, &vm, thread, fp, wanted)? else {
            return Err(Error::at(fp, "no JavaScript frame has this frame pointer"));
        };
        for function in frame.javascript() {
            let shown = reader.shown(function)?;
            stack_text::javascript_row(s, reader, style, function, &shown)?;
        }
        for function in frame.wasm() {
            stack_text::wasm_row(s, reader, style, function)?;
        }
        Ok(())
    }
}

/// walk the frame pointers of the JavaScript frames of a thread, with those of WebAssembly
///
/// Starts at a thread (its number or id) or at a frame pointer; without a start, at the representative
/// thread.
#[walker(output = "jsframe")]
pub(crate) fn jsframe(
    s: &Session<'_>,
    start: Option<Item>,
    each: &mut dyn FnMut(Item) -> Result<()>,
) -> Result<()> {
    let vm = Vm::of(s)?;
    let (thread, from) = chosen_thread(s, &vm, start.map(|item| item.value))?;
    let mut is_on = from.is_none();
    walk(s, &vm, thread, Wanted::default(), &mut |frame| {
        is_on |= from.is_some() && frame.physical.fp == from;
        let fp = frame.javascript().last().map(|function| function.fp);
        match fp.or_else(|| frame.wasm().last().map(|function| function.fp)) {
            Some(fp) if is_on => each(Item::address(fp)),
            _ => Ok(()),
        }
    })
    .map(|_| ())?;
    if is_on {
        Ok(())
    } else {
        Err(Error::at(from.unwrap_or(0), "no frame has this frame pointer"))
    }
}
