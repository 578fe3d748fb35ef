//! See `mdb_fuzz::names`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mdb_fuzz::names(data));
