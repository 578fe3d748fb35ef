//! Damaged and hostile objects, in a heap that no V8 made.

use super::{Nature, Style, brief};
use crate::layout::Layout;
use crate::layout::metadata::Metadata;
use crate::layout::version::Version;
use crate::object::heap::Heap;
use crate::object::kind::Kinds;
use crate::object::value::Value;
use mdb_dmod::prelude::*;
use mdb_dmod::testing::Fake;

/// Instance types as of V8 14.6 in name, not in number.
const TYPES: &[(&str, i64)] = &[
    ("FirstNonstringType", 128),
    ("type_Map__MAP_TYPE", 200),
    ("type_Oddball__ODDBALL_TYPE", 201),
    ("type_FixedArray__FIXED_ARRAY_TYPE", 202),
    ("type_DescriptorArray__DESCRIPTOR_ARRAY_TYPE", 203),
    ("type_HeapNumber__HEAP_NUMBER_TYPE", 204),
    ("type_JSProxy__JS_PROXY_TYPE", 300),
    ("type_JSObject__JS_OBJECT_TYPE", 301),
    ("type_JSArray__JS_ARRAY_TYPE", 302),
    ("type_JSMap__JS_MAP_TYPE", 303),
];

/// the line for the word at the address, in 12 and in 60 characters
#[dcmd(address = optional)]
fn brieftest(s: &Session<'_>) -> Result<()> {
    let symbols = TYPES.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    let metadata = Metadata::new(symbols);
    let version = Version { major: 14, minor: 6, ..Version::default() };
    let layout = Layout::new(version, &metadata);
    let mut kinds = Kinds::from_metadata(&metadata);
    kinds.add_root("name_dictionary_map", 206);
    kinds.add_root("bigint_map", 205);
    kinds.add_root("ordered_hash_map_map", 207);
    let heap = Heap { memory: s.memory(), layout: &layout, kinds: &kinds };
    for max_chars in [12, 60] {
        let style = Style { max_chars, ..Style::default() };
        let found = brief(heap, Value(s.dot()), style)?;
        assert!(found.text.chars().count() <= max_chars, "{}", found.text);
        assert!(!found.text.chars().any(char::is_control), "{}", found.text);
        if max_chars == 60 {
            let nature = match found.nature {
                Nature::Sound => "",
                Nature::Hole | Nature::Marker => "hole ",
                Nature::Damaged => "damaged ",
            };
            writeln!(s, "{nature}{}", found.text)?;
        }
    }
    Ok(())
}

mdb_dmod::dmod! { name: brieftest, about: "briefs under test", triggers: ["always"], dcmds: [brieftest] }

const META: u64 = 0x1000;

/// The maps of all types, each 0x100 behind the one before: of [`TYPES`] and the roots.
fn map(instance_type: u64) -> u64 {
    META + (instance_type - 200) * 0x100
}

fn smi(number: u64) -> u64 {
    number << 32
}

/// A heap with a map for each type; `bits3` are those of the map of plain objects.
fn heap(bits3: u64, prototype: u64) -> Fake {
    let mut fake = Fake::new(builtin());
    for instance_type in (200..=207).chain(300..=303) {
        let bits = if instance_type == 301 { bits3 } else { 0 };
        fake = fake.words(
            map(instance_type),
            &[META | 1, instance_type << 32 | 4 << 8 | 4, bits, prototype | 1, 0x9001, 0xa001],
        );
    }
    fake.words(0x9000, &[map(201) | 1, 0, 0, 0, 0, smi(3)])
        .words(0xa000, &[map(203) | 1, 0, 0, 0])
        .words(0xb000, &[map(202) | 1, smi(0)])
}

fn shown(fake: &Fake, value: u64) -> String {
    let outcome = fake.call("brieftest").at(value).run();
    assert_eq!(outcome.error, None);
    outcome.text.trim_end().to_owned()
}

/// Bits of a map's third bit field: so many own descriptors, dictionary mode.
const DICTIONARY: u64 = 1 << 21;

/// A plain object at 0x10000 with these two words behind its elements.
fn object(fake: Fake, properties: u64, elements: u64, fields: [u64; 2]) -> Fake {
    fake.words(0x10000, &[map(301) | 1, properties, elements, fields[0], fields[1]])
}

#[test]
fn what_is_no_object_is_said_to_be_none() {
    let fake = heap(0, 0x9000).words(0x10000, &[0x1234, 0x10001, map(301)]);
    assert_eq!(shown(&fake, smi(42)), "42");
    assert_eq!(shown(&fake, smi(0xffff_ffff)), "-1");
    assert_eq!(shown(&fake, 0x10001), "damaged <no object at 10000>");
    // Its first word is no map but refers to itself.
    assert_eq!(shown(&fake, 0x10009), "damaged <no object at 10008>");
    assert_eq!(shown(&fake, 0x50001), "damaged <unreadable: 50000>");
    assert_eq!(shown(&fake, 0x10008), "damaged <no value: 0x10008>");
    assert_eq!(shown(&fake, 0x7f00_0000_0003), "<cleared weak reference>");
    assert_eq!(shown(&fake, u64::MAX - 2), "damaged <unreadable: fffffffffffffffc>");
}

#[test]
fn a_map_that_lies_about_properties_is_caught() {
    // 1023 descriptors of an array that has none.
    let fake = object(heap(1023 << 10, 0x9000), 0xb001, 0xb001, [0, 0]);
    assert_eq!(shown(&fake, 0x10001), "damaged <damaged JSObject at 10000>");
    // A dictionary of which the capacity is impossible.
    for capacity in [smi(0x7fff_ffff), smi(0xffff_ffff), 0x10001, smi(3)] {
        let fake = object(heap(DICTIONARY, 0x9000), 0x20001, 0xb001, [0, 0])
            .words(0x20000, &[map(206) | 1, smi(12), 0, 0, capacity]);
        assert_eq!(shown(&fake, 0x10001), "damaged <damaged JSObject at 10000>", "{capacity:x}");
    }
    // Elements that say to be 2^31 - 1, and end with the page: those that are there are shown.
    let fake = object(heap(0, 0x9000), 0xb001, 0x20001, [0, 0])
        .words(0x20000, &[map(202) | 1, smi(0x7fff_ffff), smi(1)]);
    assert_eq!(shown(&fake, 0x10001), "damaged <damaged JSObject at 10000>");
}

#[test]
fn a_chain_of_prototypes_that_ends_nowhere_ends() {
    // The object is its own prototype.
    let fake = object(heap(0, 0x10000), 0xb001, 0xb001, [0, 0]);
    assert_eq!(shown(&fake, 0x10001), "{}");
    // The map is said to be made from itself, which a map cannot be.
    let fake = object(heap(0, 0x9000), 0xb001, 0xb001, [0, 0]);
    assert_eq!(shown(&fake, 0x10001), "[Object: null prototype] {}");
}

#[test]
fn impossible_lengths_are_no_lengths() {
    let array = |length| heap(0, 0x9000).words(0x10000, &[map(302) | 1, 0xb001, 0xb001, length]);
    assert_eq!(shown(&array(smi(0)), 0x10001), "(0) []");
    assert_eq!(shown(&array(smi(3)), 0x10001), "(3) [empty × 3]");
    assert_eq!(shown(&array(smi(0xffff_ffff)), 0x10001), "damaged <damaged JSArray at 10000>");
    assert_eq!(shown(&array(0x10001), 0x10001), "damaged <damaged JSArray at 10000>");
    // A number on the heap: 2^32 is too much, NaN is no number.
    for bits in [4294967296f64.to_bits(), f64::NAN.to_bits()] {
        let fake = array(0x30001).words(0x30000, &[map(204) | 1, bits]);
        assert_eq!(shown(&fake, 0x10001), "damaged <damaged JSArray at 10000>");
    }
    let fake = array(0x30001).words(0x30000, &[map(204) | 1, 4294967295f64.to_bits()]);
    assert_eq!(shown(&fake, 0x10001), "(4294967295) [empty × 4294967295]");
}

#[test]
fn a_map_of_impossible_counts_is_damaged() {
    let table = |live, deleted, buckets| {
        heap(0, 0x9000)
            .words(0x10000, &[map(303) | 1, 0xb001, 0xb001, 0x20001])
            .words(0x20000, &[map(207) | 1, smi(5), live, deleted, buckets, smi(1), smi(2)])
    };
    assert_eq!(shown(&table(smi(0), smi(0), smi(2)), 0x10001), "Map(0) {}");
    let damaged = "damaged <damaged JSMap at 10000>";
    assert_eq!(shown(&table(smi(0x7fff_ffff), smi(0), smi(2)), 0x10001), damaged);
    assert_eq!(shown(&table(smi(1), smi(0), 0x10001), 0x10001), damaged);
    // More than fit: what is there is shown.
    assert_eq!(shown(&table(smi(5), smi(0), smi(0)), 0x10001), "Map(5) {1 => 2, …}");
}

#[test]
fn a_bigint_of_a_billion_digits_is_not_read() {
    let fake = heap(0, 0x9000).words(0x10000, &[map(205) | 1, u64::from(u32::MAX)]);
    assert_eq!(shown(&fake, 0x10001), "damaged <damaged BigInt at 10000>");
}

#[test]
fn an_interrupt_ends_it() {
    let fake = object(heap(0, 0x10000), 0xb001, 0xb001, [0, 0]).cancel_after(4);
    let outcome = fake.call("brieftest").at(0x10001).run();
    assert_eq!((outcome.status, outcome.text.as_str()), (mdb_dmod::abi::Status::CANCELLED.0, ""));
}
