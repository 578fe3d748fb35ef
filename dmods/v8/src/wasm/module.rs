//! What a WebAssembly module says of its functions: their names, and where their bodies are
//! (WebAssembly core specification, chapter 5 and appendix 7.4).

use super::wire::{Cursor, Source};
use mdb_dmod::prelude::*;

/// Longer modules V8 does not take (`wasm/wasm-limits.h`).
pub(crate) const LONGEST_MODULE: u64 = 1 << 30;
/// No more functions has a module in V8 (`wasm/wasm-limits.h`: a million).
const MOST_FUNCTIONS: u32 = 1 << 20;
/// No module has more sections that anything is known of; the rest are of tools.
const MOST_SECTIONS: u32 = 1 << 14;
/// Names longer than this are cut.
const LONGEST_NAME: u32 = 4096;
/// The magic number and the version.
const HEADER: u64 = 8;

/// Numbers of sections.
mod section {
    pub(super) const CUSTOM: u8 = 0;
    pub(super) const IMPORT: u8 = 2;
    pub(super) const CODE: u8 = 10;
}

/// Parts of the section `name`.
mod names {
    pub(super) const MODULE: u8 = 0;
    pub(super) const FUNCTIONS: u8 = 1;
}

/// The name of a function, by where it stands.
#[derive(Clone, Copy, Debug)]
struct Named {
    function: u32,
    at: u64,
    length: u32,
}

/// What a module says of its functions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Module {
    /// Its name.
    pub(crate) name: Option<String>,
    /// How many functions are imported; those have the first numbers.
    imported: u32,
    /// Where the bodies of the other functions begin.
    bodies: Vec<u32>,
    /// In the order of the functions.
    names: Vec<Named>,
    /// Why not all is known.
    pub(crate) troubles: Vec<String>,
}

impl Module {
    /// Reads a module of a length. Parts that cannot be read are told in [`Module::troubles`]; only ^C
    /// is an error.
    pub(crate) fn decode(source: Source<'_>, length: u64) -> Result<Self> {
        let mut module = Self::default();
        let result = module.sections(source, length);
        module.note("sections", result)?;
        module.names.sort_by_key(|named| named.function);
        Ok(module)
    }

    /// Where the body of a function begins: positions in its code count from there.
    pub(crate) fn body(&self, function: u32) -> Option<u32> {
        let index = function.checked_sub(self.imported)?;
        self.bodies.get(index as usize).copied()
    }

    /// The name of a function.
    pub(crate) fn function_name(
        &self,
        source: Source<'_>,
        function: u32,
    ) -> Result<Option<String>> {
        let first = self.names.partition_point(|named| named.function < function);
        let Some(named) = self.names.get(first).filter(|named| named.function == function) else {
            return Ok(None);
        };
        let name = text(source, named.at, named.length)?;
        Ok(name.filter(|name| !name.is_empty()))
    }

    fn note(&mut self, what: &str, result: Result<()>) -> Result<()> {
        match result {
            Err(error) if error.is_stop() => Err(error),
            Err(error) => {
                self.troubles.push(format!("{what}: {error}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn sections(&mut self, source: Source<'_>, length: u64) -> Result<()> {
        if length > LONGEST_MODULE {
            return Err(Error::new(format!("a WebAssembly module of {length} bytes")));
        }
        let mut magic = [0; 4];
        source(0, &mut magic)?;
        if magic != *b"\0asm" {
            return Err(Error::new("no WebAssembly module: it does not begin as one"));
        }
        let mut cursor = Cursor::new(source, HEADER, length);
        let mut has_names = false;
        let mut are_imports_known = true;
        for _ in 0..MOST_SECTIONS {
            if cursor.is_at_end() {
                break;
            }
            let id = cursor.byte()?;
            let size = cursor.u32()?;
            let mut part = cursor.part(size)?;
            match id {
                section::IMPORT => {
                    let before = self.troubles.len();
                    let imports = self.imports(&mut part);
                    self.note("imports", imports)?;
                    are_imports_known = self.troubles.len() == before;
                }
                // Without the number of imports it is not known whose bodies they are.
                section::CODE if are_imports_known => {
                    let bodies = self.code(&mut part);
                    self.note("code", bodies)?;
                }
                section::CUSTOM if !has_names => {
                    let (at, length) = part.vector()?;
                    has_names = text(source, at, length)?.as_deref() == Some("name");
                    if has_names {
                        let names = self.read_names(source, &mut part);
                        self.note("names", names)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Counts the functions among the imports.
    fn imports(&mut self, cursor: &mut Cursor<'_>) -> Result<()> {
        let mut functions = 0u32;
        for _ in 0..cursor.u32()? {
            cursor.vector()?;
            cursor.vector()?;
            match cursor.byte()? {
                // 0x20: of exactly that type (proposal for custom descriptors).
                0 | 0x20 => {
                    cursor.u32()?;
                    functions = functions.saturating_add(1);
                }
                1 => {
                    value_type(cursor)?;
                    limits(cursor)?;
                }
                2 => limits(cursor)?,
                3 => {
                    value_type(cursor)?;
                    cursor.byte()?;
                }
                4 => {
                    cursor.byte()?;
                    cursor.u32()?;
                }
                kind => return Err(Error::new(format!("an import of the unknown kind {kind:#x}"))),
            }
        }
        self.imported = functions;
        Ok(())
    }

    fn code(&mut self, cursor: &mut Cursor<'_>) -> Result<()> {
        for _ in 0..cursor.u32()?.min(MOST_FUNCTIONS) {
            let size = cursor.u32()?;
            let at = u32::try_from(cursor.at()).unwrap_or(u32::MAX);
            cursor.skip(size)?;
            self.bodies.push(at);
        }
        Ok(())
    }

    fn read_names(&mut self, source: Source<'_>, cursor: &mut Cursor<'_>) -> Result<()> {
        let mut has_functions = false;
        while !cursor.is_at_end() {
            let id = cursor.byte()?;
            let size = cursor.u32()?;
            let mut part = cursor.part(size)?;
            match id {
                names::MODULE if self.name.is_none() => {
                    let (at, length) = part.vector()?;
                    self.name = text(source, at, length)?.filter(|name| !name.is_empty());
                }
                names::FUNCTIONS if !has_functions => {
                    has_functions = true;
                    for _ in 0..part.u32()?.min(MOST_FUNCTIONS) {
                        let function = part.u32()?;
                        let (at, length) = part.vector()?;
                        self.names.push(Named { function, at, length });
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A name; `None` where it is no UTF-8, which V8 does not take for a name either.
fn text(source: Source<'_>, at: u64, length: u32) -> Result<Option<String>> {
    let mut bytes = vec![0; length.min(LONGEST_NAME) as usize];
    source(at, &mut bytes)?;
    if length <= LONGEST_NAME {
        return Ok(String::from_utf8(bytes).ok());
    }
    let mut name = String::from_utf8_lossy(&bytes).into_owned();
    name.push('…');
    Ok(Some(name))
}

/// Steps over the type of a value: one byte, or a reference with what it refers to.
fn value_type(cursor: &mut Cursor<'_>) -> Result<()> {
    if !matches!(cursor.byte()?, 0x63 | 0x64) {
        return Ok(());
    }
    heap_type(cursor)
}

fn heap_type(cursor: &mut Cursor<'_>) -> Result<()> {
    // A number; 0x65 (shared) or 0x62 (exact) may stand before it.
    let first = cursor.byte()?;
    match first {
        0x62 | 0x65 => cursor.skip_number(),
        _ if first & 0x80 != 0 => cursor.skip_number(),
        _ => Ok(()),
    }
}

/// Steps over limits: flags, the least, and the greatest and a size of pages where the flags say so.
fn limits(cursor: &mut Cursor<'_>) -> Result<()> {
    let flags = cursor.byte()?;
    cursor.skip_number()?;
    if flags & 1 != 0 {
        cursor.skip_number()?;
    }
    if flags & 8 != 0 {
        cursor.skip_number()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::wire::testing::read;
    use super::*;

    fn section(id: u8, bytes: &[u8]) -> Vec<u8> {
        let mut all = vec![id, u8::try_from(bytes.len()).unwrap()];
        all.extend(bytes);
        all
    }

    fn text(string: &str) -> Vec<u8> {
        section(u8::try_from(string.len()).unwrap(), string.as_bytes())
            .into_iter()
            .enumerate()
            .filter_map(|(index, byte)| (index != 1).then_some(byte))
            .collect()
    }

    const HEADER: &[u8] = b"\0asm\x01\0\0\0";

    fn decode(bytes: &[u8]) -> Module {
        Module::decode(&|at, buffer| read(bytes, at, buffer), bytes.len() as u64).unwrap()
    }

    fn name(module: &Module, bytes: &[u8], function: u32) -> Option<String> {
        module.function_name(&|at, buffer| read(bytes, at, buffer), function).unwrap()
    }

    /// As the reference tool `wat2wasm --debug-names` writes it, without types: two imported functions
    /// among imports of all other kinds, two bodies, names.
    fn example() -> Vec<u8> {
        let import = |kind: &[u8]| [&text("m")[..], &text("f"), kind].concat();
        let imports = [
            vec![7],
            import(&[0, 0]),
            import(&[1, 0x70, 1, 1, 0x80, 1]),
            import(&[1, 0x63, 0x80, 1, 0, 1]),
            import(&[2, 9, 0x80, 2, 0x81, 2, 16]),
            import(&[3, 0x64, 0x65, 0x6e, 1]),
            import(&[4, 0, 0]),
            import(&[0, 1]),
        ]
        .concat();
        let names = [
            text("name"),
            section(0, &text("mod")),
            section(
                1,
                &[&[3, 3][..], &text("last"), &[0], &text("host"), &[2], b"\x01\xff"].concat(),
            ),
            section(2, &[0]),
        ]
        .concat();
        [
            HEADER.to_vec(),
            section(0, &[&text("other")[..], &[1, 2, 3]].concat()),
            section(2, &imports),
            section(10, &[2, 2, 0, 0x0b, 4, 0, 1, 1, 0x0b]),
            section(0, &names),
        ]
        .concat()
    }

    #[test]
    fn names_and_bodies_are_found() {
        let bytes = example();
        let module = decode(&bytes);
        assert_eq!(module.troubles, Vec::<String>::new());
        assert_eq!(module.name.as_deref(), Some("mod"));
        assert_eq!(name(&module, &bytes, 0).as_deref(), Some("host"));
        assert_eq!(name(&module, &bytes, 3).as_deref(), Some("last"));
        assert_eq!(name(&module, &bytes, 1), None);
        assert_eq!(name(&module, &bytes, 2), None, "no UTF-8");
        assert_eq!(module.body(1), None, "imported");
        let first = module.body(2).unwrap() as usize;
        assert_eq!(bytes[first..first + 2], [0, 0x0b]);
        let second = module.body(3).unwrap() as usize;
        assert_eq!(bytes[second..second + 4], [0, 1, 1, 0x0b]);
        assert_eq!(module.body(4), None);
    }

    #[test]
    fn modules_that_are_cut_or_damaged_are_told() {
        let bytes = example();
        assert!(!decode(&[HEADER, &[1]].concat()).troubles.is_empty());
        assert!(!decode(b"\x7fELF\x01\0\0\0").troubles.is_empty());
        for length in 0..bytes.len() {
            // Names stand last, so that all that is cut has less of them.
            assert!(
                name(&decode(&bytes[..length]), &bytes, 3).is_none() || length > 90,
                "{length}"
            );
        }
        for index in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[index] ^= 1 << bit;
                decode(&damaged);
            }
        }
        let unknown = [HEADER, &section(2, &[1, 0, 0, 9]), &section(10, &[1, 2, 0, 0x0b])].concat();
        let module = decode(&unknown);
        assert_eq!(module.body(0), None, "whose body that is is not known");
        assert!(module.troubles.iter().any(|trouble| trouble.contains("unknown kind 0x9")));
    }
}
