//! Finding the row of unwind information for a pc.

use crate::expression::Slice;
use crate::row::Row;
use gimli::{
    BaseAddresses, CieOrFde, CommonInformationEntry, DebugFrame, EhFrame, LittleEndian,
    UnwindContext, UnwindOffset, UnwindSection, Vendor,
};
use mdb_debuginfo::{SectionBytes, UnwindSections};
use mdb_target::Arch;
use std::ops::Range;
use std::sync::OnceLock;

/// Rows of one function at most. The largest functions of real programs have some thousands.
const MAX_ROWS: usize = 1 << 18;

/// The unwind information of one module.
#[derive(Debug)]
pub(crate) struct ModuleCfi {
    arch: Arch,
    /// Addresses of the module in the target.
    pub(crate) range: Range<u64>,
    bias: u64,
    bases: BaseAddresses,
    header: Option<Header>,
    eh_frame: Option<EhFrame<Slice>>,
    eh_index: OnceLock<FdeIndex>,
    debug_frame: Option<DebugFrame<Slice>>,
    debug_index: OnceLock<FdeIndex>,
}

/// What there is for a pc.
#[derive(Debug)]
pub(crate) enum CfiLookup {
    /// A row.
    Row(Row),
    /// Nothing.
    None,
    /// An entry that cannot be understood, and why.
    Damaged(String),
}

/// Whether looking further may help.
type Found = Result<Option<Row>, gimli::Error>;

impl ModuleCfi {
    /// Takes the sections; reads nothing yet.
    pub(crate) fn new(sections: &UnwindSections, arch: Arch) -> Self {
        let vendor = match arch {
            Arch::Aarch64 => Vendor::AArch64,
            _ => Vendor::Default,
        };
        let mut bases = BaseAddresses::default();
        if let Some(section) = &sections.eh_frame {
            bases = bases.set_eh_frame(section.address);
        }
        if let Some(section) = &sections.eh_frame_hdr {
            bases = bases.set_eh_frame_hdr(section.address);
        }
        if let Some(address) = sections.text {
            bases = bases.set_text(address);
        }
        if let Some(address) = sections.got {
            bases = bases.set_got(address);
        }
        let eh_frame = sections.eh_frame.map(|section| {
            let mut eh_frame = EhFrame::new(section.bytes, LittleEndian);
            eh_frame.set_vendor(vendor);
            eh_frame
        });
        let header = sections
            .eh_frame_hdr
            .zip(sections.eh_frame)
            .and_then(|(header, frame)| Header::new(header, frame));
        let debug_frame = sections.debug_frame.map(|section| {
            let mut debug_frame = DebugFrame::new(section.bytes, LittleEndian);
            debug_frame.set_vendor(vendor);
            debug_frame.set_address_size(8);
            debug_frame
        });
        Self {
            arch,
            range: sections.range.clone(),
            bias: sections.bias,
            bases,
            header,
            eh_frame,
            eh_index: OnceLock::new(),
            debug_frame,
            debug_index: OnceLock::new(),
        }
    }

    /// The row for an address of the target.
    pub(crate) fn lookup(&self, address: u64, context: &mut UnwindContext<usize>) -> CfiLookup {
        let address = address.wrapping_sub(self.bias);
        let eh = self.in_eh_frame(address, context);
        if let Ok(Some(row)) = eh {
            return CfiLookup::Row(row);
        }
        let debug = match &self.debug_frame {
            Some(section) => {
                let index = self.debug_index.get_or_init(|| FdeIndex::new(section, &self.bases));
                self.in_index(section, index, address, context)
            }
            None => Ok(None),
        };
        match (debug, eh) {
            (Ok(Some(row)), _) => CfiLookup::Row(row),
            (Err(error), _) | (_, Err(error)) => CfiLookup::Damaged(error.to_string()),
            (Ok(None), _) => CfiLookup::None,
        }
    }

    fn in_eh_frame(&self, address: u64, context: &mut UnwindContext<usize>) -> Found {
        let Some(section) = &self.eh_frame else { return Ok(None) };
        if let Some(header) = &self.header {
            let Some(offset) = header.fde_offset(address) else { return Ok(None) };
            // Where the table points to something else than an entry, it is not to be trusted.
            if let Ok(found) = self.row_of_fde(section, offset, address, context) {
                return Ok(found);
            }
        }
        let index = self.eh_index.get_or_init(|| FdeIndex::new(section, &self.bases));
        self.in_index(section, index, address, context)
    }

    fn in_index<S>(
        &self,
        section: &S,
        index: &FdeIndex,
        address: u64,
        context: &mut UnwindContext<usize>,
    ) -> Found
    where
        S: UnwindSection<Slice>,
    {
        match index.fde_offset(address) {
            Some(offset) => self.row_of_fde(section, offset, address, context),
            None => Ok(None),
        }
    }

    /// The row of the entry at `offset`; `None` where the entry is not about `address`.
    fn row_of_fde<S>(
        &self,
        section: &S,
        offset: usize,
        address: u64,
        context: &mut UnwindContext<usize>,
    ) -> Found
    where
        S: UnwindSection<Slice>,
    {
        let fde = section.fde_from_offset(&self.bases, offset.into(), S::cie_from_offset)?;
        if !fde.contains(address) {
            return Ok(None);
        }
        let mut table = fde.rows(section, &self.bases, context)?;
        for _ in 0..MAX_ROWS {
            let Some(row) = table.next_row()? else { break };
            if row.contains(address) {
                return Row::compile(row, section, &fde, self.arch, self.bias).map(Some);
            }
        }
        Ok(None)
    }
}

/// `.eh_frame_hdr` with the binary search table that linkers write: pairs of function and entry,
/// 32-bit, relative to the section (Linux Standard Base 5.0, Core, section 10.6.2).
#[derive(Debug)]
struct Header {
    address: u64,
    eh_frame: u64,
    table: &'static [[u8; 8]],
}

impl Header {
    /// `None` for tables of another form: the caller then indexes the entries itself.
    fn new(header: SectionBytes, eh_frame: SectionBytes) -> Option<Self> {
        // Version 1; the pointer to .eh_frame: pc-relative (or none) sdata4; count: udata4;
        // table: data-relative sdata4.
        let ([1, 0x1b | 0x3b, 0x03, 0x3b], rest) = header.bytes.split_first_chunk()? else {
            return None;
        };
        let (count, rest) = rest.get(4..)?.split_first_chunk()?;
        let (table, _) = rest.as_chunks();
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        let table = table.get(..count).unwrap_or(table);
        if table.is_empty() {
            return None;
        }
        Some(Self { address: header.address, eh_frame: eh_frame.address, table })
    }

    /// The offset in `.eh_frame` of the last entry that begins at or before `address`.
    fn fde_offset(&self, address: u64) -> Option<usize> {
        let relative =
            |bytes: [u8; 4]| self.address.wrapping_add_signed(i64::from(i32::from_le_bytes(bytes)));
        let after =
            self.table.partition_point(|[a, b, c, d, ..]| relative([*a, *b, *c, *d]) <= address);
        let [.., a, b, c, d] = *self.table.get(after.checked_sub(1)?)?;
        let entry = relative([a, b, c, d]).checked_sub(self.eh_frame)?;
        usize::try_from(entry).ok()
    }
}

/// The entries of a section by address, for sections without a search table.
#[derive(Debug)]
struct FdeIndex {
    /// First address, address behind the last, offset of the entry; by first address.
    entries: Vec<(u64, u64, usize)>,
}

impl FdeIndex {
    /// Reads all entries, up to the first that is damaged.
    fn new<S>(section: &S, bases: &BaseAddresses) -> Self
    where
        S: UnwindSection<Slice>,
    {
        let mut entries = Vec::new();
        // Entries of a function group share a CIE, so the last one is likely to be asked again.
        let mut last: Option<(usize, CommonInformationEntry<Slice>)> = None;
        let mut iter = section.entries(bases);
        while let Ok(Some(entry)) = iter.next() {
            let CieOrFde::Fde(partial) = entry else { continue };
            let cie_offset = UnwindOffset::into(partial.cie_offset());
            let fde = partial.parse(|section, bases, offset| match &last {
                Some((at, cie)) if *at == cie_offset => Ok(cie.clone()),
                _ => section.cie_from_offset(bases, offset),
            });
            let Ok(fde) = fde else { continue };
            if last.as_ref().is_none_or(|(at, _)| *at != cie_offset) {
                last = Some((cie_offset, fde.cie().clone()));
            }
            let (start, end) = (fde.initial_address(), fde.end_address());
            if start < end {
                entries.push((start, end, fde.offset()));
            }
        }
        entries.sort_unstable();
        Self { entries }
    }

    /// The offset of an entry about `address`.
    fn fde_offset(&self, address: u64) -> Option<usize> {
        let after = self.entries.partition_point(|(start, ..)| *start <= address);
        // Entries can overlap where the linker folded functions: look at a few.
        let near = self.entries.get(after.saturating_sub(8)..after)?;
        near.iter().rev().find(|(_, end, _)| address < *end).map(|(.., offset)| *offset)
    }
}
