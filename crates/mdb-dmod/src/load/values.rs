//! Numbers and arrays.

use super::layout::Kind;
use super::{Layout, Load, Loaded};
use crate::types::Member;
use crate::{Address, Error, Result, Session};

/// The layout of a number that the mirror reads into `most` bytes. The target's may be shorter: a
/// `long` has four bytes here and eight there.
fn number(member: Option<&Member>, natural: u64, what: &str) -> Result<Layout> {
    let Some(member) = member else { return Ok(Layout::value(natural)) };
    let size = member.size;
    let bits = member.bits.map_or(size.saturating_mul(8), |(_, count)| count.into());
    if bits == 0 || bits > natural * 8 {
        return Err(Error::new(format!(
            "it has {bits} bits in the target, and a {what} in the mirror"
        )));
    }
    match member.bits {
        Some((first, _)) if first >= 64 => Err(Error::new("the target's types are damaged")),
        bits => Ok(Layout(Kind::Value { size, bits })),
    }
}

macro_rules! unsigned {
    ($($type:ty),*) => {$(
        impl Load for $type {
            fn layout(_: &Session<'_>, member: Option<&Member>) -> Result<Layout> {
                number(member, size_of::<$type>() as u64, stringify!($type))
            }

            fn from_loaded(loaded: &Loaded<'_>) -> Result<Self> {
                loaded.unsigned().map(|number| number as $type)
            }
        }
    )*};
}
unsigned!(u8, u16, u32, u64);

macro_rules! signed {
    ($($type:ty),*) => {$(
        impl Load for $type {
            fn layout(_: &Session<'_>, member: Option<&Member>) -> Result<Layout> {
                number(member, size_of::<$type>() as u64, stringify!($type))
            }

            fn from_loaded(loaded: &Loaded<'_>) -> Result<Self> {
                loaded.signed().map(|number| number as $type)
            }
        }
    )*};
}
signed!(i8, i16, i32, i64);

macro_rules! floats {
    ($($type:ty = $bits:ty),*) => {$(
        impl Load for $type {
            fn layout(_: &Session<'_>, member: Option<&Member>) -> Result<Layout> {
                const SIZE: u64 = size_of::<$type>() as u64;
                match member.map_or(SIZE, |member| member.size) {
                    SIZE => Ok(Layout::value(SIZE)),
                    size => Err(Error::new(format!(
                        "it has {} bits in the target, and a {} in the mirror",
                        size.saturating_mul(8), stringify!($type),
                    ))),
                }
            }

            fn from_loaded(loaded: &Loaded<'_>) -> Result<Self> {
                loaded.unsigned().map(|bits| <$type>::from_bits(bits as $bits))
            }
        }
    )*};
}
floats!(f32 = u32, f64 = u64);

impl Load for bool {
    fn layout(_: &Session<'_>, member: Option<&Member>) -> Result<Layout> {
        // C before `_Bool` had `int`.
        match member {
            Some(_) => number(member, 8, "bool"),
            None => Ok(Layout::value(1)),
        }
    }

    fn from_loaded(loaded: &Loaded<'_>) -> Result<Self> {
        loaded.unsigned().map(|number| number != 0)
    }
}

/// A pointer: as long as those of the target.
impl Load for Address {
    fn layout(session: &Session<'_>, member: Option<&Member>) -> Result<Layout> {
        if member.is_some() {
            return number(member, 8, "Address");
        }
        let size = session.target().map_or(8, |info| info.pointer_size);
        Ok(Layout::value(if matches!(size, 1..=8) { size.into() } else { 8 }))
    }

    fn from_loaded(loaded: &Loaded<'_>) -> Result<Self> {
        loaded.unsigned().map(Self)
    }
}

impl<T: Load, const N: usize> Load for [T; N] {
    fn layout(session: &Session<'_>, member: Option<&Member>) -> Result<Layout> {
        let described = match member {
            Some(member) => element_of(session, member)?,
            None => None,
        };
        let element = T::layout(session, described.as_ref())?;
        let known = match &element.0 {
            Kind::Value { size, .. } => *size,
            Kind::Array { count, stride, .. } => stride.saturating_mul(*count),
            Kind::Struct { size, .. } => *size,
        };
        let stride = described.map_or(known, |described| described.size);
        if stride == 0 && N > 1 {
            return Err(Error::new(
                "it is an array of structs whose size is not known; state it: #[load(size = N)]",
            ));
        }
        let has = member.map_or(u64::MAX, |member| member.size);
        let wants = stride.saturating_mul(N as u64);
        if wants > has {
            return Err(Error::new(format!(
                "it has {has} bytes in the target, and {N} elements of {stride} in the mirror"
            )));
        }
        Ok(Layout(Kind::Array { count: N as u64, stride, element: Box::new(element) }))
    }

    fn from_loaded(loaded: &Loaded<'_>) -> Result<Self> {
        let elements: Vec<T> = loaded.elements()?;
        elements.try_into().map_err(|_| Error::new("a mirror does not fit its layout"))
    }
}

/// What the target's types say of the elements of an array; `None`: nothing.
fn element_of(session: &Session<'_>, member: &Member) -> Result<Option<Member>> {
    let Some(array) = session.type_named(&member.type_name)? else { return Ok(None) };
    let Some(size) = member.size.checked_div(array.count) else { return Ok(None) };
    let element = session.type_named(&array.target)?;
    let kind = element.map_or(0, |element| element.kind);
    Ok(Some(Member { type_name: array.target, size, kind, ..Member::default() }))
}
