//! Kinds of heap objects, from the instance types of the V8 at hand.

use crate::layout::metadata::Metadata;

/// Makes the enumeration and the table of names.
macro_rules! kinds {
    ($($kind:ident [$($class:literal),*] [$($root:literal),*] $shown:literal;)*) => {
        /// What an object of the heap is. Strings and contexts are many instance types each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Kind {
            $(#[doc = $shown] $kind,)*
        }

        /// Kind, classes in the names of metadata symbols (`type_CLASS__ENUM`), names of the roots that
        /// are maps of this kind (where no symbol names the type), and V8's class.
        const KINDS: &[(Kind, &[&str], &[&str], &str)] =
            &[$((Kind::$kind, &[$($class),*], &[$($root),*], $shown)),*];
    };
}

kinds! {
    Other [] [] "?";
    String [] [] "String";
    Context [] [] "Context";
    Symbol ["Symbol"] ["symbol_map"] "Symbol";
    HeapNumber ["HeapNumber"] ["heap_number_map"] "HeapNumber";
    BigInt [] ["big_int_map", "bigint_map"] "BigInt";
    Oddball ["Oddball"] ["undefined_map", "null_map", "boolean_map"] "Oddball";
    Hole ["Hole"] ["hole_map", "the_hole_map"] "Hole";
    Map ["Map"] ["meta_map"] "Map";
    FixedArray ["FixedArray"] ["fixed_array_map"] "FixedArray";
    TrustedFixedArray ["TrustedFixedArray"] ["trusted_fixed_array_map"] "TrustedFixedArray";
    ProtectedFixedArray ["ProtectedFixedArray"] ["protected_fixed_array_map"] "ProtectedFixedArray";
    WeakFixedArray ["WeakFixedArray"] ["weak_fixed_array_map"] "WeakFixedArray";
    SloppyArgumentsElements ["SloppyArgumentsElements"] ["sloppy_arguments_elements_map"] "SloppyArgumentsElements";
    TrustedWeakFixedArray ["TrustedWeakFixedArray"] ["trusted_weak_fixed_array_map"] "TrustedWeakFixedArray";
    ProtectedWeakFixedArray ["ProtectedWeakFixedArray"] ["protected_weak_fixed_array_map"] "ProtectedWeakFixedArray";
    FixedDoubleArray ["FixedDoubleArray"] ["fixed_double_array_map"] "FixedDoubleArray";
    ByteArray ["ByteArray"] ["byte_array_map"] "ByteArray";
    TrustedByteArray ["TrustedByteArray"] ["trusted_byte_array_map"] "TrustedByteArray";
    NameDictionary [] ["name_dictionary_map"] "NameDictionary";
    NumberDictionary [] ["number_dictionary_map"] "NumberDictionary";
    GlobalDictionary [] ["global_dictionary_map"] "GlobalDictionary";
    OrderedHashMap [] ["ordered_hash_map_map"] "OrderedHashMap";
    OrderedHashSet [] ["ordered_hash_set_map"] "OrderedHashSet";
    EphemeronHashTable [] ["ephemeron_hash_table_map"] "EphemeronHashTable";
    NameToIndexHashTable [] ["name_to_index_hash_table_map"] "NameToIndexHashTable";
    PropertyArray ["PropertyArray"] ["property_array_map"] "PropertyArray";
    PropertyCell ["PropertyCell"] ["global_property_cell_map"] "PropertyCell";
    DescriptorArray ["DescriptorArray", "StrongDescriptorArray"] ["descriptor_array_map"] "DescriptorArray";
    AccessorPair ["AccessorPair"] ["accessor_pair_map"] "AccessorPair";
    AccessorInfo ["AccessorInfo"] ["accessor_info_map"] "AccessorInfo";
    Script ["Script"] ["script_map"] "Script";
    ScopeInfo ["ScopeInfo"] ["scope_info_map"] "ScopeInfo";
    SharedFunctionInfo ["SharedFunctionInfo"] ["shared_function_info_map"] "SharedFunctionInfo";
    SharedFunctionInfoWrapper ["SharedFunctionInfoWrapper"] ["shared_function_info_wrapper_map"] "SharedFunctionInfoWrapper";
    UncompiledData ["UncompiledDataWithPreparseData", "UncompiledDataWithoutPreparseData", "UncompiledDataWithPreparseDataAndJob", "UncompiledDataWithoutPreparseDataWithJob"] [] "UncompiledData";
    InterpreterData ["InterpreterData"] ["interpreter_data_map"] "InterpreterData";
    BytecodeArray ["BytecodeArray"] ["bytecode_array_map"] "BytecodeArray";
    Code ["Code"] ["code_map"] "Code";
    CodeDataContainer ["CodeDataContainer"] ["code_data_container_map"] "CodeDataContainer";
    InstructionStream ["InstructionStream"] ["instruction_stream_map"] "InstructionStream";
    FeedbackVector ["FeedbackVector"] ["feedback_vector_map"] "FeedbackVector";
    FeedbackCell ["FeedbackCell"] [] "FeedbackCell";
    DebugInfo ["DebugInfo"] ["debug_info_map"] "DebugInfo";
    ContextCell ["ContextCell"] ["context_cell_map"] "ContextCell";
    Cell ["Cell"] ["cell_map"] "Cell";
    CallSiteInfo ["CallSiteInfo"] [] "CallSiteInfo";
    FunctionTemplateInfo ["FunctionTemplateInfo"] ["function_template_info_map"] "FunctionTemplateInfo";
    ObjectTemplateInfo ["ObjectTemplateInfo"] [] "ObjectTemplateInfo";
    Foreign ["Foreign"] ["foreign_map"] "Foreign";
    WasmFunctionData ["WasmExportedFunctionData", "WasmJSFunctionData", "WasmCapiFunctionData"] [] "WasmFunctionData";
    WasmInstanceObject ["WasmInstanceObject"] [] "WasmInstanceObject";
    WasmModuleObject ["WasmModuleObject"] [] "WasmModuleObject";
    PromiseReaction ["PromiseReaction"] [] "PromiseReaction";
    PromiseCapability ["PromiseCapability"] [] "PromiseCapability";
    SourceTextModule ["SourceTextModule"] [] "SourceTextModule";
    JsObject ["JSObject"] [] "JSObject";
    JsApiObject [] [] "JSApiObject";
    JsSpecialApiObject [] [] "JSSpecialApiObject";
    JsFunction ["JSFunction"] [] "JSFunction";
    JsBoundFunction ["JSBoundFunction"] [] "JSBoundFunction";
    JsWrappedFunction ["JSWrappedFunction"] [] "JSWrappedFunction";
    JsArray ["JSArray"] [] "JSArray";
    JsArgumentsObject ["JSArgumentsObject"] [] "JSArgumentsObject";
    JsArrayBuffer ["JSArrayBuffer"] [] "JSArrayBuffer";
    JsTypedArray ["JSTypedArray", "JSDetachedTypedArray"] [] "JSTypedArray";
    JsDataView ["JSDataView", "JSRabGsabDataView"] [] "JSDataView";
    JsPromise ["JSPromise"] [] "JSPromise";
    JsError ["JSError"] [] "JSError";
    JsDate ["JSDate"] [] "JSDate";
    JsRegExp ["JSRegExp"] [] "JSRegExp";
    JsMap ["JSMap"] [] "JSMap";
    JsSet ["JSSet"] [] "JSSet";
    JsWeakMap ["JSWeakMap"] [] "JSWeakMap";
    JsWeakSet ["JSWeakSet"] [] "JSWeakSet";
    JsWeakRef ["JSWeakRef"] [] "JSWeakRef";
    JsProxy ["JSProxy"] [] "JSProxy";
    JsPrimitiveWrapper ["JSPrimitiveWrapper"] [] "JSPrimitiveWrapper";
    JsGlobalObject ["JSGlobalObject"] [] "JSGlobalObject";
    JsGlobalProxy ["JSGlobalProxy"] [] "JSGlobalProxy";
    JsModuleNamespace ["JSModuleNamespace", "JSDeferredModuleNamespace"] [] "JSModuleNamespace";
    JsGeneratorObject [] [] "JSGeneratorObject";
    JsAsyncFunctionObject ["JSAsyncFunctionObject"] [] "JSAsyncFunctionObject";
    JsAsyncGeneratorObject ["JSAsyncGeneratorObject"] [] "JSAsyncGeneratorObject";
    JsExternalObject ["JSExternalObject"] [] "JSExternalObject";
    JsMessageObject ["JSMessageObject"] [] "JSMessageObject";
    JsOther [] [] "JSObject";
}

impl Kind {
    /// V8's class.
    pub(crate) fn name(self) -> &'static str {
        KINDS.iter().find(|row| row.0 == self).map_or("?", |row| row.3)
    }

    /// Whether it has properties: whether JavaScript can hold it as an object.
    pub(crate) fn is_receiver(self) -> bool {
        (Kind::JsObject as u8..=Kind::JsOther as u8).contains(&(self as u8))
    }

    /// Whether it is an array of tagged words with its length before them.
    pub(crate) fn is_tagged_array(self) -> bool {
        matches!(
            self,
            Kind::FixedArray
                | Kind::TrustedFixedArray
                | Kind::ProtectedFixedArray
                | Kind::WeakFixedArray
                | Kind::TrustedWeakFixedArray
                | Kind::ProtectedWeakFixedArray
                | Kind::NameDictionary
                | Kind::NumberDictionary
                | Kind::GlobalDictionary
                | Kind::OrderedHashMap
                | Kind::OrderedHashSet
                | Kind::EphemeronHashTable
                | Kind::NameToIndexHashTable
        )
    }

    /// Whether it holds bytes with their number before them.
    pub(crate) fn is_byte_array(self) -> bool {
        matches!(self, Kind::ByteArray | Kind::TrustedByteArray)
    }
}

/// Receivers are the last instance types, from special API objects or proxies and global objects on
/// (`objects/instance-type.h`): the first is the lowest of these classes.
const FIRST_RECEIVERS: &[&str] =
    &["JSProxy", "JSGlobalObject", "WasmArray", "WasmStruct", "JSModuleNamespace"];

/// The instance types of a V8.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kinds {
    by_type: Vec<Kind>,
    classes: Vec<(u16, String)>,
    /// Untagged addresses and names; all isolates of a process share them.
    holes: Vec<(u64, String)>,
}

/// Instance types are 16 bits; no V8 uses higher ones than this.
const MOST_TYPES: usize = 1 << 13;

impl Kinds {
    /// From metadata symbols, as far as those go.
    pub(crate) fn from_metadata(metadata: &Metadata) -> Self {
        let mut kinds =
            Self { by_type: vec![Kind::Other; MOST_TYPES], classes: Vec::new(), holes: Vec::new() };
        let number = |name: &str| metadata.get(name).and_then(|value| u16::try_from(value).ok());
        if let Some(first_nonstring) = number("FirstNonstringType") {
            kinds.set_range(0, first_nonstring.saturating_sub(1), Kind::String);
        }
        let mut named = Vec::new();
        for (name, value) in metadata.iter() {
            let Some((class, _)) = name.strip_prefix("type_").and_then(|n| n.split_once("__"))
            else {
                continue;
            };
            let Ok(value) = u16::try_from(value) else { continue };
            named.push((value, class));
        }
        // All that JavaScript can hold stands behind all else.
        let first = named.iter().filter(|(_, class)| FIRST_RECEIVERS.contains(class));
        if let Some((first, _)) = first.min() {
            kinds.set_range(*first, (MOST_TYPES - 1) as u16, Kind::JsOther);
        }
        if let (Some(first), Some(last)) = (number("FirstContextType"), number("LastContextType")) {
            kinds.set_range(first, last, Kind::Context);
        }
        if let Some(first) = named.iter().find(|(_, class)| *class == "JSFunction") {
            // 15 further types are functions of special classes, in all versions without the two
            // symbols (objects/instance-type.h of 10.2 and 11.3).
            let from = number("FirstJSFunctionType").unwrap_or(first.0);
            let to = number("LastJSFunctionType").unwrap_or(first.0.saturating_add(15));
            kinds.set_range(from, to, Kind::JsFunction);
        }
        if let Some(api) = number("SpecialAPIObjectType") {
            kinds.set(api, Kind::JsSpecialApiObject);
        }
        // Plain API objects and those of embedders' own types (objects/instance-type.h).
        if let (Some(api), Some(last)) = (number("APIObjectType"), named.iter().map(|n| n.0).max())
        {
            let next = named.iter().map(|n| n.0).filter(|n| *n > api).min().unwrap_or(last);
            kinds.set_range(api, next.saturating_sub(1), Kind::JsApiObject);
        }
        for (value, class) in &named {
            let row = KINDS.iter().find(|row| row.1.contains(class));
            if let Some(row) = row {
                kinds.set(*value, row.0);
            }
            kinds.classes.push((*value, (*class).to_owned()));
        }
        // A generator stands before the two asynchronous ones, which derive from it, in V8 10.2 to
        // 14.6 (what %DebugPrint showed, and the map's instance type): the only one of the three
        // without a symbol.
        let of = |wanted: &str| named.iter().find(|(_, class)| *class == wanted).map(|n| n.0);
        if let (Some(a), Some(b)) = (of("JSAsyncFunctionObject"), of("JSAsyncGeneratorObject"))
            && let Some(generator) = a.min(b).checked_sub(1)
            && kinds.of(generator) == Kind::JsOther
        {
            kinds.set(generator, Kind::JsGeneratorObject);
        }
        // A module's namespace stands before the deferred one, which derives from it; V8 14.6 names
        // the latter only (objects/module.tq).
        if let Some(namespace) = of("JSDeferredModuleNamespace").and_then(|n| n.checked_sub(1))
            && kinds.of(namespace) == Kind::JsOther
        {
            kinds.set(namespace, Kind::JsModuleNamespace);
        }
        kinds.classes.sort();
        kinds
    }

    /// Adds the instance type of a root that is a map, where no symbol named it.
    pub(crate) fn add_root(&mut self, root: &str, instance_type: u16) {
        if self.of(instance_type) != Kind::Other {
            return;
        }
        if let Some(row) = KINDS.iter().find(|row| row.2.contains(&root)) {
            self.set(instance_type, row.0);
        } else if self.class(instance_type).is_none() {
            // "transition_array_map" is the map of a TransitionArray.
            let words = root.strip_suffix("_map").unwrap_or(root).split('_');
            let class = words.map(|word| {
                let mut letters = word.chars();
                let first = letters.next().map(|letter| letter.to_ascii_uppercase());
                first.into_iter().chain(letters).collect::<String>()
            });
            let at = self.classes.partition_point(|(value, _)| *value < instance_type);
            self.classes.insert(at, (instance_type, class.collect()));
        }
    }

    /// Adds V8's markers of missing values.
    pub(crate) fn add_holes(&mut self, holes: Vec<(u64, String)>) {
        self.holes.extend(holes);
    }

    /// The name of the marker at an untagged address, `the_hole_value` of the hole itself.
    pub(crate) fn hole(&self, address: u64) -> Option<&str> {
        self.holes.iter().find(|(at, _)| *at == address).map(|(_, name)| name.as_str())
    }

    fn set(&mut self, instance_type: u16, kind: Kind) {
        if let Some(place) = self.by_type.get_mut(usize::from(instance_type)) {
            *place = kind;
        }
    }

    fn set_range(&mut self, first: u16, last: u16, kind: Kind) {
        for instance_type in first..=last {
            self.set(instance_type, kind);
        }
    }

    /// The kind of an instance type.
    pub(crate) fn of(&self, instance_type: u16) -> Kind {
        self.by_type.get(usize::from(instance_type)).copied().unwrap_or(Kind::Other)
    }

    /// How many instance types have a name.
    pub(crate) fn len(&self) -> usize {
        self.classes.len()
    }

    /// V8's class of an instance type, where it says so.
    pub(crate) fn class(&self, instance_type: u16) -> Option<&str> {
        let at = self.classes.partition_point(|(value, _)| *value < instance_type);
        let (value, class) = self.classes.get(at)?;
        (*value == instance_type).then_some(class.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_come_from_symbols_and_roots() {
        let metadata = Metadata::new(vec![
            ("FirstNonstringType".into(), 128),
            ("FirstContextType".into(), 207),
            ("LastContextType".into(), 216),
            ("type_JSFunction__JS_FUNCTION_TYPE".into(), 2065),
            ("type_JSProxy__JS_PROXY_TYPE".into(), 268),
            ("type_JSAsyncFunctionObject__JS_ASYNC_FUNCTION_OBJECT_TYPE".into(), 2097),
            ("type_JSAsyncGeneratorObject__JS_ASYNC_GENERATOR_OBJECT_TYPE".into(), 2098),
        ]);
        let mut kinds = Kinds::from_metadata(&metadata);
        kinds.add_root("bigint_map", 131);
        assert_eq!(kinds.of(33), Kind::String);
        kinds.add_root("transition_array_map", 238);
        assert_eq!(kinds.class(238), Some("TransitionArray"));
        assert_eq!(kinds.of(131), Kind::BigInt);
        assert_eq!(kinds.of(210), Kind::Context);
        assert_eq!(kinds.of(2070), Kind::JsFunction);
        assert_eq!(kinds.of(2096), Kind::JsGeneratorObject);
        assert_eq!(kinds.of(3000), Kind::JsOther);
        assert_eq!(kinds.of(u16::MAX), Kind::Other);
        assert_eq!(kinds.class(268), Some("JSProxy"));
        assert!(Kind::JsOther.is_receiver() && !Kind::Script.is_receiver());
    }
}
