//! What fields hold.

use super::{Check, Smi, Subject, Test};
use crate::layout::Score;
use crate::layout::fact::Fact;
use crate::object::kind::Kind;
use mdb_dmod::prelude::*;

/// A check of one field.
const fn field(
    facts: &'static [Fact],
    holders: &'static [Kind],
    smi: Smi,
    fits: fn(Kind) -> bool,
) -> Check {
    Check { facts, along: &[], needs: &[], test: Test::Field(holders, smi, fits) }
}

fn never(_: Kind) -> bool {
    false
}

fn text(kind: Kind) -> bool {
    matches!(kind, Kind::String | Kind::Oddball)
}

fn value(kind: Kind) -> bool {
    kind.is_receiver()
        || matches!(
            kind,
            Kind::String
                | Kind::Oddball
                | Kind::Hole
                | Kind::Symbol
                | Kind::HeapNumber
                | Kind::BigInt
        )
}

fn receiver(kind: Kind) -> bool {
    kind.is_receiver()
}

fn receiver_or_none(kind: Kind) -> bool {
    kind.is_receiver() || kind == Kind::Oddball
}

/// Every kind, also those without a name: that there is an object is all that is known.
fn object(_: Kind) -> bool {
    true
}

/// The checks. What may stand in a field says its declaration (`objects/*.tq` of V8).
pub(super) const CHECKS: &[Check] = &[
    field(&[Fact::MapPrototype], &[Kind::Map], Smi::Never, receiver_or_none),
    field(&[Fact::MapDescriptors], &[Kind::Map], Smi::Never, |kind| kind == Kind::DescriptorArray),
    field(&[Fact::MapConstructor], &[Kind::Map], Smi::May, |kind| {
        kind.is_receiver()
            || matches!(
                kind,
                Kind::Map
                    | Kind::Oddball
                    | Kind::Context
                    | Kind::FunctionTemplateInfo
                    | Kind::Other
            )
    }),
    field(&[Fact::SymbolDescription], &[Kind::Symbol], Smi::Never, text),
    field(&[Fact::OddballToString], &[Kind::Oddball], Smi::Never, |kind| kind == Kind::String),
    field(&[Fact::OddballKind], &[Kind::Oddball], Smi::May, never),
    // Objects.
    field(&[Fact::JsReceiverProperties], OBJECTS, Smi::May, |kind| {
        matches!(
            kind,
            Kind::FixedArray | Kind::PropertyArray | Kind::NameDictionary | Kind::GlobalDictionary
        )
    }),
    field(&[Fact::JsObjectElements], OBJECTS, Smi::Never, |kind| {
        matches!(
            kind,
            Kind::FixedArray
                | Kind::FixedDoubleArray
                | Kind::NumberDictionary
                | Kind::ByteArray
                | Kind::Other
        )
    }),
    field(&[Fact::JsArrayLength], &[Kind::JsArray], Smi::May, |kind| kind == Kind::HeapNumber),
    field(&[Fact::JsCollectionTable], &[Kind::JsMap, Kind::JsSet], Smi::Never, |kind| {
        matches!(kind, Kind::OrderedHashMap | Kind::OrderedHashSet | Kind::Oddball)
    }),
    field(&[Fact::JsRegExpSource], &[Kind::JsRegExp], Smi::Never, text),
    field(&[Fact::JsRegExpFlags], &[Kind::JsRegExp], Smi::May, |kind| kind == Kind::Oddball),
    field(&[Fact::JsPromiseResult], &[Kind::JsPromise], Smi::May, |kind| {
        value(kind) || kind == Kind::PromiseReaction
    }),
    field(&[Fact::JsPromiseFlags], &[Kind::JsPromise], Smi::May, never),
    field(&[Fact::JsBoundFunctionTarget], &[Kind::JsBoundFunction], Smi::Never, receiver),
    field(&[Fact::JsBoundFunctionThis], &[Kind::JsBoundFunction], Smi::May, value),
    field(&[Fact::JsBoundFunctionArguments], &[Kind::JsBoundFunction], Smi::Never, |kind| {
        kind == Kind::FixedArray
    }),
    field(&[Fact::JsProxyTarget], &[Kind::JsProxy], Smi::Never, receiver_or_none),
    field(&[Fact::JsProxyHandler], &[Kind::JsProxy], Smi::Never, receiver_or_none),
    field(&[Fact::JsPrimitiveWrapperValue], &[Kind::JsPrimitiveWrapper], Smi::May, value),
    field(&[Fact::JsGeneratorFunction], GENERATORS, Smi::Never, |kind| kind == Kind::JsFunction),
    field(&[Fact::JsGeneratorContinuation], GENERATORS, Smi::May, never),
    field(&[Fact::JsWeakRefTarget], &[Kind::JsWeakRef], Smi::Never, value),
    field(&[Fact::PropertyCellValue], &[Kind::PropertyCell], Smi::May, object),
    field(&[Fact::FunctionTemplateClassName], &[Kind::FunctionTemplateInfo], Smi::Never, text),
    // Functions.
    field(&[Fact::JsFunctionShared], &[Kind::JsFunction], Smi::Never, |kind| {
        kind == Kind::SharedFunctionInfo
    }),
    field(&[Fact::JsFunctionContext], &[Kind::JsFunction], Smi::Never, |kind| {
        kind == Kind::Context
    }),
    field(&[Fact::SfiName], &[Kind::SharedFunctionInfo], Smi::May, |kind| {
        matches!(kind, Kind::String | Kind::ScopeInfo)
    }),
    field(&[Fact::SfiScript], &[Kind::SharedFunctionInfo], Smi::May, |kind| {
        matches!(kind, Kind::Script | Kind::DebugInfo | Kind::Oddball)
    }),
    field(&[Fact::SfiData], &[Kind::SharedFunctionInfo], Smi::May, |kind| {
        matches!(
            kind,
            Kind::BytecodeArray
                | Kind::InterpreterData
                | Kind::Code
                | Kind::CodeDataContainer
                | Kind::UncompiledData
                | Kind::FunctionTemplateInfo
                | Kind::WasmFunctionData
                | Kind::Oddball
        )
    }),
    field(&[Fact::SfiUntrustedData], &[Kind::SharedFunctionInfo], Smi::May, |kind| {
        matches!(kind, Kind::UncompiledData | Kind::FunctionTemplateInfo | Kind::Oddball)
    }),
    field(&[Fact::SfiWrapperShared], &[Kind::SharedFunctionInfoWrapper], Smi::Never, |kind| {
        kind == Kind::SharedFunctionInfo
    }),
    field(&[Fact::InterpreterDataBytecode], &[Kind::InterpreterData], Smi::Never, |kind| {
        kind == Kind::BytecodeArray
    }),
    field(&[Fact::DebugInfoShared], &[Kind::DebugInfo], Smi::Never, |kind| {
        kind == Kind::SharedFunctionInfo
    }),
    field(&[Fact::UncompiledDataInferredName], &[Kind::UncompiledData], Smi::Never, |kind| {
        kind == Kind::String
    }),
    // Scripts.
    field(&[Fact::ScriptSource], &[Kind::Script], Smi::Never, text),
    // An embedder may name it by any value.
    field(&[Fact::ScriptName], &[Kind::Script], Smi::May, value),
    field(&[Fact::ScriptLineOffset], &[Kind::Script], Smi::May, never),
    field(&[Fact::ScriptColumnOffset], &[Kind::Script], Smi::May, never),
    field(&[Fact::ScriptLineEnds], &[Kind::Script], Smi::May, |kind| {
        matches!(kind, Kind::FixedArray | Kind::Oddball)
    }),
    field(&[Fact::ScriptId], &[Kind::Script], Smi::May, never),
    field(&[Fact::ScriptEvalFromShared], &[Kind::Script], Smi::Never, |kind| {
        matches!(kind, Kind::SharedFunctionInfo | Kind::FixedArray | Kind::Oddball)
    }),
    field(&[Fact::ScriptEvalFromPosition], &[Kind::Script], Smi::May, |kind| {
        matches!(kind, Kind::Oddball | Kind::Foreign)
    }),
    // Few have a URL, and what stands before it tells whether it is there.
    Check {
        facts: &[Fact::ScriptFlags, Fact::ScriptSourceUrl],
        along: &[],
        needs: &[],
        test: Test::Own(script_end),
    },
];

/// Flags are a small integer, and the URL behind them is text or undefined.
fn script_end(subject: &Subject<'_>) -> Result<Score> {
    let heap = subject.heap;
    subject.each(&[Kind::Script], |object| {
        let flags = heap.field(object.address, Fact::ScriptFlags)?;
        let url = heap.object(heap.field(object.address, Fact::ScriptSourceUrl)?)?;
        Ok(Some(flags.exact_smi().is_some() && text(url.kind)))
    })
}

const OBJECTS: &[Kind] = &[Kind::JsObject, Kind::JsArray, Kind::JsFunction];
const GENERATORS: &[Kind] =
    &[Kind::JsGeneratorObject, Kind::JsAsyncFunctionObject, Kind::JsAsyncGeneratorObject];
