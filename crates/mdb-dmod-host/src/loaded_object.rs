//! Whether memory belongs to a library or program that is loaded: the tables of a dmod must.

use std::ffi::c_void;

/// The part of a loaded object that an address was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    start: usize,
    end: usize,
    executable: bool,
}

/// The loaded segments of the process at the moment of [`LoadedObjects::now`].
pub(crate) struct LoadedObjects {
    segments: Vec<Segment>,
}

unsafe extern "C" fn collect(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    arg: *mut c_void,
) -> libc::c_int {
    // SAFETY: the dynamic linker gives a valid description, and `arg` is the vector below.
    let (info, segments) = unsafe { (&*info, &mut *arg.cast::<Vec<Segment>>()) };
    if info.dlpi_phdr.is_null() {
        return 0;
    }
    // SAFETY: the dynamic linker says that there are so many program headers.
    let headers =
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    for header in headers {
        if header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_R != 0 {
            let start = (info.dlpi_addr as usize).wrapping_add(header.p_vaddr as usize);
            let end = start.saturating_add(header.p_memsz as usize);
            segments.push(Segment { start, end, executable: header.p_flags & libc::PF_X != 0 });
        }
    }
    0
}

impl LoadedObjects {
    /// Asks the dynamic linker.
    pub(crate) fn now() -> Self {
        let mut segments: Vec<Segment> = Vec::new();
        // SAFETY: the callback matches and the vector outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(collect), (&raw mut segments).cast()) };
        Self { segments }
    }

    fn holding(&self, start: usize, length: usize) -> Option<&Segment> {
        let end = start.checked_add(length)?;
        self.segments.iter().find(|s| s.start <= start && end <= s.end)
    }

    /// Whether `length` bytes at `pointer` can be read.
    pub(crate) fn holds<T>(&self, pointer: *const T, length: usize) -> bool {
        self.holding(pointer.addr(), length).is_some()
    }

    /// Whether `pointer` is code.
    pub(crate) fn is_code(&self, pointer: *const c_void) -> bool {
        self.holding(pointer.addr(), 1).is_some_and(|s| s.executable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn static_data_code_and_heap_are_told_apart() {
        static TABLE: [u64; 4] = [1; 4];
        let objects = LoadedObjects::now();
        assert!(objects.holds(TABLE.as_ptr(), 32));
        assert!(!objects.holds(TABLE.as_ptr(), 1 << 40));
        assert!(!objects.holds(TABLE.as_ptr(), usize::MAX));
        let heap = Box::new(1u64);
        assert!(!objects.holds(&raw const *heap, 8));
        assert!(!objects.holds(std::ptr::null::<u8>(), 1));
        assert!(objects.is_code(LoadedObjects::now as fn() -> LoadedObjects as *const c_void));
        assert!(!objects.is_code(TABLE.as_ptr().cast()));
    }
}
