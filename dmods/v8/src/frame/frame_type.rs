//! Types of V8's own frames: the number that stands where a JavaScript frame has its context.

use crate::layout::metadata::Metadata;

/// A type of frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrameType {
    /// V8's class: `ExitFrame`.
    pub(crate) name: String,
    /// What that means for stacks.
    pub(crate) role: Role,
}

/// What a type of frame means for stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// C++ calls JavaScript.
    Entry,
    /// JavaScript calls C++.
    Exit,
    /// JavaScript calls a function of V8 that is written in C++.
    BuiltinExit,
    /// JavaScript calls a function of the embedder.
    ApiCallback,
    /// `new`.
    Construct,
    /// WebAssembly.
    Wasm,
    /// Anything else.
    Other,
}

/// Names of classes of frames and their roles (`execution/frames.h` of V8 10.2 to 14.6).
const ROLES: &[(&str, Role)] = &[
    ("EntryFrame", Role::Entry),
    ("ConstructEntryFrame", Role::Entry),
    ("ExitFrame", Role::Exit),
    ("BuiltinExitFrame", Role::BuiltinExit),
    ("ApiCallbackExitFrame", Role::ApiCallback),
    ("ApiAccessorExitFrame", Role::ApiCallback),
    ("ApiNamedAccessorExitFrame", Role::ApiCallback),
    ("ApiIndexedAccessorExitFrame", Role::ApiCallback),
    ("ApiConstructExitFrame", Role::ApiCallback),
    ("ConstructFrame", Role::Construct),
    ("FastConstructFrame", Role::Construct),
    ("WasmFrame", Role::Wasm),
    ("WasmSegmentStartFrame", Role::Wasm),
    ("WasmLiftoffFrame", Role::Wasm),
];

/// No V8 has as many types.
const MOST_TYPES: u64 = 256;

/// The types of frames of a V8.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrameTypes {
    types: Vec<(u64, FrameType)>,
}

impl FrameTypes {
    /// From the metadata symbols `frametype_*`.
    pub(crate) fn from_metadata(metadata: &Metadata) -> Self {
        let types = metadata.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("frametype_")?;
            let role = ROLES.iter().find(|row| row.0 == name).map_or(Role::Other, |row| row.1);
            Some((u64::try_from(value).ok()?, FrameType { name: name.to_owned(), role }))
        });
        Self { types: types.collect() }
    }

    /// The type that a word of a frame says; `None`: the word is none of a type.
    pub(crate) fn of_marker(&self, word: u64) -> Option<FrameType> {
        // The number shifted by one, so that it looks like a small integer (`StackFrame::TypeToMarker`).
        if word & 1 != 0 || word >> 1 >= MOST_TYPES {
            return None;
        }
        let known = self.types.iter().find(|(number, _)| *number == word >> 1);
        known.map(|(_, frame_type)| frame_type.clone())
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        self.types.iter().map(|(number, frame_type)| (*number, frame_type.name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_read() {
        let metadata = Metadata::new(vec![
            ("frametype_EntryFrame".into(), 1),
            ("frametype_StubFrame".into(), 8),
        ]);
        let types = FrameTypes::from_metadata(&metadata);
        assert_eq!(types.of_marker(2).map(|t| t.role), Some(Role::Entry));
        assert_eq!(types.of_marker(16).map(|t| t.name), Some("StubFrame".to_owned()));
        assert_eq!(types.of_marker(3), None);
        assert_eq!(types.of_marker(40), None);
        assert_eq!(types.of_marker(0x7fff_0000_0000), None);
    }
}
