//! `#[dcmd]`.

use crate::docs::{Docs, description};
use crate::function::{conditions, output, parameters};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, ItemFn, LitStr, Result, Token, parenthesized};

/// What stands in `#[dcmd(...)]`.
#[derive(Default)]
pub(crate) struct Options {
    name: Option<LitStr>,
    address: Option<Ident>,
    input: Option<LitStr>,
    output: Option<LitStr>,
    all_input: bool,
    hidden: bool,
    columns: Option<TokenStream>,
    examples: Vec<(LitStr, LitStr)>,
}

impl Options {
    pub(crate) fn parse(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match name.as_str() {
            "name" => self.name = Some(meta.value()?.parse()?),
            "address" => self.address = Some(meta.value()?.call(Ident::parse_any)?),
            "input" => self.input = Some(meta.value()?.parse()?),
            "output" => self.output = Some(meta.value()?.parse()?),
            "all_input" => self.all_input = true,
            "hidden" => self.hidden = true,
            "columns" if meta.input.peek(Token![=]) => {
                let columns: Expr = meta.value()?.parse()?;
                self.columns = Some(columns.into_token_stream());
            }
            "columns" => {
                let content;
                parenthesized!(content in meta.input);
                let columns = Punctuated::<Expr, Token![,]>::parse_terminated(&content)?;
                self.columns = Some(quote!(&[#columns]));
            }
            "example" => {
                let content;
                parenthesized!(content in meta.input);
                let command = content.parse()?;
                content.parse::<Token![,]>()?;
                self.examples.push((command, content.parse()?));
                content.parse::<Option<Token![,]>>()?;
            }
            _ => {
                return Err(meta.error(
                    "`dcmd` knows: name, address, input, output, all_input, hidden, columns, example",
                ));
            }
        }
        Ok(())
    }
}

const UNDOCUMENTED: &str = "a dcmd needs a doc comment: its first line is the summary that \
                            `::dcmds` lists, the rest is what `::help` prints";

pub(crate) fn expand(options: &Options, function: &ItemFn) -> Result<TokenStream> {
    let ident = &function.sig.ident;
    let Docs { summary, help, examples } =
        description(&function.attrs, ident.span(), UNDOCUMENTED)?;
    let parameters = parameters(function, "a dcmd")?;
    output(function, "a dcmd answers with `Result<()>`")?;
    if let Some(third) = parameters.get(1) {
        let message = "a dcmd takes the session and one struct with `#[derive(Args)]`";
        return Err(Error::new_spanned(third, message));
    }
    let name = match &options.name {
        Some(name) => name.value(),
        None => ident.unraw().to_string(),
    };
    let mut declaration = quote!(::mdb_dmod::Declaration::new(#name, #summary));
    if !help.is_empty() {
        declaration.extend(quote!(.help(#help)));
    }
    if let Some(address) = &options.address {
        match address.to_string().as_str() {
            "required" => declaration.extend(quote!(.needs_address())),
            "none" => declaration.extend(quote!(.no_address())),
            "optional" => {}
            _ => return Err(Error::new_spanned(address, "address = required, none or optional")),
        }
    }
    let input = options.input.iter().map(|input| quote!(.input(#input)));
    let output = options.output.iter().map(|output| quote!(.output(#output)));
    declaration.extend(input.chain(output));
    if options.all_input {
        declaration.extend(quote!(.takes_all_input()));
    }
    if options.hidden {
        declaration.extend(quote!(.hidden()));
    }
    if let Some(columns) = &options.columns {
        declaration.extend(quote!(.columns(#columns)));
    }
    let listed = examples.iter().map(|(command, what)| quote!((#command, #what)));
    let stated = options.examples.iter().map(|(command, what)| quote!((#command, #what)));
    let examples: Vec<_> = listed.chain(stated).collect();
    if !examples.is_empty() {
        let examples = examples.iter().map(|pair| quote!(::mdb_dmod::Example::new #pair));
        declaration.extend(quote!(.examples(&[#(#examples),*])));
    }
    let mut call = quote!(#ident(session));
    if let Some(args) = parameters.first() {
        let span = args.span();
        declaration.extend(quote_spanned!(span=>
            .options(<#args as ::mdb_dmod::Args>::OPTIONS)
            .arguments(<#args as ::mdb_dmod::Args>::ARGUMENTS)
        ));
        call = quote_spanned!(span=>
            #ident(session, <#args as ::mdb_dmod::Args>::from_session(session)?)
        );
    }
    let (conditions, visibility) = (conditions(function), &function.vis);
    let about = format!("`::{name}`: {summary}");
    Ok(quote! {
        #function

        #(#conditions)*
        #[doc = #about]
        #[allow(non_camel_case_types)]
        #visibility struct #ident {}

        #(#conditions)*
        impl ::mdb_dmod::Dcmd for #ident {
            const DECLARATION: ::mdb_dmod::Declaration = #declaration;

            fn run(session: &::mdb_dmod::Session<'_>) -> ::mdb_dmod::Result<()> {
                #call
            }
        }
    })
}
