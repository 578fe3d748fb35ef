//! See `mdb_fuzz::language`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mdb_fuzz::language(data));
