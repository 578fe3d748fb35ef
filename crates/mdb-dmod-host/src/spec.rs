//! What commands and walkers declare, as plain data. The engine's own commands declare the same,
//! so that options, help, completion, columns and examples are one mechanism.

use mdb_dmod_abi::{Item, cell_kind};
use std::borrow::Cow;

pub use mdb_lang::arguments::{ArgumentSpec, ArgumentValue, OptionSpec, Text, ValueKind};

/// Whether a command or a walker takes an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressUse {
    /// It may be given; dot stands in.
    #[default]
    Optional,
    /// It must be given.
    Required,
    /// It must not be given.
    None,
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DcmdSpec {
    /// Its name without `::`.
    pub name: Text,
    /// One line.
    pub summary: Text,
    /// Markdown.
    pub help: Text,
    /// Whether it takes an address.
    pub address: AddressUse,
    /// In a pipe it is called once, at the end, with the whole input.
    pub takes_all_input: bool,
    /// Neither listed nor completed.
    pub hidden: bool,
    /// The name of the type of its input; empty: addresses of anything.
    pub input_type: Text,
    /// The name of the type of its output; empty: addresses of anything.
    pub output_type: Text,
    /// Options.
    pub options: Vec<OptionSpec>,
    /// Positional arguments.
    pub arguments: Vec<ArgumentSpec>,
    /// Columns.
    pub columns: Vec<ColumnSpec>,
    /// Examples.
    pub examples: Vec<ExampleSpec>,
}

impl DcmdSpec {
    /// A command without options, arguments and columns.
    pub fn new(name: &'static str, summary: &'static str) -> Self {
        Self { name: name.into(), summary: summary.into(), ..Self::default() }
    }

    /// The name as it is typed: with colons before it, unless it is a verb such as `$c`.
    pub fn verb(&self) -> Text {
        if self.name.starts_with(['$', ':']) {
            self.name.clone()
        } else {
            format!("::{}", self.name).into()
        }
    }

    /// With help.
    pub fn help(mut self, markdown: &'static str) -> Self {
        self.help = markdown.into();
        self
    }

    /// An address must be given.
    pub fn needs_address(mut self) -> Self {
        self.address = AddressUse::Required;
        self
    }

    /// An address must not be given.
    pub fn no_address(mut self) -> Self {
        self.address = AddressUse::None;
        self
    }

    /// In a pipe it is called once, with the whole input.
    pub fn all_input(mut self) -> Self {
        self.takes_all_input = true;
        self
    }

    /// With these types of items.
    pub fn types(mut self, input: &'static str, output: &'static str) -> Self {
        self.input_type = input.into();
        self.output_type = output.into();
        self
    }

    /// With an option.
    pub fn option(mut self, option: OptionSpec) -> Self {
        self.options.push(option);
        self
    }

    /// With a flag `-x`.
    pub fn flag(self, short: char, help: &'static str) -> Self {
        self.option(OptionSpec::new(short, ValueKind::Flag, "", help))
    }

    /// With a positional argument.
    pub fn argument(mut self, argument: ArgumentSpec) -> Self {
        self.arguments.push(argument);
        self
    }

    /// With a column.
    pub fn column(mut self, column: ColumnSpec) -> Self {
        self.columns.push(column);
        self
    }

    /// With an example.
    pub fn example(mut self, command: &'static str, help: &'static str) -> Self {
        self.examples.push(ExampleSpec {
            command: command.into(),
            help: help.into(),
            needs_target: true,
        });
        self
    }

    /// The index of the option with this letter or long name.
    pub fn option_index(&self, name: &str) -> Option<usize> {
        self.options.iter().position(|o| o.is_called(name))
    }

    /// The index of the column whose cell a row becomes in a pipe.
    pub fn item_column(&self) -> Option<usize> {
        self.columns.iter().position(|c| c.item)
    }
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// An address.
    Address,
    /// A number in hexadecimal.
    Hex,
    /// A number in decimal.
    Unsigned,
    /// A number in decimal that may be negative.
    Signed,
    /// Text.
    #[default]
    Text,
    /// An address that is shown as a symbol.
    Symbol,
    /// Yes or no.
    Boolean,
    /// A number of bytes.
    Size,
    /// Text of several lines.
    Lines,
}

impl ColumnKind {
    /// From the ABI's number.
    pub fn from_abi(kind: u32) -> Option<Self> {
        Some(match kind {
            cell_kind::ADDRESS => Self::Address,
            cell_kind::HEX => Self::Hex,
            cell_kind::UNSIGNED => Self::Unsigned,
            cell_kind::SIGNED => Self::Signed,
            cell_kind::TEXT => Self::Text,
            cell_kind::SYMBOL => Self::Symbol,
            cell_kind::BOOLEAN => Self::Boolean,
            cell_kind::SIZE => Self::Size,
            cell_kind::LINES => Self::Lines,
            _ => return None,
        })
    }
}

/// Alignment in the text table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnAlign {
    /// Numbers to the right, text to the left.
    #[default]
    Default,
    /// To the left.
    Left,
    /// To the right.
    Right,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnSpec {
    /// The heading.
    pub heading: Text,
    /// The key in JSON. Never empty in a spec that came from a dmod.
    pub key: Text,
    /// What its cells are.
    pub kind: ColumnKind,
    /// The least width.
    pub width: u16,
    /// Alignment.
    pub align: ColumnAlign,
    /// Its cell is what a row becomes in a pipe.
    pub item: bool,
    /// Only in JSON.
    pub detail: bool,
    /// What it shows.
    pub help: Text,
}

impl ColumnSpec {
    /// A column. The key in JSON is the heading in lower case.
    pub fn new(heading: &'static str, kind: ColumnKind) -> Self {
        Self { heading: heading.into(), key: json_key(heading).into(), kind, ..Self::default() }
    }

    /// With a least width.
    pub fn width(mut self, width: u16) -> Self {
        self.width = width;
        self
    }

    /// With an alignment.
    pub fn align(mut self, align: ColumnAlign) -> Self {
        self.align = align;
        self
    }

    /// With another key in JSON.
    pub fn key(mut self, key: &'static str) -> Self {
        self.key = key.into();
        self
    }

    /// The cell that a row becomes in a pipe.
    pub fn item(mut self) -> Self {
        self.item = true;
        self
    }

    /// Only in JSON.
    pub fn detail(mut self) -> Self {
        self.detail = true;
        self
    }
}

/// The key in JSON for a heading.
pub fn json_key(heading: &str) -> String {
    heading
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect()
}

/// An example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExampleSpec {
    /// What is typed.
    pub command: Text,
    /// What it does.
    pub help: Text,
    /// Whether it needs a target.
    pub needs_target: bool,
}

/// A cell of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// Nothing.
    #[default]
    None,
    /// An address.
    Address(u64),
    /// A number in hexadecimal.
    Hex(u64),
    /// A number in decimal.
    Unsigned(u64),
    /// A number in decimal.
    Signed(i64),
    /// Text.
    Text(Cow<'a, str>),
    /// An address that is shown as a symbol.
    Symbol(u64),
    /// Yes or no.
    Boolean(bool),
    /// A number of bytes.
    Size(u64),
    /// Text of several lines.
    Lines(Cow<'a, str>),
}

impl Cell<'_> {
    /// The value that it is in a pipe.
    pub fn item_value(&self) -> Option<u64> {
        match self {
            Self::Address(n)
            | Self::Hex(n)
            | Self::Unsigned(n)
            | Self::Symbol(n)
            | Self::Size(n) => Some(*n),
            Self::Signed(n) => Some(*n as u64),
            Self::Boolean(b) => Some(u64::from(*b)),
            Self::None | Self::Text(_) | Self::Lines(_) => None,
        }
    }
}

/// A walker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WalkerSpec {
    /// Its name.
    pub name: Text,
    /// One line.
    pub summary: Text,
    /// Markdown.
    pub help: Text,
    /// Whether it starts at an address.
    pub start: AddressUse,
    /// The name of the type that it starts at; empty: an address of anything.
    pub input_type: Text,
    /// The name of the type of its items; empty: addresses of anything.
    pub output_type: Text,
    /// The walker whose items it starts at when it is given no start, or empty.
    pub layered_on: Text,
}

/// What a command is called with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedArgs {
    /// The address with its type, or dot.
    pub item: Item,
    /// The address was given (by the user or a pipe).
    pub address_given: bool,
    /// One call of several.
    pub in_loop: bool,
    /// The first of them.
    pub loop_first: bool,
    /// The item came through a pipe.
    pub pipe_in: bool,
    /// The output goes to another command.
    pub pipe_out: bool,
    /// The whole input of a command that takes all of it.
    pub input: Vec<Item>,
    /// For each declared option what it was given; empty: it was not.
    pub options: Vec<Vec<ArgumentValue>>,
    /// For each declared argument what it was given; empty: it was not.
    pub arguments: Vec<Vec<ArgumentValue>>,
}

impl ParsedArgs {
    /// All that was given for an option, by letter or long name.
    pub fn values<'a>(&'a self, spec: &DcmdSpec, name: &str) -> &'a [ArgumentValue] {
        let values = spec.option_index(name).and_then(|index| self.options.get(index));
        values.map_or(&[], Vec::as_slice)
    }

    /// Whether an option was given.
    pub fn flag(&self, spec: &DcmdSpec, name: &str) -> bool {
        !self.values(spec, name).is_empty()
    }

    /// The number that an option was given.
    pub fn number(&self, spec: &DcmdSpec, name: &str) -> Option<u64> {
        self.values(spec, name).first().map(|v| v.number)
    }

    /// The text that an option was given.
    pub fn text<'a>(&'a self, spec: &DcmdSpec, name: &str) -> Option<&'a str> {
        self.values(spec, name).first().map(|v| v.text.as_str())
    }

    /// A positional argument.
    pub fn argument(&self, index: usize) -> Option<&ArgumentValue> {
        self.arguments.get(index)?.first()
    }
}

#[cfg(test)]
mod tests {
    use super::ValueKind;
    use mdb_dmod_abi::value_kind;

    #[test]
    fn kinds_of_values_have_the_numbers_of_the_contract() {
        let pairs = [
            (ValueKind::Flag, value_kind::FLAG),
            (ValueKind::Count, value_kind::COUNT),
            (ValueKind::Number, value_kind::NUMBER),
            (ValueKind::Decimal, value_kind::DECIMAL),
            (ValueKind::Address, value_kind::ADDRESS),
            (ValueKind::Size, value_kind::SIZE),
            (ValueKind::Text, value_kind::TEXT),
            (ValueKind::Type, value_kind::TYPE),
            (ValueKind::Choice, value_kind::CHOICE),
            (ValueKind::File, value_kind::FILE),
        ];
        for (kind, number) in pairs {
            assert_eq!((kind.number(), ValueKind::from_number(number)), (number, Some(kind)));
        }
        assert_eq!(ValueKind::from_number(0), None);
        assert_eq!(ValueKind::from_number(11), None);
    }
}
