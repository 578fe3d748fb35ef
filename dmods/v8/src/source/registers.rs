//! The names of interpreter registers.
//!
//! V8 gives registers to variables that live on the stack, from r0 on, and keeps no table of them. The
//! order is that of `Scope::AllocateVariablesRecursively` (src/ast/scopes.cc): a scope's own variables in
//! the order of their declaration, then the scopes inside, **the last one first**, since
//! `Scope::AddInnerScope` puts each before its elder sibling; an arrow function's own temporaries come
//! behind its named variables; the name of a function expression comes last of its own scope. A variable
//! that nothing uses (`MustAllocate`) or that a function inside uses (`MustAllocateInContext`) has none.
//!
//! What is not certain is not said: the list ends there, with a reason.
//!
//! A register's name is right wherever the variable is in scope. Where it is not, the register still holds
//! what it held last, or nothing yet: V8 reuses no register of a variable.
//!
//! # The parser
//!
//! `tree-sitter` with `tree-sitter-javascript` reads the text, both under MIT. With them come five crates
//! more that nothing else here needs (`regex` and its parts, which the linker leaves out again). They add
//! 16 seconds to a build on two cores and 0.68 MB to the stripped dmod, which was 0.31 MB; half of that are
//! tables of the grammar. The parser is C, as `zstd` is, and releases its stack of states by recursion, one
//! call for a state. So it runs in a thread whose stack has room for a state per unit of the longest text.
//! The walk over the tree needs no stack.
//!
//! `oxc_parser` is Rust, but its newest version needs a newer compiler than ours, the last one that does not
//! brings 60 crates, and as it goes down the stack as deep as the text is nested, it needs a guard as well.

use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, Parser};

use super::scopes::{Doubt, Scope, ScopeKind, Scopes, Traits, scopes};
use super::{Form, SourceText, parameters};

/// Longer functions are not parsed. The worst text known takes the parser a second at this length, sane text a
/// tenth.
const LONGEST: usize = 64 << 10;

/// For the parser: it holds at most one state a unit of the text, and a call that releases one was seen to
/// take 112 bytes (tree-sitter 0.26, `stack_node_release`). Pages that are not touched cost nothing.
const STACK: usize = LONGEST * 1024;

/// The parser calls back about once in a hundred operations (`OP_COUNT_PER_PARSER_CALLBACK_CHECK`, tree-sitter
/// lib/src/parser.c); sane text of the longest length needs far fewer.
const MOST_CALLBACKS: usize = 20_000;

/// What a register holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RegisterUse {
    /// A variable. Two registers can hold variables of the same name, of different scopes.
    Local(String),
    /// A hidden variable of V8's.
    Temporary,
}

/// What is known of the registers of a function, from r0 on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegisterNames {
    /// The registers that are certain, from r0 on without a gap.
    pub(crate) list: Vec<RegisterUse>,
    /// Why there may be more variables behind these; `None` when all registers behind are temporaries.
    pub(crate) doubt: Option<Doubt>,
}

impl RegisterNames {
    fn none(doubt: Doubt) -> Self {
        Self { list: Vec::new(), doubt: Some(doubt) }
    }

    /// The name of the variable that a register holds.
    pub(crate) fn name(&self, register: usize) -> Option<&str> {
        match self.list.get(register)? {
            RegisterUse::Local(name) => Some(name),
            RegisterUse::Temporary => None,
        }
    }
}

/// Names the registers of a function.
///
/// `source` is its text from V8's start position on, as for [`parameters`]; `context` the names that its
/// own ScopeInfo lists as variables in its context (an empty list when it has no context). When those are not
/// what the text says, nothing is certain. `None` leaves that check out.
pub(crate) fn registers(
    source: SourceText<'_>,
    traits: Traits<'_>,
    context: Option<&[String]>,
) -> RegisterNames {
    named(source, traits, context).unwrap_or_else(RegisterNames::none)
}

fn named(
    source: SourceText<'_>,
    traits: Traits<'_>,
    context: Option<&[String]>,
) -> Result<RegisterNames, Doubt> {
    if source.len() > LONGEST {
        return Err("the function is too long");
    }
    if traits.derived_constructor {
        return Err("it constructs a class that extends another");
    }
    let head = parameters(source);
    let mut text = source.to_unicode();
    if text.contains("use asm") {
        return Err("the function may be a module of asm.js");
    }
    let mut name = traits;
    match head.form {
        Form::Ordinary => {
            let asynchronous = if traits.asynchronous { "async " } else { "" };
            let star = if traits.generator { "*" } else { "" };
            text.insert_str(0, &format!("{asynchronous}function{star} f"));
        }
        Form::Arrow | Form::AsyncArrow => {
            if (head.form == Form::AsyncArrow) != traits.asynchronous {
                return Err("the text is not that of the function");
            }
            text = format!("({text}\n)");
            name.expression_name = None;
        }
        Form::Class | Form::Unknown => return Err("the text does not start as a function does"),
    }
    std::thread::scope(|threads| {
        let work = || parsed(&text, name, context);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(threads, work);
        let thread = thread.map_err(|_| "there is no memory for the parser")?;
        thread.join().map_err(|_| "the parser failed")?
    })
}

/// Parses a function and names its registers. Needs a stack of [`STACK`].
fn parsed(
    text: &str,
    traits: Traits<'_>,
    context: Option<&[String]>,
) -> Result<RegisterNames, Doubt> {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_javascript::LANGUAGE.into())
        .map_err(|_| "the parser does not know the language")?;
    let mut callbacks = 0usize;
    let mut progress = |_: &tree_sitter::ParseState| {
        callbacks += 1;
        if callbacks > MOST_CALLBACKS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let bytes = text.as_bytes();
    let tree = parser
        .parse_with_options(
            &mut |at, _| bytes.get(at..).unwrap_or_default(),
            None,
            Some(ParseOptions::new().progress_callback(&mut progress)),
        )
        .ok_or("the text takes too long to parse")?;
    let function = function(tree.root_node()).ok_or("the text is not one function")?;
    let scopes = scopes(function, text, traits)?;
    if let Some(context) = context {
        agrees(&scopes, context, traits)?;
    }
    Ok(allocate(&scopes))
}

/// The one function that a tree consists of.
fn function(root: Node<'_>) -> Option<Node<'_>> {
    if root.has_error() {
        return None;
    }
    let mut node = root;
    loop {
        let mut cursor = node.walk();
        let mut children = node.named_children(&mut cursor).filter(|one| one.kind() != "comment");
        let child = children.next()?;
        if children.next().is_some() {
            return None;
        }
        match child.kind() {
            "function_declaration" | "generator_function_declaration" | "arrow_function" => {
                return Some(child);
            }
            "expression_statement" | "parenthesized_expression" => node = child,
            _ => return None,
        }
    }
}

/// Compares the variables in the context, as the text tells them, with those that V8 lists.
fn agrees(scopes: &Scopes<'_>, context: &[String], traits: Traits<'_>) -> Result<(), Doubt> {
    const OTHER: Doubt = "V8 lists other variables in the context than the text tells";
    let own = scopes.list.first().ok_or(OTHER)?;
    let listed = |name: &str| context.iter().any(|listed| listed == name);
    for local in &own.locals {
        let Some(name) = local.name else { continue };
        // The names of V8's own variables differ, and mapped arguments move parameters.
        let told = !local.parameter
            && !matches!(name, "new.target" | "arguments")
            && traits.expression_name != Some(name);
        if told && local.captured != listed(name) {
            return Err(OTHER);
        }
    }
    let known = |name: &str| {
        name.starts_with('.')
            || name == "this"
            || traits.expression_name == Some(name)
            || own.locals.iter().any(|local| local.name == Some(name))
    };
    if context.iter().all(|name| known(name)) { Ok(()) } else { Err(OTHER) }
}

fn allocate(scopes: &Scopes<'_>) -> RegisterNames {
    let mut list = Vec::new();
    let mut open = vec![0usize];
    while let Some(scope) = open.pop().and_then(|at| scopes.list.get(at)) {
        if let Err(doubt) = allocate_scope(scope, &mut list) {
            return RegisterNames { list, doubt: Some(doubt) };
        }
        // The last child is taken first, which is V8's order.
        open.extend(scope.children.iter().copied().filter(|child| {
            scopes
                .list
                .get(*child)
                .is_some_and(|child| !matches!(child.kind, ScopeKind::Function | ScopeKind::Arrow))
        }));
    }
    RegisterNames { list, doubt: None }
}

fn allocate_scope(scope: &Scope<'_>, list: &mut Vec<RegisterUse>) -> Result<(), Doubt> {
    if let Some(doubt) = scope.doubt {
        return Err(doubt);
    }
    if scope.kind == ScopeKind::Catch {
        return Ok(());
    }
    let arrow = scope.kind == ScopeKind::Arrow;
    let named = scope.locals.iter().filter(|local| !arrow || local.name.is_some());
    let behind = scope.locals.iter().filter(|local| arrow && local.name.is_none());
    for local in named.chain(behind) {
        if let Some(doubt) = local.doubt {
            return Err(doubt);
        }
        if local.function && !local.used {
            return Err("V8 keeps functions that nothing names while it collects coverage");
        }
        if local.parameter || local.captured || !local.used {
            continue;
        }
        list.push(match local.name {
            Some("new.target") | None => RegisterUse::Temporary,
            Some(name) => RegisterUse::Local(name.to_owned()),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
