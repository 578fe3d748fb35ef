//! What a command was given, by the place of its declaration, as types of Rust.

use crate::{Error, Result, Session};
use mdb_dmod_abi::{Array, Call, OPTION_REPEATABLE, Opt, VALUE_GIVEN, Value, value_kind};
use std::path::PathBuf;

/// The options and arguments of a command as a struct; made by `#[derive(Args)]`.
///
/// By hand it is:
///
/// ```
/// use mdb_dmod::prelude::*;
///
/// struct ListArgs {
///     offset: u64,
///     verbose: bool,
/// }
///
/// impl Args for ListArgs {
///     const OPTIONS: &'static [Opt] = &[
///         Opt::new('o', value_kind::NUMBER, "OFFSET", "where the link is (required)"),
///         Opt::flag('v', "print each node"),
///     ];
///     const ARGUMENTS: &'static [Argument] = &[];
///
///     fn from_session(s: &Session<'_>) -> Result<Self> {
///         Ok(Self { offset: s.required_option(0)?, verbose: s.option_given(1) })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` holds no options and arguments",
    label = "a dcmd takes a struct with `#[derive(Args)]`"
)]
pub trait Args: Sized {
    /// The options, in the order in which they are read.
    const OPTIONS: &'static [Opt];
    /// The positional arguments, in order.
    const ARGUMENTS: &'static [mdb_dmod_abi::Argument];

    /// What the call under way was given.
    ///
    /// # Errors
    /// [`Error::Usage`] where a required option is missing or a number does not fit.
    fn from_session(session: &Session<'_>) -> Result<Self>;
}

/// One word that an option or an argument was given, as the host understood it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Word<'s> {
    /// The number: the value of the expression, or the index of a choice.
    pub number: u64,
    /// The word as it was typed.
    pub text: &'s str,
}

/// A type that an option's value or an argument can have.
///
/// ```compile_fail,E0277
/// #[derive(mdb_dmod::Args)]
/// struct Peers {
///     /// of whom
///     #[arg(short = 'p')]
///     peer: std::net::Ipv4Addr,
/// }
/// ```
///
/// Of another type it may be made by hand, as of a choice:
///
/// ```
/// use mdb_dmod::prelude::*;
/// use mdb_dmod::{FromWord, Word};
///
/// enum Order {
///     Up,
///     Down,
/// }
///
/// impl FromWord for Order {
///     const KIND: u32 = value_kind::CHOICE;
///     const CHOICES: &'static str = "up|down";
///
///     fn from_word(word: Word<'_>) -> Result<Self, String> {
///         Ok(if word.number == 0 { Self::Up } else { Self::Down })
///     }
/// }
///
/// #[derive(Args)]
/// struct Sorted {
///     /// which way
///     #[arg(short)]
///     order: Option<Order>,
/// }
/// # assert_eq!(Sorted::OPTIONS[0].kind, value_kind::CHOICE);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type for an option or an argument",
    label = "cannot be made from a word",
    note = "there are: bool, integers, Address, Size, TypeName, PathBuf, String, and Option and Vec of these; for another type implement mdb_dmod::FromWord"
)]
pub trait FromWord: Sized {
    /// How the host is to read the word: one of [`value_kind`], no flag and no count.
    const KIND: u32;
    /// The choices, separated by `|`, where the kind is [`value_kind::CHOICE`].
    const CHOICES: &'static str = "";

    /// The value.
    ///
    /// # Errors
    /// A sentence that begins with the word, where the word does not fit.
    fn from_word(word: Word<'_>) -> Result<Self, String>;
}

/// Numbers: an expression in the default radix, or decimal with `#[arg(decimal)]`.
macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl FromWord for $type {
            const KIND: u32 = value_kind::NUMBER;

            fn from_word(word: Word<'_>) -> Result<Self, String> {
                <$type>::try_from(word.number)
                    .map_err(|_| format!("{} is too large: at most {}", word.text, <$type>::MAX))
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, usize);

/// Signed numbers: `-1` is an expression whose 64 bits are those of the number.
macro_rules! signed_numbers {
    ($($type:ty),*) => {$(
        impl FromWord for $type {
            const KIND: u32 = value_kind::NUMBER;

            fn from_word(word: Word<'_>) -> Result<Self, String> {
                <$type>::try_from(word.number.cast_signed()).map_err(|_| {
                    format!("{} is not between {} and {}", word.text, <$type>::MIN, <$type>::MAX)
                })
            }
        }
    )*};
}
signed_numbers!(i32, i64);

/// An address of the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub u64);

impl Address {
    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.0 == 0
    }
}

impl From<Address> for u64 {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl std::fmt::LowerHex for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::LowerHex::fmt(&self.0, f)
    }
}

impl FromWord for Address {
    const KIND: u32 = value_kind::ADDRESS;

    fn from_word(word: Word<'_>) -> Result<Self, String> {
        Ok(Self(word.number))
    }
}

/// A number of bytes; may be typed with `K`, `M`, `G` behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl FromWord for Size {
    const KIND: u32 = value_kind::SIZE;

    fn from_word(word: Word<'_>) -> Result<Self, String> {
        Ok(Self(word.number))
    }
}

/// The name of a type of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName(pub String);

impl FromWord for TypeName {
    const KIND: u32 = value_kind::TYPE;

    fn from_word(word: Word<'_>) -> Result<Self, String> {
        Ok(Self(word.text.to_owned()))
    }
}

impl FromWord for String {
    const KIND: u32 = value_kind::TEXT;

    fn from_word(word: Word<'_>) -> Result<Self, String> {
        Ok(word.text.to_owned())
    }
}

impl FromWord for PathBuf {
    const KIND: u32 = value_kind::FILE;

    fn from_word(word: Word<'_>) -> Result<Self, String> {
        Ok(word.text.into())
    }
}

/// An option as a sentence names it: `-o OFFSET`, `--offset OFFSET`.
fn option_name(option: &Opt) -> String {
    // SAFETY: a table of this dmod: static text.
    let (long, value) = unsafe { (option.long.text(), option.value_name.text()) };
    let name = match char::from_u32(option.short) {
        Some(letter) if letter != '\0' => format!("-{letter}"),
        _ if long.starts_with('+') => long.to_owned(),
        _ => format!("--{long}"),
    };
    if value.is_empty() { name } else { format!("{name} {value}") }
}

impl Session<'_> {
    fn words(&self, array: impl Fn(&Call) -> Array<Value>, index: usize) -> Vec<Word<'_>> {
        let Some(call) = self.call.as_ref() else { return Vec::new() };
        // SAFETY: the host lends the array until the call returns, and the session lives no longer.
        let value = unsafe { array(call).get(index) };
        let Some(value) = value.filter(|value| value.flags & VALUE_GIVEN != 0) else {
            return Vec::new();
        };
        // SAFETY: as above, for the texts too.
        unsafe {
            let rest = value.rest.iter();
            let all = std::iter::once(value).chain(rest);
            all.map(|value| Word { number: value.number, text: value.text.text() }).collect()
        }
    }

    /// What the option in this place of the declaration was given, in the order of the line.
    pub fn option_words(&self, index: usize) -> Vec<Word<'_>> {
        self.words(|call| call.options, index)
    }

    /// What the positional argument in this place was given.
    pub fn argument_words(&self, index: usize) -> Vec<Word<'_>> {
        self.words(|call| call.arguments, index)
    }

    /// Whether the option in this place was given.
    pub fn option_given(&self, index: usize) -> bool {
        !self.option_words(index).is_empty()
    }

    fn option_fails(&self, index: usize, why: &str) -> Error {
        let name = self.options.get(index).map(option_name).unwrap_or_default();
        Error::Usage(format!("option {name}: {why}"))
    }

    /// All values of the option in this place.
    pub fn option_values<T: FromWord>(&self, index: usize) -> Result<Vec<T>> {
        let words = self.option_words(index).into_iter();
        words.map(T::from_word).collect::<Result<_, _>>().map_err(|e| self.option_fails(index, &e))
    }

    /// The value of the option in this place; for a count, how often it was given.
    pub fn option_value<T: FromWord>(&self, index: usize) -> Result<Option<T>> {
        let words = self.option_words(index);
        let word = words.first().copied();
        word.map(T::from_word).transpose().map_err(|why| self.option_fails(index, &why))
    }

    /// The value of an option that must be given.
    pub fn required_option<T: FromWord>(&self, index: usize) -> Result<T> {
        self.option_value(index)?.ok_or_else(|| self.missing_option(index))
    }

    /// The values of an option that must be given at least once.
    pub fn required_options<T: FromWord>(&self, index: usize) -> Result<Vec<T>> {
        let values = self.option_values(index)?;
        if values.is_empty() { Err(self.missing_option(index)) } else { Ok(values) }
    }

    fn missing_option(&self, index: usize) -> Error {
        let option = self.options.get(index);
        let name = option.map(option_name).unwrap_or_default();
        let more = option.is_some_and(|option| option.flags & OPTION_REPEATABLE != 0);
        let more = if more { " at least once" } else { "" };
        Error::Usage(format!("option {name} must be given{more}"))
    }

    /// The value of the positional argument in this place.
    pub fn argument_value<T: FromWord>(&self, index: usize) -> Result<Option<T>> {
        let words = self.argument_words(index);
        words.first().copied().map(T::from_word).transpose().map_err(Error::Usage)
    }

    /// The value of a positional argument that must be given. The host has seen to that.
    pub fn required_argument<T: FromWord>(&self, index: usize) -> Result<T> {
        self.argument_value(index)?
            .ok_or_else(|| Error::Usage(format!("argument {} must be given", index + 1)))
    }

    /// All values of the positional argument that takes the rest.
    pub fn argument_values<T: FromWord>(&self, index: usize) -> Result<Vec<T>> {
        let words = self.argument_words(index).into_iter();
        words.map(T::from_word).collect::<Result<_, _>>().map_err(Error::Usage)
    }
}
