//! `::nm ::nmadd ::nmdel ::dem`.

use super::add;
use crate::command::Call;
use crate::failure::Failure;
use crate::output::{Output, OutputMode};
use crate::private_symbols::{PrivateSymbol, PrivateSymbolKind};
use crate::session::Session;
use crate::symbols::object_name;
use mdb_debuginfo::{Module, Symbol, SymbolKind, SymbolOrigin};
use mdb_dmod_host::{ArgumentSpec, ColumnKind, ColumnSpec, DcmdSpec, OptionSpec, ValueKind};
use mdb_print::{Cell, StyledText};

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("nm", "list symbols")
            .help(
                "Without OBJECT those of the executable. FIELDS for `-f` are of: ndx val sz type \
                 bind oth shndx name obj. KINDS for `-t` are of: noty objt func sect file comm \
                 tls ifnc, separated by commas.",
            )
            .flag('D', "the dynamic symbol table only")
            .flag('P', "the private symbols of ::nmadd only")
            .flag('d', "values in decimal")
            .flag('g', "global symbols only")
            .flag('h', "without header")
            .flag('n', "sorted by name")
            .flag('o', "values in octal")
            .flag('p', "as ::nmadd commands")
            .flag('u', "undefined symbols only")
            .flag('v', "sorted by value")
            .flag('x', "values in hexadecimal")
            .option(OptionSpec::new(
                'f',
                ValueKind::Text,
                "FIELDS",
                "which columns, separated by commas",
            ))
            .option(OptionSpec::new('t', ValueKind::Text, "KINDS", "which kinds of symbol"))
            .argument(ArgumentSpec::optional(
                "OBJECT",
                ValueKind::Text,
                "a load object, see ::objects",
            ))
            .column(ColumnSpec::new("VALUE", ColumnKind::Address).item())
            .column(ColumnSpec::new("SIZE", ColumnKind::Hex))
            .column(ColumnSpec::new("TYPE", ColumnKind::Text))
            .column(ColumnSpec::new("BIND", ColumnKind::Text))
            .column(ColumnSpec::new("OTHER", ColumnKind::Hex))
            .column(ColumnSpec::new("SHNDX", ColumnKind::Text))
            .column(ColumnSpec::new("NAME", ColumnKind::Text))
            .column(ColumnSpec::new("OBJECT", ColumnKind::Text))
            .example("::nm -t func ! head -3", "the first functions of the executable"),
        nm,
    );
    add(
        session,
        DcmdSpec::new("nmadd", "define a private symbol at ADDRESS")
            .needs_address()
            .flag('f', "it is a function")
            .flag('o', "it is an object")
            .option(OptionSpec::new('e', ValueKind::Address, "END", "the address after it"))
            .option(OptionSpec::new('s', ValueKind::Number, "SIZE", "its size in bytes"))
            .argument(ArgumentSpec::required("NAME", ValueKind::Text, "a name"))
            .example("0x1000::nmadd zork", "zork is 0x1000"),
        |session, call, _| {
            let name = call.argument(0).map_or("", |a| a.text.as_str());
            if name.is_empty() || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
                return Err(Failure::Failed(format!(
                    "'{}' cannot be the name of a symbol",
                    mdb_print::escape_text(name)
                )));
            }
            let value = call.dot();
            let end = call.number("e").map(|end| end.checked_sub(value));
            let size = match end {
                Some(None) => return Err(call.usage("the end is before the start")),
                Some(Some(size)) => size,
                None => call.number("s").unwrap_or(0),
            };
            let kind = match (call.flag("f"), call.flag("o")) {
                (true, _) => PrivateSymbolKind::Function,
                (_, true) => PrivateSymbolKind::Object,
                _ => PrivateSymbolKind::Untyped,
            };
            session.private_symbols_mut().define(name, PrivateSymbol { value, size, kind });
            Ok(())
        },
    );
    add(
        session,
        DcmdSpec::new("nmdel", "remove a private symbol")
            .no_address()
            .argument(ArgumentSpec::required("NAME", ValueKind::Text, "from ::nmadd"))
            .example("0x1000::nmadd zork; ::nmdel zork", "zork is unknown again"),
        |session, call, _| {
            let name = call.argument(0).map_or("", |a| a.text.as_str());
            if session.private_symbols_mut().remove(name) {
                return Ok(());
            }
            Err(Failure::Failed(format!(
                "symbol '{}' is not in the private symbol table",
                mdb_print::escape_text(name)
            )))
        },
    );
    add(
        session,
        DcmdSpec::new("dem", "demangle names of C++ and Rust")
            .no_address()
            .argument(ArgumentSpec {
                optional: false,
                ..ArgumentSpec::rest("NAME", ValueKind::Text, "a mangled name")
            })
            .column(ColumnSpec::new("MANGLED", ColumnKind::Text))
            .column(ColumnSpec::new("NAME", ColumnKind::Text))
            .example("::dem _ZN3foo3barEv", "foo::bar()"),
        |session, call, output| {
            for name in call.rest(0) {
                let plain = session.modules().demangle(name.text.as_bytes()).into_owned();
                let text = StyledText::plain(&format!("{} == {plain}\n", name.text));
                output.row_as(&[name.text.clone().into(), plain.into()], &text)?;
            }
            Ok(())
        },
    );
}

const FIELDS: [&str; 9] = ["ndx", "val", "sz", "type", "bind", "oth", "shndx", "name", "obj"];
const DEFAULT_FIELDS: [&str; 7] = ["val", "sz", "type", "bind", "oth", "shndx", "name"];

fn nm(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let chosen = |text: &str, all: &[&'static str]| -> Result<Vec<&'static str>, Failure> {
        text.split(',')
            .map(|word| {
                let word = word.trim();
                all.iter()
                    .find(|n| **n == word)
                    .copied()
                    .ok_or_else(|| call.usage(&format!("'{word}' is none of: {}", all.join(" "))))
            })
            .collect()
    };
    let fields = match call.text("f") {
        Some(text) => chosen(text, &FIELDS)?,
        None => DEFAULT_FIELDS.to_vec(),
    };
    const KINDS: [&str; 8] = ["noty", "objt", "func", "sect", "file", "comm", "tls", "ifnc"];
    let kinds = call.text("t").map(|t| chosen(t, &KINDS)).transpose()?;
    let lister = Lister { session, call, output, fields };
    if output.mode() == OutputMode::Text && !call.flag("h") && !call.flag("p") {
        lister.header()?;
    }
    if call.flag("P") {
        return lister.private();
    }
    let module = match call.argument(0) {
        Some(object) => session.modules().by_object_name(&object.text).ok_or_else(|| {
            Failure::Failed(format!(
                "unknown object file name '{}'; ::objects lists them",
                mdb_print::escape_text(&object.text)
            ))
        })?,
        None => session
            .modules()
            .executable()
            .ok_or_else(|| Failure::failed("the target has no executable"))?,
    };
    if module.symbols().is_empty() && !module.file().is_usable() {
        return Err(Failure::Failed(format!("no symbols: {}", module.file())));
    }
    let origin = call.flag("D").then_some(SymbolOrigin::Dynsym);
    let wanted = |s: &Symbol| {
        (!call.flag("g") || s.binding != mdb_debuginfo::SymbolBinding::Local)
            && (!call.flag("u") || s.is_undefined())
            && kinds.as_ref().is_none_or(|kinds| {
                kinds.iter().any(|k| k.eq_ignore_ascii_case(&s.kind.to_string()))
            })
    };
    let symbols = module.symbols().iter(origin).filter(wanted);
    if call.flag("n") || call.flag("v") {
        let mut symbols: Vec<Symbol> = symbols.collect();
        if call.flag("n") {
            symbols.sort_by_key(|s| s.name);
        } else {
            symbols.sort_by_key(|s| s.value);
        }
        return symbols.into_iter().try_for_each(|s| lister.symbol(module, &s));
    }
    let mut symbols = symbols;
    symbols.try_for_each(|s| lister.symbol(module, &s))
}

struct Lister<'a> {
    session: &'a Session,
    call: &'a Call<'a>,
    output: &'a Output<'a>,
    fields: Vec<&'static str>,
}

/// One symbol as text, by field.
struct Line {
    index: String,
    value: u64,
    size: u64,
    kind: String,
    bind: String,
    other: u64,
    section: String,
    name: String,
    object: String,
}

impl Lister<'_> {
    fn header(&self) -> Result<(), Failure> {
        let mut line = String::new();
        for (i, field) in self.fields.iter().enumerate() {
            let (title, width) = match *field {
                "ndx" => ("Index", 8),
                "val" => ("Value", 18),
                "sz" => ("Size", 18),
                "type" => ("Type", 5),
                "bind" => ("Bind", 5),
                "oth" => ("Other", 5),
                "shndx" => ("Shndx", 8),
                "obj" => ("Object", 15),
                _ => ("Name", 0),
            };
            if i > 0 {
                line.push('|');
            }
            line.push_str(&format!("{title:<width$}"));
        }
        self.output.line(line.trim_end())
    }

    fn symbol(&self, module: &Module, symbol: &Symbol) -> Result<(), Failure> {
        if self.session.interrupt().is_raised() {
            return Err(Failure::Interrupted);
        }
        // `::nm` shows names as they are in the file, so that they can be used as they are.
        self.line(&Line {
            index: symbol.index.to_string(),
            value: symbol.value,
            size: symbol.size,
            kind: symbol.kind.to_string(),
            bind: symbol.binding.to_string(),
            other: u64::from(symbol.other),
            section: match symbol.section {
                0 => "UNDEF".into(),
                0xfff1 => "ABS".into(),
                0xfff2 => "COMMON".into(),
                other => other.to_string(),
            },
            name: mdb_print::escape_bytes(symbol.name),
            object: object_name(module).unwrap_or_else(|| module.name().to_owned()),
        })
    }

    fn private(&self) -> Result<(), Failure> {
        let all: Vec<(String, PrivateSymbol)> = {
            let private = self.session.private_symbols();
            private.iter().map(|(n, s)| (n.to_owned(), s.clone())).collect()
        };
        for (index, (name, symbol)) in all.into_iter().enumerate() {
            let kind = match symbol.kind {
                PrivateSymbolKind::Untyped => SymbolKind::NoType,
                PrivateSymbolKind::Function => SymbolKind::Function,
                PrivateSymbolKind::Object => SymbolKind::Object,
            };
            self.line(&Line {
                index: index.to_string(),
                value: symbol.value,
                size: symbol.size,
                kind: kind.to_string(),
                bind: "GLOB".into(),
                other: 0,
                section: "ABS".into(),
                name,
                object: "private".into(),
            })?;
        }
        Ok(())
    }

    fn number(&self, value: u64) -> String {
        if self.call.flag("d") {
            format!("{value:>18}")
        } else if self.call.flag("o") {
            format!("{value:>18o}")
        } else {
            format!("0x{value:016x}")
        }
    }

    fn line(&self, line: &Line) -> Result<(), Failure> {
        let mut text = String::new();
        if self.call.flag("p") {
            let is_name = !matches!(line.kind.as_str(), "FILE" | "SECT") && !line.name.is_empty();
            if line.section == "UNDEF" || !is_name {
                return Ok(());
            }
            let letter = match line.kind.as_str() {
                "FUNC" => " -f",
                "OBJT" => " -o",
                _ => "",
            };
            text = format!("{:#x}::nmadd{letter} -s {:#x} {}", line.value, line.size, line.name);
        } else {
            for (i, field) in self.fields.iter().enumerate() {
                if i > 0 {
                    text.push('|');
                }
                text.push_str(&match *field {
                    "ndx" => format!("{:<8}", line.index),
                    "val" => self.number(line.value),
                    "sz" => self.number(line.size),
                    "type" => format!("{:<5}", line.kind),
                    "bind" => format!("{:<5}", line.bind),
                    "oth" => format!("{:<5}", format!("{:#x}", line.other)),
                    "shndx" => format!("{:<8}", line.section),
                    "obj" => format!("{:<15}", line.object),
                    _ => line.name.clone(),
                });
            }
        }
        text.push('\n');
        self.output.row_as(
            &[
                Cell::Address(line.value),
                Cell::Hex(line.size),
                line.kind.clone().into(),
                line.bind.clone().into(),
                Cell::Hex(line.other),
                line.section.clone().into(),
                line.name.clone().into(),
                line.object.clone().into(),
            ],
            &StyledText::plain(&text),
        )
    }
}
