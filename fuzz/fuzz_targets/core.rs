//! See `mdb_fuzz::core`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mdb_fuzz::core(data));
