//! Commands that evaluate text: `::eval ::map ::grep ::echo ::cat`.

use super::add;
use crate::command::Call;
use crate::evaluator::Source;
use crate::failure::Failure;
use crate::item::Item;
use crate::output::{Output, OutputMode};
use crate::session::Session;
use crate::sinks::CaptureSink;
use mdb_dmod_host::{ArgumentSpec, DcmdSpec, ValueKind};
use mdb_print::{Role, StyledText, format_radix};

/// Text that `::map` and `::grep` evaluate for its value may print, but not for ever.
const LONGEST_SIDE_OUTPUT: usize = 1 << 20;

/// A line of a file that is longer is no line of expressions.
const LARGEST_FILE: u64 = 1 << 30;

pub(super) fn register(session: &Session) {
    let expression = || {
        ArgumentSpec::required("EXPRESSION", ValueKind::Text, "evaluated with dot set to the item")
    };
    add(
        session,
        DcmdSpec::new("eval", "evaluate a command")
            .argument(ArgumentSpec::required(
                "COMMAND",
                ValueKind::Text,
                "text in the language of mdb",
            ))
            .help("A mistake in COMMAND ends the pipe; memory that cannot be read for an item does not.")
            .example("5::eval '.=D'", "prints 5"),
        |session, call, output| {
            let text = call.argument(0).map_or("", |a| a.text.as_str());
            session.evaluate_unreported(text, Source::Text, output.sink()).map_err(|e| match e {
                Failure::Failed(text) => Failure::Abort(text),
                other => other,
            })
        },
    );
    add(
        session,
        DcmdSpec::new("map", "replace each item by the value of an expression")
            .argument(expression())
            .example("5::map '.+1'", "6"),
        |session, call, output| {
            let value = evaluate_for_dot(session, call)?;
            if output.mode() == OutputMode::Text {
                return value_line(session, output, value);
            }
            output.emit(Item::address(value))
        },
    );
    add(
        session,
        DcmdSpec::new("grep", "pass on the items for which an expression is not zero")
            .argument(expression())
            .help("Quote an expression that holds `!`, which begins a shell command otherwise.")
            .example("5::grep '.==5'", "5"),
        |session, call, output| {
            if evaluate_for_dot(session, call)? == 0 {
                return Ok(());
            }
            if output.mode() == OutputMode::Text {
                return value_line(session, output, call.dot());
            }
            output.emit(call.invocation.item)
        },
    );
    add(
        session,
        DcmdSpec::new("echo", "print the arguments")
            .argument(ArgumentSpec::rest("WORD", ValueKind::Text, "numbers as $[EXPRESSION]"))
            .help("In a pipe the text is read as expressions, separated by `;` or newlines.")
            .example("::echo $[0t16]", "10"),
        |_, call, output| {
            // MDB ends the line in a blank; pipes that count columns rely on nothing of it.
            let words: Vec<&str> = call.rest(0).iter().map(|w| w.text.as_str()).collect();
            output.line(&words.join(" "))
        },
    );
    add(
        session,
        DcmdSpec::new("cat", "print files; in a pipe their lines are expressions")
            .argument(ArgumentSpec {
                optional: false,
                ..ArgumentSpec::rest("FILE", ValueKind::File, "a text file")
            })
            .no_address()
            .example("::cat addresses.txt | ::whatis", "what each address in a file is"),
        cat,
    );
}

fn evaluate_for_dot(session: &Session, call: &Call<'_>) -> Result<u64, Failure> {
    let text = call.argument(0).map_or("", |a| a.text.as_str());
    let side = CaptureSink::new(LONGEST_SIDE_OUTPUT);
    session.evaluate_unreported(text, Source::Text, &side)?;
    Ok(session.dot())
}

/// MDB prints these values without a prefix.
fn value_line(session: &Session, output: &Output<'_>, value: u64) -> Result<(), Failure> {
    let mut line = StyledText::new();
    line.push_role(Role::Address, &format_radix(value, session.radix()));
    line.push("\n");
    output.styled(&line)
}

fn cat(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    use std::io::BufRead as _;
    for file in call.rest(0) {
        let fail = |e: std::io::Error| {
            Failure::Failed(format!("cannot read {}: {e}", mdb_print::escape_text(&file.text)))
        };
        let metadata = std::fs::metadata(&file.text).map_err(fail)?;
        if !metadata.is_file() || metadata.len() > LARGEST_FILE {
            return Err(Failure::Failed(format!(
                "{} is no regular file of at most 1 GiB",
                mdb_print::escape_text(&file.text)
            )));
        }
        let mut reader = std::io::BufReader::new(std::fs::File::open(&file.text).map_err(fail)?);
        let mut line = Vec::new();
        loop {
            if session.interrupt().is_raised() {
                return Err(Failure::Interrupted);
            }
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(fail)? == 0 {
                break;
            }
            output.text(&String::from_utf8_lossy(&line))?;
        }
    }
    Ok(())
}
