//! The attributes and derives that `mdb-dmod` gives to authors of dmods.
//!
//! **They only collect.** Each expands to what could be written by hand with the public traits of
//! `mdb-dmod`: a declaration and a call. The pages of the traits show the written form.

mod arg;
mod args;
mod dcmd;
mod docs;
mod function;
mod load;
mod walker;

use proc_macro::TokenStream;
use syn::{DeriveInput, ItemFn, parse_macro_input};

/// Makes a function a command: a type of the function's name beside it implements `Dcmd`, so that
/// `dmod!` takes it by that name.
///
/// The first line of the doc comment is the summary, the rest the help. A section `# Examples` is a
/// list of ``- `COMMAND`: what it does``.
///
/// | attribute | |
/// | --- | --- |
/// | `name = "x"` | another name than the function's |
/// | `address = required`, `= none` | whether an address must or must not be given; otherwise dot stands in |
/// | `input = "thread"`, `output = "thread"` | types of the items it takes and emits |
/// | `all_input` | in a pipe it is called once, with the whole input |
/// | `hidden` | neither listed nor completed |
/// | `columns(Column::new(...), ...)`, `columns = COLUMNS` | the columns of its rows |
/// | `example("::x", "what it does")` | an example; may be repeated |
#[proc_macro_attribute]
pub fn dcmd(attributes: TokenStream, item: TokenStream) -> TokenStream {
    let mut options = dcmd::Options::default();
    let parser = syn::meta::parser(|meta| options.parse(&meta));
    parse_macro_input!(attributes with parser);
    let function = parse_macro_input!(item as ItemFn);
    answer(dcmd::expand(&options, &function))
}

/// Makes a function a walker: a type of the function's name beside it implements `Walker`.
///
/// The function takes the session, then where it starts (`Option<Item>`; `Item` or `u64`: it must
/// be given; nothing: it must not), and either `each: &mut dyn FnMut(Item) -> Result<()>`, or
/// answers with an iterator over `Item`, `u64`, `Address`, or a `Result` of one.
///
/// Attributes: `name = "x"`, `start = required` or `= none`, `input = "type"`, `output = "type"`,
/// `layered_on = "walker"`.
#[proc_macro_attribute]
pub fn walker(attributes: TokenStream, item: TokenStream) -> TokenStream {
    let mut options = walker::Options::default();
    let parser = syn::meta::parser(|meta| options.parse(&meta));
    parse_macro_input!(attributes with parser);
    let function = parse_macro_input!(item as ItemFn);
    answer(walker::expand(&options, &function))
}

/// Makes a struct the options and arguments of a command.
///
/// The doc comment of a field is its help. Its type says what it is: `bool` a flag, an integer a
/// number, `Address`, `Size`, `TypeName`, `PathBuf`, `String`; `Option` may be left out, `Vec` may
/// be repeated. What has neither `short` nor `long` is a positional argument.
///
/// `#[arg(...)]`: `short = 'o'` (or `short`: the first letter of the field), `long = "offset"` (or
/// `long`: the field's name), `value_name = "OFFSET"`, `decimal` (plain digits are decimal),
/// `count` (how often it was given), `choices = "a|b"` (text, or a number: which), `default = 8`,
/// `required` (a `Vec` that may not be empty), `hidden`.
#[proc_macro_derive(Args, attributes(arg))]
pub fn args(item: TokenStream) -> TokenStream {
    answer(args::expand(&parse_macro_input!(item as DeriveInput)))
}

/// Makes a struct the mirror of one of the target's: `session.load::<Node>(address)`.
///
/// Fields are integers, floats, `bool`, `Address`, arrays, and other mirrors; `Option` of one: the
/// target's struct may lack it. They are found by name, or where `#[load(offset = 8)]` says.
///
/// `#[load(...)]` on the struct: `name = "node"` (else the type of the member that holds it, else the
/// mirror's name), `size = 24` (for arrays of it, where no type says); on a field: `name = "x"`,
/// `offset = 8`, `optional`.
#[proc_macro_derive(Load, attributes(load))]
pub fn load(item: TokenStream) -> TokenStream {
    answer(load::expand(&parse_macro_input!(item as DeriveInput)))
}

fn answer(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}
