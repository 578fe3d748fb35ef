//! One field of a struct with `#[derive(Args)]`.

use crate::docs::one_line;
use crate::function::{inside, last_name};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Error, Expr, Field, Ident, LitChar, LitStr, Result, Token, Type};

/// What the type of a field says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Flag,
    Count,
    One,
    Optional,
    Many,
}

/// A field.
pub(crate) struct Arg<'f> {
    pub(crate) ident: &'f Ident,
    ty: &'f Type,
    shape: Shape,
    pub(crate) short: Option<LitChar>,
    pub(crate) long: Option<LitStr>,
    value_name: String,
    help: String,
    choices: Option<LitStr>,
    default: Option<Expr>,
    decimal: bool,
    required: bool,
    hidden: bool,
}

const UNDOCUMENTED: &str = "an option needs a doc comment: it is what `::help` prints for it";

/// `#[arg(...)]` as it is written.
#[derive(Default)]
struct Written {
    short: Option<LitChar>,
    long: Option<LitStr>,
    value_name: Option<LitStr>,
    choices: Option<LitStr>,
    default: Option<Expr>,
    count: bool,
    decimal: bool,
    required: bool,
    hidden: bool,
}

impl Written {
    fn of(field: &Field, name: &Ident) -> Result<Self> {
        let mut written = Self::default();
        let text = name.unraw().to_string();
        for attribute in field.attrs.iter().filter(|found| found.path().is_ident("arg")) {
            attribute.parse_nested_meta(|meta| {
                let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                let valued = meta.input.peek(Token![=]);
                match key.as_str() {
                    "short" if valued => written.short = Some(meta.value()?.parse()?),
                    "short" => {
                        let first = text.chars().next().unwrap_or('_');
                        written.short = Some(LitChar::new(first, name.span()));
                    }
                    "long" if valued => written.long = Some(meta.value()?.parse()?),
                    "long" => {
                        written.long = Some(LitStr::new(&text.replace('_', "-"), name.span()));
                    }
                    "value_name" => written.value_name = Some(meta.value()?.parse()?),
                    "choices" => written.choices = Some(meta.value()?.parse()?),
                    "default" => written.default = Some(meta.value()?.parse()?),
                    "count" => written.count = true,
                    "decimal" => written.decimal = true,
                    "required" => written.required = true,
                    "hidden" => written.hidden = true,
                    _ => {
                        return Err(meta.error(
                            "`arg` knows: short, long, value_name, decimal, count, choices, \
                             default, required, hidden",
                        ));
                    }
                }
                Ok(())
            })?;
        }
        Ok(written)
    }
}

impl<'f> Arg<'f> {
    pub(crate) fn new(field: &'f Field, ident: &'f Ident) -> Result<Self> {
        let written = Written::of(field, ident)?;
        let help = one_line(&field.attrs, ident.span(), UNDOCUMENTED)?;
        let (shape, ty) = match (inside(&field.ty, "Option"), inside(&field.ty, "Vec")) {
            _ if written.count => (Shape::Count, &field.ty),
            (Some(inner), _) => (Shape::Optional, inner),
            (_, Some(inner)) => (Shape::Many, inner),
            _ if last_name(&field.ty).as_deref() == Some("bool") => (Shape::Flag, &field.ty),
            _ => (Shape::One, &field.ty),
        };
        let valueless = matches!(shape, Shape::Flag | Shape::Count);
        let value_name = match &written.value_name {
            _ if valueless => String::new(),
            Some(name) => name.value(),
            None => ident.unraw().to_string().to_uppercase(),
        };
        let Written { short, long, choices, default, decimal, required, hidden, .. } = written;
        let arg = Self {
            ident,
            ty,
            shape,
            short,
            long,
            value_name,
            help,
            choices,
            default,
            decimal,
            required,
            hidden,
        };
        arg.check()?;
        Ok(arg)
    }

    fn check(&self) -> Result<()> {
        let fail = |message: &str| Err(Error::new(self.ident.span(), message));
        let valueless = matches!(self.shape, Shape::Flag | Shape::Count);
        if valueless && !self.is_option() {
            return fail("a flag needs `#[arg(short = 'x')]` or `#[arg(long)]`");
        }
        if valueless && (self.choices.is_some() || self.decimal || self.default.is_some()) {
            return fail("a flag has no value, so no choices, no default and no radix");
        }
        if self.choices.is_some() && self.decimal {
            return fail("it is either one of the choices or a number");
        }
        if self.default.is_some() && self.shape != Shape::One {
            return fail("what has a default is no `Option` and no `Vec`");
        }
        if self.required && self.shape != Shape::Many {
            return fail(
                "`required` is for a `Vec`; others are required unless they are an `Option`",
            );
        }
        if self.hidden && !self.is_option() {
            return fail("only options can be hidden");
        }
        if let Some(short) = self.short.as_ref().filter(|short| !short.value().is_ascii_graphic()) {
            return Err(Error::new_spanned(short, "the letter of an option is an ASCII character"));
        }
        Ok(())
    }

    /// An option, not a positional argument.
    pub(crate) fn is_option(&self) -> bool {
        self.short.is_some() || self.long.is_some()
    }

    /// A positional argument that may be left out.
    pub(crate) fn may_be_left_out(&self) -> bool {
        match self.shape {
            Shape::Many => !self.required,
            _ => self.shape == Shape::Optional || self.default.is_some(),
        }
    }

    /// A positional argument that takes all that follows.
    pub(crate) fn takes_the_rest(&self) -> bool {
        self.shape == Shape::Many
    }

    fn kind(&self) -> TokenStream {
        let ty = self.ty;
        match self.shape {
            Shape::Flag => quote!(::mdb_dmod::value_kind::FLAG),
            Shape::Count => quote!(::mdb_dmod::value_kind::COUNT),
            _ if self.decimal => quote!(::mdb_dmod::value_kind::DECIMAL),
            _ if self.choices.is_some() => quote!(::mdb_dmod::value_kind::CHOICE),
            _ => quote!(<#ty as ::mdb_dmod::FromWord>::KIND),
        }
    }

    fn choices(&self) -> TokenStream {
        let ty = self.ty;
        let stated = self.choices.as_ref().map(|choices| quote!(#choices));
        stated.unwrap_or_else(|| quote!(<#ty as ::mdb_dmod::FromWord>::CHOICES))
    }

    /// Its entry in the table of options.
    pub(crate) fn option(&self) -> TokenStream {
        let (kind, value_name) = (self.kind(), &self.value_name);
        let required = self.required || (self.shape == Shape::One && self.default.is_none());
        let help = if required { format!("{} (required)", self.help) } else { self.help.clone() };
        let letter = self.short.as_ref().map_or('\0', LitChar::value);
        let mut option = quote!(::mdb_dmod::Opt::new(#letter, #kind, #value_name, #help));
        if let Some(long) = &self.long {
            option.extend(quote!(.long(#long)));
        }
        if self.shape == Shape::Many {
            option.extend(quote!(.repeatable()));
        }
        if !matches!(self.shape, Shape::Flag | Shape::Count) {
            let choices = self.choices();
            option.extend(quote!(.choices(#choices)));
        }
        if !self.hidden {
            return option;
        }
        quote! {{
            let mut option = #option;
            option.flags |= ::mdb_dmod::abi::OPTION_HIDDEN;
            option
        }}
    }

    /// Its entry in the table of arguments.
    pub(crate) fn argument(&self) -> TokenStream {
        let (kind, name, help) = (self.kind(), &self.value_name, &self.help);
        let constructor = match (self.takes_the_rest(), self.may_be_left_out()) {
            (true, _) => quote!(rest),
            (false, true) => quote!(optional),
            (false, false) => quote!(required),
        };
        let choices = self.choices();
        let flags = (self.takes_the_rest() && self.required)
            .then(|| quote!(argument.flags &= !::mdb_dmod::abi::ARGUMENT_OPTIONAL;));
        quote! {{
            let mut argument = ::mdb_dmod::Argument::#constructor(#name, #kind, #help);
            argument.choices = ::mdb_dmod::abi::Str::new(#choices);
            #flags
            argument
        }}
    }

    /// The expression that reads it; `index` is its place among its like.
    pub(crate) fn read(&self, index: usize) -> TokenStream {
        let ty = self.ty;
        let (value, values, required, all) = if self.is_option() {
            let all = if self.required { quote!(required_options) } else { quote!(option_values) };
            (quote!(option_value), all, quote!(required_option), quote!(option_given))
        } else {
            let values = quote!(argument_values);
            (quote!(argument_value), values, quote!(required_argument), TokenStream::new())
        };
        match (self.shape, &self.default) {
            (Shape::Flag, _) => quote!(session.#all(#index)),
            (Shape::Count, _) => quote!(session.#value::<#ty>(#index)?.unwrap_or_default()),
            (Shape::One, None) => quote!(session.#required::<#ty>(#index)?),
            (Shape::One, Some(default)) => quote! {
                match session.#value::<#ty>(#index)? {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => #default,
                }
            },
            (Shape::Optional, _) => quote!(session.#value::<#ty>(#index)?),
            (Shape::Many, _) => quote!(session.#values::<#ty>(#index)?),
        }
    }
}
