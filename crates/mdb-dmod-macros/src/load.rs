//! `#[derive(Load)]`.

use crate::function::inside;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Error, Expr, Fields, LitStr, Result};

/// `#[load(...)]` as it is written, on the struct or on a field.
#[derive(Default)]
struct Written {
    name: Option<LitStr>,
    size: Option<Expr>,
    offset: Option<Expr>,
    optional: bool,
}

impl Written {
    fn of(attributes: &[Attribute], known: &str) -> Result<Self> {
        let mut written = Self::default();
        for attribute in attributes.iter().filter(|found| found.path().is_ident("load")) {
            attribute.parse_nested_meta(|meta| {
                let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                if !known.split(", ").any(|known| known == key) {
                    return Err(meta.error(format!("`load` knows here: {known}")));
                }
                match key.as_str() {
                    "name" => written.name = Some(meta.value()?.parse()?),
                    "size" => written.size = Some(meta.value()?.parse()?),
                    "offset" => written.offset = Some(meta.value()?.parse()?),
                    _ => written.optional = true,
                }
                Ok(())
            })?;
        }
        Ok(written)
    }
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "a mirror has no generics"));
    }
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "Load is derived for a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        let message = "the fields need names: those of the target's members";
        return Err(Error::new_spanned(&input.ident, message));
    };
    let on_struct = Written::of(&input.attrs, "name, size")?;
    let (mut places, mut reads) = (Vec::new(), Vec::new());
    for (index, field) in fields.named.iter().enumerate() {
        let Some(ident) = &field.ident else { continue };
        let written = Written::of(&field.attrs, "name, offset, optional")?;
        let (ty, optional) = match inside(&field.ty, "Option") {
            Some(inner) => (inner, true),
            None => (&field.ty, false),
        };
        if written.optional && !optional {
            let message = "what the target may lack is an `Option`";
            return Err(Error::new_spanned(&field.ty, message));
        }
        let name = written.name.map_or_else(|| ident.unraw().to_string(), |name| name.value());
        let mut place = quote!(::mdb_dmod::LoadField::new::<#ty>(#name));
        if let Some(offset) = &written.offset {
            place.extend(quote!(.at(#offset)));
        }
        let read = if optional {
            place.extend(quote!(.optional()));
            quote!(optional_field::<#ty>)
        } else {
            quote!(field::<#ty>)
        };
        places.push(place);
        reads.push(quote!(#ident: loaded.#read(#index)?));
    }
    let ident = &input.ident;
    let own = ident.unraw().to_string();
    let mut mirror = quote!(::mdb_dmod::Mirror::new(#own, FIELDS));
    if let Some(name) = &on_struct.name {
        mirror.extend(quote!(.named(#name)));
    }
    if let Some(size) = &on_struct.size {
        mirror.extend(quote!(.sized(#size)));
    }
    Ok(quote! {
        impl ::mdb_dmod::Load for #ident {
            fn layout(
                session: &::mdb_dmod::Session<'_>,
                member: ::core::option::Option<&::mdb_dmod::Member>,
            ) -> ::mdb_dmod::Result<::mdb_dmod::Layout> {
                const FIELDS: &[::mdb_dmod::LoadField] = &[#(#places),*];
                #mirror.layout(session, member)
            }

            fn from_loaded(loaded: &::mdb_dmod::Loaded<'_>) -> ::mdb_dmod::Result<Self> {
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
    })
}
