//! What a function that becomes a command or walker must look like.

use syn::{
    Attribute, Error, FnArg, GenericArgument, ItemFn, PathArguments, Result, ReturnType, Type,
};

/// The types of the parameters behind the session.
pub(crate) fn parameters<'f>(function: &'f ItemFn, what: &str) -> Result<Vec<&'f Type>> {
    let signature = &function.sig;
    if let Some(found) = &signature.asyncness {
        return Err(Error::new_spanned(found, format!("{what} cannot be async")));
    }
    if signature.generics.type_params().next().is_some()
        || signature.generics.const_params().next().is_some()
    {
        return Err(Error::new_spanned(&signature.generics, format!("{what} cannot be generic")));
    }
    let mut types = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Typed(typed) => types.push(&*typed.ty),
            FnArg::Receiver(receiver) => {
                return Err(Error::new_spanned(receiver, format!("{what} is no method")));
            }
        }
    }
    match types.first() {
        Some(Type::Reference(reference)) if reference.mutability.is_none() => {}
        Some(Type::Reference(reference)) => {
            let message = "take `&Session<'_>`: a session needs no `mut`";
            return Err(Error::new_spanned(reference, message));
        }
        first => {
            let message = format!("{what} takes the session first: `s: &Session<'_>`");
            return Err(match first {
                Some(first) => Error::new_spanned(first, message),
                None => Error::new_spanned(&signature.ident, message),
            });
        }
    }
    types.remove(0);
    Ok(types)
}

/// The type that the function answers with.
pub(crate) fn output<'f>(function: &'f ItemFn, wanted: &str) -> Result<&'f Type> {
    match &function.sig.output {
        ReturnType::Type(_, found) => Ok(found),
        ReturnType::Default => Err(Error::new_spanned(&function.sig, wanted)),
    }
}

/// The last name of a path: `Option` of `std::option::Option<u64>`.
pub(crate) fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// The `T` of a type that is called `name` and has one parameter.
pub(crate) fn inside<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

/// Conditions under which the function exists, for what is made beside it.
pub(crate) fn conditions(function: &ItemFn) -> Vec<&Attribute> {
    function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}
