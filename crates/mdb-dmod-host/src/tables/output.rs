//! The groups `output` and `pipe`.

use super::{here, text};
use crate::call::Context;
use crate::spec::Cell;
use mdb_dmod_abi::{
    Array, Cell as AbiCell, Cx, Item, OutputGroup, OutputInfo, PipeGroup, Status, Str, StyledPiece,
    cell_kind,
};

pub(super) static GROUP: OutputGroup = OutputGroup {
    size: size_of::<OutputGroup>() as u32,
    reserved: 0,
    info: Some(info),
    write: Some(write),
    row: Some(row),
    warn: Some(warn),
    fail: Some(fail),
    write_styled: Some(write_styled),
};

pub(super) static PIPE: PipeGroup =
    PipeGroup { size: size_of::<PipeGroup>() as u32, reserved: 0, emit: Some(emit) };

/// The most cells that a row may have: no dcmd may declare more columns.
pub(crate) const MOST_CELLS: u32 = 256;

unsafe extern "C" fn info(cx: *mut Cx, info: *mut OutputInfo) -> Status {
    let function = |context: &Context<'_>| {
        let state = context.services.output();
        let ours = OutputInfo {
            size: size_of::<OutputInfo>() as u32,
            flags: state.flags,
            width: state.width,
            reserved: 0,
        };
        // SAFETY: null or a struct of the dmod's that begins with its size.
        unsafe { give(&ours, info) }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

/// Copies a struct of ours into one of a dmod's, as much as that has room for. The size stays the
/// dmod's.
///
/// # Safety
/// `theirs` is null or points to a struct that begins with its own size and is writable.
pub(super) unsafe fn give<T: mdb_dmod_abi::Plain>(ours: &T, theirs: *mut T) -> Status {
    if theirs.is_null() {
        return Status::BAD_ARGUMENT;
    }
    // SAFETY: says the caller.
    let room = unsafe { theirs.cast::<u32>().read() } as usize;
    let size = room.min(size_of::<T>());
    let from = std::ptr::from_ref(ours).cast::<u8>();
    if let Some(length) = size.checked_sub(size_of::<u32>()) {
        // SAFETY: both have `size` bytes; the first four are left alone.
        unsafe {
            std::ptr::copy_nonoverlapping(from.add(4), theirs.cast::<u8>().add(4), length);
        }
    }
    Status::OK
}

unsafe extern "C" fn write(cx: *mut Cx, written: Str) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: the dmod lends the text for this call.
        context.services.write(&unsafe { text(written) }).status()
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

/// More pieces than any line has.
const MOST_PIECES: u32 = 1 << 20;

unsafe extern "C" fn write_styled(cx: *mut Cx, pieces: *const Array<StyledPiece>) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or an array that the dmod lends for this call.
        let Some(pieces) = (unsafe { pieces.as_ref() }) else { return Status::BAD_ARGUMENT };
        if pieces.count > MOST_PIECES {
            return Status::BAD_ARGUMENT;
        }
        // SAFETY: the dmod answers for its array and the texts in it.
        let pieces: Vec<_> = unsafe { pieces.iter().map(|p| (p.role, text(p.text))).collect() };
        context.services.write_styled(&pieces).status()
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

/// # Safety
/// The cell's text is readable for as long as `'a`.
unsafe fn cell<'a>(cell: &AbiCell) -> Cell<'a> {
    // SAFETY: says the caller.
    let shown = || unsafe { text(cell.text) };
    match cell.kind {
        cell_kind::NONE => Cell::None,
        cell_kind::ADDRESS => Cell::Address(cell.number),
        cell_kind::HEX => Cell::Hex(cell.number),
        cell_kind::SIGNED => Cell::Signed(cell.number as i64),
        cell_kind::TEXT => Cell::Text(shown()),
        cell_kind::SYMBOL => Cell::Symbol(cell.number),
        cell_kind::BOOLEAN => Cell::Boolean(cell.number != 0),
        cell_kind::SIZE => Cell::Size(cell.number),
        cell_kind::LINES => Cell::Lines(shown()),
        // A kind of a newer dmod: its text if it has one, else its number.
        _ if cell.kind != cell_kind::UNSIGNED && cell.text.len > 0 => Cell::Text(shown()),
        _ => Cell::Unsigned(cell.number),
    }
}

unsafe extern "C" fn row(cx: *mut Cx, cells: *const Array<AbiCell>, shown: *const Str) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or an array that the dmod lends for this call.
        let Some(cells) = (unsafe { cells.as_ref() }) else { return Status::BAD_ARGUMENT };
        if cells.count > MOST_CELLS {
            return Status::BAD_ARGUMENT;
        }
        // SAFETY: the dmod answers for its array and the texts in it.
        let cells: Vec<Cell<'_>> = unsafe { cells.iter().map(|c| cell(&c)).collect() };
        // SAFETY: null or a text that the dmod lends for this call.
        let shown = unsafe { shown.as_ref().map(|shown| text(*shown)) };
        context.services.row(&cells, shown.as_deref()).status()
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn warn(cx: *mut Cx, warning: Str) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: the dmod lends the text for this call.
        context.services.warn(&unsafe { text(warning) });
        Status::OK
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn fail(cx: *mut Cx, sentence: Str, address: *const u64) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a number that the dmod lends for this call.
        let address = unsafe { address.as_ref().copied() };
        // SAFETY: the dmod lends the text for this call.
        context.set_failure(unsafe { text(sentence) }.into_owned(), address);
        Status::ERROR
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn emit(cx: *mut Cx, item: Item) -> Status {
    let function = |context: &Context<'_>| context.services.emit(item).status();
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
