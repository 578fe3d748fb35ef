//! See `mdb_fuzz::cfi`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mdb_fuzz::cfi(data));
