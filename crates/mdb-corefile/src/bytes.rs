//! Checked little-endian reads.

fn array_at<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..)?.first_chunk().copied()
}

/// Two bytes at an offset.
pub(crate) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    array_at(data, at).map(u16::from_le_bytes)
}

/// Four bytes at an offset.
pub(crate) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    array_at(data, at).map(u32::from_le_bytes)
}

/// Four bytes at an offset, signed.
pub(crate) fn i32_at(data: &[u8], at: usize) -> Option<i32> {
    array_at(data, at).map(i32::from_le_bytes)
}

/// Eight bytes at an offset.
pub(crate) fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    array_at(data, at).map(u64::from_le_bytes)
}

/// The part of a file that a 64-bit offset and size name, as far as the file goes.
pub(crate) fn clipped(data: &'static [u8], offset: u64, size: u64) -> &'static [u8] {
    let rest = usize::try_from(offset).ok().and_then(|at| data.get(at..)).unwrap_or(&[]);
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
    rest.get(..size).unwrap_or(rest)
}

/// The bytes up to a NUL, or all.
pub(crate) fn until_nul(data: &[u8]) -> &[u8] {
    data.split(|b| *b == 0).next().unwrap_or(data)
}
