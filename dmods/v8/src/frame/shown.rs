//! What people are shown of a JavaScript frame.

use super::javascript::Reader;
use super::{Held, JsFrame};
use crate::brief::{Style, brief, brief_number, one_line};
use crate::object::heap::Object;
use crate::source::{self, RegisterNames, SourceText, Traits};
use crate::vm::functions::{FunctionFacts, LineColumn};
use mdb_dmod::prelude::*;
use std::fmt::Write as _;
use std::sync::Arc;

/// What is said where the text of a script cannot be read.
pub(crate) const NO_SOURCE: &str = "the source is not in the core";

/// Characters of one value among arguments.
const ARGUMENT_CHARS: usize = 40;
/// Characters of all arguments; the one that passes it is the last.
const ARGUMENTS_CHARS: usize = 90;
/// What stands for arguments that are not known.
pub(crate) const NOT_READ: &str = "…";
/// Arguments that are shown at most.
const MOST_ARGUMENTS: usize = 16;

/// Names of variables that are looked at.
const MOST_NAMES: u64 = 4096;
/// Longer names are no identifiers that a person wrote.
const LONGEST_NAME: usize = 1024;

/// Name and place of a frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// The function, as stack traces of V8 name it: `new Shop`, `async query`; `<anonymous>` where it has
    /// no name.
    pub(crate) name: String,
    /// Its name alone, as V8 gives it; empty where it has none.
    pub(crate) function_name: String,
    /// The file or URL; empty where the function has none.
    pub(crate) file: String,
    /// Line and column, where the source is there.
    pub(crate) place: Option<LineColumn>,
    /// What is known of the function.
    pub(crate) function: Option<Arc<FunctionFacts>>,
    /// What could not be found out, and why.
    pub(crate) troubles: Vec<String>,
}

impl Shown {
    /// `FILE:LINE:COLUMN`, as far as that is known.
    pub(crate) fn place_text(&self, frame: &JsFrame) -> String {
        let script = self.function.as_ref().and_then(|facts| facts.script.as_ref());
        let is_eval = script.is_some_and(|script| script.script.is_eval);
        let mut text = self.file.clone();
        if text.is_empty() && is_eval {
            text.push_str("<anonymous>");
        }
        match (self.place, frame.position) {
            (Some(place), _) => {
                let _ = write!(text, ":{}:{}", place.line, place.column);
            }
            (None, Some(position)) => {
                let _ = write!(text, " position {position}");
            }
            (None, None) => {}
        }
        if frame.position_is_start && frame.position.is_some() {
            text.push_str(" (where the function begins)");
        }
        if let Some(origin) = script.and_then(|script| script.origin.as_ref()) {
            let function =
                if origin.function.is_empty() { "<anonymous>" } else { &origin.function };
            let _ = write!(text, " (eval at {} ({}", one_line(function), one_line(&origin.file));
            if let Some(place) = origin.place {
                let _ = write!(text, ":{}:{}", place.line, place.column);
            }
            text.push_str("))");
        }
        text
    }
}

impl Reader<'_> {
    /// Name and place of a frame.
    pub(crate) fn shown(self, frame: &JsFrame) -> Result<Shown> {
        let mut shown = Shown { troubles: frame.troubles.clone(), ..Shown::default() };
        let Some(shared) = frame.shared else {
            "<unknown function>".clone_into(&mut shown.name);
            return Ok(shown);
        };
        let facts = match self.vm.function(self.heap, shared) {
            Ok(facts) => facts,
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => {
                "<unknown function>".clone_into(&mut shown.name);
                shown.troubles.push(error.to_string());
                return Ok(shown);
            }
        };
        shown.troubles.extend(facts.troubles.iter().cloned());
        let own = match frame.function {
            Some(function) => self.vm.closure_name(self.heap, function, &facts)?,
            None => facts.name.text.clone(),
        };
        let is_eval = facts.script.as_ref().is_some_and(|script| script.script.is_eval);
        // As V8 names it (`CallSiteInfo::GetFunctionName`).
        let own = if own.is_empty() && is_eval { "eval".to_owned() } else { own };
        shown.name = self.name_text(frame, &facts, &own)?;
        shown.function_name = own;
        if let Some(script) = &facts.script {
            shown.file = one_line(&script.script.name);
            if let Some(position) = frame.position {
                match self.vm.line_column(self.heap, script, position) {
                    Ok(Some(place)) => shown.place = Some(place),
                    Ok(None) => shown
                        .troubles
                        .push(format!("position {position} is behind the end of the source")),
                    Err(error) if error.is_stop() => return Err(error),
                    Err(_) => shown.troubles.push(NO_SOURCE.to_owned()),
                }
            }
        }
        shown.function = Some(facts);
        shown.troubles.dedup();
        Ok(shown)
    }

    /// A value in a few words. Only ^C is an error.
    pub(crate) fn held_text(self, held: &Held, chars: usize) -> Result<String> {
        Ok(match held {
            Held::Tagged(value) => {
                brief(self.heap, *value, Style { max_chars: chars, ..Style::default() })?.text
            }
            Held::Number(number) => brief_number(*number).text,
            Held::BigInt(number) => format!("{number}n"),
            Held::Undefined => "undefined".to_owned(),
            Held::Boolean(boolean) => boolean.to_string(),
            Held::OptimisedOut => "<optimised out>".to_owned(),
            Held::Unallocated(fields) => {
                let class = match self.unallocated(fields) {
                    Ok(Some(object)) if object.kind.is_receiver() => {
                        self.heap.constructor_name(object).unwrap_or_default()
                    }
                    Err(error) if error.is_stop() => return Err(error),
                    _ => String::new(),
                };
                let class = if class.is_empty() { "object".to_owned() } else { one_line(&class) };
                format!("<{class} that was not allocated>")
            }
            Held::Unknown(why) => format!("<{why}>"),
        })
    }

    /// Parameters with the values that were passed: `a: 1, b: "x", 7`.
    pub(crate) fn arguments_text(self, frame: &JsFrame, shown: &Shown) -> Result<String> {
        if !frame.is_read {
            return Ok(NOT_READ.to_owned());
        }
        // What V8 passes to the top level of a script is its own affair.
        if shown.function.as_ref().is_some_and(|facts| facts.is_toplevel) {
            return Ok(String::new());
        }
        let mut text = String::new();
        for (index, held) in frame.arguments.iter().take(MOST_ARGUMENTS).enumerate() {
            let value = self.held_text(held, ARGUMENT_CHARS)?;
            if index > 0 {
                text.push_str(", ");
            }
            if text.chars().count() > ARGUMENTS_CHARS {
                let _ = write!(text, "… {} more", frame.arguments.len().saturating_sub(index));
                return Ok(text);
            }
            if let Some(name) = parameter_name(shown, index) {
                let _ = write!(text, "{name}: ");
            }
            text.push_str(&value);
        }
        if let Some(more) = frame.arguments.len().checked_sub(MOST_ARGUMENTS).filter(|n| *n > 0) {
            let _ = write!(text, ", … {more} more");
        }
        Ok(text)
    }
}

impl Reader<'_> {
    /// A frame, as stack traces name it.
    fn name_text(self, frame: &JsFrame, facts: &FunctionFacts, own: &str) -> Result<String> {
        let call = self.vm.call_name(frame, || self.call_name(frame, facts, own))?;
        let is_async = facts.kind.is_async() && !facts.kind.is_module() && !frame.is_construct;
        let prefix = if is_async { "async " } else { "" };
        let text = match &call {
            Some(call) => call,
            None if own.is_empty() && facts.is_toplevel => "<top level>",
            None if own.is_empty() => "<anonymous>",
            None => own,
        };
        Ok(format!("{prefix}{}", one_line(text)))
    }

    /// The names of the registers of a frame's function, as far as its text makes them certain.
    pub(crate) fn register_names(
        self,
        frame: &JsFrame,
        shown: &Shown,
    ) -> Result<Option<Arc<RegisterNames>>> {
        let (Some(facts), Some(shared)) = (&shown.function, frame.shared) else { return Ok(None) };
        let (Some(script), Some((start, end))) = (&facts.script, facts.range) else {
            return Ok(None);
        };
        let has_none = facts.is_toplevel || facts.kind.is_module() || facts.kind.is_initializer();
        if has_none || frame.registers.is_empty() || script.script.source.is_none() {
            return Ok(None);
        }
        let text = match self.vm.script_text(self.heap, script) {
            Ok(text) => text,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => return Ok(None),
        };
        let Some(context) = self.context_names(shared)? else { return Ok(None) };
        let traits = Traits {
            generator: facts.kind.is_generator(),
            asynchronous: facts.kind.is_async(),
            strict: facts.is_strict,
            derived_constructor: facts.kind.is_derived_constructor(),
            expression_name: facts.expression_name.as_deref(),
        };
        let text = SourceText::TwoByte(&text.units).part(start as usize, end as usize);
        let names = || source::registers(text, traits, Some(&context));
        Ok(Some(self.vm.register_names(shared, names)))
    }

    /// The variables that a function keeps in its context; `None`: that cannot be told.
    fn context_names(self, shared: Object) -> Result<Option<Vec<String>>> {
        let names = || -> Result<Option<Vec<String>>> {
            let Some(scope) = self.heap.shared_scope_info(shared)? else { return Ok(None) };
            let mut names = Vec::new();
            for name in self.heap.scope_names(&scope, MOST_NAMES)? {
                let Some(name) = name else { return Ok(None) };
                names.push(self.heap.text(name, LONGEST_NAME)?);
            }
            Ok(Some(names))
        };
        match names() {
            Err(error) if !error.is_stop() => Ok(None),
            result => result,
        }
    }
}

/// The name of a parameter, as it stands in the source, `...` before one that takes the rest.
pub(crate) fn parameter_name(shown: &Shown, index: usize) -> Option<String> {
    let parameters = shown.function.as_ref()?.parameters.as_ref()?;
    let parameter = parameters.list.get(index)?;
    let dots = if parameter.rest { "..." } else { "" };
    Some(format!("{dots}{}", parameter.text))
}
