//! Arrays whose element size the sender states, and reading of structs that may be shorter or
//! longer than ours.

use core::mem::{MaybeUninit, size_of};

/// A type for which all-zero bytes are a value: integers, pointers, [`Option`]s of function
/// pointers, and structs of these. A shorter struct of an older sender is read as if the rest
/// were zero.
///
/// # Safety
/// All-zero bytes must be a valid value, and every bit pattern of the integers must be too.
pub unsafe trait Plain: Copy {}

// SAFETY: every pattern of bits is a number.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}

/// An array of the sender, borrowed.
#[repr(C)]
#[derive(Debug)]
pub struct Array<T> {
    /// The first element; may be null where `count` is 0.
    pub items: *const T,
    /// How many elements.
    pub count: u32,
    /// The size of one element **as the sender knows it**; the step from one to the next.
    pub stride: u32,
}

impl<T> Clone for Array<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Array<T> {}

// SAFETY: a null pointer and two zeros are an empty array.
unsafe impl<T> Plain for Array<T> {}

// SAFETY: an array is a pointer to data that nobody writes while it is lent.
unsafe impl<T: Sync> Sync for Array<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Send for Array<T> {}

impl<T> Array<T> {
    /// No elements.
    pub const EMPTY: Self =
        Self { items: core::ptr::null(), count: 0, stride: size_of::<T>() as u32 };

    /// An array over a slice. The slice must outlive every use of it.
    pub const fn of(items: &[T]) -> Self {
        Self { items: items.as_ptr(), count: items.len() as u32, stride: size_of::<T>() as u32 }
    }
}

impl<T: Plain> Array<T> {
    /// A copy of element `index`; what the sender's elements lack is zero.
    ///
    /// # Safety
    /// `items` must point to `count` readable elements of `stride` bytes each.
    pub unsafe fn get(&self, index: usize) -> Option<T> {
        // SAFETY: the caller answers for the array.
        unsafe { element(self, index) }
    }

    /// Copies of all elements.
    ///
    /// # Safety
    /// As for [`Array::get`], until the iterator is dropped.
    pub unsafe fn iter(self) -> impl Iterator<Item = T> {
        // SAFETY: the caller answers for the array.
        (0..self.count as usize).filter_map(move |index| unsafe { element(&self, index) })
    }
}

/// Copies element `index` of an array, reading no more than the sender's element has.
///
/// # Safety
/// `array.items` must point to `array.count` readable elements of `array.stride` bytes each.
pub unsafe fn element<T: Plain>(array: &Array<T>, index: usize) -> Option<T> {
    if index >= array.count as usize || array.items.is_null() {
        return None;
    }
    let offset = index.checked_mul(array.stride as usize)?;
    let from = array.items.cast::<u8>().wrapping_add(offset);
    // SAFETY: element `index` has `stride` bytes, says the caller.
    Some(unsafe { copy_part(from, array.stride as usize) })
}

/// Copies a struct that begins with its own size (a `u32`), reading no more than that says.
///
/// # Safety
/// `pointer` must be null or point to a readable `u32` that states how many bytes are readable.
pub unsafe fn read_sized<T: Plain>(pointer: *const T) -> Option<T> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the caller says that the size can be read.
    let size = unsafe { pointer.cast::<u32>().read_unaligned() };
    // SAFETY: the caller says that this many bytes can be read.
    Some(unsafe { copy_part(pointer.cast(), size as usize) })
}

/// # Safety
/// `available` bytes can be read at `from`.
unsafe fn copy_part<T: Plain>(from: *const u8, available: usize) -> T {
    let mut value = MaybeUninit::<T>::zeroed();
    let size = available.min(size_of::<T>());
    // SAFETY: `size` is at most what can be read and what fits; zero is a value of a `Plain`, and
    // the bytes of the sender are another.
    unsafe {
        core::ptr::copy_nonoverlapping(from, value.as_mut_ptr().cast::<u8>(), size);
        value.assume_init()
    }
}

/// Reads one field of a table that begins with its size; `None` where the pointer is null or the
/// table ends before the field.
///
/// # Safety
/// To be used inside an `unsafe` block: the pointer must be null or point to a table whose first
/// field is a `u32` that states how many bytes of it are readable.
#[macro_export]
macro_rules! field {
    ($table:expr, $type:ty, $field:ident) => {{
        let table: *const $type = $table;
        if table.is_null() {
            None
        } else {
            let place = &raw const (*table).$field;
            let end = ::core::mem::offset_of!($type, $field) + $crate::field_size(place);
            if (*table.cast::<u32>()) as usize >= end { Some(place.read()) } else { None }
        }
    }};
}

/// The size of what a pointer points to; for [`field!`].
#[doc(hidden)]
pub const fn field_size<T>(_: *const T) -> usize {
    size_of::<T>()
}
