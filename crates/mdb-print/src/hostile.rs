//! Text as a hostile core would hold it, for tests. (`any::<String>()` has no controls.)

use proptest::prelude::*;

/// Printable text, controls, direction marks and anything else, mixed.
pub(crate) fn hostile_text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        prop::char::range('\0', '\u{9f}'),
        prop::char::range('\u{2000}', '\u{206f}'),
        prop::sample::select(&['\x1b', '\u{9b}', '"', '\\', '\n', '\u{61c}', '\u{e0041}'][..]),
    ];
    prop::collection::vec(character, 0..24).prop_map(|text| text.into_iter().collect())
}
