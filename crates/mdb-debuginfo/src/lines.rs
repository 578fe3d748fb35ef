//! Source lines and inlined functions of one module, through addr2line.

use crate::SourceFrame;
use crate::elf_image::ElfImage;
use crate::module::Module;
use gimli::{EndianSlice, LittleEndian, SectionId};

type Slice = EndianSlice<'static, LittleEndian>;

/// The DWARF of one module.
pub(crate) struct Lines(addr2line::Context<Slice>);

/// Deeper inlining than any compiler does; hostile DWARF could claim more.
const DEEPEST: usize = 4096;

fn dwarf(image: &ElfImage) -> gimli::Dwarf<Slice> {
    let section = |id: SectionId| {
        // Places of variables and macros are a large part of DWARF, often a compressed one.
        let bytes = match id {
            SectionId::DebugLoc
            | SectionId::DebugLocLists
            | SectionId::DebugMacinfo
            | SectionId::DebugMacro
            | SectionId::DebugNames
            | SectionId::DebugTypes => &[],
            id => image.section_bytes(id.name()).unwrap_or_default(),
        };
        Ok::<_, std::convert::Infallible>(EndianSlice::new(bytes, LittleEndian))
    };
    match gimli::Dwarf::load(section) {
        Ok(dwarf) => dwarf,
        Err(never) => match never {},
    }
}

impl Lines {
    /// `None` if neither the file nor its debug file has DWARF.
    pub(crate) fn load(module: &Module) -> Option<Self> {
        let with_dwarf = |image: &&std::sync::Arc<ElfImage>| image.has_section(".debug_info");
        let image = module
            .image()
            .filter(with_dwarf)
            .or_else(|| module.debug_image().filter(with_dwarf))?;
        addr2line::Context::from_dwarf(dwarf(image)).ok().map(Self)
    }

    /// The frames for an address of the file. Damaged DWARF gives those before the damage.
    pub(crate) fn locate(&self, address: u64) -> Vec<SourceFrame> {
        let Ok(mut frames) = self.0.find_frames(address).skip_all_loads() else {
            return Vec::new();
        };
        let mut list: Vec<SourceFrame> = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            if list.len() >= DEEPEST {
                break;
            }
            let location = frame.location;
            if let Some(inner) = list.last_mut() {
                inner.inlined = true;
            }
            list.push(SourceFrame {
                function: frame.function.map(|f| f.name.slice()),
                file: location.as_ref().and_then(|l| l.file).map(str::to_owned),
                line: location.as_ref().and_then(|l| l.line).filter(|l| *l != 0),
                column: location.as_ref().and_then(|l| l.column).filter(|c| *c != 0),
                inlined: false,
            });
        }
        list.retain(|f| f.function.is_some() || f.file.is_some());
        list
    }
}
