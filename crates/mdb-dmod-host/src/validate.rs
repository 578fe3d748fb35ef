//! Checks the tables of a dmod and turns them into owned descriptions. All of it is read once.

use crate::error::LoadError;
use crate::loaded_object::LoadedObjects;
use crate::note::{check_version, is_module_name};
use crate::provider::ProviderTable;
use crate::spec::{
    AddressUse, ArgumentSpec, ColumnAlign, ColumnKind, ColumnSpec, DcmdSpec, ExampleSpec,
    OptionSpec, Text, ValueKind, WalkerSpec, json_key,
};
use crate::tables::MOST_CELLS;
use mdb_dmod_abi::{
    ALIGN_LEFT, ALIGN_RIGHT, ARGUMENT_OPTIONAL, ARGUMENT_REST, Argument, Array, BlocksProvider,
    COLUMN_DETAIL, COLUMN_ITEM, Column, DCMD_ADDRESS_NONE, DCMD_ADDRESS_REQUIRED, DCMD_HIDDEN,
    DCMD_TAKES_ALL_INPUT, Dcmd, EXAMPLE_NEEDS_TARGET, Example, FrameProvider, MOD_PANIC_ABORTS,
    ModInfo, OPTION_HIDDEN, OPTION_REPEATABLE, Opt, Plain, PrinterProvider, Provider,
    RootsProvider, Str, SymbolProvider, TypesProvider, WALKER_START_NONE, WALKER_START_REQUIRED,
    Walker, WhatisProvider, provider_kind, read_sized,
};
use std::collections::HashSet;
use std::ffi::c_void;
use std::mem::{align_of, offset_of};

/// What a provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSpec {
    /// [`mdb_dmod_abi::provider_kind`]; may be one that this host does not know.
    pub kind: u32,
    /// Its name.
    pub name: Text,
    /// One line.
    pub about: Text,
    /// The higher, the earlier it is asked.
    pub priority: i32,
}

/// A checked module.
pub(crate) struct Checked {
    pub(crate) info: ModInfo,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) built_with: String,
    pub(crate) about: String,
    pub(crate) dcmds: Vec<(DcmdSpec, Dcmd)>,
    pub(crate) walkers: Vec<(WalkerSpec, Walker)>,
    pub(crate) providers: Vec<(ProviderSpec, ProviderTable)>,
}

const MOST_DCMDS: u32 = 4096;
const MOST_WALKERS: u32 = 4096;
const MOST_PROVIDERS: u32 = 256;
const MOST_OPTIONS: u32 = 128;
const MOST_EXAMPLES: u32 = 256;
/// No element of any table is larger, however new the sender.
const LARGEST_ELEMENT: u32 = 4096;
const LONGEST_LINE: usize = 4096;
const LONGEST_HELP: usize = 1 << 20;

/// One table under examination: where it is, for the sentence.
struct Reader<'a> {
    objects: LoadedObjects,
    module: &'a str,
}

type Checks<T> = Result<T, LoadError>;

impl Reader<'_> {
    fn refuse<T>(&self, table: &str, reason: impl Into<String>) -> Checks<T> {
        Err(LoadError::Table {
            module: self.module.to_owned(),
            table: table.to_owned(),
            reason: reason.into(),
        })
    }

    fn text(&self, place: &str, text: Str, longest: usize) -> Checks<String> {
        if text.len == 0 {
            return Ok(String::new());
        }
        if text.len > longest {
            return self.refuse(place, format!("{} bytes long, at most {longest}", text.len));
        }
        if !self.objects.holds(text.data, text.len) {
            return self.refuse(place, "its pointer and length lie outside the dmod's data");
        }
        // SAFETY: a loaded object holds these bytes.
        let Ok(text) = std::str::from_utf8(unsafe { text.bytes() }) else {
            return self.refuse(place, "not UTF-8");
        };
        Ok(text.to_owned())
    }

    /// One line of text.
    fn line(&self, place: &str, text: Str) -> Checks<Text> {
        let text = self.text(place, text, LONGEST_LINE)?;
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            return self.refuse(place, format!("control character {control:?} in {text:?}"));
        }
        Ok(text.into())
    }

    /// Several lines of text.
    fn help(&self, place: &str, text: Str) -> Checks<Text> {
        let text = self.text(place, text, LONGEST_HELP)?;
        let bad = |c: &char| c.is_control() && *c != '\n' && *c != '\t';
        if let Some(control) = text.chars().find(bad) {
            return self.refuse(place, format!("control character {control:?}"));
        }
        Ok(text.into())
    }

    /// A name that users type.
    fn name(&self, place: &str, text: Str) -> Checks<Text> {
        let name = self.line(place, text)?;
        let legal = |c: char| !c.is_whitespace() && !" \"'`|;!#$&()<>\\".contains(c);
        if name.is_empty() {
            return self.refuse(place, "a name is missing");
        }
        if !name.chars().all(legal) {
            return self.refuse(place, format!("{name:?} has a character no name may have"));
        }
        Ok(name)
    }

    fn choices(&self, place: &str, kind: ValueKind, text: Str) -> Checks<Vec<Text>> {
        let text = self.line(place, text)?;
        let choices: Vec<Text> =
            text.split('|').filter(|c| !c.is_empty()).map(|c| c.to_owned().into()).collect();
        if kind == ValueKind::Choice && choices.is_empty() {
            return self.refuse(place, "a choice without choices");
        }
        Ok(choices)
    }

    fn kind(&self, place: &str, kind: u32) -> Checks<ValueKind> {
        match ValueKind::from_number(kind) {
            Some(kind) => Ok(kind),
            None => self.refuse(place, format!("kind {kind} of value is unknown to this mdb")),
        }
    }

    fn code(&self, place: &str, function: *const c_void) -> Checks<()> {
        if self.objects.is_code(function) {
            return Ok(());
        }
        self.refuse(place, "the function lies outside the dmod's code")
    }

    /// The elements of a table whose element is at least `least` bytes long.
    fn table<T: Plain>(
        &self,
        place: &str,
        array: &Array<T>,
        least: usize,
        most: u32,
    ) -> Checks<Vec<T>> {
        if array.count == 0 {
            return Ok(Vec::new());
        }
        if array.items.is_null() {
            return self.refuse(place, format!("{} elements at NULL", array.count));
        }
        if array.count > most {
            return self.refuse(place, format!("{} elements, at most {most}", array.count));
        }
        let stride = array.stride as usize;
        if stride < least
            || array.stride > LARGEST_ELEMENT
            || !stride.is_multiple_of(align_of::<T>())
        {
            return self.refuse(
                place,
                format!(
                    "elements of {stride} bytes, expected {} (at least {least})",
                    size_of::<T>()
                ),
            );
        }
        if !array.items.is_aligned() {
            return self.refuse(place, "not aligned");
        }
        let length = stride.saturating_mul(array.count as usize);
        if !self.objects.holds(array.items, length) {
            return self.refuse(
                place,
                format!(
                    "{} elements of {stride} bytes reach outside the dmod's data: a size is false",
                    array.count
                ),
            );
        }
        // SAFETY: a loaded object holds all the elements.
        Ok(unsafe { array.iter().collect() })
    }

    fn unique<'t>(
        &self,
        place: &str,
        what: &str,
        names: impl Iterator<Item = &'t str>,
    ) -> Checks<()> {
        let mut seen = HashSet::new();
        for name in names.filter(|name| !name.is_empty()) {
            if !seen.insert(name) {
                return self.refuse(place, format!("{what} {name} is there twice"));
            }
        }
        Ok(())
    }

    fn options(&self, place: &str, array: &Array<Opt>) -> Checks<Vec<OptionSpec>> {
        let options = self.table(place, array, offset_of!(Opt, choices), MOST_OPTIONS)?;
        let one = |(index, option): (usize, &Opt)| {
            let place = format!("{place}[{index}]");
            let kind = self.kind(&place, option.kind)?;
            let short = match option.short {
                0 => None,
                letter => match char::from_u32(letter) {
                    Some(letter) if letter.is_ascii_graphic() && letter != '-' => Some(letter),
                    _ => return self.refuse(&place, format!("letter 0x{letter:x} is none")),
                },
            };
            let long = match option.long.len {
                0 => Text::default(),
                _ => self.name(&place, option.long)?,
            };
            if short.is_none() && long.is_empty() {
                return self.refuse(&place, "an option without letter and name");
            }
            Ok(OptionSpec {
                short,
                long,
                kind,
                value_name: self.line(&place, option.value_name)?,
                help: self.line(&place, option.help)?,
                choices: self.choices(&place, kind, option.choices)?,
                repeatable: option.flags & OPTION_REPEATABLE != 0,
                hidden: option.flags & OPTION_HIDDEN != 0,
            })
        };
        let specs: Vec<OptionSpec> = options.iter().enumerate().map(one).collect::<Checks<_>>()?;
        let letters: Vec<String> = specs.iter().filter_map(|o| o.short).map(String::from).collect();
        self.unique(place, "option", letters.iter().map(String::as_str))?;
        self.unique(place, "option", specs.iter().map(|o| o.long.as_ref()))?;
        Ok(specs)
    }

    fn arguments(&self, place: &str, array: &Array<Argument>) -> Checks<Vec<ArgumentSpec>> {
        let arguments = self.table(place, array, offset_of!(Argument, choices), MOST_OPTIONS)?;
        let last = arguments.len().saturating_sub(1);
        let mut optional = false;
        let mut specs = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let place = format!("{place}[{index}]");
            let kind = self.kind(&place, argument.kind)?;
            if !kind.takes_value() {
                return self.refuse(&place, "a positional argument cannot be a flag");
            }
            let spec = ArgumentSpec {
                name: self.name(&place, argument.name)?,
                kind,
                help: self.line(&place, argument.help)?,
                choices: self.choices(&place, kind, argument.choices)?,
                optional: argument.flags & ARGUMENT_OPTIONAL != 0,
                rest: argument.flags & ARGUMENT_REST != 0,
            };
            if spec.rest && index != last {
                return self.refuse(&place, "only the last argument can take the rest");
            }
            if optional && !spec.optional {
                return self.refuse(&place, "required, but it follows an optional one");
            }
            optional = spec.optional;
            specs.push(spec);
        }
        Ok(specs)
    }

    fn columns(&self, place: &str, array: &Array<Column>) -> Checks<Vec<ColumnSpec>> {
        let columns = self.table(place, array, offset_of!(Column, help), MOST_CELLS)?;
        let one = |(index, column): (usize, &Column)| {
            let place = format!("{place}[{index}]");
            let Some(kind) = ColumnKind::from_abi(column.kind) else {
                return self.refuse(&place, format!("kind {} of cell is unknown", column.kind));
            };
            let heading = self.line(&place, column.heading)?;
            let key = self.line(&place, column.key)?;
            let key = if key.is_empty() { json_key(&heading).into() } else { key };
            if key.is_empty() {
                return self.refuse(&place, "a column without heading and key");
            }
            Ok(ColumnSpec {
                heading,
                key,
                kind,
                width: u16::try_from(column.width).unwrap_or(u16::MAX),
                align: match column.align {
                    ALIGN_LEFT => ColumnAlign::Left,
                    ALIGN_RIGHT => ColumnAlign::Right,
                    _ => ColumnAlign::Default,
                },
                item: column.flags & COLUMN_ITEM != 0,
                detail: column.flags & COLUMN_DETAIL != 0,
                help: self.line(&place, column.help)?,
            })
        };
        let specs: Vec<ColumnSpec> = columns.iter().enumerate().map(one).collect::<Checks<_>>()?;
        self.unique(place, "column", specs.iter().map(|c| c.key.as_ref()))?;
        if specs.iter().filter(|c| c.item).count() > 1 {
            return self.refuse(place, "two columns say that they are the item of a pipe");
        }
        Ok(specs)
    }

    fn examples(&self, place: &str, array: &Array<Example>) -> Checks<Vec<ExampleSpec>> {
        let examples = self.table(place, array, size_of::<Example>(), MOST_EXAMPLES)?;
        let one = |(index, example): (usize, &Example)| {
            let place = format!("{place}[{index}]");
            Ok(ExampleSpec {
                command: self.line(&place, example.command)?,
                help: self.line(&place, example.help)?,
                needs_target: example.flags & EXAMPLE_NEEDS_TARGET != 0,
            })
        };
        examples.iter().enumerate().map(one).collect()
    }

    fn dcmd(&self, place: &str, dcmd: &Dcmd) -> Checks<DcmdSpec> {
        let name = self.name(&format!("{place}.name"), dcmd.name)?;
        let place = format!("{place} (::{name})");
        let at = |what: &str| format!("{place}.{what}");
        let summary = self.line(&at("summary"), dcmd.summary)?;
        if summary.is_empty() {
            return self.refuse(&at("summary"), "a dcmd needs one line that says what it does");
        }
        match dcmd.run {
            Some(run) => self.code(&at("run"), run as *const c_void)?,
            None => return self.refuse(&at("run"), "NULL"),
        }
        if let Some(complete) = dcmd.complete {
            self.code(&at("complete"), complete as *const c_void)?;
        }
        Ok(DcmdSpec {
            name,
            summary,
            help: self.help(&at("help"), dcmd.help)?,
            address: address_use(dcmd.flags, DCMD_ADDRESS_REQUIRED, DCMD_ADDRESS_NONE),
            takes_all_input: dcmd.flags & DCMD_TAKES_ALL_INPUT != 0,
            hidden: dcmd.flags & DCMD_HIDDEN != 0,
            input_type: self.line(&at("input_type"), dcmd.input_type)?,
            output_type: self.line(&at("output_type"), dcmd.output_type)?,
            options: self.options(&at("options"), &dcmd.options)?,
            arguments: self.arguments(&at("arguments"), &dcmd.arguments)?,
            columns: self.columns(&at("columns"), &dcmd.columns)?,
            examples: self.examples(&at("examples"), &dcmd.examples)?,
        })
    }

    fn walker(&self, place: &str, walker: &Walker) -> Checks<WalkerSpec> {
        let name = self.name(&format!("{place}.name"), walker.name)?;
        let place = format!("{place} ({name})");
        let at = |what: &str| format!("{place}.{what}");
        if walker.step.is_none() && walker.each.is_none() {
            return self.refuse(&at("step"), "a walker needs step or each, and both are NULL");
        }
        let functions = [
            ("init", walker.init.map(|f| f as *const c_void)),
            ("step", walker.step.map(|f| f as *const c_void)),
            ("fini", walker.fini.map(|f| f as *const c_void)),
            ("each", walker.each.map(|f| f as *const c_void)),
        ];
        for (what, function) in functions {
            if let Some(function) = function {
                self.code(&at(what), function)?;
            }
        }
        Ok(WalkerSpec {
            name,
            summary: self.line(&at("summary"), walker.summary)?,
            help: self.help(&at("help"), walker.help)?,
            start: address_use(walker.flags, WALKER_START_REQUIRED, WALKER_START_NONE),
            input_type: self.line(&at("input_type"), walker.input_type)?,
            output_type: self.line(&at("output_type"), walker.output_type)?,
            layered_on: self.line(&at("layered_on"), walker.layered_on)?,
        })
    }

    fn provider(&self, place: &str, provider: &Provider) -> Checks<(ProviderSpec, ProviderTable)> {
        let name = self.name(&format!("{place}.name"), provider.name)?;
        let place = format!("{place} ({name})");
        let table = self.provider_table(&format!("{place}.table"), provider)?;
        let spec = ProviderSpec {
            kind: provider.kind,
            name,
            about: self.line(&format!("{place}.about"), provider.about)?,
            priority: provider.priority,
        };
        Ok((spec, table))
    }

    fn provider_table(&self, place: &str, provider: &Provider) -> Checks<ProviderTable> {
        let table = provider.table;
        if table.is_null() {
            return self.refuse(place, "NULL");
        }
        if !table.cast::<u64>().is_aligned() || !self.objects.holds(table, size_of::<u32>()) {
            return self.refuse(place, "outside the dmod's data");
        }
        // SAFETY: a loaded object holds the size.
        let size = unsafe { table.cast::<u32>().read() };
        // The size, and at least one function: all kinds begin so.
        let least = size_of::<u64>() as u32;
        if size < least || size > LARGEST_ELEMENT || !self.objects.holds(table, size as usize) {
            return self.refuse(place, format!("its size is {size}: that is false"));
        }
        macro_rules! copy {
            ($kind:ident, $type:ty: $($function:ident),*) => {{
                // SAFETY: a loaded object holds as many bytes as the table states.
                let Some(copied) = (unsafe { read_sized(table.cast::<$type>()) }) else {
                    return self.refuse(place, "NULL");
                };
                $(if let Some(function) = copied.$function {
                    self.code(&format!("{place}.{}", stringify!($function)), function as *const c_void)?;
                })*
                Ok(ProviderTable::$kind(copied))
            }};
        }
        match provider.kind {
            provider_kind::FRAME => copy!(Frame, FrameProvider: caller, describe),
            provider_kind::SYMBOL => copy!(Symbol, SymbolProvider: at, by_name),
            provider_kind::WHATIS => copy!(Whatis, WhatisProvider: explain),
            provider_kind::BLOCKS => copy!(Blocks, BlocksProvider: each),
            provider_kind::TYPES => copy!(Types, TypesProvider: by_name, members, of_object),
            provider_kind::PRINTER => copy!(Printer, PrinterProvider: print),
            provider_kind::ROOTS => copy!(Roots, RootsProvider: each),
            _ => Ok(ProviderTable::Unknown),
        }
    }
}

fn address_use(flags: u32, required: u32, none: u32) -> AddressUse {
    if flags & required != 0 {
        AddressUse::Required
    } else if flags & none != 0 {
        AddressUse::None
    } else {
        AddressUse::Optional
    }
}

/// Checks all tables of a module. `module` is how sentences name it; `expected` the name in its
/// note, if it has one.
pub(crate) fn check(
    module: &str,
    expected: Option<&str>,
    info: *const ModInfo,
) -> Result<Checked, LoadError> {
    let reader = Reader { objects: LoadedObjects::now(), module };
    let least = offset_of!(ModInfo, attach);
    if info.is_null() {
        return reader.refuse("modinfo", "the entry function answered NULL");
    }
    if !info.is_aligned() || !reader.objects.holds(info, least) {
        return reader.refuse("modinfo", "it lies outside the dmod's data");
    }
    // SAFETY: a loaded object holds at least the fields up to `attach`, the size among them.
    let size = unsafe { info.cast::<u32>().read() } as usize;
    if size < least || size > LARGEST_ELEMENT as usize || !reader.objects.holds(info, size) {
        return reader.refuse(
            "modinfo",
            format!("its size is {size}, expected {} (at least {least})", size_of::<ModInfo>()),
        );
    }
    // SAFETY: a loaded object holds `size` bytes.
    let Some(info) = (unsafe { read_sized(info) }) else {
        return reader.refuse("modinfo", "NULL");
    };
    let name = reader.line("modinfo.name", info.name)?.into_owned();
    if !is_module_name(&name) {
        return reader.refuse("modinfo.name", format!("{name:?} is not a name of a module"));
    }
    if let Some(expected) = expected.filter(|expected| *expected != name) {
        return reader.refuse("modinfo.name", format!("{name}, but its note says {expected}"));
    }
    check_version(module, &name, info.abi_major, info.abi_minor, info.min_minor)?;
    if info.flags & MOD_PANIC_ABORTS != 0 {
        return Err(LoadError::PanicAborts { module: module.to_owned(), name });
    }
    for (what, hook) in [("attach", info.attach), ("detach", info.detach)] {
        if let Some(hook) = hook {
            reader.code(&format!("modinfo.{what}"), hook as *const c_void)?;
        }
    }
    let mut dcmds = Vec::new();
    let table = reader.table("dcmds", &info.dcmds, offset_of!(Dcmd, complete), MOST_DCMDS)?;
    for (index, dcmd) in table.into_iter().enumerate() {
        dcmds.push((reader.dcmd(&format!("dcmds[{index}]"), &dcmd)?, dcmd));
    }
    reader.unique("dcmds", "dcmd", dcmds.iter().map(|(spec, _)| spec.name.as_ref()))?;
    let mut walkers = Vec::new();
    let table = reader.table("walkers", &info.walkers, size_of::<Walker>(), MOST_WALKERS)?;
    for (index, walker) in table.into_iter().enumerate() {
        walkers.push((reader.walker(&format!("walkers[{index}]"), &walker)?, walker));
    }
    reader.unique("walkers", "walker", walkers.iter().map(|(spec, _)| spec.name.as_ref()))?;
    let mut providers = Vec::new();
    let table =
        reader.table("providers", &info.providers, size_of::<Provider>(), MOST_PROVIDERS)?;
    for (index, provider) in table.iter().enumerate() {
        providers.push(reader.provider(&format!("providers[{index}]"), provider)?);
    }
    // One name may provide several kinds: an allocator its blocks and what addresses are.
    let named = |(spec, _): &(ProviderSpec, _)| format!("{} of kind {}", spec.name, spec.kind);
    let names: Vec<String> = providers.iter().map(named).collect();
    reader.unique("providers", "provider", names.iter().map(String::as_str))?;
    Ok(Checked {
        name,
        version: reader.line("modinfo.version", info.version)?.into_owned(),
        built_with: reader.line("modinfo.built_with", info.built_with)?.into_owned(),
        about: reader.line("modinfo.about", info.about)?.into_owned(),
        info,
        dcmds,
        walkers,
        providers,
    })
}
