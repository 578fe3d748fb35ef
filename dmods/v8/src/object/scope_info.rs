//! ScopeInfo: what V8 keeps of a scope for its contexts and for the debugger.

use super::heap::Heap;
use super::kind::Kind;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;

/// Bits of `ScopeInfo.flags` that are the same in V8 10.2 to 14.6 (`objects/scope-info.tq`).
mod flags {
    /// The type of the scope.
    pub(super) const TYPE: u32 = 0xf;
    /// `has_saved_class_variable`.
    pub(super) const SAVED_CLASS_VARIABLE: u32 = 1 << 10;
    /// `function_variable`: 0 is none.
    pub(super) const FUNCTION_VARIABLE: u32 = 3 << 12;
    /// `has_inferred_function_name`.
    pub(super) const INFERRED_NAME: u32 = 1 << 14;
    /// `has_outer_scope_info`.
    pub(super) const OUTER: u32 = 1 << 22;
    /// `is_empty` of the versions whose positions stand behind the names.
    pub(super) const IS_EMPTY: u32 = 1 << 29;
}

/// A ScopeInfo whose fields have been found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopeInfo {
    flags: u32,
    /// How many variables live in contexts of this scope.
    pub(crate) locals: u64,
    /// The address of the first name, or of the table of names where there are many.
    names: u64,
    names_are_in_table: bool,
    /// The address of the field of the function's name, if there is one.
    function_name: Option<u64>,
    inferred_name: Option<u64>,
    positions: Option<u64>,
    outer: Option<u64>,
}

/// More variables than any real scope has (V8 keeps their number in 16 bits of a parameter's).
const MOST_LOCALS: i32 = 1 << 20;

impl Heap<'_> {
    /// Reads a ScopeInfo.
    pub(crate) fn scope_info(self, value: Value) -> Result<ScopeInfo> {
        let object = self.object_of(value, Kind::ScopeInfo)?;
        let layout = self.layout;
        let at = |offset: i64| object.address.wrapping_add_signed(offset);
        let flags = if layout.is(Fact::ScopeInfoFlagsAreSmi) {
            let flags = self.field(object.address, Fact::ScopeInfoFlags)?;
            flags.exact_smi().map(i32::cast_unsigned)
        } else {
            Some(self.field_u32(object.address, Fact::ScopeInfoFlags)?)
        };
        let count = self.field(object.address, Fact::ScopeInfoLocalCount)?.exact_smi();
        let (Some(flags), Some(count)) = (flags, count.filter(|n| (0..MOST_LOCALS).contains(n)))
        else {
            return Err(Error::at(object.address, "a ScopeInfo with impossible fields"));
        };
        let locals = u64::from(count.cast_unsigned());
        let scope_type = i64::from(flags & flags::TYPE);
        let is_type = |fact| layout.get(fact) == Some(scope_type);
        let is_module = is_type(Fact::ScopeTypeModule);
        let mut next = at(8).wrapping_add_signed(layout.need(Fact::ScopeInfoFirstVariable)? * 8);
        let mut take = |words: u64| {
            let place = next;
            next = next.wrapping_add(words.wrapping_mul(8));
            place
        };
        let early = layout.is(Fact::ScopeInfoHasEarlyPosition);
        // scopeinfo_idx_first_vars counts the positions where they stand before the names.
        let mut positions = early.then(|| at(8 + 8 * 3));
        if is_module && layout.is(Fact::ScopeInfoHasEarlyModuleCount) {
            take(1);
        }
        let names_are_in_table = i64::from(count) >= layout.need(Fact::ScopeInfoInlinedNames)?;
        let names = take(if names_are_in_table { 1 } else { locals });
        take(locals);
        if flags & flags::SAVED_CLASS_VARIABLE != 0 {
            take(1);
        }
        let function_name = (flags & flags::FUNCTION_VARIABLE != 0).then(|| take(2));
        let inferred_name = (flags & flags::INFERRED_NAME != 0).then(|| take(1));
        if !early {
            let has_positions = is_module
                || is_type(Fact::ScopeTypeFunction)
                || is_type(Fact::ScopeTypeScript)
                || is_type(Fact::ScopeTypeEval)
                || is_type(Fact::ScopeTypeShadowRealm)
                || is_type(Fact::ScopeTypeClass) && flags & flags::IS_EMPTY == 0;
            positions = has_positions.then(|| take(2));
        }
        let outer = (flags & flags::OUTER != 0).then(|| take(1));
        Ok(ScopeInfo {
            flags,
            locals,
            names,
            names_are_in_table,
            function_name,
            inferred_name,
            positions,
            outer,
        })
    }

    fn optional(self, place: Option<u64>) -> Result<Option<Value>> {
        place.map(|place| self.memory.read_u64(place).map(Value)).transpose()
    }

    /// The name of the function of a scope.
    pub(crate) fn scope_function_name(self, scope: &ScopeInfo) -> Result<Option<Value>> {
        self.optional(scope.function_name)
    }

    /// The name that was inferred for the function of a scope.
    pub(crate) fn scope_inferred_name(self, scope: &ScopeInfo) -> Result<Option<Value>> {
        self.optional(scope.inferred_name)
    }

    /// The ScopeInfo of the scope around it.
    pub(crate) fn scope_outer(self, scope: &ScopeInfo) -> Result<Option<Value>> {
        self.optional(scope.outer)
    }

    /// Where the function begins and ends in its script, in UTF-16 units.
    pub(crate) fn scope_positions(self, scope: &ScopeInfo) -> Result<Option<(u32, u32)>> {
        let Some(place) = scope.positions else { return Ok(None) };
        let start = Value(self.memory.read_u64(place)?).exact_smi();
        let end = Value(self.memory.read_u64(place.wrapping_add(8))?).exact_smi();
        Ok(match (start.map(u32::try_from), end.map(u32::try_from)) {
            (Some(Ok(start)), Some(Ok(end))) if start <= end => Some((start, end)),
            _ => None,
        })
    }

    /// The names of the variables of a scope, in the order of their context slots; `None` where a
    /// name cannot be read.
    pub(crate) fn scope_names(self, scope: &ScopeInfo, limit: u64) -> Result<Vec<Option<Value>>> {
        let count = scope.locals.min(limit);
        if scope.names_are_in_table {
            return self.names_of_table(scope, count);
        }
        let mut names = Vec::new();
        for index in 0..count {
            let name = Value(self.memory.read_u64(scope.names.wrapping_add(8 * index))?);
            names.push(self.is(name, Kind::String)?.then_some(name));
        }
        Ok(names)
    }

    /// Many names are keys of a hash table whose values are indices: 3 leading words, then pairs
    /// (`NameToIndexHashTable` in `objects/hash-table.h`).
    fn names_of_table(self, scope: &ScopeInfo, count: u64) -> Result<Vec<Option<Value>>> {
        let table = self.object(Value(self.memory.read_u64(scope.names)?))?;
        // A table has at most four places for each name, two words each (`HashTable::ComputeCapacity`).
        let most = scope.locals.saturating_mul(8).saturating_add(64);
        let length = self.array_length(table)?.min(most);
        let first = self.layout.need(Fact::HashTablePrefix)?;
        let mut names = vec![None; count as usize];
        let mut at = u64::try_from(first).unwrap_or(3);
        while at.saturating_add(1) < length {
            let key = self.element(table, at)?;
            let index = self.element(table, at.saturating_add(1))?.and_then(Value::exact_smi);
            if let (Some(key), Some(Ok(index))) = (key, index.map(usize::try_from))
                && let Some(place) = names.get_mut(index)
                && self.is(key, Kind::String)?
            {
                *place = Some(key);
            }
            at = at.saturating_add(2);
        }
        Ok(names)
    }
}

impl ScopeInfo {
    /// Whether it keeps where the scope begins and ends.
    pub(crate) fn has_positions(&self) -> bool {
        self.positions.is_some()
    }

    /// The type of the scope, as V8 numbers it.
    pub(crate) fn scope_type(&self) -> i64 {
        i64::from(self.flags & flags::TYPE)
    }
}
