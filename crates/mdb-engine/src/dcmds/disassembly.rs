//! `::dis ::disasms ::dismode $V`.

use super::{add, alias};
use crate::command::Call;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use mdb_disasm::{Instruction, Syntax, TokenRole};
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, OptionSpec, ValueKind};
use mdb_print::{Cell, Role, StyledText};

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("dis", "disassemble a function, or the instructions around an address")
            .help(
                "At the start of a function the whole function is shown, else ten instructions \
                 before and after the address. With `-n` and no window, COUNT instructions after \
                 the first are shown. Dot moves to the end.",
            )
            .flag('a', "addresses instead of symbols")
            .flag('b', "addresses and symbols")
            .flag('f', "from the object file instead of memory")
            .flag('w', "a window, also at the start of a function")
            .option(OptionSpec::new(
                'n',
                ValueKind::Number,
                "COUNT",
                "instructions before and after",
            ))
            .argument(ArgumentSpec::optional(
                "ADDRESS",
                ValueKind::Address,
                "where, if not before the command",
            ))
            .column(ColumnSpec::new("ADDRESS", ColumnKind::Address).item())
            .column(ColumnSpec::new("SYMBOL", ColumnKind::Symbol))
            .column(ColumnSpec::new("INSTRUCTION", ColumnKind::Text))
            .column(ColumnSpec::new("BYTES", ColumnKind::Text))
            .example("main::dis -n 2", "three instructions of main"),
        dis,
    );
    add(
        session,
        DcmdSpec::new("disasms", "list the disassembler modes")
            .column(ColumnSpec::new("MODE", ColumnKind::Text))
            .column(ColumnSpec::new("DESCRIPTION", ColumnKind::Text))
            .example("::disasms", "all of them"),
        |session, _, output| {
            for (name, what) in Syntax::modes(session.target().arch()) {
                let text = StyledText::plain(&format!("{name:<24} - {what}\n"));
                output.row_as(&[(*name).into(), (*what).into()], &text)?;
            }
            Ok(())
        },
    );
    let mode = DcmdSpec::new("dismode", "show or set the disassembler mode")
        .argument(ArgumentSpec::optional("MODE", ValueKind::Text, "see ::disasms"))
        .column(ColumnSpec::new("MODE", ColumnKind::Text))
        .example("::dismode intel; main::dis -n 2", "in the syntax of Intel's manuals");
    add(session, mode.clone(), set_mode);
    alias(session, "$V", &mode, set_mode);
}

fn set_mode(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let Some(mode) = call.argument(0).map(|a| a.text.clone()) else {
        let mode = session.disassembler().syntax().name();
        let text = StyledText::plain(&format!("disassembly mode is {mode}\n"));
        return output.row_as(&[mode.into()], &text);
    };
    if Syntax::from_name(session.target().arch(), &mode).is_none() {
        let modes: Vec<&str> =
            Syntax::modes(session.target().arch()).iter().map(|(n, _)| *n).collect();
        return Err(Failure::Failed(format!(
            "failed to set disassembly mode to '{mode}': it is none of {}",
            modes.join(", ")
        )));
    }
    session.options_mut().disassembly = mode;
    Ok(())
}

/// A function of more instructions is shown up to here; `-n` goes on.
const LONGEST_FUNCTION: u64 = 1 << 20;

fn dis(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let at = call.argument(0).map_or(call.dot(), |a| a.number);
    let from_file = call.flag("f");
    let symbol = session.symbols().at(session, at);
    let start = symbol.as_ref().map(|s| s.value);
    let whole = symbol.as_ref().filter(|s| s.offset == 0 && s.size > 0 && !call.flag("w"));
    let count = call.number("n").map(|n| usize::try_from(n).unwrap_or(usize::MAX).min(1 << 16));
    let mut next = at;
    match (whole, count) {
        (Some(symbol), None) => {
            let end = symbol.value.saturating_add(symbol.size.min(LONGEST_FUNCTION));
            while next < end {
                next = show(session, call, output, next, false)?;
            }
        }
        (Some(_), Some(count)) => {
            for _ in 0..=count {
                next = show(session, call, output, next, false)?;
            }
        }
        (None, count) => {
            let count = count.unwrap_or(10);
            for address in before(session, at, start, count, from_file)? {
                show(session, call, output, address, false)?;
            }
            next = show(session, call, output, at, true)?;
            for _ in 0..count {
                // Code may end here: what was asked for is above.
                match show(session, call, output, next, false) {
                    Ok(after) => next = after,
                    Err(Failure::Fault(fault)) if !fault.is_interrupt() => break,
                    Err(failure) => return Err(failure),
                }
            }
        }
    }
    session.set_dot(next);
    Ok(())
}

/// The addresses of up to `count` instructions before an address.
fn before(
    session: &Session,
    at: u64,
    start: Option<u64>,
    count: usize,
    from_file: bool,
) -> Result<Vec<u64>, Failure> {
    let disassembler = session.disassembler();
    let most = disassembler.window_bytes(count) as u64;
    let from = match start {
        Some(start) if at.wrapping_sub(start) <= most => start,
        _ => at.saturating_sub(most),
    };
    // Memory may begin after `from`: take the longest part that can be read.
    let mut bytes = vec![0; at.saturating_sub(from) as usize];
    let mut length = bytes.len();
    while length > 0 {
        let part = bytes.get_mut(..length).unwrap_or_default();
        match session.read_code(at.wrapping_sub(length as u64), part, from_file) {
            Ok(got) if got == length => break,
            Err(fault) if fault.is_interrupt() => return Err(Failure::Interrupted),
            _ => length /= 2,
        }
    }
    bytes.truncate(length);
    Ok(disassembler.window(at, &bytes, start, count))
}

fn show(
    session: &Session,
    call: &Call<'_>,
    output: &Output<'_>,
    address: u64,
    middle: bool,
) -> Result<u64, Failure> {
    let (instruction, bytes) = session.instruction_at(address, call.flag("f"))?;
    let symbol = session.address_text(address);
    let mut line = StyledText::new();
    if call.flag("a") {
        line.push_role(Role::Address, &format!("{:<31} ", format!("{address:x}")));
    } else if call.flag("b") {
        line.push_role(Role::Address, &format!("{address:x} "));
        line.push_role(Role::Symbol, &format!("{:<31} ", format!("{symbol}:")));
    } else {
        let role = if middle { Role::Bold } else { Role::Symbol };
        line.push_role(role, &format!("{:<31} ", format!("{symbol}:")));
    }
    push_instruction(&mut line, &instruction);
    line.push("\n");
    let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let cells = [
        Cell::Address(address),
        symbol.into(),
        instruction.to_string().into(),
        hex.join(" ").into(),
    ];
    output.row_as(&cells, &line)?;
    Ok(instruction.end())
}

fn push_instruction(line: &mut StyledText, instruction: &Instruction) {
    for token in &instruction.tokens {
        let role = match token.role {
            TokenRole::Mnemonic | TokenRole::Prefix => Some(Role::Mnemonic),
            TokenRole::Register => Some(Role::Register),
            TokenRole::Number => Some(Role::Number),
            TokenRole::Address => Some(Role::Address),
            TokenRole::Symbol => Some(Role::Symbol),
            _ => None,
        };
        line.push_target(role, &token.text);
    }
}
