//! Contexts: the variables that closures share.

use super::heap::{Heap, Object};
use super::kind::Kind;
use super::scope_info::ScopeInfo;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// What a slot of a context holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Slot {
    /// A value.
    Value(Value),
    /// A number that V8 keeps unboxed.
    Number(f64),
}

/// States of a ContextCell (`objects/contexts.tq` of V8 14.6).
mod cell_state {
    pub(super) const INT32: u32 = 2;
    pub(super) const FLOAT64: u32 = 3;
}

impl Heap<'_> {
    /// A slot of a context, by its index; `None` behind the end.
    pub(crate) fn context_slot(self, context: Object, index: u64) -> Result<Option<Value>> {
        let length = self.field(context.address, Fact::ContextLength)?.exact_smi();
        let length = length.and_then(|length| u64::try_from(length).ok());
        let Some(length) = length else {
            return Err(Error::at(context.address, "a context with an impossible length"));
        };
        if index >= length {
            return Ok(None);
        }
        let slots = self.layout.need(Fact::ContextSlots)?;
        let at = context.address.wrapping_add_signed(slots).wrapping_add(index.wrapping_mul(8));
        self.memory.read_u64(at).map(|word| Some(Value(word)))
    }

    /// The ScopeInfo of a context.
    pub(crate) fn context_scope(self, context: Object) -> Result<Option<ScopeInfo>> {
        let index = self.layout.need(Fact::ContextScopeInfo)?;
        let value = self.context_slot(context, u64::try_from(index).unwrap_or(0))?;
        match value {
            Some(value) if self.is(value, Kind::ScopeInfo)? => self.scope_info(value).map(Some),
            _ => Ok(None),
        }
    }

    /// The context around a context.
    pub(crate) fn context_previous(self, context: Object) -> Result<Option<Object>> {
        let index = self.layout.need(Fact::ContextPrevious)?;
        let value = self.context_slot(context, u64::try_from(index).unwrap_or(1))?;
        match value.map(|value| self.object(value)) {
            Some(Ok(object)) if object.kind == Kind::Context => Ok(Some(object)),
            Some(Err(error)) if error.is_stop() => Err(error),
            _ => Ok(None),
        }
    }

    /// The variables of a context, named, in the order of their slots; at most `limit`.
    pub(crate) fn context_variables(
        self,
        context: Object,
        scope: &ScopeInfo,
        limit: u64,
    ) -> Result<Vec<(Option<Value>, Slot)>> {
        let length = self.field(context.address, Fact::ContextLength)?.exact_smi();
        let length = length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        let Some(first) = length.checked_sub(scope.locals) else {
            return Err(Error::at(context.address, "a context that is shorter than its scope"));
        };
        let mut variables = Vec::new();
        for (name, index) in self.scope_names(scope, limit)?.into_iter().zip(first..) {
            if let Some(value) = self.context_slot(context, index)? {
                variables.push((name, self.unwrap_cell(value)?));
            }
        }
        Ok(variables)
    }

    /// What a slot means: since V8 14.6 it may hold a cell with the value.
    pub(crate) fn unwrap_cell(self, value: Value) -> Result<Slot> {
        let Some(offset) = self.layout.get(Fact::ContextCellValue) else {
            return Ok(Slot::Value(value));
        };
        let cell = match self.object(value) {
            Ok(object) if object.kind == Kind::ContextCell => object,
            Err(error) if error.is_stop() => return Err(error),
            _ => return Ok(Slot::Value(value)),
        };
        let raw = self.layout.need(Fact::ContextCellRaw)?;
        match self.field_u32(cell.address, Fact::ContextCellState)? {
            cell_state::INT32 => {
                let number = self.memory.read_u32(cell.address.wrapping_add_signed(raw))?;
                Ok(Slot::Number(f64::from(number.cast_signed())))
            }
            cell_state::FLOAT64 => {
                self.word(cell.address, raw).map(f64::from_bits).map(Slot::Number)
            }
            _ => self.word(cell.address, offset).map(|word| Slot::Value(Value(word))),
        }
    }
}
