//! The tree of a command line.

use crate::Span;

/// One command: `[address][,count] body`, ended by `;`, a newline or the end of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// From the first byte of the address to the last byte of the body (without the terminator).
    pub span: Span,
    /// The address before the verb.
    pub address: Option<Expr>,
    /// The repeat count after the comma. It belongs to the first stage only.
    pub count: Option<Expr>,
    /// What to do.
    pub body: Body,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Only an address, a count or both, no verb; the shell tail of `1,2 ! cmd`.
    Bare(Option<ShellTail>),
    /// One or more stages.
    Pipeline(Pipeline),
    /// `! cmd` alone: run it.
    Shell(ShellText),
    /// `!< cmd` alone: run it and read its output as commands.
    ShellSource(ShellText),
}

/// `[! 'cmd' |] stage | stage ... [! cmd]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// The shell command at the front whose output lines are the first values.
    pub head: Option<ShellText>,
    /// The stages, at least one; the first and the last are never [`StageKind::Shell`].
    pub stages: Vec<Stage>,
    /// The shell command that gets the output of the last stage.
    pub tail: Option<ShellTail>,
}

/// The shell command at the end of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct ShellTail {
    /// The command.
    pub command: ShellText,
    /// `!<`: its output is read as commands.
    pub source: bool,
}

/// Text for the shell.
#[derive(Debug, Clone, PartialEq)]
pub struct ShellText {
    /// Where the text stands, quotes included.
    pub span: Span,
    /// The text for the shell, quotes removed, without blanks around it.
    pub text: String,
    /// Whether it was written in quotes.
    pub quoted: bool,
}

/// One stage of a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// From the verb to the end of its arguments.
    pub span: Span,
    /// What the stage does.
    pub kind: StageKind,
}

/// What a stage does.
#[derive(Debug, Clone, PartialEq)]
pub enum StageKind {
    /// `/X`, `=D`, `?i` ...: print values.
    Format(Format),
    /// `/W 5`, `/l value mask`: write to or search in memory.
    FormatValues(FormatValues),
    /// `>x`, `>/c/x`: assign dot to a variable.
    Assign(Assign),
    /// `::name args`.
    Dcmd(Dcmd),
    /// `$c`, `:c`, `$<file` ...
    Legacy(Legacy),
    /// `! 'cmd'` between two stages: a filter over values.
    Shell(ShellText),
}

/// The verb of a format stage: where the values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FormatVerb {
    /// `/`: the address space of the target at dot.
    Virtual,
    /// `?`: the place in the object file that corresponds to dot.
    Object,
    /// `\`: physical memory at dot.
    Physical,
    /// `@`: physical memory at dot.
    PhysicalAt,
    /// `=`: dot itself, no memory is read.
    Value,
}

impl FormatVerb {
    /// The verb of a character.
    pub fn from_char(ch: char) -> Option<Self> {
        match ch {
            '/' => Some(Self::Virtual),
            '?' => Some(Self::Object),
            '\\' => Some(Self::Physical),
            '@' => Some(Self::PhysicalAt),
            '=' => Some(Self::Value),
            _ => None,
        }
    }

    /// The character of the verb.
    pub fn as_char(self) -> char {
        match self {
            Self::Virtual => '/',
            Self::Object => '?',
            Self::Physical => '\\',
            Self::PhysicalAt => '@',
            Self::Value => '=',
        }
    }
}

/// A format verb with its list.
#[derive(Debug, Clone, PartialEq)]
pub struct Format {
    /// Where values come from.
    pub verb: FormatVerb,
    /// The list; empty only where the verb reads memory: then
    /// [`default_items`](crate::format::default_items) applies.
    pub items: Vec<FormatItem>,
}

/// One element of a format list.
#[derive(Debug, Clone, PartialEq)]
pub struct FormatItem {
    /// The element with its count.
    pub span: Span,
    /// The element.
    pub kind: FormatItemKind,
}

/// An element of a format list.
#[derive(Debug, Clone, PartialEq)]
pub enum FormatItemKind {
    /// A format character, known to [`format::lookup`](crate::format::lookup).
    Char {
        /// How often it applies.
        count: FormatCount,
        /// The character.
        ch: char,
    },
    /// Text to print, escapes already replaced.
    Literal(String),
}

/// The repeat count of a format character.
#[derive(Debug, Clone, PartialEq)]
pub enum FormatCount {
    /// A number; 1 where none was written. Counts are decimal always.
    Fixed(u64),
    /// `$[expr]`.
    Computed(Expr),
}

/// A format verb with a letter that writes or searches, and the words after it.
#[derive(Debug, Clone, PartialEq)]
pub struct FormatValues {
    /// Which memory; never [`FormatVerb::Value`].
    pub verb: FormatVerb,
    /// One of `v w W Z z` (write) and `l L M` (search).
    pub letter: char,
    /// The values to write (at least one), or the value and perhaps the mask to search for. A word
    /// is the text of an expression: see [`parse_expression`](crate::parse_expression).
    pub args: Vec<Arg>,
}

/// Assignment of dot to a variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Assign {
    /// How much of dot is stored.
    pub size: Option<AssignSize>,
    /// The name, valid by [`check_variable_name`](crate::check_variable_name).
    pub name: Word,
}

/// The modifier of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssignSize {
    /// `/c/`: one byte.
    Char,
    /// `/s/`: two bytes.
    Short,
    /// `/i/`: four bytes.
    Int,
    /// `/l/`: eight bytes.
    Long,
}

impl AssignSize {
    /// The low bytes of `value` that are stored.
    pub fn truncate(self, value: u64) -> u64 {
        match self {
            Self::Char => value & 0xff,
            Self::Short => value & 0xffff,
            Self::Int => value & 0xffff_ffff,
            Self::Long => value,
        }
    }
}

/// A named dcmd.
#[derive(Debug, Clone, PartialEq)]
pub struct Dcmd {
    /// The module before the last backquote.
    pub module: Option<String>,
    /// The name, without `::`.
    pub name: String,
    /// Where module and name stand, with `::`.
    pub name_span: Span,
    /// The arguments.
    pub args: Vec<Arg>,
}

/// A dcmd of one character.
#[derive(Debug, Clone, PartialEq)]
pub struct Legacy {
    /// The name with its first character: `$c`, `:c`, `$<`, `$<<`, `$>`. A bare `$` is `$?`.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The arguments.
    pub args: Vec<Arg>,
}

/// An argument of a dcmd.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// A word, quotes and escapes already replaced.
    Word(Word),
    /// `$[expr]`: an immediate. It is evaluated before the dcmd runs.
    Immediate {
        /// With `$[` and `]`.
        span: Span,
        /// The expression.
        expr: Expr,
    },
}

impl Arg {
    /// Where the argument stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Word(word) => word.span,
            Self::Immediate { span, .. } => *span,
        }
    }
}

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, quotes included.
    pub span: Span,
    /// Its text, quotes and escapes replaced.
    pub text: String,
    /// Whether any part of it was quoted. Where it was not, `text` is the text under `span`.
    pub quoted: bool,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Where it stands; parentheses around it are not part of it.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A number without a prefix that starts with a digit: its value depends on the default radix.
    Number {
        /// The digits as written, separators included.
        digits: String,
    },
    /// A literal whose value the text alone tells.
    Literal {
        /// The value; for a float its bit pattern.
        value: u64,
        /// How it was written.
        form: LiteralForm,
    },
    /// A token such as `fab`: a symbol if there is one of that name, else a number in the default
    /// radix.
    Word(String),
    /// A symbol.
    Symbol {
        /// The scope before the last backquote: an object, a source file, or both.
        object: Option<String>,
        /// The name.
        name: String,
    },
    /// `<name`.
    Variable(String),
    /// `.`
    Dot,
    /// `+` where an operand stands: dot plus the increment.
    Next,
    /// `^` where an operand stands: dot minus the increment.
    Previous,
    /// `&` where an operand stands: the last address a dcmd was run with.
    LastAddress,
    /// An operator before its operand.
    Unary(UnaryOp, Box<Expr>),
    /// An operator between its operands.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
}

/// How a literal was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LiteralForm {
    /// `0i1010`
    Binary,
    /// `0o17`
    Octal,
    /// `0t10`
    Decimal,
    /// `0xff`
    Hexadecimal,
    /// `0t1.5`
    Float,
    /// `'ab'`
    Char,
}

/// Operators before an operand. All bind tighter than every binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `#`: 1 for 0, else 0.
    Not,
    /// `~`
    Complement,
    /// `-`
    Negate,
    /// `*e`, `*/c/e`, `%e`, `%/c/e`
    Deref {
        /// How much is read.
        size: DerefSize,
        /// `%`: from the object file that holds the address.
        from_file: bool,
    },
}

/// How much a dereference reads. Values are unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DerefSize {
    /// As much as the target's pointer.
    Pointer,
    /// `/c/` or `/1/`
    One,
    /// `/s/` or `/2/`
    Two,
    /// `/i/` or `/4/`
    Four,
    /// `/l/` or `/8/`
    Eight,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `%%`: unsigned remainder.
    Modulus,
    /// `*`
    Multiply,
    /// `%`: signed division.
    Divide,
    /// `#`: rounds the left side up to a multiple of the right side.
    RoundUp,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `<<`
    ShiftLeft,
    /// `>>`, logical
    ShiftRight,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&`
    And,
    /// `^`
    Xor,
    /// `|`
    Or,
}

impl BinaryOp {
    /// How tight it binds: 8 for `%%` down to 1 for `|`. All associate to the left.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Modulus => 8,
            Self::Multiply | Self::Divide | Self::RoundUp => 7,
            Self::Add | Self::Subtract => 6,
            Self::ShiftLeft | Self::ShiftRight => 5,
            Self::Equal | Self::NotEqual => 4,
            Self::And => 3,
            Self::Xor => 2,
            Self::Or => 1,
        }
    }

    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Modulus => "%%",
            Self::Multiply => "*",
            Self::Divide => "%",
            Self::RoundUp => "#",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::And => "&",
            Self::Xor => "^",
            Self::Or => "|",
        }
    }
}
