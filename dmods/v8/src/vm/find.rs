//! Finding the virtual machine of a target.

use super::binary::{Binary, MetadataSource, of_tables};
use super::isolates;
use super::roots::Roots;
use super::sample::{Depth, Sample};
use super::search::{self, EmbeddedBlob};
use super::stacks::Stacks;
use super::{Vm, check, choice, position_encoding};
use crate::frame::frame_type::FrameTypes;
use crate::layout::Layout;
use crate::layout::fact::{Fact, versions};
use crate::layout::tables;
use crate::layout::version::Minor;
use crate::object::kind::{Kind, Kinds};
use crate::object::value::Value;
use crate::partial::found;
use mdb_dmod::MappingKind;
use mdb_dmod::prelude::*;
use std::ops::Range;
use std::sync::{Mutex, OnceLock};

impl Vm {
    /// Looks for V8 in a target.
    pub(super) fn find(s: &Session<'_>, depth: Depth) -> Result<Self> {
        let Some(binary) = Binary::find(s)? else {
            return Err(Error::new(
                "no V8 was found: no module of the target has v8dbg_ symbols or a build-id that is \
                 known",
            ));
        };
        let assumed = choice::assumed(s)?;
        let base = assumed.version.unwrap_or(binary.version.minor());
        let (metadata, metadata_source) = if assumed.without_metadata {
            match tables::for_version(base.0, base.1) {
                Some(tables) => (of_tables(tables), MetadataSource::VersionTable),
                None => Default::default(),
            }
        } else {
            binary.metadata(s)?
        };
        let mut layout = Layout::based_on(binary.version, base, &metadata);
        if layout.get(Fact::TaggedSize) == Some(4) {
            return Err(Error::new(
                "this V8 was built with pointer compression (its tagged words have 4 bytes), which \
                 mdb cannot read yet; official Node.js builds have none",
            ));
        }
        let kinds = Kinds::from_metadata(&metadata);
        let heaps = search::find_heaps(s, &mut layout, &kinds)?;
        let blob = Blob::of(s, &binary)?;
        let mut vm = Self {
            frame_types: FrameTypes::from_metadata(&metadata),
            bytecode_sizes: bytecode_sizes(s, &binary, base, assumed.without_metadata)?,
            position_encoding: position_encoding(&layout),
            executable: executable(s)?,
            text: text(s, &binary)?,
            codes: Mutex::default(),
            known: super::functions::Store::default(),
            stacks: Mutex::default(),
            wasm: crate::wasm::Store::default(),
            roots: Roots::of(s, &binary, base, assumed.without_metadata)?,
            blob: blob.code,
            blob_size: blob.code_size,
            known_blob_size: blob.code_size,
            blob_data: blob.data,
            builtins: OnceLock::new(),
            binary,
            metadata_source,
            base,
            layout,
            kinds,
            heaps,
            isolates: Vec::new(),
            damaged_isolates: 0,
        };
        let stacks = Stacks::of(s)?;
        vm.find_isolates(s, &stacks, assumed.version.is_none())?;
        vm.name_types(s)?;
        let sample = vm.sample(s, &stacks, depth)?;
        vm.layout = check::run(s, &vm, &stacks, &sample)?;
        vm.position_encoding = position_encoding(&vm.layout);
        if vm.layout.get(Fact::IsolateHeap).is_none() {
            // What does not fit is no isolate.
            vm.isolates.clear();
        } else {
            vm.describe_isolates(s, &stacks)?;
        }
        Ok(vm)
    }

    /// The isolates, at the offsets that are known, or at such that are found.
    fn find_isolates(&mut self, s: &Session<'_>, stacks: &Stacks, is_said: bool) -> Result<()> {
        let is_known = is_said && versions().contains(&self.base);
        let is_proved = self.find_offsets(s)?;
        self.describe_isolates(s, stacks)?;
        if !is_proved {
            return Ok(());
        }
        if self.find_blob(s)? {
            self.describe_isolates(s, stacks)?;
        }
        if self.find_entry_fp(s, stacks, is_known)? {
            self.describe_isolates(s, stacks)?;
        }
        Ok(())
    }

    fn describe_isolates(&mut self, s: &Session<'_>, stacks: &Stacks) -> Result<()> {
        let mut isolates = Vec::new();
        for found in &self.heaps {
            let is_generated = |pc| self.is_generated(pc);
            isolates.extend(isolates::describe(self.heap(s), *found, stacks, &is_generated)?);
        }
        // Each is judged by itself: one that is damaged, or none at all, is no reason to doubt the others.
        let is_sound = |isolate: &isolates::Isolate| {
            let (sound, tried) = isolate.sound_roots;
            tried > 0 && u64::from(sound) * 10 >= u64::from(tried) * 9
        };
        self.damaged_isolates = 0;
        if isolates.iter().any(is_sound) {
            let all = isolates.len();
            isolates.retain(is_sound);
            self.damaged_isolates = all.saturating_sub(isolates.len());
        }
        self.isolates = isolates;
        Ok(())
    }

    /// Heap and root table in the isolate. Answers whether they are proved.
    fn find_offsets(&mut self, s: &Session<'_>) -> Result<bool> {
        let heap = self.heap(s);
        let (to_heap, to_roots) =
            (self.layout.need(Fact::IsolateHeap)?, self.layout.need(Fact::IsolateRoots)?);
        for found in &self.heaps {
            let isolate = found.address.wrapping_add_signed(to_heap.wrapping_neg());
            let table = isolate.wrapping_add_signed(to_roots);
            let (passed, tried) = search::known_maps(heap, &self.roots, table)?;
            let (sound, looked_at) = isolates::sound_roots(heap, table)?;
            if passed == tried && sound == looked_at {
                return Ok(true);
            }
        }
        let mut derived = None;
        for found in &self.heaps {
            derived = search::find_isolate(heap, &self.roots, *found)?;
            if derived.is_some() {
                break;
            }
        }
        if let Some((to_heap, to_roots)) = derived {
            self.layout.derive(Fact::IsolateHeap, to_heap, "found before the heap");
            self.layout.derive(Fact::IsolateRoots, to_roots, "found by the maps in it");
        }
        Ok(derived.is_some())
    }

    /// The isolate's record of the embedded builtins. Answers whether it is elsewhere than was thought.
    fn find_blob(&mut self, s: &Session<'_>) -> Result<bool> {
        let is_executable = |address| self.may_execute(address);
        let mut sound = None;
        if let Some(offset) = self.layout.get(Fact::IsolateEmbeddedBlob) {
            for isolate in &self.isolates {
                let at = isolate.address.wrapping_add_signed(offset);
                let blob = found(EmbeddedBlob::read(s.memory(), at))?;
                let blob = blob.filter(|b| b.is_sound(self.known_blob_size, &is_executable));
                sound = sound.or(blob);
            }
        }
        let mut derived = None;
        if sound.is_none() {
            for isolate in &self.isolates {
                let (heap, address) = (isolate.heap, isolate.address);
                derived = search::find_blob(
                    s.memory(),
                    heap,
                    address,
                    self.known_blob_size,
                    &is_executable,
                )?;
                if let Some(offset) = derived {
                    let at = address.wrapping_add_signed(offset);
                    sound = found(EmbeddedBlob::read(s.memory(), at))?;
                    break;
                }
            }
        }
        if let Some(offset) = derived {
            self.layout.derive(Fact::IsolateEmbeddedBlob, offset, "found behind the heap");
        }
        if let Some(blob) = sound {
            if self.blob_size == 0 {
                self.blob_size = blob.code_size;
            }
            if self.blob_data.is_none() {
                self.blob_data = Some((blob.data, blob.data_size));
            }
            if self.blob.is_none() {
                self.blob = first_mapping(s, &self.binary, blob.code)?;
            }
        }
        Ok(derived.is_some())
    }

    /// The word with the innermost exit frame. Where the version is known, that it is 0 is believed.
    fn find_entry_fp(&mut self, s: &Session<'_>, stacks: &Stacks, is_known: bool) -> Result<bool> {
        let is_generated = |pc| self.is_generated(pc);
        let is_exit = |fp| {
            search::is_exit_frame(
                s.memory(),
                &self.layout,
                &self.frame_types,
                stacks,
                fp,
                &is_generated,
            )
        };
        let mut has_strange = false;
        for isolate in &self.isolates {
            if isolate.entry_fp != 0 {
                if is_exit(isolate.entry_fp)? {
                    return Ok(false);
                }
                has_strange = true;
            }
        }
        if !has_strange && is_known {
            return Ok(false);
        }
        let mut derived = None;
        for isolate in &self.isolates {
            derived = search::find_entry_fp(
                s.memory(),
                &self.layout,
                &self.frame_types,
                stacks,
                isolate.address,
                &is_generated,
            )?;
            if derived.is_some() {
                break;
            }
        }
        let Some((offset, handler)) = derived else {
            if !has_strange {
                // That all words there are 0 proves nothing of a version that is not known.
                self.layout.forget(Fact::IsolateEntryFp);
                self.layout.forget(Fact::IsolateHandler);
            }
            return Ok(true);
        };
        self.layout.derive(Fact::IsolateEntryFp, offset, "points to an exit frame");
        self.layout.derive(Fact::IsolateHandler, handler, "points to an entry into JavaScript");
        Ok(true)
    }

    /// Instance types without a symbol, from the roots that are maps of such objects.
    fn name_types(&mut self, s: &Session<'_>) -> Result<()> {
        let Some(isolate) = self.isolates.first() else { return Ok(()) };
        let heap = self.heap(s);
        let mut named = Vec::new();
        for (index, name) in self.roots.iter().filter(|(_, name)| name.ends_with("_map")) {
            let place = isolate.roots.wrapping_add(index.wrapping_mul(8));
            let map = found(
                s.memory().read_u64(place).and_then(|word| heap.object_of(Value(word), Kind::Map)),
            )?;
            if let Some(map) = map
                && let Some(of) = found(heap.field_u16(map.address, Fact::MapInstanceType))?
            {
                named.push((name.to_owned(), of));
            }
        }
        let mut holes = Vec::new();
        for (index, name) in self.roots.iter().filter(|(_, name)| is_hole(name)) {
            let place = isolate.roots.wrapping_add(index.wrapping_mul(8));
            let hole = s.memory().read_u64(place);
            let hole = hole.and_then(|word| heap.object(Value(word)));
            if let Some(hole) = found(hole)? {
                holes.push((hole.address, name.to_owned()));
            }
        }
        for (name, instance_type) in named {
            self.kinds.add_root(&name, instance_type);
        }
        self.kinds.add_holes(holes);
        Ok(())
    }

    /// Objects for the checks: also functions and contexts of frames.
    fn sample(&self, s: &Session<'_>, stacks: &Stacks, depth: Depth) -> Result<Sample> {
        let mut further = Vec::new();
        for fp in check::frames::frame_pointers(self, s.memory(), stacks)? {
            for fact in [Fact::FrameFunction, Fact::FrameContextOrType] {
                let Some(offset) = self.layout.get(fact) else { continue };
                let word = isolates::word_or_zero(s.memory(), fp.wrapping_add_signed(offset))?;
                further.push(Value(word));
            }
        }
        let heaps: Vec<u64> =
            self.heaps.iter().take(depth.heaps()).map(|heap| heap.address).collect();
        Sample::reach(self.heap(s), &heaps, &further, depth)
    }
}

/// What the binary, or the table of its build, says of the embedded builtins.
struct Blob {
    code: Option<u64>,
    code_size: u64,
    data: Option<(u64, u64)>,
}

impl Blob {
    fn of(s: &Session<'_>, binary: &Binary) -> Result<Self> {
        if let Some(tables) = binary.build_tables() {
            let place = |address: u64| (address != 0).then(|| address.wrapping_add(binary.bias));
            return Ok(Self {
                code: place(tables.blob_code_address),
                code_size: tables.blob_code_size.into(),
                data: place(tables.blob_data_address)
                    .map(|address| (address, tables.blob_data_size.into())),
            });
        }
        let size = |name| -> Result<Option<u64>> {
            let Some(address) = binary.symbol(s, name)? else { return Ok(None) };
            Ok(found(s.memory().read_u32(address))?.map(u64::from))
        };
        // In 10.2 the shorter name is a variable that points to the longer one.
        let first = |names: [&str; 2]| -> Result<Option<u64>> {
            let [longer, shorter] = names;
            Ok(binary.symbol(s, longer)?.or(binary.symbol(s, shorter)?))
        };
        let code = ["v8_Default_embedded_blob_code_data_", "v8_Default_embedded_blob_code_"];
        let data = ["v8_Default_embedded_blob_data_data_", "v8_Default_embedded_blob_data_"];
        Ok(Self {
            code: first(code)?,
            code_size: size("v8_Default_embedded_blob_code_size_")?.unwrap_or(0),
            data: first(data)?.zip(size("v8_Default_embedded_blob_data_size_")?),
        })
    }
}

/// The lengths of bytecodes: from the table of the build, from the binary, or from the table of the
/// version.
fn bytecode_sizes(
    s: &Session<'_>,
    binary: &Binary,
    base: Minor,
    from_version: bool,
) -> Result<Vec<u8>> {
    let of_version = || {
        let tables = tables::for_version(base.0, base.1);
        tables.map(|tables| tables.bytecode_sizes().to_vec()).unwrap_or_default()
    };
    if from_version {
        return Ok(of_version());
    }
    if let Some(tables) = binary.build_tables() {
        return Ok(tables.bytecode_sizes().to_vec());
    }
    let symbol = s.symbol_named(Some(&binary.module), BYTECODE_SIZES)?;
    let Some(symbol) = symbol.filter(|symbol| symbol.size > 0 && symbol.size <= 3 * 256) else {
        return Ok(of_version());
    };
    let mut sizes = vec![0; symbol.size as usize];
    match s.memory().read(symbol.address, &mut sizes) {
        Ok(()) => Ok(sizes),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(of_version()),
    }
}

/// `Bytecodes::kBytecodeSizes` (`interpreter/bytecodes.h`).
const BYTECODE_SIZES: &str = "_ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE";

/// Executable memory that is of no file: where V8 puts the code that it makes.
fn executable(s: &Session<'_>) -> Result<Vec<Range<u64>>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for mapping in s.mappings()? {
        let is_code = mapping.permissions.is_none_or(|[_, _, execute]| execute)
            && matches!(mapping.kind, MappingKind::Anonymous)
            && mapping.path.is_empty();
        match ranges.last_mut() {
            Some(last) if is_code && last.end == mapping.start => last.end = mapping.end,
            _ if is_code => ranges.push(mapping.start..mapping.end),
            _ => {}
        }
    }
    Ok(ranges)
}

/// Where the module has what is mapped again elsewhere, near the code that V8 makes.
fn first_mapping(s: &Session<'_>, binary: &Binary, copy: u64) -> Result<Option<u64>> {
    if (binary.start..binary.end).contains(&copy) {
        return Ok(Some(copy));
    }
    let mappings = s.mappings()?;
    let again = mappings.iter().find(|mapping| (mapping.start..mapping.end).contains(&copy));
    let Some(again) = again.filter(|mapping| mapping.path == binary.path) else { return Ok(None) };
    let offset = again.offset.saturating_add(copy - again.start);
    let first = mappings.iter().find_map(|mapping| {
        let is_of_module = mapping.path == binary.path
            && mapping.start >= binary.start
            && mapping.end <= binary.end;
        let place = offset.checked_sub(mapping.offset).filter(|_| is_of_module)?;
        (place < mapping.end - mapping.start).then(|| mapping.start.wrapping_add(place))
    });
    Ok(first)
}

/// Executable memory of the module's file: also the builtins that V8 maps again near its own code.
fn text(s: &Session<'_>, binary: &Binary) -> Result<Vec<Range<u64>>> {
    let mappings = s.mappings()?;
    let of_module = mappings.iter().filter(|mapping| {
        let is_inside = mapping.start >= binary.start && mapping.end <= binary.end;
        let is_of_file = mapping.path == binary.path && !binary.path.is_empty();
        (is_inside || is_of_file) && mapping.permissions.is_none_or(|[_, _, execute]| execute)
    });
    Ok(of_module.map(|mapping| mapping.start..mapping.end).collect())
}

/// Whether a root is one of the holes: values that JavaScript never sees. Since V8 12.4 they are of a
/// class of their own.
fn is_hole(root: &str) -> bool {
    HOLES.contains(&root.strip_suffix("_value").unwrap_or(root))
}

/// Names of the holes, without `_value` (`roots/roots.h` of V8 10.2 to 14.6).
const HOLES: &[&str] = &[
    "the_hole",
    "uninitialized",
    "arguments_marker",
    "exception",
    "termination_exception",
    "optimized_out",
    "stale_register",
    "self_reference_marker",
    "basic_block_counters_marker",
    "property_cell_hole",
    "hash_table_hole",
    "promise_hole",
];
