//! Bytes that live as long as a target needs them.

/// Lends a copy of `bytes` to `use_them` as if it were the map of a file, which is never unmapped.
/// `use_them` gives nothing back, and what it makes of the bytes must be gone when it returns.
pub(crate) fn lend(bytes: &[u8], use_them: impl FnOnce(&'static [u8])) {
    let pointer = Box::into_raw(bytes.to_vec().into_boxed_slice());
    // SAFETY: valid until it is freed below, which is after the last use: no code of ours that gets
    // mapped bytes keeps them in a global.
    use_them(unsafe { &*pointer });
    // SAFETY: made by `Box::into_raw` above, freed once.
    drop(unsafe { Box::from_raw(pointer) });
}
