//! `#[walker]`.

use crate::docs::{Docs, description};
use crate::function::{conditions, inside, last_name, output, parameters};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{Error, Ident, ItemFn, LitStr, Result, Type};

/// What stands in `#[walker(...)]`.
#[derive(Default)]
pub(crate) struct Options {
    name: Option<LitStr>,
    start: Option<Ident>,
    input: Option<LitStr>,
    output: Option<LitStr>,
    layered_on: Option<LitStr>,
}

impl Options {
    pub(crate) fn parse(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match name.as_str() {
            "name" => self.name = Some(meta.value()?.parse()?),
            "start" => self.start = Some(meta.value()?.call(Ident::parse_any)?),
            "input" => self.input = Some(meta.value()?.parse()?),
            "output" => self.output = Some(meta.value()?.parse()?),
            "layered_on" => self.layered_on = Some(meta.value()?.parse()?),
            _ => {
                return Err(meta.error("`walker` knows: name, start, input, output, layered_on"));
            }
        }
        Ok(())
    }
}

const UNDOCUMENTED: &str = "a walker needs a doc comment: its first line is the summary that \
                            `::walkers` lists, the rest is what `::help` prints";

/// Whether a walk may begin somewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Optional,
    Required,
    None,
}

pub(crate) fn expand(options: &Options, function: &ItemFn) -> Result<TokenStream> {
    let ident = &function.sig.ident;
    let Docs { summary, help, examples } =
        description(&function.attrs, ident.span(), UNDOCUMENTED)?;
    if !examples.is_empty() {
        return Err(Error::new_spanned(ident, "a walker has no examples; put them into the help"));
    }
    let mut rest = parameters(function, "a walker")?;
    let answer = output(function, "a walker answers with `Result<()>`, or with an iterator")?;
    let pushes = rest.last().is_some_and(|last| matches!(last, Type::Reference(_)));
    if pushes {
        rest.pop();
    }
    let (by_type, argument) = start(&rest)?;
    let start = match options.start.as_ref().map(|word| (word, word.to_string())) {
        None => by_type,
        Some((word, text)) => {
            let stated = match text.as_str() {
                "required" => Start::Required,
                "none" => Start::None,
                "optional" => Start::Optional,
                _ => return Err(Error::new_spanned(word, "start = required, none or optional")),
            };
            if stated != by_type && by_type != Start::Optional {
                return Err(Error::new_spanned(word, "the parameter for the start says otherwise"));
            }
            stated
        }
    };
    let name = match &options.name {
        Some(name) => name.value(),
        None => ident.unraw().to_string(),
    };
    let mut declaration = quote!(::mdb_dmod::WalkerDeclaration::new(#name, #summary));
    if !help.is_empty() {
        declaration.extend(quote!(.help(#help)));
    }
    match start {
        Start::Required => declaration.extend(quote!(.needs_start())),
        Start::None => declaration.extend(quote!(.no_start())),
        Start::Optional => {}
    }
    let input = options.input.iter().map(|input| quote!(.input(#input)));
    let output = options.output.iter().map(|output| quote!(.output(#output)));
    let layered = options.layered_on.iter().map(|walker| quote!(.layered_on(#walker)));
    declaration.extend(input.chain(output).chain(layered));
    let body = if pushes {
        quote!(#ident(session, #argument each))
    } else {
        let fails = (last_name(answer).as_deref() == Some("Result")).then(|| quote!(?));
        quote! {
            for item in #ident(session, #argument) #fails {
                each(::mdb_dmod::IntoItem::into_item(item)?)?;
            }
            ::core::result::Result::Ok(())
        }
    };
    let (conditions, visibility) = (conditions(function), &function.vis);
    let about = format!("`::walk {name}`: {summary}");
    let ignored = (by_type == Start::None).then(|| quote!(let _ = start;));
    Ok(quote! {
        #function

        #(#conditions)*
        #[doc = #about]
        #[allow(non_camel_case_types)]
        #visibility struct #ident {}

        #(#conditions)*
        impl ::mdb_dmod::Walker for #ident {
            const DECLARATION: ::mdb_dmod::WalkerDeclaration = #declaration;

            fn walk(
                session: &::mdb_dmod::Session<'_>,
                start: ::core::option::Option<::mdb_dmod::Item>,
                each: &mut dyn FnMut(::mdb_dmod::Item) -> ::mdb_dmod::Result<()>,
            ) -> ::mdb_dmod::Result<()> {
                #ignored
                #body
            }
        }
    })
}

/// Whether there is a start, and the argument that it becomes, with a comma behind.
fn start(rest: &[&Type]) -> Result<(Start, TokenStream)> {
    let (found, more) = match rest {
        [] => return Ok((Start::None, TokenStream::new())),
        [found, more @ ..] => (*found, more),
    };
    if let Some(more) = more.first() {
        let message = "a walker takes the session, where it starts, and `each`";
        return Err(Error::new_spanned(more, message));
    }
    let value = |ty: &Type| match last_name(ty).as_deref() {
        Some("Item") => Some(quote!(item)),
        Some("u64") => Some(quote!(item.value)),
        Some("Address") => Some(quote!(::mdb_dmod::Address(item.value))),
        _ => None,
    };
    if let Some(value) = inside(found, "Option").and_then(value) {
        return Ok((Start::Optional, quote!(start.map(|item| #value),)));
    }
    if let Some(value) = value(found) {
        let given = quote! {
            match start {
                ::core::option::Option::Some(item) => #value,
                ::core::option::Option::None => {
                    return ::core::result::Result::Err(::mdb_dmod::Error::Usage(
                        ::std::string::String::from("the walk needs a start"),
                    ));
                }
            },
        };
        return Ok((Start::Required, given));
    }
    let message = "a walk starts at an `Option<Item>`, or, where it must be given, at an `Item`, \
                   `u64` or `Address`";
    Err(Error::new_spanned(found, message))
}
