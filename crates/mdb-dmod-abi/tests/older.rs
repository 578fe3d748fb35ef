//! What a dmod of an older minor version was built with still stands where it stood.
//!
//! `minor-N` holds the table of layouts and the C header as they were at that version. Versions from
//! `OLDEST_MINOR` on are compared.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use mdb_dmod_abi::{ABI_MINOR, OLDEST_MINOR};
use std::collections::BTreeMap;

/// Of each struct its size, and the offset of each field.
fn table(path: &str) -> BTreeMap<String, (u64, BTreeMap<String, u64>)> {
    let path = format!("{}/tests/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect(&path);
    let mut table = BTreeMap::<String, (u64, BTreeMap<String, u64>)>::new();
    let mut current = String::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (name, number) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
        if line.starts_with(' ') {
            table.get_mut(&current).unwrap().1.insert(name.to_owned(), number);
        } else {
            name.clone_into(&mut current);
            table.insert(current.clone(), (number, BTreeMap::new()));
        }
    }
    table
}

#[test]
fn older_fields_are_where_they_were() {
    let now = table("layout.txt");
    let mut compared = 0;
    for minor in OLDEST_MINOR..ABI_MINOR {
        for (name, (size, fields)) in table(&format!("minor-{minor}/layout.txt")) {
            let (size_now, fields_now) = now.get(&name).expect("no struct goes away");
            assert!(*size_now >= size, "{name} of minor version {minor} was larger");
            for (field, offset) in fields {
                assert_eq!(fields_now.get(&field), Some(&offset), "{name}.{field} of {minor}");
                compared += 1;
            }
        }
    }
    assert!(OLDEST_MINOR == ABI_MINOR || compared > 100, "only {compared} fields were compared");
}
