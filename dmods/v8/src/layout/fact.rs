//! The names of the facts of V8's layout, and the form of the table that says where each comes from.

use super::version::Minor;

/// What a fact's number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes from the (untagged) beginning of an object or struct.
    Offset,
    /// Bytes from a frame pointer.
    FrameOffset,
    /// Index of a tagged word of an array.
    Index,
    /// A value of an enumeration: an instance type, a kind.
    Value,
    /// A mask or a shift of a bit field.
    Bits,
    /// A number of bytes.
    Size,
    /// Which variant of an algorithm.
    Variant,
}

impl Unit {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Offset => "offset",
            Self::FrameOffset => "from fp",
            Self::Index => "index",
            Self::Value => "value",
            Self::Bits => "bits",
            Self::Size => "size",
            Self::Variant => "variant",
        }
    }
}

/// A row of the table of facts.
#[derive(Debug)]
pub(crate) struct Row {
    /// Which fact.
    pub(crate) fact: Fact,
    /// As `::v8layout` shows it: V8's class and field.
    pub(crate) name: &'static str,
    /// What the number means.
    pub(crate) unit: Unit,
    /// Metadata symbols without `v8dbg_` that say it, in the order of preference. One that ends in
    /// `__` is matched without what stands behind: the C++ type of the field, which V8 renames.
    pub(crate) symbols: &'static [&'static str],
    /// What is built in: from which version of V8 on, ascending; `None`: there is none.
    pub(crate) builtin: &'static [(Minor, Option<i64>)],
    /// The file of V8 that says it.
    pub(crate) source: &'static str,
}

/// Makes the enumeration of facts and their table.
macro_rules! facts {
    ($($fact:ident $name:literal $unit:ident [$($symbol:literal),*]
        {$($major:literal $minor:literal => $value:tt),* $(,)?} $source:literal;)*) => {
        /// A fact of V8's layout.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Fact {
            $(#[doc = $name] $fact,)*
        }

        /// The table of facts, in the order of [`Fact`].
        pub(crate) const ROWS: &[Row] = &[$(Row {
            fact: Fact::$fact,
            name: $name,
            unit: Unit::$unit,
            symbols: &[$($symbol),*],
            builtin: &[$((($major, $minor), facts!(@value $value))),*],
            source: $source,
        },)*];
    };
    (@value none) => { None };
    (@value $value:literal) => { Some($value) };
    (@value ($value:expr)) => { Some($value) };
}

// Bytes are from the untagged address. Sources are of V8 10.2, 11.3, 12.4, 13.6 and 14.6, below `src/`.
facts! {
    // -- tags
    TaggedSize "kTaggedSize" Size ["TaggedSize"] {10 2 => 8} "common/globals.h";
    SmiShiftSize "kSmiShiftSize" Bits ["SmiShiftSize"] {10 2 => 31} "include/v8-internal.h";

    // -- maps
    MapInstanceSizeWords "Map.instance_size_in_words" Offset ["class_Map__instance_size_in_words__"] {10 2 => 8} "objects/map.tq";
    MapInobjectStart "Map.inobject_properties_start" Offset ["class_Map__inobject_properties_start_or_constructor_function_index__"] {10 2 => 9} "objects/map.tq";
    MapInstanceType "Map.instance_type" Offset ["class_Map__instance_type__"] {10 2 => 12} "objects/map.tq";
    MapBitField "Map.bit_field" Offset ["class_Map__bit_field__"] {10 2 => 14} "objects/map.tq";
    MapBitField2 "Map.bit_field2" Offset ["class_Map__bit_field2__"] {10 2 => 15} "objects/map.tq";
    MapBitField3 "Map.bit_field3" Offset ["class_Map__bit_field3__"] {10 2 => 16} "objects/map.tq";
    MapPrototype "Map.prototype" Offset ["class_Map__prototype__"] {10 2 => 24} "objects/map.tq";
    MapConstructor "Map.constructor_or_back_pointer" Offset ["class_Map__constructor_or_back_pointer__"] {10 2 => 32} "objects/map.tq";
    MapDescriptors "Map.instance_descriptors" Offset ["class_Map__instance_descriptors__"] {10 2 => 40} "objects/map.tq";
    MapIsCallableBit "Map.bit_field.is_callable" Bits [] {10 2 => 2} "objects/map.tq";
    MapNewTargetIsBaseBit "Map.bit_field2.new_target_is_base" Bits [] {10 2 => 1} "objects/map.tq";
    MapElementsKindMask "Map.bit_field2.elements_kind (mask)" Bits ["bit_field2_elements_kind_mask"] {10 2 => 252} "objects/map.tq";
    MapElementsKindShift "Map.bit_field2.elements_kind (shift)" Bits ["bit_field2_elements_kind_shift"] {10 2 => 2} "objects/map.tq";
    MapOwnDescriptorsMask "Map.bit_field3.number_of_own_descriptors (mask)" Bits ["bit_field3_number_of_own_descriptors_mask"] {10 2 => 1047552} "objects/map.tq";
    MapOwnDescriptorsShift "Map.bit_field3.number_of_own_descriptors (shift)" Bits ["bit_field3_number_of_own_descriptors_shift"] {10 2 => 10} "objects/map.tq";
    MapIsPrototypeMapShift "Map.bit_field3.is_prototype_map (shift)" Bits [] {10 2 => 20} "objects/map.tq";
    MapIsDictionaryShift "Map.bit_field3.is_dictionary_map (shift)" Bits ["bit_field3_is_dictionary_map_shift"] {10 2 => 21} "objects/map.tq";
    DescriptorArrayCount "DescriptorArray.number_of_all_descriptors" Offset [] {10 2 => 8} "objects/descriptor-array.tq";
    DescriptorArrayHeader "DescriptorArray header" Size ["class_DescriptorArray__header_size__"] {10 2 => 24, 14 6 => 32} "objects/descriptor-array.tq";
    PropertyKindMask "PropertyDetails.kind (mask)" Bits ["prop_kind_mask"] {10 2 => 1} "objects/property-details.h";
    PropertyAttributesMask "PropertyDetails.attributes (mask)" Bits ["prop_attributes_mask"] {10 2 => 28} "objects/property-details.h";
    PropertyAttributesShift "PropertyDetails.attributes (shift)" Bits ["prop_attributes_shift"] {10 2 => 2} "objects/property-details.h";
    PropertyLocationMask "PropertyDetails.location (mask)" Bits ["prop_location_mask"] {10 2 => 32} "objects/property-details.h";
    PropertyRepresentationMask "PropertyDetails.representation (mask)" Bits ["prop_representation_mask"] {10 2 => 448} "objects/property-details.h";
    PropertyRepresentationShift "PropertyDetails.representation (shift)" Bits ["prop_representation_shift"] {10 2 => 6} "objects/property-details.h";
    PropertyRepresentationDouble "PropertyDetails.representation: double" Value ["prop_representation_double"] {10 2 => 2} "objects/property-details.h";
    PropertyIndexMask "PropertyDetails.field_index (mask)" Bits ["prop_index_mask"] {10 2 => 536346624} "objects/property-details.h";
    PropertyIndexShift "PropertyDetails.field_index (shift)" Bits ["prop_index_shift"] {10 2 => 19} "objects/property-details.h";
    PropertyEnumerationMask "PropertyDetails.dictionary_index (mask)" Bits [] {10 2 => 0x7fff_ff00} "objects/property-details.h";
    PropertyEnumerationShift "PropertyDetails.dictionary_index (shift)" Bits [] {10 2 => 8} "objects/property-details.h";
    PropertyReadOnlyBit "READ_ONLY" Bits ["prop_attributes_READ_ONLY"] {10 2 => 1} "objects/property-details.h";
    PropertyDontEnumBit "DONT_ENUM" Bits ["prop_attributes_DONT_ENUM"] {10 2 => 2} "objects/property-details.h";
    AccessorPairGetter "AccessorPair.getter" Offset ["class_AccessorPair__getter__"] {10 2 => 8} "objects/struct.h";
    AccessorPairSetter "AccessorPair.setter" Offset ["class_AccessorPair__setter__"] {10 2 => 16} "objects/struct.h";

    // -- strings and other primitives
    StringHash "String.raw_hash_field" Offset [] {10 2 => 8} "objects/name.tq";
    StringLength "String.length" Offset ["class_String__length__"] {10 2 => 12} "objects/string.tq";
    StringRepresentationMask "kStringRepresentationMask" Bits ["StringRepresentationMask"] {10 2 => 7} "objects/instance-type.h";
    StringEncodingMask "kStringEncodingMask" Bits ["StringEncodingMask"] {10 2 => 8} "objects/instance-type.h";
    StringSeqTag "kSeqStringTag" Value ["SeqStringTag"] {10 2 => 0} "objects/instance-type.h";
    StringConsTag "kConsStringTag" Value ["ConsStringTag"] {10 2 => 1} "objects/instance-type.h";
    StringExternalTag "kExternalStringTag" Value ["ExternalStringTag"] {10 2 => 2} "objects/instance-type.h";
    StringSlicedTag "kSlicedStringTag" Value ["SlicedStringTag"] {10 2 => 3} "objects/instance-type.h";
    StringThinTag "kThinStringTag" Value ["ThinStringTag"] {10 2 => 5} "objects/instance-type.h";
    StringOneByteTag "kOneByteStringTag" Value ["OneByteStringTag"] {10 2 => 8} "objects/instance-type.h";
    StringUncachedMask "kUncachedExternalStringMask" Bits [] {10 2 => 16} "objects/instance-type.h";
    FirstNonstringType "FIRST_NONSTRING_TYPE" Value ["FirstNonstringType"] {10 2 => 128} "objects/instance-type.h";
    SeqOneByteStringChars "SeqOneByteString.chars" Offset ["class_SeqOneByteString__chars__"] {10 2 => 16} "objects/string.tq";
    SeqTwoByteStringChars "SeqTwoByteString.chars" Offset ["class_SeqTwoByteString__chars__"] {10 2 => 16} "objects/string.tq";
    ConsStringFirst "ConsString.first" Offset ["class_ConsString__first__"] {10 2 => 16} "objects/string.tq";
    ConsStringSecond "ConsString.second" Offset ["class_ConsString__second__"] {10 2 => 24} "objects/string.tq";
    SlicedStringParent "SlicedString.parent" Offset ["class_SlicedString__parent__"] {10 2 => 16} "objects/string.tq";
    SlicedStringOffset "SlicedString.offset" Offset ["class_SlicedString__offset__"] {10 2 => 24} "objects/string.tq";
    ThinStringActual "ThinString.actual" Offset ["class_ThinString__actual__"] {10 2 => 16} "objects/string.tq";
    ExternalStringResource "ExternalString.resource" Offset ["class_ExternalString__resource__"] {10 2 => 16} "objects/string.tq";
    ExternalStringData "ExternalString.resource_data" Offset [] {10 2 => 24} "objects/string.tq";
    SymbolDescription "Symbol.description" Offset ["class_Symbol__name__"] {10 2 => 16} "objects/name.tq";
    SymbolFlags "Symbol.flags" Offset [] {10 2 => 12} "objects/name.tq";
    SymbolPrivateMask "Symbol.flags: private, if any of these" Bits [] {10 2 => 1, 14 6 => 3} "objects/name.tq";
    SymbolPrivateNameBit "Symbol.flags: private name or brand" Bits [] {10 2 => 16, 14 6 => 2} "objects/name.tq";
    SymbolPrivateBrandMask "Symbol.flags: private brand, if all of these" Bits [] {10 2 => 32, 14 6 => 3} "objects/name.tq";
    SymbolWellKnownBit "Symbol.flags.is_well_known_symbol" Bits [] {10 2 => 2, 14 6 => 4} "objects/name.tq";
    HeapNumberValue "HeapNumber.value" Offset ["class_HeapNumber__value__"] {10 2 => 8} "objects/heap-number.tq";
    OddballToString "Oddball.to_string" Offset ["class_Oddball__to_string__"] {10 2 => 16} "objects/oddball.tq";
    OddballKind "Oddball.kind" Offset ["class_Oddball__kind__", "class_Oddball__kind_offset__"] {10 2 => 40} "objects/oddball.tq";
    OddballTheHole "Oddball::kTheHole" Value ["OddballTheHole"] {10 2 => 2, 12 4 => none} "objects/oddball.h";
    BigIntBitfield "BigInt.bitfield" Offset [] {10 2 => 8} "objects/bigint.h";
    BigIntDigits "BigInt.digits" Offset [] {10 2 => 16} "objects/bigint.h";

    // -- objects
    FixedArrayLength "FixedArrayBase.length" Offset ["class_FixedArrayBase__length__"] {10 2 => 8} "objects/fixed-array.tq";
    FixedArrayData "FixedArray.objects" Offset ["class_FixedArray__data__"] {10 2 => 16} "objects/fixed-array.tq";
    JsReceiverProperties "JSReceiver.properties_or_hash" Offset ["class_JSReceiver__raw_properties_or_hash__"] {10 2 => 8} "objects/js-objects.tq";
    JsObjectElements "JSObject.elements" Offset ["class_JSObject__elements__"] {10 2 => 16} "objects/js-objects.tq";
    JsArrayLength "JSArray.length" Offset [] {10 2 => 24} "objects/js-array.tq";
    PropertyArrayLengthMask "PropertyArray.length (mask)" Bits [] {10 2 => 1023} "objects/property-array.h";
    ElementsDictionary "DICTIONARY_ELEMENTS" Value ["elements_dictionary_elements"] {10 2 => 12, 11 3 => 13} "objects/elements-kind.h";
    ElementsUint8 "UINT8_ELEMENTS" Value [] {10 2 => 17, 11 3 => 18} "objects/elements-kind.h";
    ElementsInt8 "INT8_ELEMENTS" Value [] {10 2 => 18, 11 3 => 19} "objects/elements-kind.h";
    ElementsUint16 "UINT16_ELEMENTS" Value [] {10 2 => 19, 11 3 => 20} "objects/elements-kind.h";
    ElementsInt16 "INT16_ELEMENTS" Value [] {10 2 => 20, 11 3 => 21} "objects/elements-kind.h";
    ElementsUint32 "UINT32_ELEMENTS" Value [] {10 2 => 21, 11 3 => 22} "objects/elements-kind.h";
    ElementsInt32 "INT32_ELEMENTS" Value [] {10 2 => 22, 11 3 => 23} "objects/elements-kind.h";
    ElementsFloat32 "FLOAT32_ELEMENTS" Value [] {10 2 => 23, 11 3 => 24, 13 6 => 27} "objects/elements-kind.h";
    ElementsFloat64 "FLOAT64_ELEMENTS" Value [] {10 2 => 24, 11 3 => 25, 13 6 => 28} "objects/elements-kind.h";
    ElementsUint8Clamped "UINT8_CLAMPED_ELEMENTS" Value [] {10 2 => 25, 11 3 => 26} "objects/elements-kind.h";
    ElementsBigUint64 "BIGUINT64_ELEMENTS" Value [] {10 2 => 26, 11 3 => 27, 13 6 => 24} "objects/elements-kind.h";
    ElementsBigInt64 "BIGINT64_ELEMENTS" Value [] {10 2 => 27, 11 3 => 28, 13 6 => 25} "objects/elements-kind.h";
    ElementsFloat16 "FLOAT16_ELEMENTS" Value [] {10 2 => none, 12 4 => 29} "objects/elements-kind.h";
    ElementsTypedCount "RAB_GSAB_UINT8_ELEMENTS - UINT8_ELEMENTS" Value [] {10 2 => 11, 12 4 => 12} "objects/elements-kind.h";
    DoubleHole "kHoleNanInt64" Value [] {10 2 => (0xfff7_ffff_fff7_ffff_u64 as i64)} "common/globals.h";
    DoubleUndefined "kUndefinedNanInt64" Value [] {10 2 => none, 14 6 => (0xfff6_ffff_fff6_ffff_u64 as i64)} "common/globals.h";
    SloppyArgumentsContext "SloppyArgumentsElements.context" Offset [] {10 2 => 16} "objects/arguments.tq";
    SloppyArgumentsStore "SloppyArgumentsElements.arguments" Offset [] {10 2 => 24} "objects/arguments.tq";
    SloppyArgumentsMapped "SloppyArgumentsElements.mapped_entries" Offset [] {10 2 => 32} "objects/arguments.tq";
    AliasedArgumentSlot "AliasedArgumentsEntry.aliased_context_slot" Offset [] {10 2 => 8} "objects/arguments.tq";
    NameDictionaryEntrySize "NameDictionary entry" Size ["namedictionaryshape_entry_size"] {10 2 => 3} "objects/dictionary.h";
    NameDictionaryPrefix "NameDictionary first entry" Index ["namedictionaryshape_prefix_size"] {10 2 => 2, 11 3 => 3} "objects/dictionary.h";
    GlobalDictionaryEntrySize "GlobalDictionary entry" Size ["globaldictionaryshape_entry_size"] {10 2 => 1} "objects/dictionary.h";
    GlobalDictionaryPrefix "GlobalDictionary first entry" Index ["globaldictionaryshape_prefix_size"] {10 2 => 2} "objects/dictionary.h";
    NumberDictionaryEntrySize "NumberDictionary entry" Size ["numberdictionaryshape_entry_size"] {10 2 => 3} "objects/dictionary.h";
    NumberDictionaryPrefix "NumberDictionary first entry" Index ["numberdictionaryshape_prefix_size"] {10 2 => 1} "objects/dictionary.h";
    HashTablePrefix "HashTable prefix" Index ["namedictionary_prefix_start_index"] {10 2 => 3} "objects/hash-table.h";
    HashTableCapacity "HashTable.capacity" Index [] {10 2 => 2} "objects/hash-table.h";
    HashTableUsed "HashTable.number_of_elements" Index [] {10 2 => 0} "objects/hash-table.h";
    PropertyCellName "PropertyCell.name" Offset [] {10 2 => 8} "objects/property-cell.tq";
    PropertyCellDetails "PropertyCell.property_details_raw" Offset [] {10 2 => 16} "objects/property-cell.tq";
    PropertyCellValue "PropertyCell.value" Offset [] {10 2 => 24} "objects/property-cell.tq";
    OrderedTableLive "OrderedHashTable.number_of_elements" Index [] {10 2 => 0} "objects/ordered-hash-table.h";
    OrderedTableDeleted "OrderedHashTable.number_of_deleted_elements" Index [] {10 2 => 1} "objects/ordered-hash-table.h";
    OrderedTableBuckets "OrderedHashTable.number_of_buckets" Index [] {10 2 => 2} "objects/ordered-hash-table.h";
    OrderedTablePrefix "OrderedHashTable: first bucket" Index [] {10 2 => 3} "objects/ordered-hash-table.h";
    JsCollectionTable "JSCollection.table" Offset [] {10 2 => 24} "objects/js-collection.tq";
    JsDateValue "JSDate.value" Offset ["class_JSDate__value__"] {10 2 => 24} "objects/js-objects.tq";
    JsDateIsDouble "JSDate.value is a raw double" Variant [] {10 2 => 0, 13 6 => 1} "objects/js-objects.tq";
    JsRegExpSource "JSRegExp.source" Offset ["class_JSRegExp__source__"] {10 2 => 32} "objects/js-regexp.tq";
    JsRegExpFlags "JSRegExp.flags" Offset [] {10 2 => 40} "objects/js-regexp.tq";
    JsPromiseResult "JSPromise.reactions_or_result" Offset [] {10 2 => 24} "objects/js-promise.tq";
    JsPromiseFlags "JSPromise.flags" Offset [] {10 2 => 32} "objects/js-promise.tq";
    JsPromiseStatusMask "JSPromise.flags.status (mask)" Bits [] {10 2 => 3} "objects/js-promise.tq";
    JsBoundFunctionTarget "JSBoundFunction.bound_target_function" Offset [] {10 2 => 24} "objects/js-function.tq";
    JsBoundFunctionThis "JSBoundFunction.bound_this" Offset [] {10 2 => 32} "objects/js-function.tq";
    JsBoundFunctionArguments "JSBoundFunction.bound_arguments" Offset [] {10 2 => 40} "objects/js-function.tq";
    JsProxyTarget "JSProxy.target" Offset [] {10 2 => 16} "objects/js-proxy.tq";
    JsProxyHandler "JSProxy.handler" Offset [] {10 2 => 24} "objects/js-proxy.tq";
    JsPrimitiveWrapperValue "JSPrimitiveWrapper.value" Offset [] {10 2 => 24} "objects/js-objects.tq";
    JsArrayBufferByteLength "JSArrayBuffer.byte_length" Offset ["class_JSArrayBuffer__byte_length__"] {10 2 => 24, 11 3 => 32, 13 6 => 40} "objects/js-array-buffer.tq";
    JsArrayBufferFlags "JSArrayBuffer.bit_field" Offset [] {10 2 => 56, 11 3 => 64, 13 6 => 72} "objects/js-array-buffer.tq";
    JsArrayBufferDetachedBit "JSArrayBuffer.bit_field.was_detached" Bits [] {10 2 => 4} "objects/js-array-buffer.tq";
    JsArrayBufferSharedBit "JSArrayBuffer.bit_field.is_shared" Bits [] {10 2 => 16} "objects/js-array-buffer.tq";
    JsArrayBufferResizableBit "JSArrayBuffer.bit_field.is_resizable_by_js" Bits [] {10 2 => 32} "objects/js-array-buffer.tq";
    JsArrayBufferViewBuffer "JSArrayBufferView.buffer" Offset [] {10 2 => 24, 13 6 => 32} "objects/js-array-buffer.tq";
    JsArrayBufferViewOffset "JSArrayBufferView.byte_offset" Offset ["class_JSArrayBufferView__byte_offset__"] {10 2 => 32, 13 6 => 48} "objects/js-array-buffer.tq";
    JsArrayBufferViewFlags "JSArrayBufferView.bit_field" Offset [] {10 2 => 48, 13 6 => 40} "objects/js-array-buffer.tq";
    JsArrayBufferViewTrackingBit "JSArrayBufferView.bit_field.is_length_tracking" Bits [] {10 2 => 1} "objects/js-array-buffer.tq";
    JsArrayBufferViewByteLength "JSArrayBufferView.byte_length" Offset ["class_JSArrayBufferView__byte_length__"] {10 2 => 40, 13 6 => 56} "objects/js-array-buffer.tq";
    JsTypedArrayLength "JSTypedArray.length" Offset ["class_JSTypedArray__length__"] {10 2 => 56, 13 6 => 64} "objects/js-array-buffer.tq";
    JsTypedArrayExternal "JSTypedArray.external_pointer" Offset ["class_JSTypedArray__external_pointer__"] {10 2 => 64, 13 6 => 72} "objects/js-array-buffer.tq";
    JsTypedArrayBase "JSTypedArray.base_pointer" Offset ["class_JSTypedArray__base_pointer__"] {10 2 => 72, 13 6 => 80} "objects/js-array-buffer.tq";
    JsGeneratorFunction "JSGeneratorObject.function" Offset [] {10 2 => 24} "objects/js-generator.tq";
    JsGeneratorContinuation "JSGeneratorObject.continuation" Offset [] {10 2 => 64} "objects/js-generator.tq";
    JsGeneratorExecuting "kGeneratorExecuting" Value [] {10 2 => (-2)} "objects/js-generator.h";
    JsGeneratorClosed "kGeneratorClosed" Value [] {10 2 => (-1)} "objects/js-generator.h";
    JsWeakRefTarget "JSWeakRef.target" Offset [] {10 2 => 24} "objects/js-weak-refs.tq";
    FunctionTemplateShared "FunctionTemplateInfo.shared_function_info" Offset [] {10 2 => none, 12 4 => 64, 13 6 => 72} "objects/templates.tq";
    FunctionTemplateClassName "FunctionTemplateInfo.class_name" Offset [] {10 2 => 56, 12 4 => 40} "objects/templates.tq";

    // -- functions
    JsFunctionShared "JSFunction.shared_function_info" Offset ["class_JSFunction__shared__"] {10 2 => 24, 12 4 => 32} "objects/js-function.tq";
    JsFunctionContext "JSFunction.context" Offset ["class_JSFunction__context__"] {10 2 => 32, 12 4 => 40} "objects/js-function.tq";
    SfiData "SharedFunctionInfo.trusted_function_data" Offset ["class_SharedFunctionInfo__function_data__"] {10 2 => 8} "objects/shared-function-info.tq";
    SfiUntrustedData "SharedFunctionInfo.untrusted_function_data" Offset [] {10 2 => none, 13 6 => 16} "objects/shared-function-info.tq";
    SfiName "SharedFunctionInfo.name_or_scope_info" Offset ["class_SharedFunctionInfo__name_or_scope_info__"] {10 2 => 16, 13 6 => 24} "objects/shared-function-info.tq";
    SfiScript "SharedFunctionInfo.script" Offset ["class_SharedFunctionInfo__raw_script__", "class_SharedFunctionInfo__script__", "class_SharedFunctionInfo__script_or_debug_info__"] {10 2 => 32, 13 6 => 40} "objects/shared-function-info.tq";
    SfiFlags "SharedFunctionInfo.flags" Offset ["class_SharedFunctionInfo__flags__"] {10 2 => 48, 13 6 => 56} "objects/shared-function-info.tq";
    SfiParameterCount "SharedFunctionInfo.internal_formal_parameter_count" Offset ["class_SharedFunctionInfo__internal_formal_parameter_count__"] {10 2 => 42, 13 6 => 50} "objects/shared-function-info.tq";
    SfiTokenOffset "SharedFunctionInfo.function_token_offset" Offset ["class_SharedFunctionInfo__raw_function_token_offset__"] {10 2 => 44, 13 6 => 52} "objects/shared-function-info.tq";
    SfiWrapperShared "SharedFunctionInfoWrapper.shared_info" Offset ["class_SharedFunctionInfoWrapper__shared_info__"] {10 2 => none, 13 6 => 8} "objects/shared-function-info.tq";
    SfiKindMask "SharedFunctionInfo.flags.function_kind (mask)" Bits [] {10 2 => 31} "objects/shared-function-info.tq";
    SfiIsNativeBit "SharedFunctionInfo.flags.is_native" Bits [] {10 2 => 32} "objects/shared-function-info.tq";
    SfiIsStrictBit "SharedFunctionInfo.flags.is_strict" Bits [] {10 2 => 64} "objects/shared-function-info.tq";
    SfiSyntaxShift "SharedFunctionInfo.flags.function_syntax_kind (shift)" Bits [] {10 2 => 7} "objects/shared-function-info.tq";
    SfiIsToplevelBit "SharedFunctionInfo.flags.is_toplevel" Bits [] {10 2 => 0x800_0000} "objects/shared-function-info.tq";
    InterpreterDataBytecode "InterpreterData.bytecode_array" Offset [] {10 2 => 8} "objects/shared-function-info.tq";
    DebugInfoShared "DebugInfo.shared" Offset [] {10 2 => 8} "objects/debug-objects.tq";
    DebugInfoScript "DebugInfo.script" Offset [] {10 2 => 24, 12 4 => none} "objects/debug-objects.tq";
    UncompiledDataInferredName "UncompiledData.inferred_name" Offset ["class_UncompiledData__inferred_name__"] {10 2 => 8} "objects/shared-function-info.tq";
    UncompiledDataStart "UncompiledData.start_position" Offset ["class_UncompiledData__start_position__"] {10 2 => 16} "objects/shared-function-info.tq";
    UncompiledDataEnd "UncompiledData.end_position" Offset ["class_UncompiledData__end_position__"] {10 2 => 20} "objects/shared-function-info.tq";
    ScriptSource "Script.source" Offset ["class_Script__source__"] {10 2 => 8} "objects/script.tq";
    ScriptName "Script.name" Offset ["class_Script__name__"] {10 2 => 16} "objects/script.tq";
    ScriptType "Script.script_type" Offset ["class_Script__type__"] {10 2 => 48} "objects/script.tq";
    ScriptTypeWasm "Script::Type::kWasm" Value [] {10 2 => 3} "objects/script.h";
    ScriptLineOffset "Script.line_offset" Offset [] {10 2 => 24} "objects/script.tq";
    ScriptColumnOffset "Script.column_offset" Offset [] {10 2 => 32} "objects/script.tq";
    ScriptLineEnds "Script.line_ends" Offset ["class_Script__line_ends__"] {10 2 => 56} "objects/script.tq";
    ScriptId "Script.id" Offset [] {10 2 => 64} "objects/script.tq";
    ScriptEvalFromShared "Script.eval_from_shared_or_wrapped_arguments" Offset ["class_Script__eval_from_shared_or_wrapped_arguments__", "class_Script__eval_from_shared_or_wrapped_arguments_or_sfi_table__"] {10 2 => 72} "objects/script.tq";
    ScriptEvalFromPosition "Script.eval_from_position" Offset ["class_Script__eval_from_position__"] {10 2 => 80} "objects/script.tq";
    ScriptFlags "Script.flags" Offset [] {10 2 => 96, 11 3 => 104} "objects/script.tq";
    ScriptIsEvalBit "Script.flags.compilation_type: eval" Bits [] {10 2 => 1} "objects/script.tq";
    ScriptSourceUrl "Script.source_url" Offset [] {10 2 => 104, 11 3 => 112} "objects/script.tq";

    // -- contexts and scopes
    ContextLength "Context.length" Offset [] {10 2 => 8} "objects/contexts.tq";
    ContextSlots "Context.elements" Offset [] {10 2 => 16} "objects/contexts.tq";
    ContextScopeInfo "Context: scope info" Index ["context_idx_scope_info"] {10 2 => 0} "objects/contexts.h";
    ContextPrevious "Context: previous" Index ["context_idx_prev"] {10 2 => 1} "objects/contexts.h";
    ContextCellValue "ContextCell.tagged_value" Offset [] {10 2 => none, 14 6 => 8} "objects/contexts.tq";
    ContextCellState "ContextCell.state" Offset [] {10 2 => none, 14 6 => 24} "objects/contexts.tq";
    ContextCellRaw "ContextCell.double_value" Offset [] {10 2 => none, 14 6 => 32} "objects/contexts.tq";
    ScopeInfoFlags "ScopeInfo.flags" Offset [] {10 2 => 8} "objects/scope-info.tq";
    ScopeInfoFlagsAreSmi "ScopeInfo.flags is a Smi" Variant [] {10 2 => 1, 13 6 => 0} "objects/scope-info.tq";
    ScopeInfoLocalCount "ScopeInfo.context_local_count" Offset [] {10 2 => 24} "objects/scope-info.tq";
    ScopeInfoFirstVariable "ScopeInfo: first variable field" Index ["scopeinfo_idx_first_vars"] {10 2 => 3, 13 6 => 5} "objects/scope-info.h";
    ScopeInfoHasEarlyPosition "ScopeInfo.position_info stands before the names" Variant [] {10 2 => 0, 13 6 => 1} "objects/scope-info.tq";
    ScopeInfoHasEarlyModuleCount "ScopeInfo.module_variable_count stands before the names" Variant [] {10 2 => 0, 12 4 => 1} "objects/scope-info.tq";
    ScopeInfoInlinedNames "kScopeInfoMaxInlinedLocalNamesSize" Value [] {10 2 => 75} "objects/scope-info.h";
    ScopeTypeClass "ScopeType::CLASS_SCOPE" Value [] {10 2 => 0, 13 6 => 2} "common/globals.h";
    ScopeTypeEval "ScopeType::EVAL_SCOPE" Value [] {10 2 => 1, 13 6 => 3} "common/globals.h";
    ScopeTypeFunction "ScopeType::FUNCTION_SCOPE" Value [] {10 2 => 2, 13 6 => 4} "common/globals.h";
    ScopeTypeModule "ScopeType::MODULE_SCOPE" Value [] {10 2 => 3, 13 6 => 5} "common/globals.h";
    ScopeTypeScript "ScopeType::SCRIPT_SCOPE" Value [] {10 2 => 4, 13 6 => 0} "common/globals.h";
    ScopeTypeShadowRealm "ScopeType::SHADOW_REALM_SCOPE" Value [] {10 2 => none, 11 3 => 8, 13 6 => 9} "common/globals.h";

    // -- bytecode
    BytecodeArrayLength "BytecodeArray.length" Offset ["class_BytecodeArray__length__", "class_FixedArrayBase__length__"] {10 2 => 8} "objects/bytecode-array.tq";
    BytecodeArrayData "BytecodeArray.bytes" Offset ["class_BytecodeArray__data__"] {10 2 => 56, 11 3 => 54, 12 4 => 64} "objects/bytecode-array.tq";
    BytecodeArrayPositions "BytecodeArray.source_position_table" Offset [] {10 2 => 32, 12 4 => 24} "objects/bytecode-array.tq";
    BytecodeArrayFrameSize "BytecodeArray.frame_size" Offset [] {10 2 => 40, 12 4 => 48} "objects/bytecode-array.tq";
    BytecodeArrayParameters "BytecodeArray.parameter_size" Offset [] {10 2 => 44, 12 4 => 52} "objects/bytecode-array.tq";
    BytecodeArrayParametersAreBytes "BytecodeArray.parameter_size is in bytes" Variant [] {10 2 => 1, 13 6 => 0} "objects/bytecode-array.h";
    ByteArrayLength "ByteArray.length" Offset ["class_FixedArrayBase__length__"] {10 2 => 8} "objects/fixed-array.h";
    ByteArrayData "ByteArray.bytes" Offset [] {10 2 => 16} "objects/fixed-array.h";

    PositionsAreFlagged "source positions: deltas carry flags" Variant [] {10 2 => 0, 14 6 => 1} "codegen/source-position-table.cc";

    // -- code
    CodeFromStream "InstructionStream.code" Offset [] {10 2 => none, 11 3 => 8} "objects/instruction-stream.h";
    CodeStreamHeader "InstructionStream: first instruction" Offset ["class_InstructionStream__instruction_start__", "class_Code__instruction_start__"] {10 2 => 128, 11 3 => 16, 12 4 => 32} "objects/instruction-stream.h";
    CodeStreamBodySize "InstructionStream.body_size" Offset [] {10 2 => none, 12 4 => 24} "objects/instruction-stream.h";
    CodeFlags "Code.flags" Offset ["class_Code__flags__"] {10 2 => 48, 13 6 => 52} "objects/code.h";
    CodeInstructionSize "Code.instruction_size" Offset ["class_Code__instruction_size__"] {10 2 => 40, 11 3 => 56, 12 4 => 52, 13 6 => 56} "objects/code.h";
    CodeMetadataSize "Code.metadata_size" Offset [] {10 2 => 44, 11 3 => 60, 12 4 => 56, 13 6 => 60} "objects/code.h";
    CodeInstructionStart "Code.instruction_start" Offset [] {10 2 => none, 11 3 => 40} "objects/code.h";
    CodeDeoptData "Code.deoptimization_data_or_bytecode" Offset ["class_Code__deoptimization_data__"] {10 2 => 16, 12 4 => 8} "objects/code.h";
    CodePositions "Code.position_table" Offset ["class_Code__source_position_table__"] {10 2 => 24, 12 4 => 16} "objects/code.h";
    CodeKindMask "Code.flags.kind (mask)" Bits ["CodeKindFieldMask"] {10 2 => 15} "objects/code.h";
    CodeKindBaseline "CodeKind::BASELINE" Value ["CodeKindBaseline"] {10 2 => 11, 12 4 => 10, 14 6 => 11} "objects/code-kind.h";
    CodeHasTaggedOutgoing "Code.safepoint_table_offset is behind the instructions" Variant [] {10 2 => 1} "objects/code.h";
    CodeAlignment "kCodeAlignment" Size [] {10 2 => 64} "common/globals.h";

    // -- frames
    CallSiteMethodAfterSpace "StringEndsWithMethodName takes a space before the name" Variant [] {10 2 => 0, 12 4 => 1} "objects/call-site-info.cc";
    CallSiteNamesFunctions "CallSiteInfo::GetTypeName names functions" Variant [] {10 2 => 0, 13 6 => 1} "objects/call-site-info.cc";
    FrameContextOrType "frame: context or type" FrameOffset ["off_fp_context_or_frame_type"] {10 2 => (-8)} "execution/frame-constants.h";
    FrameFunction "frame: function" FrameOffset ["off_fp_function"] {10 2 => (-16)} "execution/frame-constants.h";
    FrameArgc "frame: argument count" FrameOffset [] {10 2 => (-24)} "execution/frame-constants.h";
    FrameBytecodeArray "frame: bytecode array" FrameOffset ["off_fp_bytecode_array"] {10 2 => (-32)} "execution/frame-constants.h";
    FrameBytecodeOffset "frame: bytecode offset" FrameOffset ["off_fp_bytecode_offset"] {10 2 => (-40)} "execution/frame-constants.h";
    FrameRegisters "frame: register r0" FrameOffset [] {10 2 => (-48), 12 4 => (-56)} "execution/frame-constants.h";
    FrameReceiver "frame: receiver" FrameOffset ["off_fp_args"] {10 2 => 16} "execution/frame-constants.h";
    BuiltinExitNewTarget "builtin exit frame: new target" FrameOffset [] {10 2 => 16} "execution/frame-constants.h";
    BuiltinExitTarget "builtin exit frame: function" FrameOffset [] {10 2 => 24} "execution/frame-constants.h";
    BuiltinExitArgc "builtin exit frame: argument count" FrameOffset [] {10 2 => 32} "execution/frame-constants.h";
    BuiltinExitReceiver "builtin exit frame: receiver" FrameOffset [] {10 2 => 48, 14 6 => 40} "execution/frame-constants.h";
    ApiExitTarget "API callback exit frame: function" FrameOffset [] {10 2 => none, 12 4 => 16, 13 6 => 48, 14 6 => 40} "execution/frame-constants.h";
    ApiExitArgc "API callback exit frame: argument count" FrameOffset [] {10 2 => none, 12 4 => 24, 13 6 => (-24)} "execution/frame-constants.h";
    ApiExitReceiver "API callback exit frame: receiver" FrameOffset [] {10 2 => none, 12 4 => 88, 13 6 => 64, 14 6 => 48} "execution/frame-constants.h";
    FrameWasmInstance "WebAssembly frame: instance or its trusted data" FrameOffset [] {10 2 => (-16)} "execution/frame-constants.h";
    FrameEntryLink "entry frame: next exit frame" FrameOffset [] {10 2 => (-64)} "execution/x64/frame-constants-x64.h";

    // -- WebAssembly: objects of the heap
    // The header of 14.6.202.24 has one field more before the object than the 14.6.202.34 of Node 26.
    WasmTrustedInstanceObject "WasmTrustedInstanceData.instance_object" Offset [] {10 2 => none, 12 4 => 160, 13 6 => 152, 14 6 => 104} "wasm/wasm-objects.h";
    WasmInstanceModule "WasmInstanceObject.module_object" Offset [] {10 2 => 208, 12 4 => 32} "wasm/wasm-objects.h";
    WasmModuleNative "WasmModuleObject.managed_native_module" Offset [] {10 2 => 24} "wasm/wasm-objects.tq";
    WasmModuleScript "WasmModuleObject.script" Offset [] {10 2 => 40, 11 3 => 32} "wasm/wasm-objects.tq";
    ForeignAddress "Foreign.foreign_address" Offset [] {10 2 => 8} "objects/foreign.tq";

    // -- WebAssembly: C++ objects
    ManagedSharedPointer "ManagedPtrDestructor.shared_ptr_ptr_" Offset [] {10 2 => 24} "objects/managed.h";
    NativeModuleWireBytes "NativeModule.wire_bytes_" Offset [] {10 2 => 312, 11 3 => 200, 13 6 => 240, 14 6 => 232} "wasm/wasm-code-manager.h";
    NativeModuleOwnedCode "NativeModule.owned_code_" Offset [] {10 2 => 416, 11 3 => 304, 12 4 => 392, 13 6 => 312, 14 6 => 304} "wasm/wasm-code-manager.h";
    WasmCodeModule "WasmCode.native_module_" Offset [] {10 2 => 0} "wasm/wasm-code-manager.h";
    WasmCodeInstructions "WasmCode.instructions_" Offset [] {10 2 => 8} "wasm/wasm-code-manager.h";
    WasmCodeTables "WasmCode.meta_data_" Offset [] {10 2 => 24, 11 3 => 16, 13 6 => 24} "wasm/wasm-code-manager.h";
    WasmCodeInstructionsSize "WasmCode.instructions_size_" Offset [] {10 2 => 32, 11 3 => 24, 13 6 => 32} "wasm/wasm-code-manager.h";
    WasmCodeRelocationSize "WasmCode.reloc_info_size_" Offset [] {10 2 => 36, 11 3 => 28, 13 6 => 36} "wasm/wasm-code-manager.h";
    WasmCodePositionsSize "WasmCode.source_positions_size_" Offset [] {10 2 => 40, 11 3 => 32, 13 6 => 40} "wasm/wasm-code-manager.h";
    WasmCodeInliningSize "WasmCode.inlining_positions_size_" Offset [] {10 2 => none, 11 3 => 36, 13 6 => 44} "wasm/wasm-code-manager.h";
    WasmCodeProtectedSize "WasmCode.protected_instructions_size_" Offset [] {10 2 => 44, 11 3 => 40, 13 6 => 52} "wasm/wasm-code-manager.h";
    WasmCodeFunction "WasmCode.index_" Offset [] {10 2 => 48, 11 3 => 44, 13 6 => 56} "wasm/wasm-code-manager.h";
    WasmCodeFlags "WasmCode.flags_" Offset [] {10 2 => 16, 11 3 => 80, 13 6 => 96, 14 6 => 120} "wasm/wasm-code-manager.h";
    WasmCodeKindMask "WasmCode.flags_.kind (mask); 0: a function" Bits [] {10 2 => 3, 14 6 => 7} "wasm/wasm-code-manager.h";
    WasmCodeTierShift "WasmCode.flags_.tier (shift)" Bits [] {10 2 => 2, 14 6 => 3} "wasm/wasm-code-manager.h";
    WasmInliningEntry "WasmCode.inlining_positions: an entry" Size [] {10 2 => none, 11 3 => 12, 12 4 => 13} "wasm/wasm-code-manager.cc";
    WasmInliningTailCall "WasmCode.inlining_positions: was_tail_call" Offset [] {10 2 => none, 12 4 => 4} "wasm/wasm-code-manager.cc";
    WasmInliningCaller "WasmCode.inlining_positions: caller_pos" Offset [] {10 2 => none, 11 3 => 4, 12 4 => 5} "wasm/wasm-code-manager.cc";

    // -- the isolate; found in the core itself where the core says otherwise
    IsolateRoots "Isolate: root table" Offset [] {10 2 => 0x120, 11 3 => 0x1f0, 12 4 => 0x250, 13 6 => 0x280, 14 6 => 0x2b0} "execution/isolate-data.h";
    IsolateHeap "Isolate: heap" Offset [] {10 2 => 0xc638, 11 3 => 0xd2c0, 12 4 => 0xdea0, 13 6 => 0xeff8, 14 6 => 0xf3c0} "execution/isolate.h";
    IsolateEntryFp "ThreadLocalTop.c_entry_fp" Offset [] {10 2 => 0x4538, 11 3 => 0x180, 12 4 => 0x110, 13 6 => 0x140, 14 6 => 0x148} "execution/thread-local-top.h";
    IsolateHandler "ThreadLocalTop.handler" Offset [] {10 2 => 0x4540, 11 3 => 0x188, 12 4 => 0x198, 13 6 => 0x1c8, 14 6 => 0x1d0} "execution/thread-local-top.h";
    IsolateStackGuard "Isolate: stack guard" Offset [] {10 2 => 8} "execution/isolate-data.h";
    IsolateEmbeddedBlob "Isolate.embedded_blob_code" Offset [] {10 2 => 0xea58, 11 3 => 0xf690, 12 4 => 0x10118, 13 6 => 0x11050, 14 6 => 0x11400} "execution/isolate.h";

    // -- pages
    PageSize "kRegularPageSize" Size [] {10 2 => 0x40000} "common/globals.h";
    PageMetadata "MemoryChunk.metadata" Offset [] {10 2 => none, 12 4 => 8} "heap/memory-chunk.h";
    PageFlags "MemoryChunk.flags" Offset [] {10 2 => 8, 12 4 => 0} "heap/memory-chunk.h";
    PageYoungMask "MemoryChunk.flags: from-page, to-page" Bits [] {10 2 => 0x18} "heap/memory-chunk-layout.h";
    PageBytes "MemoryChunk.size" Offset [] {10 2 => 0, 12 4 => 0x10, 13 6 => 0x30} "heap/memory-chunk.h";
    PageHeap "MemoryChunk.heap" Offset [] {10 2 => 0x10, 12 4 => 0x18, 13 6 => 0x40} "heap/memory-chunk.h";
    PageAreaStart "MemoryChunk.area_start" Offset [] {10 2 => 0x18, 12 4 => 0x20, 13 6 => 0x48} "heap/memory-chunk.h";
    PageAreaEnd "MemoryChunk.area_end" Offset [] {10 2 => 0x20, 12 4 => 0x28, 13 6 => 0x38} "heap/memory-chunk.h";
    PageOwner "MemoryChunk.owner" Offset [] {10 2 => 0x40, 12 4 => 0x48, 13 6 => 0x50} "heap/memory-chunk.h";
    SpaceId "Space.id" Offset [] {10 2 => 0x10} "heap/base-space.h";
    SpaceIdCode "CODE_SPACE" Value [] {10 2 => 2, 11 3 => 3} "common/globals.h";
    SpaceIdCodeLarge "CODE_LO_SPACE" Value [] {10 2 => 5, 11 3 => 7, 12 4 => 8, 13 6 => 9} "common/globals.h";
}

impl Fact {
    /// Its row.
    pub(crate) fn row(self) -> Option<&'static Row> {
        ROWS.get(self as usize)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        self.row().map_or("?", |row| row.name)
    }
}

impl Row {
    /// What is built in for a version: of the newest version that is not newer.
    pub(crate) fn builtin_for(&self, version: Minor) -> Option<i64> {
        self.builtin_since(version).1
    }

    /// The same, with the version from which on it is so.
    pub(crate) fn builtin_since(&self, version: Minor) -> (Minor, Option<i64>) {
        let known = self.builtin.iter().rev().find(|(from, _)| *from <= version);
        known.or(self.builtin.first()).copied().unwrap_or_default()
    }
}

/// The versions of V8 from which on some fact is another, oldest first.
pub(crate) fn versions() -> Vec<Minor> {
    let all = ROWS.iter().flat_map(|row| row.builtin.iter().map(|(from, _)| *from));
    all.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// The newest version that the table knows: 14.6 of Node 26.
pub(crate) const NEWEST: Minor = (14, 6);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_versions_are_in_the_table() {
        assert_eq!(versions(), [(10, 2), (11, 3), (12, 4), (13, 6), NEWEST]);
    }

    #[test]
    fn the_table_is_in_order() {
        for (index, row) in ROWS.iter().enumerate() {
            assert_eq!(row.fact as usize, index, "{}", row.name);
            assert!(row.builtin.is_sorted_by(|a, b| a.0 < b.0), "{}", row.name);
            assert!(!row.builtin.is_empty() && !row.source.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn a_version_has_what_was_last_said_before_it() {
        let row = Fact::JsFunctionShared.row();
        let of = |version| row.and_then(|row| row.builtin_for(version));
        assert_eq!(of((10, 2)), Some(24));
        assert_eq!(of((11, 9)), Some(24));
        assert_eq!(of((12, 4)), Some(32));
        assert_eq!(of((99, 0)), Some(32));
    }
}
