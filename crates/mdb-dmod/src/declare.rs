//! What a dmod declares: commands and walkers as types with a constant description.

use crate::{Result, Session};
use mdb_dmod_abi::{
    Argument, Array, Column, DCMD_ADDRESS_NONE, DCMD_ADDRESS_REQUIRED, DCMD_HIDDEN,
    DCMD_TAKES_ALL_INPUT, Example, Item, Opt, Str, WALKER_START_NONE, WALKER_START_REQUIRED,
};

/// A command.
///
/// ```
/// use mdb_dmod::prelude::*;
///
/// /// `::twice`: prints an address twice.
/// struct Twice;
///
/// impl Dcmd for Twice {
///     const DECLARATION: Declaration = Declaration::new("twice", "print an address twice")
///         .needs_address()
///         .options(&[Opt::flag('d', "in decimal")]);
///
///     fn run(s: &Session<'_>) -> Result<()> {
///         let address = s.dot();
///         if s.flag('d') { writeln!(s, "{address} {address}") }
///         else { writeln!(s, "{address:x} {address:x}") }
///     }
/// }
///
/// dmod! { name: twice, about: "an example", triggers: ["always"], dcmds: [Twice] }
/// # assert_eq!(builtin().dcmds.count, 1);
/// ```
pub trait Dcmd {
    /// What `::help`, completion and the table of its output come from.
    const DECLARATION: Declaration;

    /// Runs it, for one item.
    fn run(session: &Session<'_>) -> Result<()>;
}

/// A walker.
pub trait Walker {
    /// What `::help` and completion come from.
    const DECLARATION: WalkerDeclaration;

    /// Calls `each` for every item; stops where it fails.
    fn walk(
        session: &Session<'_>,
        start: Option<Item>,
        each: &mut dyn FnMut(Item) -> Result<()>,
    ) -> Result<()>;
}

/// The description of a command.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    pub(crate) dcmd: mdb_dmod_abi::Dcmd,
    pub(crate) options: &'static [Opt],
}

impl Declaration {
    /// A command without options. The summary is one line, lower case, without a full stop.
    pub const fn new(name: &'static str, summary: &'static str) -> Self {
        let dcmd = mdb_dmod_abi::Dcmd {
            name: Str::new(name),
            summary: Str::new(summary),
            help: Str::EMPTY,
            input_type: Str::EMPTY,
            output_type: Str::EMPTY,
            flags: 0,
            reserved: 0,
            options: Array::EMPTY,
            arguments: Array::EMPTY,
            columns: Array::EMPTY,
            examples: Array::EMPTY,
            run: None,
            complete: None,
        };
        Self { dcmd, options: &[] }
    }

    /// With help in Markdown.
    pub const fn help(mut self, help: &'static str) -> Self {
        self.dcmd.help = Str::new(help);
        self
    }

    /// An address must be given.
    pub const fn needs_address(mut self) -> Self {
        self.dcmd.flags |= DCMD_ADDRESS_REQUIRED;
        self
    }

    /// An address must not be given.
    pub const fn no_address(mut self) -> Self {
        self.dcmd.flags |= DCMD_ADDRESS_NONE;
        self
    }

    /// In a pipe it is called once, with the whole input.
    pub const fn takes_all_input(mut self) -> Self {
        self.dcmd.flags |= DCMD_TAKES_ALL_INPUT;
        self
    }

    /// Neither listed nor completed.
    pub const fn hidden(mut self) -> Self {
        self.dcmd.flags |= DCMD_HIDDEN;
        self
    }

    /// With the name of the type of its input.
    pub const fn input(mut self, type_name: &'static str) -> Self {
        self.dcmd.input_type = Str::new(type_name);
        self
    }

    /// With the name of the type of its output.
    pub const fn output(mut self, type_name: &'static str) -> Self {
        self.dcmd.output_type = Str::new(type_name);
        self
    }

    /// With options.
    pub const fn options(mut self, options: &'static [Opt]) -> Self {
        self.dcmd.options = Array::of(options);
        self.options = options;
        self
    }

    /// With positional arguments.
    pub const fn arguments(mut self, arguments: &'static [Argument]) -> Self {
        self.dcmd.arguments = Array::of(arguments);
        self
    }

    /// With columns.
    pub const fn columns(mut self, columns: &'static [Column]) -> Self {
        self.dcmd.columns = Array::of(columns);
        self
    }

    /// With examples.
    pub const fn examples(mut self, examples: &'static [Example]) -> Self {
        self.dcmd.examples = Array::of(examples);
        self
    }
}

/// The description of a walker.
#[derive(Clone, Copy, Debug)]
pub struct WalkerDeclaration {
    pub(crate) walker: mdb_dmod_abi::Walker,
}

impl WalkerDeclaration {
    /// A walker.
    pub const fn new(name: &'static str, summary: &'static str) -> Self {
        Self {
            walker: mdb_dmod_abi::Walker {
                name: Str::new(name),
                summary: Str::new(summary),
                help: Str::EMPTY,
                input_type: Str::EMPTY,
                output_type: Str::EMPTY,
                layered_on: Str::EMPTY,
                flags: 0,
                reserved: 0,
                init: None,
                step: None,
                fini: None,
                each: None,
            },
        }
    }

    /// With help in Markdown.
    pub const fn help(mut self, help: &'static str) -> Self {
        self.walker.help = Str::new(help);
        self
    }

    /// It must start at an address.
    pub const fn needs_start(mut self) -> Self {
        self.walker.flags |= WALKER_START_REQUIRED;
        self
    }

    /// It must not start at an address.
    pub const fn no_start(mut self) -> Self {
        self.walker.flags |= WALKER_START_NONE;
        self
    }

    /// With the name of the type of its items.
    pub const fn output(mut self, type_name: &'static str) -> Self {
        self.walker.output_type = Str::new(type_name);
        self
    }
    /// With the name of the type that it starts at.
    pub const fn input(mut self, type_name: &'static str) -> Self {
        self.walker.input_type = Str::new(type_name);
        self
    }

    /// With the walker whose items it starts at when it is given no start.
    pub const fn layered_on(mut self, walker: &'static str) -> Self {
        self.walker.layered_on = Str::new(walker);
        self
    }
}
