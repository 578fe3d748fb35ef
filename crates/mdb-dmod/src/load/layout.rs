//! Where the bytes of a mirror are, and the bytes.

use super::Load;
use crate::{Error, Result};

/// Where the bytes of a value are, relative to its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout(pub(super) Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of at most eight bytes; `bits`: its first bit and how many.
    Value { size: u64, bits: Option<(u32, u32)> },
    /// Elements, `stride` bytes from one to the next.
    Array { count: u64, stride: u64, element: Box<Layout> },
    /// The fields of a mirror; `None`: the target has no such member. `size` 0: unknown.
    Struct { size: u64, fields: Vec<Option<(u64, Layout)>> },
}

/// Deeper than any mirror.
const DEPTH: u32 = 32;

impl Layout {
    /// A number of so many bytes, 1 to 8.
    pub fn value(size: u64) -> Self {
        Self(Kind::Value { size, bits: None })
    }

    /// The first byte that is read, and the one behind the last.
    pub(super) fn range(&self) -> (u64, u64) {
        match &self.0 {
            Kind::Value { size, bits: None } => (0, *size),
            Kind::Value { bits: Some((first, count)), .. } => {
                (0, u64::from(first.saturating_add(*count)).div_ceil(8))
            }
            Kind::Array { count: 0, .. } => (0, 0),
            Kind::Array { count, stride, element } => {
                let (start, end) = element.range();
                (start, end.saturating_add(stride.saturating_mul(count - 1)))
            }
            Kind::Struct { fields, .. } => {
                let ranges = fields.iter().flatten().map(|(offset, layout)| {
                    let (start, end) = layout.range();
                    (offset.saturating_add(start), offset.saturating_add(end))
                });
                let whole = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
                whole.unwrap_or((0, 0))
            }
        }
    }

    /// As bytes, to be kept by the host.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut words = Vec::new();
        self.write(&mut words);
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn write(&self, words: &mut Vec<u64>) {
        match &self.0 {
            Kind::Value { size, bits } => {
                let (first, count) = bits.unwrap_or((0, 0));
                words.extend([0, *size, first.into(), count.into()]);
            }
            Kind::Array { count, stride, element } => {
                words.extend([1, *count, *stride]);
                element.write(words);
            }
            Kind::Struct { size, fields } => {
                words.extend([2, *size, fields.len() as u64]);
                for field in fields {
                    words.push(field.is_some().into());
                    if let Some((offset, layout)) = field {
                        words.push(*offset);
                        layout.write(words);
                    }
                }
            }
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let layout = Self::read(&mut words, DEPTH)?;
        (rest.is_empty() && words.next().is_none()).then_some(layout)
    }

    fn read(words: &mut impl Iterator<Item = u64>, depth: u32) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        Some(Self(match words.next()? {
            0 => {
                let (size, first, count) = (words.next()?, words.next()?, words.next()?);
                let bits = (u32::try_from(first).ok()?, u32::try_from(count).ok()?);
                Kind::Value { size, bits: (count > 0).then_some(bits) }
            }
            1 => {
                let (count, stride) = (words.next()?, words.next()?);
                Kind::Array { count, stride, element: Box::new(Self::read(words, depth)?) }
            }
            2 => {
                let (size, count) = (words.next()?, words.next()?);
                let mut fields = Vec::new();
                for _ in 0..count {
                    fields.push(match words.next()? {
                        0 => None,
                        _ => Some((words.next()?, Self::read(words, depth)?)),
                    });
                }
                Kind::Struct { size, fields }
            }
            _ => return None,
        }))
    }
}

/// The bytes of a value, with their layout.
#[derive(Clone, Copy, Debug)]
pub struct Loaded<'a> {
    layout: &'a Layout,
    bytes: &'a [u8],
    big_endian: bool,
}

impl<'a> Loaded<'a> {
    /// `bytes` begin with the first byte of the layout's range.
    pub(super) fn new(layout: &'a Layout, bytes: &'a [u8], big_endian: bool) -> Self {
        Self { layout, bytes, big_endian }
    }

    fn wrong() -> Error {
        Error::new("a mirror does not fit its layout")
    }

    /// A part of it at an offset from the value's address.
    fn part(&self, offset: u64, layout: &'a Layout) -> Option<Self> {
        let (start, end) = layout.range();
        let first = self.layout.range().0;
        let start = offset.checked_add(start)?.checked_sub(first)?;
        let end = offset.checked_add(end)?.checked_sub(first)?;
        let bytes = self.bytes.get(start as usize..end as usize)?;
        Some(Self { layout, bytes, big_endian: self.big_endian })
    }

    /// The field in this place of the mirror.
    pub fn field<T: Load>(&self, index: usize) -> Result<T> {
        self.optional_field(index)?.ok_or_else(Self::wrong)
    }

    /// The field in this place; `None`: the target's struct has no such member.
    pub fn optional_field<T: Load>(&self, index: usize) -> Result<Option<T>> {
        let Kind::Struct { fields, .. } = &self.layout.0 else { return Err(Self::wrong()) };
        let Some((offset, layout)) = fields.get(index).ok_or_else(Self::wrong)? else {
            return Ok(None);
        };
        let part = self.part(*offset, layout).ok_or_else(Self::wrong)?;
        T::from_loaded(&part).map(Some)
    }

    /// The elements of an array.
    pub(super) fn elements<T: Load>(&self) -> Result<Vec<T>> {
        let Kind::Array { count, stride, element } = &self.layout.0 else {
            return Err(Self::wrong());
        };
        let parts = (0..*count).map(|index| {
            let part = self.part(index.saturating_mul(*stride), element);
            T::from_loaded(&part.ok_or_else(Self::wrong)?)
        });
        parts.collect()
    }

    /// The number, its upper bits zero.
    pub fn unsigned(&self) -> Result<u64> {
        let Kind::Value { bits, .. } = &self.layout.0 else { return Err(Self::wrong()) };
        // Nine bytes where a bit field lies so.
        let mut wide = [0; 16];
        let place = wide.get_mut(..self.bytes.len()).ok_or_else(Self::wrong)?;
        place.copy_from_slice(self.bytes);
        if self.big_endian {
            place.reverse();
        }
        let number = u128::from_le_bytes(wide);
        Ok(match bits {
            None => number as u64,
            Some((first, count)) => {
                let mask = u64::MAX.checked_shr(64_u32.saturating_sub(*count)).unwrap_or(0);
                number.checked_shr(*first).unwrap_or(0) as u64 & mask
            }
        })
    }

    /// The number, its upper bits as its sign.
    pub fn signed(&self) -> Result<i64> {
        let count = match &self.layout.0 {
            Kind::Value { bits: Some((_, count)), .. } => u64::from(*count),
            Kind::Value { size, bits: None } => size.saturating_mul(8),
            _ => return Err(Self::wrong()),
        };
        let unused = 64_u64.saturating_sub(count).min(63) as u32;
        Ok((self.unsigned()? << unused).cast_signed() >> unused)
    }
}
