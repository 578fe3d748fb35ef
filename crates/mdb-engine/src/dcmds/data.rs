//! `::dump`, `::formats`.

use super::add;
use crate::command::{Call, Command};
use crate::failure::Failure;
use crate::output::{Output, OutputMode};
use crate::session::Session;
use mdb_dmod_host::{ColumnKind, ColumnSpec, DcmdSpec, OptionSpec, ValueKind};
use mdb_lang::format::FORMATS;
use mdb_print::{Cell, DumpRead, Hexdump, HexdumpOptions, StyledText};
use mdb_target::Fault;

pub(super) fn register(session: &Session) {
    let command = Command::built_in(
        session,
        DcmdSpec::new("dump", "dump memory as hexadecimal bytes and characters")
            .help(
                "Shows memory from ADDRESS (or dot) in lines of 16 bytes. The count before the \
                 command (`ADDRESS,20::dump`) or `-l` says how many bytes; without either, one \
                 line. The header marks the byte that was asked for. Bytes that cannot be read \
                 are shown as `??`. Dot moves behind what was shown.",
            )
            .option(OptionSpec::new(
                'l',
                ValueKind::Number,
                "LENGTH",
                "bytes to show (default radix)",
            ))
            .option(OptionSpec::new(
                'g',
                ValueKind::Number,
                "GROUP",
                "bytes in a group, a power of two (4)",
            ))
            .option(OptionSpec::new(
                'w',
                ValueKind::Number,
                "PARAGRAPHS",
                "paragraphs of 16 bytes in a line (1)",
            ))
            .flag('e', "groups as numbers in the target's byte order")
            .flag('q', "without characters")
            .flag('r', "offsets from ADDRESS instead of addresses")
            .flag('s', "a line like the one before becomes *")
            .flag('t', "nothing outside of what was asked for")
            .flag('u', "lines begin at ADDRESS and not at a multiple of 16")
            .flag('f', "read the object file and not the address space")
            .column(ColumnSpec::new("ADDRESS", ColumnKind::Address).item())
            .column(ColumnSpec::new("TEXT", ColumnKind::Text))
            .example("main::dump -l 20", "32 bytes of code"),
        dump,
    );
    session.registry_mut().add_command(command.count_is_a_length());
    add(
        session,
        DcmdSpec::new("formats", "list the format characters of / ? and =")
            .column(ColumnSpec::new("FORMAT", ColumnKind::Text))
            .column(ColumnSpec::new("DESCRIPTION", ColumnKind::Text))
            .example("::formats", "all of them"),
        |_, _, output| {
            for format in FORMATS {
                let cells = [format.ch.to_string().into(), format.description.into()];
                let text = StyledText::plain(&format!("{}\n", format.line()));
                output.row_as(&cells, &text)?;
            }
            Ok(())
        },
    );
}

fn dump(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let size = |name: &str, default: usize| {
        call.number(name).map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX))
    };
    let options = HexdumpOptions {
        ascii: !call.flag("q"),
        header: true,
        relative: call.flag("r"),
        squeeze: call.flag("s"),
        trim: call.flag("t"),
        align: !call.flag("u"),
        swap: call.flag("e"),
        group: size("g", 4),
        paragraphs: size("w", 1),
    };
    let start = call.dot();
    let line = 16 * options.paragraphs as u64;
    // The count before the command is a number of bytes here.
    let length = call
        .number("l")
        .or(call.invocation.count)
        .unwrap_or_else(|| if options.align { line - start % line.max(1) } else { line });
    let from_file = call.flag("f");
    let memory = session.target().memory();
    let read = |address: u64, buffer: &mut [u8]| {
        let result = if from_file {
            session.symbols().read_file(address, buffer).map(|()| buffer.len())
        } else {
            memory.read(address, buffer)
        };
        match result {
            Ok(count) => DumpRead::Bytes(count),
            Err(fault) if fault.is_interrupt() => DumpRead::Stop(fault),
            Err(fault) => {
                DumpRead::Unreadable { until: session.next_readable(fault.address), fault }
            }
        }
    };
    let mut dump =
        Hexdump::new(start, length, options, read).map_err(|e| call.usage(&e.to_string()))?;
    for mut line in dump.by_ref() {
        let text = line.as_str().to_owned();
        line.push("\n");
        match output.mode() {
            OutputMode::Text => output.styled(&line)?,
            _ => output.row(&[address_of(&text), text.into()])?,
        }
    }
    if dump.stopped().is_some() {
        return Err(Failure::Interrupted);
    }
    session.set_dot(dump.end());
    match dump.first_fault() {
        // What can be read is shown; that not all of it can is a failure all the same.
        Some((_, fault)) if dump.unreadable_bytes() > 0 => Err(Fault::clone(fault).into()),
        _ => Ok(()),
    }
}

/// The address at the start of a line of a dump; the header has none.
fn address_of(line: &str) -> Cell {
    let address = line.split_once(':').map(|(a, _)| u64::from_str_radix(a.trim(), 16));
    address.and_then(Result::ok).map_or(Cell::Null, Cell::Address)
}
