//! See `mdb_fuzz::elf`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mdb_fuzz::elf(data));
