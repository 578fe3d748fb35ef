//! Scopes, contexts, and the positions of functions.

use super::{Check, Subject, Test};
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::object::heap::Object;
use crate::object::kind::Kind;
use crate::object::value::Value;
use crate::partial::found;
use mdb_dmod::prelude::*;

pub(super) const CHECKS: &[Check] = &[
    Check {
        facts: &[
            Fact::ScopeInfoFlags,
            Fact::ScopeInfoFlagsAreSmi,
            Fact::ScopeInfoLocalCount,
            Fact::ScopeInfoFirstVariable,
            Fact::ScopeInfoHasEarlyPosition,
        ],
        along: &[
            Fact::ScopeInfoHasEarlyModuleCount,
            Fact::ScopeTypeClass,
            Fact::ScopeTypeEval,
            Fact::ScopeTypeFunction,
            Fact::ScopeTypeModule,
            Fact::ScopeTypeScript,
            Fact::ScopeTypeShadowRealm,
        ],
        needs: &[],
        test: Test::Own(scope_infos),
    },
    Check {
        facts: &[Fact::ScopeInfoHasEarlyModuleCount, Fact::ScopeTypeModule],
        along: &[],
        needs: &[Fact::ScopeInfoFlags],
        test: Test::Own(module_scopes),
    },
    Check {
        facts: &[Fact::ScopeTypeFunction],
        along: &[
            Fact::ScopeTypeClass,
            Fact::ScopeTypeEval,
            Fact::ScopeTypeModule,
            Fact::ScopeTypeScript,
            Fact::ScopeTypeShadowRealm,
        ],
        needs: &[Fact::ScopeInfoFlags, Fact::SfiName, Fact::SfiFlags],
        test: Test::Own(function_scopes),
    },
    Check {
        facts: &[Fact::ContextLength, Fact::ContextSlots, Fact::ContextScopeInfo],
        along: &[],
        needs: &[],
        test: Test::Own(contexts),
    },
    Check {
        facts: &[Fact::ContextPrevious],
        along: &[],
        needs: &[Fact::ContextSlots],
        test: Test::Own(previous),
    },
    Check {
        facts: &[Fact::ContextCellValue, Fact::ContextCellState, Fact::ContextCellRaw],
        along: &[],
        needs: &[],
        test: Test::Own(cells),
    },
    Check {
        facts: &[Fact::UncompiledDataStart, Fact::UncompiledDataEnd],
        along: &[],
        needs: &[],
        test: Test::Own(uncompiled),
    },
];

/// So many names of one scope are looked at.
const NAMES: u64 = 16;

/// Names of variables are strings, so are names of functions; what is outside is a scope; positions are
/// in order.
fn scope_infos(subject: &Subject<'_>) -> Result<Score> {
    subject.each(&[Kind::ScopeInfo], |object| is_sound_scope(subject, object).map(Some))
}

/// The same of scopes of modules, which have one word more.
fn module_scopes(subject: &Subject<'_>) -> Result<Score> {
    let module = subject.heap.layout.need(Fact::ScopeTypeModule)?;
    subject.each(&[Kind::ScopeInfo], |object| {
        if subject.heap.scope_info(object.value())?.scope_type() != module {
            return Ok(None);
        }
        is_sound_scope(subject, object).map(Some)
    })
}

fn is_sound_scope(subject: &Subject<'_>, object: Object) -> Result<bool> {
    let heap = subject.heap;
    let scope = heap.scope_info(object.value())?;
    let mut fits = heap.scope_names(&scope, NAMES)?.iter().all(Option::is_some);
    if let Some(name) = heap.scope_function_name(&scope)? {
        // 0 where the function has none.
        fits &= name.exact_smi() == Some(0) || heap.is(name, Kind::String)?;
    }
    if let Some(name) = heap.scope_inferred_name(&scope)? {
        fits &= heap.is(name, Kind::String)? || heap.is(name, Kind::Oddball)?;
    }
    if let Some(outer) = heap.scope_outer(&scope)? {
        fits &= heap.is(outer, Kind::ScopeInfo)?;
    }
    if scope.has_positions() {
        fits &= heap.scope_positions(&scope)?.is_some();
    }
    Ok(fits)
}

/// The scope of a function that is no script is one of a function.
fn function_scopes(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let function = heap.layout.known(Fact::ScopeTypeFunction).map(|known| known.value);
    let toplevel = heap.layout.need(Fact::SfiIsToplevelBit)?;
    subject.each(&[Kind::SharedFunctionInfo], |object| {
        let flags = i64::from(heap.field_u32(object.address, Fact::SfiFlags)?);
        if flags & toplevel != 0 {
            return Ok(None);
        }
        let Some(scope) = heap.shared_scope_info(object)? else { return Ok(None) };
        Ok(Some(Some(scope.scope_type()) == function))
    })
}

/// The first slot holds a scope.
fn contexts(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let length = heap.layout.need(Fact::ContextLength)?;
    let slots = heap.layout.need(Fact::ContextSlots)?;
    let index = heap.layout.need(Fact::ContextScopeInfo)?;
    subject.each(&[Kind::Context], |object| {
        let length = Value(heap.word(object.address, length)?).exact_smi();
        let at = slots.saturating_add(index.saturating_mul(8));
        let scope = Value(heap.word(object.address, at)?);
        Ok(Some(length.is_some_and(|length| length >= 2) && heap.is(scope, Kind::ScopeInfo)?))
    })
}

/// The second one holds the context around it; the outermost have none.
fn previous(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let index = heap.layout.known(Fact::ContextPrevious).map_or(1, |known| known.value);
    let index = u64::try_from(index).unwrap_or(1);
    subject.each(&[Kind::Context], |object| {
        let Some(value) = heap.context_slot(object, index)? else { return Ok(Some(false)) };
        if value.exact_smi() == Some(0) {
            return Ok(Some(true));
        }
        Ok(Some(matches!(heap.object(value)?.kind, Kind::Context | Kind::Oddball)))
    })
}

/// Five states are known (`objects/contexts.tq`).
fn cells(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    let value = heap.layout.need(Fact::ContextCellValue)?;
    subject.each(&[Kind::ContextCell], |object| {
        let state = heap.field_u32(object.address, Fact::ContextCellState)?;
        let value = Value(heap.word(object.address, value)?);
        let is_value = value.exact_smi().is_some() || found(heap.object(value))?.is_some();
        Ok(Some(state <= 4 && is_value))
    })
}

/// A function does not end before it begins.
fn uncompiled(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    subject.each(&[Kind::UncompiledData], |object| {
        let start = heap.field_u32(object.address, Fact::UncompiledDataStart)?;
        let end = heap.field_u32(object.address, Fact::UncompiledDataEnd)?;
        Ok(Some(start <= end && end < 1 << 30))
    })
}
