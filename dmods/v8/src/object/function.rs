//! Functions: closures, what is shared between closures, and scripts.

use super::heap::{Heap, Object};
use super::kind::Kind;
use super::scope_info::ScopeInfo;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// Names of functions and files longer than this are cut.
const LONGEST_NAME: usize = 4096;

/// The name of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FunctionName {
    /// The name; empty where it has none.
    pub(crate) text: String,
    /// V8 inferred it from where the function was stored; it is no name of its own.
    pub(crate) is_inferred: bool,
}

/// A script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    /// The object.
    pub(crate) object: Object,
    /// Its name: a path or URL; empty where it has none.
    pub(crate) name: String,
    /// Its source, if it is a string.
    pub(crate) source: Option<Value>,
    /// How many lines stand before it in the file that it is from.
    pub(crate) line_offset: i32,
    /// How many columns stand before its first line.
    pub(crate) column_offset: i32,
    /// V8's number for it.
    pub(crate) id: Option<i32>,
    /// It is code that was given to `eval` or to a constructor of functions.
    pub(crate) is_eval: bool,
}

impl Heap<'_> {
    /// The SharedFunctionInfo of a closure.
    pub(crate) fn shared(self, function: Object) -> Result<Object> {
        if function.kind != Kind::JsFunction {
            let what = self.kinds.class(function.instance_type).unwrap_or(function.kind.name());
            return Err(Error::at(function.address, format!("a {what}, no function")));
        }
        let shared = self.field(function.address, Fact::JsFunctionShared)?;
        self.object_of(shared, Kind::SharedFunctionInfo)
    }

    /// The ScopeInfo of a function, if it has been compiled so far.
    pub(crate) fn shared_scope_info(self, shared: Object) -> Result<Option<ScopeInfo>> {
        let name = self.field(shared.address, Fact::SfiName)?;
        if self.is(name, Kind::ScopeInfo)? { self.scope_info(name).map(Some) } else { Ok(None) }
    }

    /// The words of a SharedFunctionInfo that may hold its code.
    fn shared_data(self, shared: Object) -> Result<[Option<Value>; 2]> {
        let first = self.field(shared.address, Fact::SfiData)?;
        let second = match self.layout.get(Fact::SfiUntrustedData) {
            Some(offset) => Some(Value(self.word(shared.address, offset)?)),
            None => None,
        };
        Ok([Some(first), second])
    }

    /// Whether it is a function of the embedder, in C++.
    pub(crate) fn is_api_function(self, shared: Object) -> Result<bool> {
        for value in self.shared_data(shared)?.into_iter().flatten() {
            if self.is(value, Kind::FunctionTemplateInfo)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The bytecode of a function, if it has some.
    pub(crate) fn shared_bytecode(self, shared: Object) -> Result<Option<Object>> {
        for value in self.shared_data(shared)?.into_iter().flatten() {
            if value.address().is_none() {
                continue;
            }
            let Ok(object) = self.object(value) else { continue };
            if let Some(bytecode) = self.bytecode_of(object)? {
                return Ok(Some(bytecode));
            }
        }
        Ok(None)
    }

    /// The bytecode behind what a SharedFunctionInfo (or a frame) refers to: itself, InterpreterData,
    /// or the code of the baseline compiler.
    pub(crate) fn bytecode_of(self, object: Object) -> Result<Option<Object>> {
        let mut object = object;
        // Code of the baseline compiler, then InterpreterData, then bytecode.
        for _ in 0..3 {
            let next = match object.kind {
                Kind::BytecodeArray => return Ok(Some(object)),
                Kind::InterpreterData => Fact::InterpreterDataBytecode,
                Kind::Code => Fact::CodeDeoptData,
                _ => return Ok(None),
            };
            let value = self.field(object.address, next)?;
            match self.object(value) {
                Ok(found) => object = found,
                Err(error) if error.is_stop() => return Err(error),
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Where a function begins and ends in its script.
    pub(crate) fn shared_positions(self, shared: Object) -> Result<Option<(u32, u32)>> {
        if let Some(scope) = self.shared_scope_info(shared)?
            && let Some(positions) = self.scope_positions(&scope)?
        {
            return Ok(Some(positions));
        }
        for value in self.shared_data(shared)?.into_iter().flatten() {
            if self.is(value, Kind::UncompiledData)?
                && let Some(address) = value.address()
            {
                let start = self.field_u32(address, Fact::UncompiledDataStart)?;
                let end = self.field_u32(address, Fact::UncompiledDataEnd)?;
                return Ok((start <= end).then_some((start, end)));
            }
        }
        Ok(None)
    }

    /// The name of a function.
    pub(crate) fn shared_name(self, shared: Object) -> Result<FunctionName> {
        let own = self.field(shared.address, Fact::SfiName)?;
        if self.is(own, Kind::String)? {
            let text = self.text(own, LONGEST_NAME)?;
            if !text.is_empty() {
                return Ok(FunctionName { text, is_inferred: false });
            }
        }
        if let Some(scope) = self.shared_scope_info(shared)? {
            if let Some(name) = self.scope_function_name(&scope)?
                && self.is(name, Kind::String)?
            {
                let text = self.text(name, LONGEST_NAME)?;
                if !text.is_empty() {
                    return Ok(FunctionName { text, is_inferred: false });
                }
            }
            if let Some(name) = self.scope_inferred_name(&scope)?
                && self.is(name, Kind::String)?
            {
                return Ok(FunctionName {
                    text: self.text(name, LONGEST_NAME)?,
                    is_inferred: true,
                });
            }
            return Ok(FunctionName::default());
        }
        for value in self.shared_data(shared)?.into_iter().flatten() {
            if self.is(value, Kind::UncompiledData)?
                && let Some(address) = value.address()
            {
                let name = self.field(address, Fact::UncompiledDataInferredName)?;
                if self.is(name, Kind::String)? {
                    let text = self.text(name, LONGEST_NAME)?;
                    return Ok(FunctionName { text, is_inferred: true });
                }
            }
        }
        Ok(FunctionName::default())
    }

    /// The script of a function; built-in functions have none.
    pub(crate) fn shared_script(self, shared: Object) -> Result<Option<Object>> {
        let value = self.field(shared.address, Fact::SfiScript)?;
        let Ok(object) = self.object(value) else { return Ok(None) };
        match object.kind {
            Kind::Script => Ok(Some(object)),
            // Where the debugger or coverage is at work, it stands between.
            Kind::DebugInfo => match self.layout.get(Fact::DebugInfoScript) {
                Some(offset) => {
                    let script = Value(self.word(object.address, offset)?);
                    Ok(self.object(script).ok().filter(|found| found.kind == Kind::Script))
                }
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// What a script says of itself.
    pub(crate) fn script(self, object: Object) -> Result<Script> {
        let text_of = |fact| -> Result<String> {
            let value = self.field(object.address, fact)?;
            if self.is(value, Kind::String)? {
                self.text(value, LONGEST_NAME)
            } else {
                Ok(String::new())
            }
        };
        let number =
            |fact| -> Result<Option<i32>> { Ok(self.field(object.address, fact)?.exact_smi()) };
        // `//# sourceURL=` counts more, as in stack traces of V8 (`Script::GetScriptNameOrSourceURL`).
        let mut name = text_of(Fact::ScriptSourceUrl)?;
        if name.is_empty() {
            name = text_of(Fact::ScriptName)?;
        }
        let source = self.field(object.address, Fact::ScriptSource)?;
        Ok(Script {
            object,
            name,
            source: self.is(source, Kind::String)?.then_some(source),
            line_offset: number(Fact::ScriptLineOffset)?.unwrap_or(0),
            column_offset: number(Fact::ScriptColumnOffset)?.unwrap_or(0),
            id: number(Fact::ScriptId)?,
            is_eval: {
                let flags = number(Fact::ScriptFlags)?.unwrap_or(0);
                i64::from(flags) & self.layout.get(Fact::ScriptIsEvalBit).unwrap_or(0) != 0
            },
        })
    }
}
