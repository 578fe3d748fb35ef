//! Arrays, `arguments`, and the form of everything that has entries.

use super::{Style, nested, object};
use crate::object::elements::Element;
use crate::object::heap::{Heap, Object};
use crate::object::properties::Content;
use mdb_dmod::prelude::*;
use std::ops::ControlFlow;

/// Places of a store that are looked at.
pub(super) const MOST_PLACES: u64 = 4096;

/// Entries between brackets, as many as there is room for.
#[derive(Debug)]
pub(super) struct Entries {
    text: String,
    chars: usize,
    room: usize,
    left: usize,
    close: &'static str,
    is_first: bool,
    /// There are more than are shown.
    is_cut: bool,
}

impl Entries {
    /// Begins with `open`, which ends with a bracket.
    pub(super) fn new(open: String, close: &'static str, style: Style) -> Self {
        let chars = open.chars().count();
        // At the end `, …` and the bracket must find room.
        let room = style.max_chars.saturating_sub(close.chars().count().saturating_add(3));
        let left = style.max_entries;
        Self { text: open, chars, room, left, close, is_first: true, is_cut: false }
    }

    /// Adds an entry if there is room; else notes that there are more.
    pub(super) fn push(&mut self, entry: &str) -> ControlFlow<()> {
        let separator = if self.is_first { "" } else { ", " };
        let chars = entry.chars().count().saturating_add(separator.len());
        let after = self.chars.saturating_add(chars);
        if self.left == 0 || after > self.room {
            self.is_cut = true;
            return ControlFlow::Break(());
        }
        self.left = self.left.saturating_sub(1);
        self.text.push_str(separator);
        self.text.push_str(entry);
        self.chars = after;
        self.is_first = false;
        ControlFlow::Continue(())
    }

    /// Whether no entry was added and none was left out.
    pub(super) fn is_empty(&self) -> bool {
        self.is_first && !self.is_cut
    }

    /// Notes that there are more.
    pub(super) fn more(&mut self) {
        self.is_cut = true;
    }

    /// Whether more are known to be there than are shown.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The text with its end.
    pub(super) fn finish(mut self) -> String {
        if self.is_cut {
            self.text.push_str(if self.is_first { "…" } else { ", …" });
        }
        self.text.push_str(self.close);
        self.text
    }
}

/// An element within an array.
pub(super) fn element(heap: Heap<'_>, element: Element) -> Result<String> {
    Ok(match element {
        Element::Value(value) => nested(heap, value)?,
        Element::Number(number) => super::number::number(number),
        Element::Undefined => "undefined".to_owned(),
        Element::Accessor(content) => accessor(heap, content)?,
    })
}

/// A property that has no value of its own.
pub(super) fn accessor(heap: Heap<'_>, content: Content) -> Result<String> {
    let is_function = |value| match heap.object(value) {
        Err(error) if error.is_stop() => Err(error),
        found => Ok(found.is_ok_and(|object| object.kind.is_receiver())),
    };
    Ok(match content {
        Content::Data(value) => nested(heap, value)?,
        Content::Native => "<native accessor>".to_owned(),
        Content::Accessor { getter, setter } => {
            match (is_function(getter)?, is_function(setter)?) {
                (true, false) => "[Getter]",
                (false, true) => "[Setter]",
                _ => "[Getter/Setter]",
            }
            .to_owned()
        }
    })
}

/// `(3) [1, 2, 3]`; `Foo(3) [..]` of a subclass.
pub(super) fn array(heap: Heap<'_>, object: Object, style: Style) -> Result<String> {
    let length = heap.js_array_length(object)?;
    let class = object::class(heap, object)?;
    let open =
        if class == "Array" { format!("({length}) [") } else { format!("{class}({length}) [") };
    indexed(heap, object, Some(length), open, style)
}

/// `Arguments(2) [1, "two"]`.
pub(super) fn arguments(heap: Heap<'_>, object: Object, style: Style) -> Result<String> {
    let own = heap.property_named(object, "length")?.map(|property| property.content);
    let length = match own {
        Some(Content::Data(length)) => {
            length.exact_smi().and_then(|length| u64::try_from(length).ok())
        }
        _ => None,
    };
    let open = match length {
        Some(length) => format!("Arguments({length}) ["),
        // `length` was changed.
        None => "Arguments [".to_owned(),
    };
    indexed(heap, object, length, open, style)
}

fn indexed(
    heap: Heap<'_>,
    object: Object,
    length: Option<u64>,
    open: String,
    style: Style,
) -> Result<String> {
    let mut entries = Entries::new(open, "]", style);
    let mut next = 0;
    let end = length.unwrap_or(u64::MAX);
    let known = heap.elements(object, end, MOST_PLACES, &mut |index, value| {
        if gap(&mut entries, next, index).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        next = index.saturating_add(1);
        Ok(entries.push(&element(heap, value)?))
    })?;
    if !entries.is_cut() {
        if known < end {
            entries.more();
        } else if let Some(length) = length {
            let _ = gap(&mut entries, next, length);
        }
    }
    if !entries.is_cut() {
        // A match of a regular expression has more than its elements.
        object::push_properties(heap, object, &mut entries)?;
    }
    Ok(entries.finish())
}

/// The elements that are not there from `from` to `to`.
fn gap(entries: &mut Entries, from: u64, to: u64) -> ControlFlow<()> {
    match to.saturating_sub(from) {
        0 => ControlFlow::Continue(()),
        1 => entries.push("empty"),
        count => entries.push(&format!("empty × {count}")),
    }
}
