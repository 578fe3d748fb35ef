//! The engine of `::dump`.

use thiserror::Error;

use crate::style::Role;
use crate::styled_text::StyledText;

/// Bytes of a paragraph, the unit of alignment and of [`HexdumpOptions::paragraphs`].
const PARAGRAPH: usize = 16;
/// The most paragraphs of a line.
const MAX_PARAGRAPHS: usize = 16;
/// The most bytes of a line.
const MAX_WIDTH: usize = PARAGRAPH * MAX_PARAGRAPHS;

/// How a dump looks: the options of `::dump`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HexdumpOptions {
    /// The text at the right (`-q` takes it away).
    pub ascii: bool,
    /// The header that marks the byte asked for.
    pub header: bool,
    /// Offsets from the start instead of addresses (`-r`); not aligned then.
    pub relative: bool,
    /// Lines that repeat the one before become one `*` (`-s`).
    pub squeeze: bool,
    /// Nothing is read or shown before the start or after the end (`-t`).
    pub trim: bool,
    /// Lines start at a multiple of 16 (`-u` takes it away).
    pub align: bool,
    /// The bytes of each group are shown last one first (`-e` on a little-endian target): each
    /// group reads as a number. Header, text and alignment are off then, and with `trim` an
    /// incomplete group at the end is left out.
    pub swap: bool,
    /// Bytes of a group (`-g`): a power of two that divides a line.
    pub group: usize,
    /// Paragraphs of 16 bytes in a line (`-w`), 1 to 16.
    pub paragraphs: usize,
}

impl Default for HexdumpOptions {
    /// As `::dump` without options.
    fn default() -> Self {
        Self {
            ascii: true,
            header: true,
            relative: false,
            squeeze: false,
            trim: false,
            align: true,
            swap: false,
            group: 4,
            paragraphs: 1,
        }
    }
}

/// Why a dump cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HexdumpError {
    /// The group does not divide the line.
    #[error("a group of {group} bytes does not fit: use a power of two from 1 to {width}")]
    Group {
        /// Bytes of a group as asked for.
        group: usize,
        /// Bytes of a line.
        width: usize,
    },
    /// Too many or no paragraphs.
    #[error("{paragraphs} paragraphs in a line: use 1 to {MAX_PARAGRAPHS}")]
    Paragraphs {
        /// Paragraphs as asked for.
        paragraphs: usize,
    },
}

/// What the reader of a dump found at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DumpRead<E> {
    /// So many bytes, from 1 to the size of the buffer. 0 counts as unreadable without a reason.
    Bytes(usize),
    /// The byte at the address cannot be read.
    Unreadable {
        /// Why.
        fault: E,
        /// Up to where (exclusive) nothing can be read either, if that is known: a dump over a
        /// hole of terabytes then ends at once.
        until: Option<u64>,
    },
    /// The dump ends here, for example because the user interrupted it.
    Stop(E),
}

/// A dump of memory: an iterator over its lines, the header first. It reads as it goes.
///
/// Bytes that were asked for and cannot be read are shown as `??`; others that share a line with
/// them are left blank. Of neighbouring lines in which nothing can be read the first is shown and
/// one `*` for the rest. The last line is always shown.
///
/// ```
/// use mdb_print::{DumpRead, Hexdump, HexdumpOptions};
///
/// let memory = b"\x7fELF mdb prints a hex dump here..";
/// let read = |address: u64, buffer: &mut [u8]| {
///     let from = memory.iter().skip(address as usize - 0x1000);
///     let count = buffer.iter_mut().zip(from).map(|(to, from)| *to = *from).count();
///     if count == 0 {
///         DumpRead::Unreadable { fault: "unmapped", until: None }
///     } else {
///         DumpRead::Bytes(count)
///     }
/// };
/// let dump = Hexdump::new(0x1004, 12, HexdumpOptions::default(), read)?;
/// let lines: Vec<String> = dump.map(|line| line.to_string()).collect();
/// assert_eq!(lines, [
///     "        0 1 2 3 \\/ 5 6 7  8 9 a b  c d e f  0123v56789abcdef",
///     "1000:  7f454c46 206d6462 20707269 6e747320  .ELF mdb prints ",
/// ]);
/// # Ok::<(), mdb_print::HexdumpError>(())
/// ```
#[derive(Debug)]
pub struct Hexdump<R, E> {
    options: HexdumpOptions,
    read: R,
    /// First address asked for.
    start: u64,
    /// Last address asked for; none if the length is 0.
    last: Option<u64>,
    /// Where the next line starts; none after the last one.
    next_line: Option<u64>,
    /// Digits of the addresses.
    digits: usize,
    header_due: bool,
    /// The line before, if the next one may be squeezed into it.
    previous: Option<Row>,
    squeezing: bool,
    first_fault: Option<(u64, E)>,
    unreadable: u64,
    stopped: Option<E>,
    /// Nothing can be read from the first to before the second address.
    hole: Option<(u64, u64)>,
}

/// One byte of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// Not asked for, and either cut off or not readable.
    Blank,
    /// Asked for and not readable.
    Unreadable,
    /// The byte.
    Byte(u8),
}

type Row = [Slot; MAX_WIDTH];

impl<R, E> Hexdump<R, E>
where
    R: FnMut(u64, &mut [u8]) -> DumpRead<E>,
{
    /// A dump of `length` bytes from `start`. It ends at the end of the address space at the
    /// latest. `read` fills the buffer from an address on, as far as it can.
    ///
    /// # Errors
    /// A group or a width that does not make lines.
    pub fn new(
        start: u64,
        length: u64,
        options: HexdumpOptions,
        read: R,
    ) -> Result<Self, HexdumpError> {
        let mut options = options;
        let HexdumpOptions { group, paragraphs, .. } = options;
        if !(1..=MAX_PARAGRAPHS).contains(&paragraphs) {
            return Err(HexdumpError::Paragraphs { paragraphs });
        }
        let width = paragraphs.saturating_mul(PARAGRAPH);
        if !group.is_power_of_two() || !width.is_multiple_of(group) {
            return Err(HexdumpError::Group { group, width });
        }
        let mut length = length;
        if options.swap {
            options.align = false;
            options.header = false;
            options.ascii = false;
            if options.trim {
                length &= !(group as u64).saturating_sub(1);
            }
        }
        if options.relative {
            options.align = false;
        }
        let last = length.checked_sub(1).map(|more| start.saturating_add(more));
        let first_line = if options.align { start & !(PARAGRAPH as u64 - 1) } else { start };
        let greatest = match last {
            Some(last) if options.relative => last.saturating_sub(start),
            Some(last) => last,
            None if options.relative => 0,
            None => start,
        };
        Ok(Self {
            options,
            read,
            start,
            last,
            next_line: last.map(|_| first_line),
            digits: (greatest.checked_ilog2().unwrap_or(0) / 4 + 1) as usize,
            header_due: options.header,
            previous: None,
            squeezing: false,
            first_fault: None,
            unreadable: 0,
            stopped: None,
            hole: None,
        })
    }

    /// The address after the last one asked for: where dot goes.
    pub fn end(&self) -> u64 {
        self.last.map_or(self.start, |last| last.wrapping_add(1))
    }

    /// The first address asked for that could not be read so far, and why.
    pub fn first_fault(&self) -> Option<&(u64, E)> {
        self.first_fault.as_ref()
    }

    /// How many of the bytes asked for could not be read so far.
    pub fn unreadable_bytes(&self) -> u64 {
        self.unreadable
    }

    /// Why the reader stopped the dump, if it did.
    pub fn stopped(&self) -> Option<&E> {
        self.stopped.as_ref()
    }

    fn width(&self) -> usize {
        self.options.paragraphs.saturating_mul(PARAGRAPH)
    }

    /// Whether the byte at this address was asked for.
    fn is_asked(&self, at: u64) -> bool {
        at >= self.start && self.last.is_some_and(|last| at <= last)
    }

    /// Blanks before the byte at this index of a line.
    fn gap(&self, index: usize) -> &'static str {
        if !index.is_multiple_of(self.options.group) {
            ""
        } else if self.options.group == 1 && index > 0 && index.is_multiple_of(8) {
            "  "
        } else {
            " "
        }
    }

    fn header(&self) -> StyledText {
        let offset =
            if self.options.relative { 0 } else { (self.start % PARAGRAPH as u64) as usize };
        // Aligned, the mark is at the byte; otherwise the digits begin with the byte's.
        let (mark, shift) = if self.options.align { (Some(offset), 0) } else { (None, offset) };
        let mut line = " ".repeat(self.digits.saturating_add(2));
        for index in 0..self.width() {
            line.push_str(self.gap(index));
            if mark == Some(index) {
                line.push_str("\\/");
            } else {
                line.push(' ');
                line.push(nibble(index.wrapping_add(shift)));
            }
        }
        if self.options.ascii {
            line.push_str("  ");
            for index in 0..self.width() {
                let digit = nibble(index.wrapping_add(shift));
                line.push(if mark == Some(index) { 'v' } else { digit });
            }
        }
        StyledText::new().with(Role::Header, &line)
    }

    /// Reads the line at `address`; nothing if the reader stopped.
    fn read_row(&mut self, address: u64) -> Option<Row> {
        let mut row = [Slot::Blank; MAX_WIDTH];
        let mut bytes = [0_u8; MAX_WIDTH];
        let mut index = 0_usize;
        while index < self.width() {
            // A line may reach past the end of the address space.
            let Some(at) = address.checked_add(index as u64) else { break };
            let asked = self.is_asked(at);
            if self.options.trim && !asked {
                index = index.saturating_add(1);
                continue;
            }
            let count = match self.read_some(at, index, &mut bytes) {
                Ok(count) => {
                    for (slot, byte) in row.iter_mut().skip(index).zip(bytes).take(count) {
                        *slot = Slot::Byte(byte);
                    }
                    count
                }
                Err(Some(stop)) => {
                    self.stopped = Some(stop);
                    return None;
                }
                Err(None) => {
                    if asked {
                        if let Some(slot) = row.get_mut(index) {
                            *slot = Slot::Unreadable;
                        }
                        self.unreadable = self.unreadable.saturating_add(1);
                    }
                    1
                }
            };
            index = index.saturating_add(count);
        }
        Some(row)
    }

    /// Reads from `at` to the end of its line or of what may be read, and says how much. An error
    /// is a byte that cannot be read, or why the dump stops.
    fn read_some(
        &mut self,
        at: u64,
        index: usize,
        bytes: &mut [u8; MAX_WIDTH],
    ) -> Result<usize, Option<E>> {
        let asked = self.is_asked(at);
        // The hole may begin before the start: the first fault is then still to be learnt.
        if (!asked || self.first_fault.is_some())
            && self.hole.is_some_and(|(from, until)| (from..until).contains(&at))
        {
            return Err(None);
        }
        let mut wanted = self.width().saturating_sub(index) as u64;
        // What was not asked for is read by itself, so that a fault in it is not one of the dump.
        if at < self.start {
            wanted = wanted.min(self.start.saturating_sub(at));
        } else if let Some(last) = self.last.filter(|&last| at <= last) {
            wanted = wanted.min(last.saturating_sub(at).saturating_add(1));
        }
        wanted = wanted.min((u64::MAX - at).saturating_add(1));
        let wanted = usize::try_from(wanted).unwrap_or(MAX_WIDTH);
        let Some(buffer) = bytes.get_mut(..wanted) else { return Err(None) };
        match (self.read)(at, buffer) {
            DumpRead::Bytes(0) => Err(None),
            DumpRead::Bytes(count) => Ok(count.min(wanted)),
            DumpRead::Unreadable { fault, until } => {
                self.hole = until.map(|until| (at, until));
                if asked && self.first_fault.is_none() {
                    self.first_fault = Some((at, fault));
                }
                Err(None)
            }
            DumpRead::Stop(fault) => Err(Some(fault)),
        }
    }

    fn row_line(&self, address: u64, row: &Row) -> StyledText {
        let shown = if self.options.relative { address.wrapping_sub(self.start) } else { address };
        let digits = self.digits;
        let mut line = StyledText::new();
        line.push_fmt(Role::Address, format_args!("{shown:0digits$x}"));
        line.push(": ");
        let slots = row.get(..self.width()).unwrap_or(row);
        let mut index = 0_usize;
        // Readable bytes are gathered and styled at once.
        let mut bytes = String::with_capacity(self.width().saturating_mul(3));
        for group in slots.chunks(self.options.group) {
            bytes.push_str(self.gap(index));
            index = index.saturating_add(group.len());
            for place in 0..group.len() {
                let place = if self.options.swap { group.len() - 1 - place } else { place };
                match group.get(place) {
                    Some(Slot::Byte(byte)) => {
                        bytes.push(nibble(usize::from(byte >> 4)));
                        bytes.push(nibble(usize::from(*byte)));
                    }
                    Some(Slot::Unreadable) => {
                        line.push(&bytes);
                        bytes.clear();
                        line.push_role(Role::Doubtful, "??");
                    }
                    Some(Slot::Blank) | None => bytes.push_str("  "),
                }
            }
        }
        line.push(&bytes);
        let readable = slots.iter().rposition(|slot| matches!(slot, Slot::Byte(_)));
        let Some(end) = readable.filter(|_| self.options.ascii) else {
            line.trim_end();
            return line;
        };
        let text: String = slots
            .iter()
            .take(end.saturating_add(1))
            .map(|slot| match slot {
                Slot::Byte(byte @ b' '..=b'~') => char::from(*byte),
                Slot::Byte(_) => '.',
                Slot::Blank | Slot::Unreadable => ' ',
            })
            .collect();
        line.push("  ");
        line.push_role(Role::String, &text);
        line
    }

    /// Where the line after this one starts; nothing after the last one.
    fn line_after(&self, address: u64) -> Option<u64> {
        let next = address.checked_add(self.width() as u64)?;
        self.last.filter(|&last| next <= last).map(|_| next)
    }

    /// Skips lines that lie wholly in the known hole, but not the last one of the dump.
    fn skip_hole(&mut self, next: u64) -> u64 {
        let (Some((from, until)), Some(last)) = (self.hole, self.last) else { return next };
        if next < from || until <= next {
            return next;
        }
        let width = self.width() as u64;
        // The line of the first address after the hole, or the last line.
        let target = until.min(last);
        let lines = target.saturating_sub(next) / width;
        let skipped = lines.saturating_mul(width);
        self.unreadable = self.unreadable.saturating_add(skipped);
        next.saturating_add(skipped)
    }
}

impl<R, E> std::iter::FusedIterator for Hexdump<R, E> where R: FnMut(u64, &mut [u8]) -> DumpRead<E> {}

impl<R, E> Iterator for Hexdump<R, E>
where
    R: FnMut(u64, &mut [u8]) -> DumpRead<E>,
{
    type Item = StyledText;

    fn next(&mut self) -> Option<StyledText> {
        if self.header_due {
            self.header_due = false;
            return Some(self.header());
        }
        loop {
            let address = self.next_line?;
            let Some(row) = self.read_row(address) else {
                self.next_line = None;
                return None;
            };
            let next = self.line_after(address);
            let slots = row.get(..self.width()).unwrap_or(&row);
            let nothing = slots.iter().all(|slot| *slot == Slot::Unreadable);
            let repeats = next.is_some()
                && (self.options.squeeze || nothing)
                && self.previous.as_ref() == Some(&row);
            self.next_line = match next {
                Some(next) if repeats && nothing => Some(self.skip_hole(next)),
                next => next,
            };
            if repeats {
                if !self.squeezing {
                    self.squeezing = true;
                    return Some(StyledText::new().with(Role::Dim, "*"));
                }
                continue;
            }
            self.squeezing = false;
            // A first line with bytes cut off has nothing to repeat.
            let whole = !slots.contains(&Slot::Blank);
            self.previous = whole.then_some(row);
            return Some(self.row_line(address, &row));
        }
    }
}

/// The last hexadecimal digit of a number.
fn nibble(number: usize) -> char {
    char::from_digit((number % 16) as u32, 16).unwrap_or('0')
}
