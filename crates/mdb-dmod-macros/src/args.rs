//! `#[derive(Args)]`.

use crate::arg::Arg;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;
use syn::{Data, DeriveInput, Error, Fields, Result};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "Args has no generics: values are owned"));
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Some(&fields.named),
            Fields::Unit => None,
            Fields::Unnamed(fields) => {
                return Err(Error::new_spanned(fields, "the fields need names: those of options"));
            }
        },
        _ => return Err(Error::new_spanned(&input.ident, "Args is derived for a struct")),
    };
    let mut args = Vec::new();
    for field in fields.into_iter().flatten() {
        if let Some(ident) = &field.ident {
            args.push(Arg::new(field, ident)?);
        }
    }
    check_names(&args)?;
    check_order(&args)?;
    let (mut options, mut arguments, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    for arg in &args {
        let (ident, index) =
            (arg.ident, if arg.is_option() { options.len() } else { arguments.len() });
        let read = arg.read(index);
        reads.push(quote!(#ident: #read));
        if arg.is_option() {
            options.push(arg.option());
        } else {
            arguments.push(arg.argument());
        }
    }
    let ident = &input.ident;
    let unused = reads.is_empty().then(|| quote!(let _ = session;));
    Ok(quote! {
        impl ::mdb_dmod::Args for #ident {
            const OPTIONS: &'static [::mdb_dmod::Opt] = &[#(#options),*];
            const ARGUMENTS: &'static [::mdb_dmod::Argument] = &[#(#arguments),*];

            fn from_session(session: &::mdb_dmod::Session<'_>) -> ::mdb_dmod::Result<Self> {
                #unused
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
    })
}

fn check_names(args: &[Arg<'_>]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for arg in args {
        if let Some(short) = arg.short.as_ref().filter(|s| !seen.insert(format!("-{}", s.value())))
        {
            let message = format!("-{} is the letter of another option", short.value());
            return Err(Error::new_spanned(short, message));
        }
        if let Some(long) = arg.long.as_ref().filter(|l| !seen.insert(format!("--{}", l.value()))) {
            let message = format!("--{} is the name of another option", long.value());
            return Err(Error::new_spanned(long, message));
        }
    }
    Ok(())
}

fn check_order(args: &[Arg<'_>]) -> Result<()> {
    let mut before: Option<&Arg<'_>> = None;
    for arg in args.iter().filter(|arg| !arg.is_option()) {
        let fail = |message: String| Err(Error::new(arg.ident.span(), message));
        match before {
            Some(before) if before.takes_the_rest() => {
                return fail(format!("`{}` before it takes all words", before.ident));
            }
            Some(before) if before.may_be_left_out() && !arg.may_be_left_out() => {
                return fail(format!(
                    "`{}` before it may be left out, so it must too",
                    before.ident
                ));
            }
            _ => before = Some(arg),
        }
    }
    Ok(())
}
