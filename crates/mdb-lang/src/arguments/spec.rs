//! What a command says of its options and arguments.

use std::borrow::Cow;

/// Text that is usually static.
pub type Text = Cow<'static, str>;

/// What an option or an argument takes. The numbers are those of the contract with dmods; a test of
/// the crate that holds both compares them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// Given or not. Options only.
    Flag = 1,
    /// How often it was given. Options only.
    Count = 2,
    /// An expression; plain digits are in the default radix.
    Number = 3,
    /// A number; plain digits are decimal.
    Decimal = 4,
    /// An expression that is an address.
    Address = 5,
    /// A number of bytes: an expression, or decimal digits with `K`, `M`, `G` behind.
    Size = 6,
    /// Any text.
    #[default]
    Text = 7,
    /// The name of a type of the target.
    Type = 8,
    /// One of some words.
    Choice = 9,
    /// The name of a file.
    File = 10,
}

impl ValueKind {
    const ALL: [Self; 10] = [
        Self::Flag,
        Self::Count,
        Self::Number,
        Self::Decimal,
        Self::Address,
        Self::Size,
        Self::Text,
        Self::Type,
        Self::Choice,
        Self::File,
    ];

    /// From the number that it has in the contract with dmods.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The number that it has in the contract with dmods.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// Whether an option of this kind is followed by a value.
    pub fn takes_value(self) -> bool {
        !matches!(self, Self::Flag | Self::Count)
    }

    /// Whether the value is an expression or a number, and not text.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Decimal | Self::Address | Self::Size)
    }
}

/// An option.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionSpec {
    /// The letter of `-x`.
    pub short: Option<char>,
    /// The name of `--name`, or empty.
    pub long: Text,
    /// What it takes.
    pub kind: ValueKind,
    /// What the value is called in the usage.
    pub value_name: Text,
    /// One line.
    pub help: Text,
    /// For [`ValueKind::Choice`].
    pub choices: Vec<Text>,
    /// May be given more than once.
    pub repeatable: bool,
    /// Neither listed nor completed.
    pub hidden: bool,
}

impl OptionSpec {
    /// An option with a letter.
    pub fn new(short: char, kind: ValueKind, value_name: &'static str, help: &'static str) -> Self {
        Self {
            short: Some(short),
            kind,
            value_name: value_name.into(),
            help: help.into(),
            ..Self::default()
        }
    }

    /// With a long name too.
    pub fn long(mut self, name: &'static str) -> Self {
        self.long = name.into();
        self
    }

    /// May be given more than once.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Whether `name` is its letter or its long name.
    pub fn is_called(&self, name: &str) -> bool {
        let mut chars = name.chars();
        match (chars.next(), chars.next()) {
            (Some(letter), None) if self.short == Some(letter) => true,
            (None, _) => false,
            _ => self.long == name,
        }
    }
}

/// A positional argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgumentSpec {
    /// Its name in the usage.
    pub name: Text,
    /// What it takes.
    pub kind: ValueKind,
    /// One line.
    pub help: Text,
    /// For [`ValueKind::Choice`].
    pub choices: Vec<Text>,
    /// May be left out.
    pub optional: bool,
    /// Takes all that remains (none at all only if it is optional too).
    pub rest: bool,
}

impl ArgumentSpec {
    /// An argument that must be given.
    pub fn required(name: &'static str, kind: ValueKind, help: &'static str) -> Self {
        Self { name: name.into(), kind, help: help.into(), ..Self::default() }
    }

    /// An argument that may be left out.
    pub fn optional(name: &'static str, kind: ValueKind, help: &'static str) -> Self {
        Self { optional: true, ..Self::required(name, kind, help) }
    }

    /// Any number of words.
    pub fn rest(name: &'static str, kind: ValueKind, help: &'static str) -> Self {
        Self { rest: true, ..Self::optional(name, kind, help) }
    }
}

/// One value of an option or argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgumentValue {
    /// The number: 1 for a flag, how often for a count, the index for a choice, else the value.
    pub number: u64,
    /// The word as it was written.
    pub text: String,
}
