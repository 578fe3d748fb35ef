//! The variables of a function and its scopes, in the order in which V8's parser declares them.
//!
//! What is modelled, with its source in V8 (src/parsing/parser-base.h, parser.cc and src/ast/scopes.cc, the
//! same in 10.2, 11.3, 12.4, 13.6 and 14.6):
//!
//! - `let`, `const`, `class` and parameters that are not simple are always used, `var` where it has a value
//!   or is named, functions where they are named (`VariableProxy::BindTo`, `Parser::DeclareFunction`);
//! - hidden temporaries are variables of the function: for a generator or async function one, behind the
//!   parameters (`PrepareGeneratorVariables`); for `for (let x of y)` one behind the body
//!   (`DesugarBindingInForEachStatement`); for a `switch` with declarations one behind it
//!   (`RewriteSwitchStatement`); for a `for (let ..;;)` that holds a function one for each name, one for the
//!   first round where there is a step, and a flag (`DesugarLexicalBindingsInForStatement`), and then the
//!   names are declared a second time in an inner scope;
//! - `for (let x of y)` declares its names twice as well (`CreateForEachStatementTDZ`);
//! - what `catch (e)` binds lives in a context (`MustAllocateInContext`);
//! - with parameters that are not simple, the body is a scope of its own (`ParseFunctionBody`).

use std::collections::HashMap;

use tree_sitter::Node;

/// Why something is not certain: the end of a sentence that starts with "not certain: ".
pub(crate) type Doubt = &'static str;

/// What the caller knows of a function, from V8's flags in the SharedFunctionInfo.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traits<'a> {
    /// A generator.
    pub(crate) generator: bool,
    /// An async function.
    pub(crate) asynchronous: bool,
    /// In strict mode.
    pub(crate) strict: bool,
    /// A constructor of a class that extends another.
    pub(crate) derived_constructor: bool,
    /// The name, if it is a named function expression: then it is a variable of the function, too.
    pub(crate) expression_name: Option<&'a str>,
}

/// A variable, or a hidden temporary.
#[derive(Debug)]
pub(super) struct Local<'a> {
    /// The name; `None` for a temporary.
    pub(super) name: Option<&'a str>,
    /// Whether V8 would find it used.
    pub(super) used: bool,
    /// Whether a function inside uses it.
    pub(super) captured: bool,
    /// Whether it is a simple parameter, which lives among the arguments.
    pub(super) parameter: bool,
    /// Whether it is a function that V8 keeps though nothing names it, while it collects coverage.
    pub(super) function: bool,
    /// Why it is not certain whether it has a register.
    pub(super) doubt: Option<Doubt>,
}

/// Kinds of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Function,
    Arrow,
    Block,
    Catch,
    Class,
}

/// A scope.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) kind: ScopeKind,
    pub(super) parent: Option<usize>,
    /// The scope of the function around.
    pub(super) function: usize,
    /// Where `var` declares, for a function's scope.
    vars_in: usize,
    pub(super) locals: Vec<Local<'a>>,
    pub(super) children: Vec<usize>,
    /// Why its own registers are not certain.
    pub(super) doubt: Option<Doubt>,
    names: HashMap<&'a str, usize>,
}

/// All scopes of a function; the first is its own.
#[derive(Debug)]
pub(super) struct Scopes<'a> {
    pub(super) list: Vec<Scope<'a>>,
}

/// More steps than this to find what names mean, and nothing is certain.
const MOST_STEPS: usize = 4_000_000;

/// How a pattern binds.
#[derive(Clone, Copy)]
enum Binding {
    /// `let`, `const`, and parameters that are not simple.
    Lexical,
    /// A simple parameter.
    Parameter,
    /// `var`, and whether it is given a value.
    Var(bool),
}

enum Work<'t> {
    Visit(Node<'t>, usize),
    Bind(Node<'t>, usize, Binding),
    /// Behind a `for (let ..;;)`: the scopes of its names and of its rounds.
    Loop {
        names: usize,
        rounds: usize,
        functions_before: usize,
        step: bool,
    },
    /// Behind a `for (.. of ..)` with a declaration, in this scope.
    ForEach(usize),
    /// Behind a `switch`, with the scope of its cases.
    Switch(usize),
}

/// Reads the scopes of a function from its syntax tree.
pub(super) fn scopes<'a>(
    function: Node<'_>,
    text: &'a str,
    traits: Traits<'a>,
) -> Result<Scopes<'a>, Doubt> {
    let mut reader = Reader {
        text,
        strict: traits.strict,
        list: Vec::new(),
        work: Vec::new(),
        references: Vec::new(),
        functions: 0,
        hoisted: Vec::new(),
        traits,
    };
    reader.root(function)?;
    while let Some(work) = reader.work.pop() {
        reader.step(work)?;
    }
    reader.finish()?;
    Ok(Scopes { list: reader.list })
}

struct Reader<'a, 't> {
    text: &'a str,
    strict: bool,
    list: Vec<Scope<'a>>,
    /// What is still to be read, the next one last: the tree may be deeper than the stack.
    work: Vec<Work<'t>>,
    /// Names and where they stand.
    references: Vec<(&'a str, usize)>,
    /// How many functions were met so far.
    functions: usize,
    /// Functions in blocks of the function, which sloppy mode makes a `var` of.
    hoisted: Vec<&'a str>,
    traits: Traits<'a>,
}

const ROOT: usize = 0;
const UNREADABLE: Doubt = "the text is not understood";

impl<'a, 't> Reader<'a, 't> {
    fn root(&mut self, function: Node<'t>) -> Result<(), Doubt> {
        let arrow = function.kind() == "arrow_function";
        self.open(if arrow { ScopeKind::Arrow } else { ScopeKind::Function }, None);
        if !arrow {
            self.declare(ROOT, "new.target", false);
        }
        let simple = simple_parameters(function);
        let mut rest = false;
        for parameter in parameters_of(function) {
            rest |= parameter.kind() == "rest_pattern";
        }
        let temporary = self.traits.generator || self.traits.asynchronous;
        // Registers of the arguments' rest and of the generator come behind the parameters' names, which
        // are read later: patterns are bound first.
        self.bind_parameters(function, ROOT, simple);
        self.drain()?;
        if rest {
            self.temporary(ROOT);
        }
        if temporary {
            self.temporary(ROOT);
        }
        self.body(function, ROOT, simple);
        Ok(())
    }

    fn drain(&mut self) -> Result<(), Doubt> {
        while let Some(work) = self.work.pop() {
            self.step(work)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Doubt> {
        let arrow = self.scope(ROOT)?.kind == ScopeKind::Arrow;
        let body = self.scope(ROOT)?.vars_in;
        if !self.hoisted.is_empty() {
            let doubt = "a function in a block is a variable of the function as well";
            for name in std::mem::take(&mut self.hoisted) {
                let here = self.list.iter_mut().filter(|scope| scope.function == ROOT);
                for local in here.flat_map(|scope| &mut scope.locals) {
                    if local.name == Some(name) {
                        local.doubt = Some(doubt);
                    }
                }
            }
            self.temporary(body);
            if let Some(last) = self.list.get_mut(body).and_then(|scope| scope.locals.last_mut()) {
                last.doubt = Some(doubt);
            }
        }
        if !arrow {
            self.declare(ROOT, "arguments", false);
        }
        if let Some(name) = self.traits.expression_name
            && !self.scope(ROOT)?.names.contains_key(name)
        {
            self.declare(ROOT, name, false);
        }
        if body != ROOT {
            // A `var` named like a parameter begins with the parameter's value.
            let parameters: Vec<&str> = self.scope(ROOT)?.names.keys().copied().collect();
            for name in parameters {
                if let Some(local) = self.local(body, name) {
                    local.doubt = Some("a parameter has the same name");
                }
            }
        }
        self.resolve()
    }

    /// Finds what every name means.
    fn resolve(&mut self) -> Result<(), Doubt> {
        let mut steps = 0usize;
        for (name, from) in std::mem::take(&mut self.references) {
            let used_in = self.scope(from)?.function;
            let mut at = Some(from);
            while let Some(scope) = at {
                steps += 1;
                if steps > MOST_STEPS {
                    return Err("the scopes are nested too deeply");
                }
                if let Some(local) = self.local(scope, name) {
                    local.used = true;
                    let captured = self.scope(scope)?.function != used_in;
                    if let Some(local) = self.local(scope, name) {
                        local.captured |= captured;
                    }
                    break;
                }
                at = self.scope(scope)?.parent;
            }
        }
        Ok(())
    }

    fn scope(&self, at: usize) -> Result<&Scope<'a>, Doubt> {
        self.list.get(at).ok_or(UNREADABLE)
    }

    fn local(&mut self, scope: usize, name: &str) -> Option<&mut Local<'a>> {
        let scope = self.list.get_mut(scope)?;
        scope.locals.get_mut(*scope.names.get(name)?)
    }

    fn open(&mut self, kind: ScopeKind, parent: Option<usize>) -> usize {
        let at = self.list.len();
        let function = match (kind, parent.and_then(|parent| self.list.get(parent))) {
            (ScopeKind::Block | ScopeKind::Catch | ScopeKind::Class, Some(outer)) => outer.function,
            _ => at,
        };
        if let Some(outer) = parent.and_then(|parent| self.list.get_mut(parent)) {
            outer.children.push(at);
        }
        self.list.push(Scope {
            kind,
            parent,
            function,
            vars_in: at,
            locals: Vec::new(),
            children: Vec::new(),
            doubt: None,
            names: HashMap::new(),
        });
        at
    }

    fn declare(&mut self, at: usize, name: &'a str, used: bool) {
        let Some(scope) = self.list.get_mut(at) else { return };
        let next = scope.locals.len();
        let place = *scope.names.entry(name).or_insert(next);
        if place == next {
            scope.locals.push(Local {
                name: Some(name),
                used,
                captured: false,
                parameter: false,
                function: false,
                doubt: None,
            });
        } else if let Some(local) = scope.locals.get_mut(place) {
            local.used |= used;
        }
    }

    fn temporary(&mut self, at: usize) {
        if let Some(scope) = self.list.get_mut(at) {
            scope.locals.push(Local {
                name: None,
                used: true,
                captured: false,
                parameter: false,
                function: false,
                doubt: None,
            });
        }
    }

    fn text(&self, node: Node<'_>) -> Result<&'a str, Doubt> {
        let text = self.text.get(node.byte_range()).ok_or(UNREADABLE)?;
        // V8 compares names without their escapes.
        if text.contains('\\') { Err("a name has an escape") } else { Ok(text) }
    }

    fn step(&mut self, work: Work<'t>) -> Result<(), Doubt> {
        match work {
            Work::Visit(node, scope) => self.visit(node, scope),
            Work::Bind(node, scope, binding) => self.bind(node, scope, binding),
            Work::Loop { names, rounds, functions_before, step } => {
                let bound: Vec<&'a str> =
                    self.scope(names)?.locals.iter().filter_map(|local| local.name).collect();
                if self.functions > functions_before && !bound.is_empty() {
                    let function = self.scope(names)?.function;
                    for _ in 0..=(bound.len() + usize::from(step)) {
                        self.temporary(function);
                    }
                    for name in bound {
                        self.declare(rounds, name, true);
                    }
                }
                Ok(())
            }
            Work::ForEach(scope) => {
                let function = self.scope(scope)?.function;
                self.temporary(function);
                Ok(())
            }
            Work::Switch(scope) => {
                if !self.scope(scope)?.locals.is_empty() {
                    let function = self.scope(scope)?.function;
                    self.temporary(function);
                }
                Ok(())
            }
        }
    }

    /// Puts the children of a node before all other work, in their order.
    fn children(&mut self, node: Node<'t>, scope: usize) {
        let from = self.work.len();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.work.push(Work::Visit(child, scope));
        }
        if let Some(added) = self.work.get_mut(from..) {
            added.reverse();
        }
    }

    /// Puts work before all other, in its order.
    fn then(&mut self, work: impl IntoIterator<Item = Work<'t>>) {
        let from = self.work.len();
        self.work.extend(work);
        if let Some(added) = self.work.get_mut(from..) {
            added.reverse();
        }
    }

    fn visit(&mut self, node: Node<'t>, scope: usize) -> Result<(), Doubt> {
        let in_root = self.scope(scope)?.function == ROOT;
        match node.kind() {
            "identifier"
            | "shorthand_property_identifier"
            | "shorthand_property_identifier_pattern" => {
                let name = self.text(node)?;
                self.references.push((name, scope));
            }
            "statement_block" => {
                let block = self.open(ScopeKind::Block, Some(scope));
                self.children(node, block);
            }
            "function_declaration" | "generator_function_declaration" => {
                self.function_declaration(node, scope)?;
            }
            "function_expression"
            | "generator_function"
            | "arrow_function"
            | "method_definition" => {
                if let Some(key) = node.child_by_field_name("name")
                    && key.kind() == "computed_property_name"
                {
                    self.work.push(Work::Visit(key, scope));
                    // Read before the function, which only counts for classes; those are in doubt then.
                }
                self.function(node, scope)?;
            }
            "class" | "class_declaration" => self.class(node, scope)?,
            "lexical_declaration" => self.declarators(node, scope, true),
            "variable_declaration" => self.declarators(node, scope, false),
            "for_statement" => self.for_statement(node, scope),
            "for_in_statement" => self.for_each(node, scope)?,
            "switch_statement" => {
                let body = node.child_by_field_name("body").ok_or(UNREADABLE)?;
                let value = node.child_by_field_name("value").ok_or(UNREADABLE)?;
                let cases = self.open(ScopeKind::Block, Some(scope));
                let mut cursor = body.walk();
                let inside: Vec<Work<'t>> = body
                    .named_children(&mut cursor)
                    .map(|child| Work::Visit(child, cases))
                    .collect();
                self.work.push(Work::Switch(cases));
                self.then(inside);
                self.work.push(Work::Visit(value, scope));
            }
            "catch_clause" => {
                let body = node.child_by_field_name("body").ok_or(UNREADABLE)?;
                let parameter = node.child_by_field_name("parameter");
                let mut inside = scope;
                if let Some(parameter) = parameter {
                    let catch = self.open(ScopeKind::Catch, Some(scope));
                    inside = self.open(ScopeKind::Block, Some(catch));
                    if parameter.kind() == "identifier" {
                        let name = self.text(parameter)?;
                        self.declare(catch, name, true);
                    }
                }
                self.work.push(Work::Visit(body, inside));
                if let Some(parameter) = parameter.filter(|node| node.kind() != "identifier") {
                    self.work.push(Work::Bind(parameter, inside, Binding::Lexical));
                }
            }
            "call_expression"
                if node.child_by_field_name("function").is_some_and(|function| {
                    self.text.get(function.byte_range()) == Some("eval")
                }) =>
            {
                return Err("the function calls eval");
            }
            "with_statement" => return Err("the function has a with statement"),
            "using_declaration" | "decorator" => return Err("the function has newer syntax"),
            "yield_expression" if in_root && !self.traits.generator => return Err(UNREADABLE),
            "await_expression" if in_root && !self.traits.asynchronous => return Err(UNREADABLE),
            "meta_property" => {
                if self.text(node)?.ends_with("target") {
                    self.references.push(("new.target", scope));
                }
            }
            "super" if node.parent().is_some_and(|parent| parent.kind() == "call_expression") => {
                return Err("the function calls super");
            }
            "super" => {
                // Methods find their home object in a variable of the class or object around.
                let mut at = self.scope(scope)?.parent;
                while let Some(outer) = at {
                    if let Some(scope) = self.list.get_mut(outer)
                        && scope.kind == ScopeKind::Class
                    {
                        scope.doubt = Some("a class uses super");
                    }
                    at = self.scope(outer)?.parent;
                }
            }
            kind if kind.starts_with("jsx") => return Err(UNREADABLE),
            _ => self.children(node, scope),
        }
        Ok(())
    }

    fn function_declaration(&mut self, node: Node<'t>, scope: usize) -> Result<(), Doubt> {
        let within = node.parent().map_or("", |parent| parent.kind());
        if !matches!(within, "statement_block" | "switch_case" | "switch_default") {
            return Err("a function stands where a statement should");
        }
        let name = self.text(node.child_by_field_name("name").ok_or(UNREADABLE)?)?;
        let function = self.scope(scope)?.function;
        let new = self.local(scope, name).is_none();
        self.declare(scope, name, false);
        if new && let Some(local) = self.local(scope, name) {
            local.function = true;
        }
        let of_body = self.scope(function)?.vars_in == scope;
        let plain = node.kind() == "function_declaration"
            && !self.text.get(node.byte_range()).is_some_and(|text| text.starts_with("async"));
        if !of_body && function == ROOT && !self.strict && plain {
            self.hoisted.push(name);
        }
        self.function(node, scope)
    }

    fn function(&mut self, node: Node<'t>, outer: usize) -> Result<(), Doubt> {
        self.functions += 1;
        let kind = match node.kind() {
            "arrow_function" => ScopeKind::Arrow,
            _ => ScopeKind::Function,
        };
        let scope = self.open(kind, Some(outer));
        if kind == ScopeKind::Function {
            self.declare(scope, "arguments", false);
            self.declare(scope, "new.target", false);
        }
        if matches!(node.kind(), "function_expression" | "generator_function")
            && let Some(name) = node.child_by_field_name("name")
        {
            let name = self.text(name)?;
            self.declare(scope, name, false);
        }
        // The order of its own variables does not matter, so its body needs no scope beside this one.
        self.body(node, scope, true);
        self.bind_parameters(node, scope, false);
        Ok(())
    }

    fn bind_parameters(&mut self, function: Node<'t>, scope: usize, simple: bool) {
        let binding = if simple { Binding::Parameter } else { Binding::Lexical };
        let binds: Vec<Work<'t>> = parameters_of(function)
            .into_iter()
            .map(|parameter| Work::Bind(parameter, scope, binding))
            .collect();
        self.then(binds);
    }

    fn body(&mut self, function: Node<'t>, mut scope: usize, simple: bool) {
        let Some(body) = function.child_by_field_name("body") else { return };
        if !simple {
            let inner = self.open(ScopeKind::Block, Some(scope));
            if let Some(outer) = self.list.get_mut(scope) {
                outer.vars_in = inner;
            }
            scope = inner;
        }
        if body.kind() == "statement_block" {
            self.children(body, scope);
        } else {
            self.work.push(Work::Visit(body, scope));
        }
    }

    fn bind(&mut self, node: Node<'t>, scope: usize, binding: Binding) -> Result<(), Doubt> {
        match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => {
                let name = self.text(node)?;
                self.bind_name(name, scope, binding)?;
            }
            "object_pattern" | "array_pattern" | "rest_pattern" => {
                let mut cursor = node.walk();
                let parts: Vec<Work<'t>> = node
                    .named_children(&mut cursor)
                    .map(|child| Work::Bind(child, scope, binding))
                    .collect();
                self.then(parts);
            }
            "assignment_pattern" | "object_assignment_pattern" => {
                let left = node.child_by_field_name("left").ok_or(UNREADABLE)?;
                let right = node.child_by_field_name("right").ok_or(UNREADABLE)?;
                self.then([Work::Bind(left, scope, binding), Work::Visit(right, scope)]);
            }
            "pair_pattern" => {
                let key = node.child_by_field_name("key").ok_or(UNREADABLE)?;
                let value = node.child_by_field_name("value").ok_or(UNREADABLE)?;
                self.work.push(Work::Bind(value, scope, binding));
                if key.kind() == "computed_property_name" {
                    self.work.push(Work::Visit(key, scope));
                }
            }
            "comment" => {}
            _ => return Err(UNREADABLE),
        }
        Ok(())
    }

    fn bind_name(&mut self, name: &'a str, scope: usize, binding: Binding) -> Result<(), Doubt> {
        match binding {
            Binding::Lexical => self.declare(scope, name, true),
            Binding::Parameter => {
                self.declare(scope, name, false);
                if let Some(local) = self.local(scope, name) {
                    local.parameter = true;
                }
            }
            Binding::Var(given) => {
                let function = self.scope(scope)?.function;
                let target = self.scope(function)?.vars_in;
                self.declare(target, name, given);
                let mut at = scope;
                while at != target {
                    if self.local(at, name).is_some()
                        && let Some(local) = self.local(target, name)
                    {
                        local.doubt = Some("a catch binds the same name");
                    }
                    match self.scope(at)?.parent {
                        Some(parent) => at = parent,
                        None => break,
                    }
                }
            }
        }
        Ok(())
    }

    fn declarators(&mut self, node: Node<'t>, scope: usize, lexical: bool) {
        let mut work = Vec::new();
        let mut cursor = node.walk();
        for declarator in node.named_children(&mut cursor) {
            let value = declarator.child_by_field_name("value");
            let binding = if lexical { Binding::Lexical } else { Binding::Var(value.is_some()) };
            if let Some(name) = declarator.child_by_field_name("name") {
                work.push(Work::Bind(name, scope, binding));
            }
            work.extend(value.map(|value| Work::Visit(value, scope)));
        }
        self.then(work);
    }

    fn for_statement(&mut self, node: Node<'t>, scope: usize) {
        let initializer = node.child_by_field_name("initializer");
        let lexical = initializer.is_some_and(|node| node.kind() == "lexical_declaration");
        if !lexical {
            self.children(node, scope);
            return;
        }
        let names = self.open(ScopeKind::Block, Some(scope));
        let rounds = self.open(ScopeKind::Block, Some(names));
        let step = node.child_by_field_name("increment");
        let parts = ["condition", "increment", "body"];
        let mut work: Vec<Work<'t>> =
            initializer.into_iter().map(|initializer| Work::Visit(initializer, names)).collect();
        work.extend(
            parts
                .into_iter()
                .filter_map(|part| node.child_by_field_name(part))
                .map(|part| Work::Visit(part, rounds)),
        );
        work.push(Work::Loop {
            names,
            rounds,
            functions_before: self.functions,
            step: step.is_some(),
        });
        self.then(work);
    }

    fn for_each(&mut self, node: Node<'t>, scope: usize) -> Result<(), Doubt> {
        let left = node.child_by_field_name("left").ok_or(UNREADABLE)?;
        let right = node.child_by_field_name("right").ok_or(UNREADABLE)?;
        let body = node.child_by_field_name("body").ok_or(UNREADABLE)?;
        let kind =
            node.child_by_field_name("kind").and_then(|kind| self.text.get(kind.byte_range()));
        match kind {
            None => {
                self.then([left, right, body].map(|part| Work::Visit(part, scope)));
            }
            Some("var") if node.child_by_field_name("value").is_none() => self.then([
                Work::Bind(left, scope, Binding::Var(true)),
                Work::Visit(right, scope),
                Work::Visit(body, scope),
                Work::ForEach(scope),
            ]),
            Some("let" | "const") => {
                let unset = self.open(ScopeKind::Block, Some(scope));
                let round = self.open(ScopeKind::Block, Some(unset));
                self.then([
                    Work::Bind(left, round, Binding::Lexical),
                    Work::Bind(left, unset, Binding::Lexical),
                    Work::Visit(right, unset),
                    Work::Visit(body, round),
                    Work::ForEach(scope),
                ]);
            }
            Some(_) => return Err("a loop has rare syntax"),
        }
        Ok(())
    }

    fn class(&mut self, node: Node<'t>, scope: usize) -> Result<(), Doubt> {
        // Its constructor is a function even where it is not written.
        self.functions += 1;
        let class = self.open(ScopeKind::Class, Some(scope));
        if let Some(name) = node.child_by_field_name("name") {
            let name = self.text(name)?;
            if node.kind() == "class_declaration" {
                self.declare(scope, name, true);
            }
            self.declare(class, name, false);
        }
        let body = node.child_by_field_name("body").ok_or(UNREADABLE)?;
        let mut work = Vec::new();
        let mut cursor = node.walk();
        work.extend(
            node.named_children(&mut cursor)
                .filter(|child| child.kind() == "class_heritage")
                .map(|heritage| Work::Visit(heritage, class)),
        );
        let mut cursor = body.walk();
        let mut doubt = None;
        for member in body.named_children(&mut cursor) {
            let plain = member.kind() == "method_definition"
                && member.child(0).is_some_and(|first| first.kind() != "static")
                && member.child_by_field_name("name").is_some_and(|name| {
                    matches!(name.kind(), "property_identifier" | "string" | "number")
                });
            match member.kind() {
                "comment" => continue,
                "method_definition" => work.push(Work::Visit(member, class)),
                "field_definition" | "class_static_block" => {
                    // Initialisers run as functions of their own.
                    let inside = self.open(ScopeKind::Function, Some(class));
                    let mut cursor = member.walk();
                    let parts: Vec<Node<'t>> = member.named_children(&mut cursor).collect();
                    work.extend(parts.into_iter().map(|part| Work::Visit(part, inside)));
                }
                _ => return Err("a class has rare syntax"),
            }
            if !plain {
                doubt = Some("a class has fields, static or private members, or computed names");
            }
        }
        if let Some(scope) = self.list.get_mut(class) {
            scope.doubt = doubt;
        }
        self.then(work);
        Ok(())
    }
}

/// The parameters of a function, as they are written.
fn parameters_of(function: Node<'_>) -> Vec<Node<'_>> {
    if let Some(one) = function.child_by_field_name("parameter") {
        return vec![one];
    }
    let Some(list) = function.child_by_field_name("parameters") else { return Vec::new() };
    let mut cursor = list.walk();
    list.named_children(&mut cursor).filter(|node| node.kind() != "comment").collect()
}

fn simple_parameters(function: Node<'_>) -> bool {
    parameters_of(function).iter().all(|parameter| parameter.kind() == "identifier")
}
