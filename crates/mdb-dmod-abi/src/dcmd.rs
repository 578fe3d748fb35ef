//! Commands and what they declare: options, arguments, columns, examples.

use crate::{Array, Call, Cx, Host, Plain, Status, Str, TextCallback};
use core::ffi::c_void;

/// [`Dcmd::flags`]: an address may be given. Dot is used where none is.
pub const DCMD_ADDRESS_OPTIONAL: u32 = 0;
/// [`Dcmd::flags`]: an address must be given.
pub const DCMD_ADDRESS_REQUIRED: u32 = 1;
/// [`Dcmd::flags`]: an address must not be given.
pub const DCMD_ADDRESS_NONE: u32 = 2;
/// [`Dcmd::flags`]: in a pipe it is called once, at the end, with the whole input.
pub const DCMD_TAKES_ALL_INPUT: u32 = 4;
/// [`Dcmd::flags`]: not listed and not completed.
pub const DCMD_HIDDEN: u32 = 8;

/// Kinds of values of options and arguments.
pub mod value_kind {
    /// Given or not. Options only.
    pub const FLAG: u32 = 1;
    /// How often it was given. Options only.
    pub const COUNT: u32 = 2;
    /// An expression; plain digits are in the default radix.
    pub const NUMBER: u32 = 3;
    /// A number whose plain digits are decimal.
    pub const DECIMAL: u32 = 4;
    /// An expression that is an address. Completed with symbols.
    pub const ADDRESS: u32 = 5;
    /// A number of bytes: an expression, or decimal digits with `K`, `M`, `G` behind.
    pub const SIZE: u32 = 6;
    /// Any text.
    pub const TEXT: u32 = 7;
    /// The name of a type of the target; given as text.
    pub const TYPE: u32 = 8;
    /// One of [`crate::Opt::choices`]: the number is its index.
    pub const CHOICE: u32 = 9;
    /// The name of a file of the host; given as text, completed as a path.
    pub const FILE: u32 = 10;
}

/// [`Opt::flags`]: may be given more than once ([`crate::Value::rest`]).
pub const OPTION_REPEATABLE: u32 = 1;
/// [`Opt::flags`]: neither listed nor completed.
pub const OPTION_HIDDEN: u32 = 2;
/// [`Opt::flags`]: must be given. The host refuses the call without it, and shows it so in the usage.
pub const OPTION_REQUIRED: u32 = 4;

/// An option of a command. It has a letter or a long name or both.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// The letter (ASCII) of `-x`, or 0.
    pub short: u32,
    /// [`value_kind`].
    pub kind: u32,
    /// `OPTION_*`.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
    /// The name of `--name`, or empty.
    pub long: Str,
    /// What the value is called in the usage: `FUNCTION`.
    pub value_name: Str,
    /// One line.
    pub help: Str,
    /// The choices, separated by `|`.
    pub choices: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Opt {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Opt {}

impl Opt {
    /// An option with a letter and a value.
    pub const fn new(short: char, kind: u32, value_name: &'static str, help: &'static str) -> Self {
        Self {
            short: short as u32,
            kind,
            flags: 0,
            reserved: 0,
            long: Str::EMPTY,
            value_name: Str::new(value_name),
            help: Str::new(help),
            choices: Str::EMPTY,
        }
    }

    /// A flag.
    pub const fn flag(short: char, help: &'static str) -> Self {
        Self::new(short, value_kind::FLAG, "", help)
    }

    /// With a long name too.
    pub const fn long(mut self, name: &'static str) -> Self {
        self.long = Str::new(name);
        self
    }

    /// May be given more than once.
    pub const fn repeatable(mut self) -> Self {
        self.flags |= OPTION_REPEATABLE;
        self
    }

    /// Must be given.
    pub const fn required(mut self) -> Self {
        self.flags |= OPTION_REQUIRED;
        self
    }

    /// With choices, separated by `|`.
    pub const fn choices(mut self, choices: &'static str) -> Self {
        self.choices = Str::new(choices);
        self
    }
}

/// [`Argument::flags`]: may be left out. So may all that follow.
pub const ARGUMENT_OPTIONAL: u32 = 1;
/// [`Argument::flags`]: takes all remaining words ([`crate::Value::rest`]). The last one only.
pub const ARGUMENT_REST: u32 = 2;

/// A positional argument.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// [`value_kind`], no flag and no count.
    pub kind: u32,
    /// `ARGUMENT_*`.
    pub flags: u32,
    /// Its name in the usage.
    pub name: Str,
    /// One line.
    pub help: Str,
    /// The choices, separated by `|`.
    pub choices: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Argument {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Argument {}

impl Argument {
    /// An argument that must be given.
    pub const fn required(name: &'static str, kind: u32, help: &'static str) -> Self {
        Self { kind, flags: 0, name: Str::new(name), help: Str::new(help), choices: Str::EMPTY }
    }

    /// An argument that may be left out.
    pub const fn optional(name: &'static str, kind: u32, help: &'static str) -> Self {
        Self { flags: ARGUMENT_OPTIONAL, ..Self::required(name, kind, help) }
    }

    /// Any number of words.
    pub const fn rest(name: &'static str, kind: u32, help: &'static str) -> Self {
        Self { flags: ARGUMENT_OPTIONAL | ARGUMENT_REST, ..Self::required(name, kind, help) }
    }
}

/// [`Column::flags`]: this cell is the item that a row becomes in a pipe. One column at most.
pub const COLUMN_ITEM: u32 = 1;
/// [`Column::flags`]: not in the text table, only in `--json`.
pub const COLUMN_DETAIL: u32 = 2;

/// [`Column::align`]: as fits the kind; numbers to the right, text to the left.
pub const ALIGN_DEFAULT: u32 = 0;
/// [`Column::align`].
pub const ALIGN_LEFT: u32 = 1;
/// [`Column::align`].
pub const ALIGN_RIGHT: u32 = 2;

/// A column of a command's output.
///
/// A row is one cell for each column, in order. In text it is a line of a table (or the text that
/// the row brings), in `--json` an object, in a pipe the item of its [`COLUMN_ITEM`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// [`crate::cell_kind`] that its cells usually have.
    pub kind: u32,
    /// `COLUMN_*`.
    pub flags: u32,
    /// `ALIGN_*`.
    pub align: u32,
    /// The least width, in cells of the terminal.
    pub width: u32,
    /// The heading: `THREAD`.
    pub heading: Str,
    /// The key in JSON; empty: the heading in lower case, with `_` for blanks.
    pub key: Str,
    /// What it shows.
    pub help: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Column {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Column {}

impl Column {
    /// A column.
    pub const fn new(heading: &'static str, kind: u32) -> Self {
        Self {
            kind,
            flags: 0,
            align: ALIGN_DEFAULT,
            width: 0,
            heading: Str::new(heading),
            key: Str::EMPTY,
            help: Str::EMPTY,
        }
    }

    /// With a least width.
    pub const fn width(mut self, width: u32) -> Self {
        self.width = width;
        self
    }

    /// With an `ALIGN_*`.
    pub const fn align(mut self, align: u32) -> Self {
        self.align = align;
        self
    }

    /// With another key in JSON.
    pub const fn key(mut self, key: &'static str) -> Self {
        self.key = Str::new(key);
        self
    }

    /// With a line that says what it shows.
    pub const fn help(mut self, help: &'static str) -> Self {
        self.help = Str::new(help);
        self
    }

    /// Its cell is what a row becomes in a pipe.
    pub const fn item(mut self) -> Self {
        self.flags |= COLUMN_ITEM;
        self
    }

    /// Only in JSON.
    pub const fn detail(mut self) -> Self {
        self.flags |= COLUMN_DETAIL;
        self
    }
}

/// [`Example::flags`]: needs a target to be run.
pub const EXAMPLE_NEEDS_TARGET: u32 = 1;

/// An example of use; tests run it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// `EXAMPLE_*`.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
    /// What is typed.
    pub command: Str,
    /// What it does.
    pub help: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Example {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Example {}

impl Example {
    /// An example that needs a target.
    pub const fn new(command: &'static str, help: &'static str) -> Self {
        Self {
            flags: EXAMPLE_NEEDS_TARGET,
            reserved: 0,
            command: Str::new(command),
            help: Str::new(help),
        }
    }
}

/// Runs a command.
pub type DcmdRun =
    Option<unsafe extern "C" fn(host: *const Host, cx: *mut Cx, call: *const Call) -> Status>;

/// Offers completions for a word.
pub type DcmdComplete = Option<
    unsafe extern "C" fn(
        host: *const Host,
        cx: *mut Cx,
        partial: *const Partial,
        offer: TextCallback,
        arg: *mut c_void,
    ) -> Status,
>;

/// A word that is being typed.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Partial {
    /// Size of this struct.
    pub size: u32,
    /// The index of the option that it belongs to, or `u32::MAX`.
    pub option: u32,
    /// The index of the positional argument that it is, or `u32::MAX`.
    pub argument: u32,
    /// 0.
    pub reserved: u32,
    /// The word up to the cursor.
    pub word: Str,
}

// SAFETY: integers and pointers.
unsafe impl Plain for Partial {}

/// A command.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Dcmd {
    /// Its name, without `::`.
    pub name: Str,
    /// One line, lower case, without a full stop.
    pub summary: Str,
    /// Markdown.
    pub help: Str,
    /// The name of the type of the items it takes; empty: addresses of anything.
    pub input_type: Str,
    /// The name of the type of the items it emits; empty: addresses of anything.
    pub output_type: Str,
    /// `DCMD_*`.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
    /// Its options.
    pub options: Array<Opt>,
    /// Its positional arguments.
    pub arguments: Array<Argument>,
    /// The columns of its rows.
    pub columns: Array<Column>,
    /// Examples.
    pub examples: Array<Example>,
    /// The command itself.
    pub run: DcmdRun,
    /// May be null.
    pub complete: DcmdComplete,
}

// SAFETY: integers, pointers, optional functions.
unsafe impl Plain for Dcmd {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for Dcmd {}
