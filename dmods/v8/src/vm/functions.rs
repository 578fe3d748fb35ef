//! What is known of functions and scripts, looked up once each: deep stacks run few functions.

use super::{MOST_REMEMBERED, Vm};
use crate::frame::shown::NO_SOURCE;
use crate::frame::{Held, JsFrame};
use crate::layout::fact::Fact;
use crate::object::function::{FunctionName, Script};
use crate::object::function_kind::FunctionKind;
use crate::object::heap::{Heap, Object};
use crate::object::kind::Kind;
use crate::object::string::Text;
use crate::partial::noted;
use crate::source::{self, Form, Parameter, Parameters, RegisterNames, SourceText};
use mdb_dmod::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The longest source of which lines are counted, in UTF-16 units.
const LONGEST_SOURCE: usize = 1 << 26;
/// The longest function whose parameters are read.
const LONGEST_FUNCTION: usize = 1 << 22;
/// Code in eval in eval: so deep the callers are looked up.
const DEEPEST_EVAL: u32 = 8;
/// Parameters of a wrapped function that are read, and how long their names may be.
const MOST_WRAPPED: u64 = 64;
const LONGEST_PARAMETER: usize = 256;
/// Sources that are kept take no more units than this together.
const MOST_UNITS: usize = 1 << 24;

/// A script, with its text as far as that was needed.
#[derive(Debug)]
pub(crate) struct ScriptFacts {
    /// What it says of itself.
    pub(crate) script: Script,
    /// Of code that was given to `eval`: who did that, and where.
    pub(crate) origin: Option<Origin>,
}

/// Who called `eval`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The function, or empty.
    pub(crate) function: String,
    /// Its file, or empty.
    pub(crate) file: String,
    /// The line and column of the call.
    pub(crate) place: Option<LineColumn>,
}

/// A function.
#[derive(Debug)]
pub(crate) struct FunctionFacts {
    /// Its name.
    pub(crate) name: FunctionName,
    /// Its kind.
    pub(crate) kind: FunctionKind,
    /// It is the top level of a script.
    pub(crate) is_toplevel: bool,
    /// Stack traces of V8 show it although it is no function of a script.
    pub(crate) is_native: bool,
    /// It is in strict mode.
    pub(crate) is_strict: bool,
    /// Its name, where that is a variable of its own: it is a named function expression.
    pub(crate) expression_name: Option<String>,
    /// Its script.
    pub(crate) script: Option<Arc<ScriptFacts>>,
    /// Where it begins and ends in that.
    pub(crate) range: Option<(u32, u32)>,
    /// Its parameters, where its text was understood.
    pub(crate) parameters: Option<Parameters>,
    /// What could not be found out, and why.
    pub(crate) troubles: Vec<String>,
}

/// Line and column, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineColumn {
    /// The line.
    pub(crate) line: u32,
    /// The column, in UTF-16 units.
    pub(crate) column: u32,
}

/// What was looked up so far.
#[derive(Debug, Default)]
pub(crate) struct Known {
    functions: HashMap<u64, Arc<FunctionFacts>>,
    names: HashMap<u64, String>,
    registers: HashMap<u64, Arc<RegisterNames>>,
    calls: HashMap<(u64, u64, bool), Option<String>>,
    scripts: HashMap<u64, Arc<ScriptFacts>>,
    texts: HashMap<u64, Arc<Text>>,
    lines: HashMap<(u64, u32), Option<LineColumn>>,
}

impl Vm {
    fn known<T>(&self, ask: impl FnOnce(&mut Known) -> T) -> T {
        ask(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known of a function, by its SharedFunctionInfo.
    pub(crate) fn function(&self, heap: Heap<'_>, shared: Object) -> Result<Arc<FunctionFacts>> {
        if let Some(facts) = self.known(|known| known.functions.get(&shared.address).cloned()) {
            return Ok(facts);
        }
        let facts = Arc::new(self.read_function(heap, shared)?);
        self.known(|known| {
            if known.functions.len() >= MOST_REMEMBERED {
                known.functions.clear();
            }
            known.functions.insert(shared.address, Arc::clone(&facts));
        });
        Ok(facts)
    }

    /// The name of a closure: that of its function, unless it was given one of its own. Only ^C is an
    /// error.
    pub(crate) fn closure_name(
        &self,
        heap: Heap<'_>,
        closure: Object,
        facts: &FunctionFacts,
    ) -> Result<String> {
        if let Some(name) = self.known(|known| known.names.get(&closure.address).cloned()) {
            return Ok(name);
        }
        let name = match heap.function_name(closure) {
            Ok(name) => name,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => facts.name.text.clone(),
        };
        self.known(|known| {
            if known.names.len() >= MOST_REMEMBERED {
                known.names.clear();
            }
            known.names.insert(closure.address, name.clone());
        });
        Ok(name)
    }

    /// The names of a function's registers, found once: that takes a parser.
    pub(crate) fn register_names(
        &self,
        shared: Object,
        find: impl FnOnce() -> RegisterNames,
    ) -> Arc<RegisterNames> {
        if let Some(names) = self.known(|known| known.registers.get(&shared.address).cloned()) {
            return names;
        }
        let names = Arc::new(find());
        self.known(|known| {
            if known.registers.len() >= MOST_REMEMBERED {
                known.registers.clear();
            }
            known.registers.insert(shared.address, Arc::clone(&names));
        });
        names
    }

    /// What a call of a function on a receiver is called, looked up once.
    pub(crate) fn call_name(
        &self,
        frame: &JsFrame,
        find: impl FnOnce() -> Result<Option<String>>,
    ) -> Result<Option<String>> {
        let (Some(function), Held::Tagged(receiver)) = (frame.function, &frame.receiver) else {
            return find();
        };
        let key = (function.address, receiver.0, frame.is_construct);
        if let Some(name) = self.known(|known| known.calls.get(&key).cloned()) {
            return Ok(name);
        }
        let name = find()?;
        self.known(|known| {
            if known.calls.len() >= MOST_REMEMBERED {
                known.calls.clear();
            }
            known.calls.insert(key, name.clone());
        });
        Ok(name)
    }

    fn read_function(&self, heap: Heap<'_>, shared: Object) -> Result<FunctionFacts> {
        let mut troubles = Vec::new();
        let name = noted(&mut troubles, "name", heap.shared_name(shared))?.unwrap_or_default();
        let flags = heap.field_u32(shared.address, Fact::SfiFlags);
        let flags = noted(&mut troubles, "flags", flags)?.unwrap_or(0);
        let bits = |fact| heap.layout.get(fact).and_then(|bits| u32::try_from(bits).ok());
        let kind = FunctionKind(flags & bits(Fact::SfiKindMask).unwrap_or(0));
        let is_toplevel = flags & bits(Fact::SfiIsToplevelBit).unwrap_or(0) != 0;
        let is_strict = flags & bits(Fact::SfiIsStrictBit).unwrap_or(0) != 0;
        // FunctionSyntaxKind: 1 is kNamedExpression, 4 is kWrapped (objects/function-syntax-kind.h).
        let syntax = flags >> bits(Fact::SfiSyntaxShift).unwrap_or(0) & 7;
        let expression_name = (syntax == 1 && !name.is_inferred).then(|| name.text.clone());
        let is_wrapped = syntax == 4;
        let script = heap.shared_script(shared);
        let script = match noted(&mut troubles, "script", script)?.flatten() {
            Some(object) => {
                let facts = self.script(heap, object);
                noted(&mut troubles, "script", facts)?
            }
            None => None,
        };
        let range = heap.shared_positions(shared);
        let range = noted(&mut troubles, "positions", range)?.flatten();
        let mut facts = FunctionFacts {
            name,
            kind,
            is_toplevel,
            is_native: flags & bits(Fact::SfiIsNativeBit).unwrap_or(0) != 0,
            is_strict,
            expression_name,
            script,
            range,
            parameters: None,
            troubles,
        };
        facts.parameters = if is_wrapped {
            wrapped_parameters(heap, &facts)?
        } else {
            parameters(heap, &mut facts)?
        };
        Ok(facts)
    }

    /// Who gave a script's code to `eval`. Only ^C is an error.
    fn origin(&self, heap: Heap<'_>, script: Object, depth: u32) -> Result<Option<Origin>> {
        let find = || -> Result<Origin> {
            let shared = heap.field(script.address, Fact::ScriptEvalFromShared)?;
            let shared = heap.object_of(shared, Kind::SharedFunctionInfo)?;
            let name = heap.shared_name(shared)?.text;
            let mut origin = Origin { function: name, file: String::new(), place: None };
            let Some(caller) = heap.shared_script(shared)? else { return Ok(origin) };
            let caller = self.script_at(heap, caller, depth + 1)?;
            origin.file.clone_from(&caller.script.name);
            let position = heap.field(script.address, Fact::ScriptEvalFromPosition)?.exact_smi();
            // Below zero it is an offset in the bytecode, not translated yet.
            let position = match position.map(|position| (position, u32::try_from(position))) {
                Some((_, Ok(position))) => Some(position),
                Some((offset, Err(_))) => {
                    let bytecode = heap.shared_bytecode(shared)?;
                    match (bytecode, self.position_encoding) {
                        (Some(bytecode), Some(encoding)) => {
                            heap.bytecode_position(encoding, bytecode, offset.unsigned_abs())?
                        }
                        _ => None,
                    }
                }
                None => None,
            };
            if let Some(position) = position {
                origin.place = self.line_column(heap, &caller, position)?;
            }
            Ok(origin)
        };
        match find() {
            Ok(origin) => Ok(Some(origin)),
            Err(error) if error.is_stop() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// What is known of a script.
    pub(crate) fn script(&self, heap: Heap<'_>, object: Object) -> Result<Arc<ScriptFacts>> {
        self.script_at(heap, object, 0)
    }

    fn script_at(&self, heap: Heap<'_>, object: Object, depth: u32) -> Result<Arc<ScriptFacts>> {
        if let Some(facts) = self.known(|known| known.scripts.get(&object.address).cloned()) {
            return Ok(facts);
        }
        let script = heap.script(object)?;
        let is_nested = script.is_eval && depth < DEEPEST_EVAL;
        let origin = if is_nested { self.origin(heap, object, depth)? } else { None };
        let facts = Arc::new(ScriptFacts { script, origin });
        self.known(|known| {
            if known.scripts.len() >= MOST_REMEMBERED {
                known.scripts.clear();
            }
            known.scripts.insert(object.address, Arc::clone(&facts));
        });
        Ok(facts)
    }

    /// The text of a script.
    pub(crate) fn script_text(&self, heap: Heap<'_>, script: &ScriptFacts) -> Result<Arc<Text>> {
        let address = script.script.object.address;
        if let Some(text) = self.known(|known| known.texts.get(&address).cloned()) {
            return Ok(text);
        }
        let Some(source) = script.script.source else {
            return Err(Error::at(address, "the script has no source"));
        };
        let text = Arc::new(heap.string(source, LONGEST_SOURCE)?);
        self.known(|known| {
            let kept: usize = known.texts.values().map(|text| text.units.len()).sum();
            if kept.saturating_add(text.units.len()) > MOST_UNITS {
                known.texts.clear();
            }
            known.texts.insert(address, Arc::clone(&text));
        });
        Ok(text)
    }

    /// Line and column of a place in a script, as V8 counts them in stack traces; `None`: the source is
    /// shorter than that.
    pub(crate) fn line_column(
        &self,
        heap: Heap<'_>,
        script: &ScriptFacts,
        position: u32,
    ) -> Result<Option<LineColumn>> {
        let key = (script.script.object.address, position);
        if let Some(known) = self.known(|known| known.lines.get(&key).copied()) {
            return Ok(known);
        }
        let text = self.script_text(heap, script)?;
        let found = source::position(SourceText::TwoByte(&text.units), position as usize);
        let found = found.map(|found| {
            let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
            let offset = |value: i32| u32::try_from(value).unwrap_or(0);
            let line = number(found.line);
            // Columns stand before the first line only.
            let before = if line == 0 { offset(script.script.column_offset) } else { 0 };
            LineColumn {
                line: line.saturating_add(offset(script.script.line_offset)).saturating_add(1),
                column: number(found.column).saturating_add(before).saturating_add(1),
            }
        });
        self.known(|known| {
            if known.lines.len() >= MOST_REMEMBERED {
                known.lines.clear();
            }
            known.lines.insert(key, found);
        });
        Ok(found)
    }
}

/// The store of what was looked up.
pub(crate) type Store = Mutex<Known>;

/// Names of parameters stand in the source and nowhere else.
fn parameters(heap: Heap<'_>, facts: &mut FunctionFacts) -> Result<Option<Parameters>> {
    let has_none = facts.is_toplevel || facts.kind.is_module() || facts.kind.is_initializer();
    if has_none || facts.kind.is_default_constructor() {
        return Ok(None);
    }
    let (Some(script), Some((start, end))) = (&facts.script, facts.range) else {
        return Ok(None);
    };
    let Some(source) = script.script.source else { return Ok(None) };
    let length = (end.saturating_sub(start) as usize).min(LONGEST_FUNCTION);
    let text = match heap.substring(source, start.into(), length) {
        Ok(text) => text,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => {
            facts.troubles.push(NO_SOURCE.to_owned());
            return Ok(None);
        }
    };
    Ok(Some(source::parameters(SourceText::TwoByte(&text.units))))
}

/// A function that the embedder wraps around a source has the parameters that it names.
fn wrapped_parameters(heap: Heap<'_>, facts: &FunctionFacts) -> Result<Option<Parameters>> {
    let names = || -> Result<Option<Vec<Parameter>>> {
        let Some(script) = &facts.script else { return Ok(None) };
        let array = heap.field(script.script.object.address, Fact::ScriptEvalFromShared)?;
        let array = heap.object(array)?;
        let mut list = Vec::new();
        for index in 0..heap.array_length(array)?.min(MOST_WRAPPED) {
            let Some(name) = heap.element(array, index)? else { break };
            let text = heap.text(name, LONGEST_PARAMETER)?;
            list.push(Parameter { text, pattern: false, rest: false, default: false });
        }
        Ok(Some(list))
    };
    match names() {
        Ok(Some(list)) => Ok(Some(Parameters { list, complete: true, form: Form::Ordinary })),
        Err(error) if error.is_stop() => Err(error),
        _ => Ok(None),
    }
}
