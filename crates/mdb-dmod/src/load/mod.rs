//! Mirrors: structs of the target as structs of Rust.
//!
//! A mirror says what members it wants. Where they are is asked of the target's types, once for
//! each target, or stated. Reading one is then a single read of the target's memory.

mod layout;
mod mirror;
mod values;

pub use layout::{Layout, Loaded};
pub use mirror::{LoadField, Mirror};

use crate::types::Member;
use crate::{Error, Result, Session};
use std::any::{TypeId, type_name};
use std::cell::RefCell;
use std::rc::Rc;

/// A type that can be read from the target; made by `#[derive(Load)]`.
///
/// By hand it is:
///
/// ```
/// use mdb_dmod::prelude::*;
/// use mdb_dmod::{Layout, LoadField, Loaded, Member, Mirror};
///
/// struct Node {
///     value: u32,
///     next: Address,
/// }
///
/// impl Load for Node {
///     fn layout(s: &Session<'_>, member: Option<&Member>) -> Result<Layout> {
///         const FIELDS: &[LoadField] =
///             &[LoadField::new::<u32>("value"), LoadField::new::<Address>("next").at(8)];
///         Mirror::new("Node", FIELDS).named("node").layout(s, member)
///     }
///
///     fn from_loaded(loaded: &Loaded<'_>) -> Result<Self> {
///         Ok(Self { value: loaded.field(0)?, next: loaded.field(1)? })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the target",
    label = "is no mirror",
    note = "there are: integers, f32, f64, bool, Address, arrays of these, and structs with `#[derive(Load)]`"
)]
pub trait Load: Sized + 'static {
    /// Where its bytes are; `member` is what the target's types say of the place, if they were
    /// asked.
    ///
    /// # Errors
    /// A type or member is not known, or does not fit the mirror.
    fn layout(session: &Session<'_>, member: Option<&Member>) -> Result<Layout>;

    /// The value.
    ///
    /// # Errors
    /// The layout is that of another type.
    fn from_loaded(loaded: &Loaded<'_>) -> Result<Self>;
}

/// More than any struct has: the layout comes from the target's debug information.
const LARGEST: u64 = 1 << 20;

/// Layouts that this call has found.
#[derive(Debug, Default)]
pub(crate) struct Layouts(RefCell<Vec<(TypeId, Rc<Known>)>>);

#[derive(Debug)]
struct Known {
    layout: Layout,
    big_endian: bool,
}

impl Session<'_> {
    /// Reads a mirror, or a value, at an address of the target.
    ///
    /// # Errors
    /// Its members cannot be found (the sentence names type and member), or the memory cannot be
    /// read.
    pub fn load<T: Load>(&self, address: u64) -> Result<T> {
        let known = self.known_layout::<T>()?;
        let (start, end) = known.layout.range();
        let length = end.saturating_sub(start);
        let address = address.wrapping_add(start);
        let mut small = [0; 256];
        let mut large = Vec::new();
        let bytes = if let Some(bytes) = small.get_mut(..length as usize) {
            bytes
        } else {
            large.resize(length as usize, 0);
            &mut large[..]
        };
        self.memory().read(address, bytes)?;
        T::from_loaded(&Loaded::new(&known.layout, bytes, known.big_endian))
    }

    fn known_layout<T: Load>(&self) -> Result<Rc<Known>> {
        let id = TypeId::of::<T>();
        let known = self.layouts.0.borrow();
        if let Some((_, found)) = known.iter().find(|(known, _)| *known == id) {
            return Ok(Rc::clone(found));
        }
        drop(known);
        let layout = self.kept_layout::<T>()?;
        let (start, end) = layout.range();
        let length = end.saturating_sub(start);
        if length > LARGEST {
            return Err(Error::new(format!(
                "{} would be {length} bytes, more than any struct",
                type_name::<T>()
            )));
        }
        let big_endian = self.target().is_ok_and(|info| info.big_endian);
        let known = Rc::new(Known { layout, big_endian });
        self.layouts.0.borrow_mut().push((id, Rc::clone(&known)));
        Ok(known)
    }

    /// The layout that an earlier call found for this target, or a new one.
    fn kept_layout<T: Load>(&self) -> Result<Layout> {
        // A dmod that was loaded anew may have another mirror of this name, but not at this
        // address: the host never unmaps the old one.
        let key = format!("load {} {:x}", type_name::<T>(), T::from_loaded as *const () as usize);
        let kept = self.kept(&key).ok().flatten();
        if let Some(layout) = kept.as_deref().and_then(Layout::decode) {
            return Ok(layout);
        }
        let layout = T::layout(self, None)?;
        // A host that keeps nothing costs time, no more.
        let _ = self.keep(&key, &layout.encode());
        Ok(layout)
    }
}
