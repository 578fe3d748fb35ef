//! The roots of an isolate: objects that V8 itself refers to, by name. Types of objects that no
//! metadata symbol names, and the holes, are known by them.

use super::binary::Binary;
use super::isolates::Isolate;
use crate::layout::tables::Tables;
use crate::object::heap::Heap;
use crate::object::kind::Kind;
use crate::object::value::Value;
use mdb_dmod::prelude::*;

/// No V8 has more roots than this (14.6: 1156).
const MOST_ROOTS: u64 = 4096;

/// No name of a root is longer.
const LONGEST_NAME: usize = 160;

/// V8's own names, an array of pointers to C strings.
const NAMES: &str = "_ZN2v88internal10RootsTable11root_names_E";

/// What the roots say of types and objects.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// Names of roots that are maps, and the instance type of objects with that map.
    pub(crate) types: Vec<(String, u16)>,
    /// The holes: untagged address, name.
    pub(crate) holes: Vec<(u64, String)>,
}

/// The names of the roots in their order: as the binary has them, else of a known build of this
/// version.
fn names(s: &Session<'_>, binary: &Binary) -> Result<Vec<String>> {
    let Some(symbol) = s.symbol_named(Some(&binary.module), NAMES)? else {
        let tables = binary.tables();
        let names = tables.map(Tables::root_names).unwrap_or_default();
        return Ok(names.iter().map(|name| (*name).to_owned()).collect());
    };
    let mut names = Vec::new();
    for index in 0..(symbol.size / 8).min(MOST_ROOTS) {
        let name = s.memory().read_u64(symbol.address.wrapping_add(index.wrapping_mul(8)))?;
        names.push(s.memory().read_c_string(name, LONGEST_NAME)?);
    }
    Ok(names)
}

/// What the roots of an isolate say. Nothing, where names and roots do not belong together.
pub(crate) fn learn(
    s: &Session<'_>,
    binary: &Binary,
    heap: Heap<'_>,
    isolate: &Isolate,
) -> Result<Learned> {
    let names = match names(s, binary) {
        Ok(names) => names,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => return Ok(Learned::default()),
    };
    let mut learned = Learned::default();
    let (mut maps, mut others): (u32, u32) = (0, 0);
    for (index, name) in (0_u64..).zip(&names) {
        let is_map = name.ends_with("_map");
        // "the_hole_value" and its like; since V8 12.4 they are of a class of their own.
        let is_hole = !is_map && HOLES.contains(&name.strip_suffix("_value").unwrap_or(name));
        if !is_map && !is_hole {
            continue;
        }
        let at = isolate.roots.wrapping_add(index.wrapping_mul(8));
        let object = match s.memory().read_u64(at).and_then(|word| heap.object(Value(word))) {
            Ok(object) => object,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => {
                others = others.saturating_add(1);
                continue;
            }
        };
        if is_hole {
            learned.holes.push((object.address, name.clone()));
        } else if object.kind == Kind::Map {
            maps = maps.saturating_add(1);
            let instance_type =
                heap.field_u16(object.address, crate::layout::fact::Fact::MapInstanceType)?;
            learned.types.push((name.clone(), instance_type));
        } else {
            others = others.saturating_add(1);
        }
    }
    // All that is called a map is one, but for some that are made late.
    if maps < others.saturating_mul(8) {
        return Ok(Learned::default());
    }
    Ok(learned)
}

/// Names of the holes, without `_value` (`roots/roots.h` of all versions).
const HOLES: &[&str] = &[
    "the_hole",
    "uninitialized",
    "arguments_marker",
    "exception",
    "termination_exception",
    "optimized_out",
    "stale_register",
    "self_reference_marker",
    "basic_block_counters_marker",
    "property_cell_hole",
    "hash_table_hole",
    "promise_hole",
];
