//! See `mdb_fuzz::notes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mdb_fuzz::notes(data));
