//! The aligned words of a range, in whatever pieces its memory comes.

use crate::graph::GraphError;
use crate::memory::{Memory, Piece};

/// How a pointer lies in memory.
pub(crate) trait Word: Send + Sync {
    /// Its size: a power of two, at most 8.
    const SIZE: usize;

    /// The values of words that follow each other.
    fn values(run: &[u8]) -> impl Iterator<Item = u64>;
}

macro_rules! words {
    ($($name:ident $size:literal $integer:ident $from:ident;)*) => {$(
        pub(crate) struct $name;

        impl Word for $name {
            const SIZE: usize = $size;

            #[inline]
            fn values(run: &[u8]) -> impl Iterator<Item = u64> {
                run.as_chunks().0.iter().map(|word| u64::from($integer::$from(*word)))
            }
        }
    )*};
}

words! {
    Little8 8 u64 from_le_bytes;
    Big8 8 u64 from_be_bytes;
    Little4 4 u32 from_le_bytes;
    Big4 4 u32 from_be_bytes;
}

/// After so many bytes the wish to stop is looked at again. Also the size of a buffer for memory
/// that cannot be lent.
const STEP: u64 = 64 << 10;

/// What a range costs besides its bytes, for the count to [`STEP`].
const EACH: u64 = 16;

/// A word that is not there.
const ZEROS: &[u8] = &[0; 8];

enum Kind<'m> {
    Lent(&'m [u8]),
    Copied,
    Zero,
    Unreadable,
}

/// Reads ranges, best in ascending order: a piece serves for all ranges that it covers.
pub(crate) struct Reader<'m> {
    memory: &'m dyn Memory,
    /// The piece at hand: its kind and its addresses.
    kind: Kind<'m>,
    start: u64,
    end: u64,
    buffer: Vec<u8>,
    /// Bytes since the wish to stop was looked at.
    unasked: u64,
    /// Bytes of ranges that could not be read.
    pub(crate) unreadable: u64,
}

impl<'m> Reader<'m> {
    pub(crate) fn new(memory: &'m dyn Memory) -> Self {
        let buffer = vec![0; STEP as usize];
        let kind = Kind::Unreadable;
        Self { memory, kind, start: 0, end: 0, buffer, unasked: 0, unreadable: 0 }
    }

    /// Gives `sink` the aligned words that lie wholly in `start..end` and can be read: runs of them,
    /// each with the address of its first word. It may read ahead, to `ahead`.
    pub(crate) fn words<W: Word>(
        &mut self,
        start: u64,
        end: u64,
        ahead: u64,
        sink: &mut impl FnMut(u64, &[u8]),
    ) -> Result<(), GraphError> {
        self.spend(EACH)?;
        let size = W::SIZE as u64;
        let mut at = start;
        while at < end {
            if !(self.start..self.end).contains(&at) {
                self.fetch(at, ahead.max(end))?;
            }
            let mut stop = self.end.min(end);
            let bytes = match &self.kind {
                Kind::Unreadable => {
                    self.unreadable = self.unreadable.saturating_add(stop - at);
                    at = stop;
                    continue;
                }
                Kind::Zero => None,
                Kind::Lent(bytes) => Some(*bytes),
                Kind::Copied => Some(self.buffer.as_slice()),
            };
            if let Some(bytes) = bytes {
                stop = stop.min(at.saturating_add(STEP));
                if let Some(first) = at.checked_next_multiple_of(size).filter(|word| *word < stop) {
                    let skip = (first - self.start) as usize;
                    let length = (stop - first) as usize;
                    let run = bytes.get(skip..skip + (length & !(W::SIZE - 1))).unwrap_or(&[]);
                    if !run.is_empty() {
                        sink(first, run);
                    }
                }
                self.spend(stop - at)?;
            }
            // A word that begins in this piece and ends behind it.
            let last = stop & !(size - 1);
            if last != stop && last >= at && end - last >= size {
                let mut word = [0; 8];
                let word = word.get_mut(..W::SIZE).unwrap_or_default();
                if self.gather(last, word) {
                    sink(last, word);
                }
            }
            at = stop;
        }
        Ok(())
    }

    /// Makes the piece at `at` the one at hand; `end > at` bounds what is asked for.
    fn fetch(&mut self, at: u64, end: u64) -> Result<(), GraphError> {
        self.unasked = STEP;
        self.spend(0)?;
        let most = end - at;
        let (kind, length) = match self.memory.piece(at, most, &mut self.buffer) {
            Piece::Lent(bytes) => (Kind::Lent(bytes), bytes.len() as u64),
            Piece::Copied(length) => (Kind::Copied, length.min(self.buffer.len()) as u64),
            Piece::Zero(length) => (Kind::Zero, length),
            Piece::Unreadable(length) => (Kind::Unreadable, length),
        };
        (self.kind, self.start) = (kind, at);
        self.end = at + length.min(most);
        if length == 0 {
            (self.kind, self.end) = (Kind::Unreadable, at + 1);
        }
        Ok(())
    }

    /// Fills `word` from several pieces; false if a byte of it cannot be read.
    fn gather(&self, address: u64, word: &mut [u8]) -> bool {
        let mut buffer = [0; 8];
        let mut done = 0;
        while let Some(rest) = word.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let most = rest.len();
            let bytes: &[u8] =
                match self.memory.piece(address + done as u64, most as u64, &mut buffer) {
                    Piece::Lent(bytes) => bytes,
                    Piece::Copied(length) => buffer.get(..length).unwrap_or_default(),
                    Piece::Zero(length) => {
                        let length = length.min(most as u64) as usize;
                        ZEROS.get(..length).unwrap_or_default()
                    }
                    Piece::Unreadable(_) => return false,
                };
            if bytes.is_empty() {
                return false;
            }
            rest.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            done += bytes.len().min(most);
        }
        true
    }

    fn spend(&mut self, bytes: u64) -> Result<(), GraphError> {
        self.unasked += bytes;
        if self.unasked >= STEP {
            self.unasked = 0;
            if self.memory.cancelled() {
                return Err(GraphError::Cancelled);
            }
        }
        Ok(())
    }
}
