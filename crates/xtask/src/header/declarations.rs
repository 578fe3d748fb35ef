//! The declarations of `mdb-dmod-abi` in a form that cbindgen has words for.
//!
//! cbindgen has none for modules of constants (`value_kind::FLAG`) and prints the constants of a
//! type without regard to ours, and links in comments are Rust's. So the crate's sources are read
//! and written again as one flat file: structs, callbacks and constants, the latter under the names
//! that are unique in C.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use quote::{ToTokens as _, format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, Field, Fields, Item, ItemConst, ItemStruct, Type, Visibility};

use super::comments::Known;
use super::names;
use crate::run::TaskResult;

/// Where C has another type of the same layout that suits it better: struct, field, parameter (or
/// none), type.
const TYPES: &[(&str, &str, &str, &str)] =
    &[("Str", "data", "", "*const c_char"), ("MemoryGroup", "read", "buffer", "*mut c_void")];

/// What is read.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    /// The flat file.
    pub(super) source: String,
    /// The name in C of each name in the file.
    pub(super) names: BTreeMap<String, String>,
    /// What is to be printed, in the order of the crate: structs and callbacks.
    pub(super) types: Vec<String>,
    /// Structs by their Rust name, with their fields.
    pub(super) structs: BTreeMap<String, Vec<String>>,
    /// What arrays are made of.
    pub(super) elements: BTreeSet<String>,
}

/// Reads the crate in `directory` (that of its lib.rs).
pub(super) fn read(directory: &Path) -> TaskResult<Declarations> {
    let mut items = Vec::new();
    for item in parse(&directory.join("lib.rs"))? {
        match item {
            Item::Mod(module) if module.content.is_none() => {
                items.extend(parse(&directory.join(format!("{}.rs", module.ident)))?);
            }
            item => items.push(item),
        }
    }
    let known = known(&items);
    let mut writer = Writer { known, out: Declarations::default() };
    for item in items {
        writer.item(item)?;
    }
    Ok(writer.out)
}

fn parse(path: &Path) -> TaskResult<Vec<Item>> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(syn::parse_file(&text).map_err(|e| format!("{}: {e}", path.display()))?.items)
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The constants of a module or of the statuses.
fn constants_in(item: &Item) -> Option<(String, Vec<ItemConst>)> {
    match item {
        Item::Mod(module) if is_public(&module.vis) => {
            let (_, items) = module.content.as_ref()?;
            let constants = items.iter().filter_map(|item| match item {
                Item::Const(constant) => Some(constant.clone()),
                _ => None,
            });
            Some((module.ident.to_string(), constants.collect()))
        }
        Item::Impl(block) if block.trait_.is_none() => {
            let name = block.self_ty.to_token_stream().to_string();
            let constants = block.items.iter().filter_map(|item| match item {
                // `pub const OK: Self = Self(0);`
                syn::ImplItem::Const(constant) => {
                    let Expr::Call(call) = &constant.expr else { return None };
                    let value = call.args.first()?;
                    let (attributes, ident) = (&constant.attrs, &constant.ident);
                    Some(syn::parse_quote!(#(#attributes)* pub const #ident: u32 = #value;))
                }
                _ => None,
            });
            (name == "Status").then(|| (name, constants.collect()))
        }
        _ => None,
    }
}

fn known(items: &[Item]) -> Known {
    let mut known = Known::default();
    for item in items {
        match item {
            Item::Struct(item) if is_public(&item.vis) => {
                known.types.insert(item.ident.to_string());
            }
            Item::Type(item) if is_public(&item.vis) => {
                known.types.insert(item.ident.to_string());
            }
            Item::Const(item) if is_public(&item.vis) => {
                known.constants.insert((None, item.ident.to_string()));
            }
            item => {
                let (group, constants) = constants_in(item).unwrap_or_default();
                for constant in constants {
                    known.constants.insert((Some(group.clone()), constant.ident.to_string()));
                }
            }
        }
    }
    known
}

struct Writer {
    known: Known,
    out: Declarations,
}

impl Writer {
    fn item(&mut self, item: Item) -> TaskResult {
        match item {
            Item::Struct(item) if is_public(&item.vis) => self.structure(item),
            Item::Type(mut item) if is_public(&item.vis) => {
                let name = item.ident.to_string();
                item.attrs = self.comments(&item.attrs, &name)?;
                self.translate_type(&mut item.ty, &name, "")?;
                self.print(&name, &names::of_type(&name), &item)?;
                self.out.types.push(name);
                Ok(())
            }
            Item::Const(item) if is_public(&item.vis) => self.constant(None, item, &[]),
            item => {
                let heading = match &item {
                    Item::Mod(module) => module.attrs.clone(),
                    _ => Vec::new(),
                };
                let (group, constants) = constants_in(&item).unwrap_or_default();
                for (index, constant) in constants.into_iter().enumerate() {
                    // What is said of the module stands at its first constant.
                    let heading = if index == 0 { heading.as_slice() } else { &[] };
                    self.constant(Some(&group), constant, heading)?;
                }
                Ok(())
            }
        }
    }

    fn constant(
        &mut self,
        group: Option<&str>,
        mut item: ItemConst,
        heading: &[Attribute],
    ) -> TaskResult {
        let name = item.ident.to_string();
        let c = names::of_constant(group, &name);
        let mut attributes = self.comments(heading, &c)?;
        if !attributes.is_empty() {
            attributes.push(syn::parse_quote!(#[doc = ""]));
        }
        attributes.extend(self.comments(&item.attrs, &c)?);
        item.attrs = attributes;
        item.ident = match group {
            Some(group) => format_ident!("{}_{name}", group.to_uppercase()),
            None => item.ident,
        };
        self.print(&item.ident.to_string(), &c, &item)
    }

    fn structure(&mut self, mut item: ItemStruct) -> TaskResult {
        let name = item.ident.to_string();
        let c = names::of_type(&name);
        let comments = self.comments(&item.attrs, &name)?;
        item.attrs.retain(|attribute| attribute.path().is_ident("repr"));
        item.attrs.extend(comments);
        let mut fields = Vec::new();
        if let Fields::Named(named) = &mut item.fields {
            for field in &mut named.named {
                fields.push(self.field(&name, field)?);
            }
        }
        let opaque = !fields.is_empty() && item.fields.iter().all(|f| !is_public(&f.vis));
        if opaque {
            // What has no layout for C is declared and no more.
            item.attrs.retain(|attribute| !attribute.path().is_ident("repr"));
        } else if matches!(item.fields, Fields::Named(_)) {
            self.out.structs.insert(name.clone(), fields);
        }
        self.print(&name, &c, &item)?;
        // A generic one is printed for each of its elements.
        if item.generics.params.is_empty() {
            self.out.types.push(name);
        } else {
            self.out.names.remove(&name);
        }
        Ok(())
    }

    /// Translates a field; gives its Rust name.
    fn field(&mut self, structure: &str, field: &mut Field) -> TaskResult<String> {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let place = format!("{structure}::{name}");
        field.attrs = self.comments(&field.attrs, &place)?;
        field.ident = Some(format_ident!("{}", word(&name, &place)?));
        self.translate_type(&mut field.ty, structure, &name)?;
        Ok(name)
    }

    fn translate_type(&mut self, of: &mut Type, structure: &str, field: &str) -> TaskResult {
        let mut visitor = Parameters { structure, field, elements: BTreeSet::new(), wrong: None };
        visitor.visit_type_mut(of);
        for element in visitor.elements {
            // cbindgen calls `Array<Dcmd>` so, before it renames it.
            self.out.names.insert(format!("Array_{element}"), names::of_array(&element));
            self.out.elements.insert(element);
        }
        match visitor.wrong {
            Some(word) => {
                Err(format!("{structure}::{field}: '{word}' is a keyword of C: see names.rs")
                    .into())
            }
            None => Ok(()),
        }
    }

    /// The doc comments among attributes.
    fn comments(&self, attributes: &[Attribute], place: &str) -> TaskResult<Vec<Attribute>> {
        let mut comments = Vec::new();
        for attribute in attributes {
            let syn::Meta::NameValue(meta) = &attribute.meta else { continue };
            if !meta.path.is_ident("doc") {
                continue;
            }
            let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &meta.value else {
                continue;
            };
            let line = self.known.translate(&text.value()).map_err(|e| format!("{place}: {e}"))?;
            comments.push(syn::parse_quote!(#[doc = #line]));
        }
        Ok(comments)
    }

    fn print(&mut self, name: &str, c: &str, item: &impl quote::ToTokens) -> TaskResult {
        if self.out.names.values().any(|other| other == c) {
            return Err(format!("{c} would be declared twice").into());
        }
        self.out.names.insert(name.to_owned(), c.to_owned());
        self.out.source.push_str(&quote!(#item).to_string());
        self.out.source.push('\n');
        Ok(())
    }
}

/// What a field is called in C.
fn word(name: &str, place: &str) -> TaskResult<String> {
    let word = names::of_word(name);
    if names::is_keyword(&word) {
        return Err(format!("{place}: '{word}' is a keyword of C: see names.rs").into());
    }
    Ok(word)
}

/// Renames parameters and notes arrays.
struct Parameters<'a> {
    structure: &'a str,
    field: &'a str,
    elements: BTreeSet<String>,
    wrong: Option<String>,
}

impl Parameters<'_> {
    fn replace(&self, parameter: &str, of: &mut Type) {
        let place = (self.structure, self.field, parameter);
        let given = TYPES.iter().find(|(s, f, p, _)| (*s, *f, *p) == place);
        if let Some(ty) = given.and_then(|(.., ty)| syn::parse_str(ty).ok()) {
            *of = ty;
        }
    }
}

impl VisitMut for Parameters<'_> {
    fn visit_type_mut(&mut self, of: &mut Type) {
        if matches!(of, Type::Ptr(_)) {
            self.replace("", of);
        }
        visit_mut::visit_type_mut(self, of);
    }

    fn visit_named_arg_mut(&mut self, argument: &mut syn::NamedArg) {
        if let Some((name, _)) = &mut argument.name {
            let rust = name.to_string();
            let word = names::of_word(&rust);
            if names::is_keyword(&word) {
                self.wrong = Some(word.clone());
            }
            *name = format_ident!("{word}");
            self.replace(&rust, &mut argument.ty);
        }
        visit_mut::visit_named_arg_mut(self, argument);
    }

    fn visit_path_segment_mut(&mut self, segment: &mut syn::PathSegment) {
        if segment.ident == "Array"
            && let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
            && let Some(syn::GenericArgument::Type(element)) = arguments.args.first()
        {
            self.elements.insert(element.to_token_stream().to_string());
        }
        visit_mut::visit_path_segment_mut(self, segment);
    }
}
