//! Where the bytes come from.

/// The memory of a target. It is asked from many threads at once.
pub trait Memory: Sync {
    /// What is at `address`, for at most `length` bytes (at least 1; `address + length` does not
    /// overflow). The answer may be shorter, as when a segment ends. What cannot be lent is copied
    /// to the beginning of `buffer`, which is never empty.
    ///
    /// Where nothing is, the answer should reach as far as that is known to be so: the work is one
    /// step for each answer, and a block that was made up may span half the address space.
    fn piece<'m>(&'m self, address: u64, length: u64, buffer: &mut [u8]) -> Piece<'m>;

    /// Whether the work shall stop. Asked for every piece, and about every 64 KiB.
    fn cancelled(&self) -> bool;
}

/// An answer of [`Memory::piece`]. Longer ones than were asked for are cut; empty ones count as a
/// byte that cannot be read.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'m> {
    /// The bytes themselves.
    Lent(&'m [u8]),
    /// So many bytes were copied to the buffer.
    Copied(usize),
    /// So many bytes are zeros: they need not be looked at.
    Zero(u64),
    /// So many bytes cannot be read.
    Unreadable(u64),
}
