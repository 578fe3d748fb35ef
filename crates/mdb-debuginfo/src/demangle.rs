//! Names as the programmer wrote them.

use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Longer names stay as they are: a name of a core is hostile input, and demangling can take
/// more than linear time.
const LONGEST_INPUT: usize = 4096;
/// Longer results are given up: back references let a short name unfold without end.
const LONGEST_OUTPUT: usize = 16 * 1024;
/// How deep C++ names may nest; each level takes a few hundred bytes of stack.
const DEEPEST: u32 = 96;

/// A `String` that stops growing.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        if self.0.len() + s.len() > LONGEST_OUTPUT {
            return Err(fmt::Error);
        }
        self.0.push_str(s);
        Ok(())
    }
}

/// The demangled form of a C++ or Rust name; any other name, and one that cannot be demangled, as
/// it is (bytes that are no UTF-8 are replaced). Hashes of Rust names are left out. The result can
/// still contain control characters: escape it before showing it.
pub fn demangle(name: &[u8]) -> Cow<'_, str> {
    mangled(name)
        .and_then(|text| rust(text).or_else(|| cxx(text)))
        .map_or_else(|| String::from_utf8_lossy(name), Cow::Owned)
}

/// The text of a name that may be mangled.
fn mangled(name: &[u8]) -> Option<&str> {
    let body = name.strip_prefix(b"_").unwrap_or(name);
    let prefix = body.starts_with(b"Z") || body.starts_with(b"_Z") || body.starts_with(b"R");
    let cxx_thunk = name.starts_with(b"_GLOBAL_");
    if !(prefix && name.starts_with(b"_") || cxx_thunk) || name.len() > LONGEST_INPUT {
        return None;
    }
    std::str::from_utf8(name).ok()
}

fn rust(text: &str) -> Option<String> {
    use fmt::Write as _;
    let name = rustc_demangle::try_demangle(text).ok()?;
    // A C++ name also parses as one of Rust's old scheme; only the hash at its end tells.
    let (_, hash) = text.rsplit_once("17h").unzip();
    let old = text.starts_with("_ZN")
        && hash.is_some_and(|h| {
            h.len() >= 17
                && h.bytes().take(16).all(|b| b.is_ascii_hexdigit())
                && h.as_bytes().get(16) == Some(&b'E')
        });
    if !old && !text.starts_with("_R") {
        return None;
    }
    let mut out = Bounded(String::new());
    write!(out, "{name:#}").ok()?;
    Some(out.0)
}

fn cxx(text: &str) -> Option<String> {
    let options = cpp_demangle::ParseOptions::default().recursion_limit(DEEPEST);
    let symbol = cpp_demangle::Symbol::new_with_options(text.as_bytes(), &options).ok()?;
    let options = cpp_demangle::DemangleOptions::new().recursion_limit(DEEPEST);
    let mut out = Bounded(String::new());
    symbol.structured_demangle(&mut out, &options).ok()?;
    (!out.0.is_empty()).then_some(out.0)
}

/// A demangled name, or that it is none.
type Demangled = Option<Arc<str>>;

/// [`demangle`] with a memory: stacks show the same names again and again.
#[derive(Debug, Default)]
pub struct Demangler(Mutex<FxHashMap<Box<[u8]>, Demangled>>);

/// When so many names are remembered, all are forgotten.
const REMEMBERED: usize = 16 * 1024;

impl Demangler {
    /// As [`demangle`].
    pub fn demangle<'a>(&self, name: &'a [u8]) -> Cow<'a, str> {
        if mangled(name).is_none() {
            return String::from_utf8_lossy(name);
        }
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = memory.get(name) {
            return match known {
                Some(text) => Cow::Owned(text.as_ref().to_owned()),
                None => String::from_utf8_lossy(name),
            };
        }
        let text = demangle(name);
        let known = match &text {
            Cow::Owned(text) => Some(Arc::from(text.as_str())),
            Cow::Borrowed(_) => None,
        };
        if memory.len() >= REMEMBERED {
            memory.clear();
        }
        memory.insert(name.into(), known);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages() {
        let cases = [
            ("main", "main"),
            ("_ZN5space3fooEibc", "space::foo(int, bool, char)"),
            ("_ZN4core3fmt9Formatter3pad17h3a4f1c2b9d8e7f60E", "core::fmt::Formatter::pad"),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
            ("_ZZN1A1fEvE1x", "A::f()::x"),
            ("_Znot_mangled", "_Znot_mangled"),
            ("_start", "_start"),
            ("_Z", "_Z"),
        ];
        let cached = Demangler::default();
        for (raw, shown) in cases {
            assert_eq!(demangle(raw.as_bytes()), shown);
            assert_eq!(cached.demangle(raw.as_bytes()), shown);
            assert_eq!(cached.demangle(raw.as_bytes()), shown, "the second time");
        }
        assert_eq!(demangle(b"_Z\xff\xfe"), "_Z\u{fffd}\u{fffd}");
    }

    #[test]
    fn bombs_stay_small() {
        // Each back reference doubles what is written.
        let mut bomb = String::from("_Z1fI");
        for _ in 0..200 {
            bomb.push_str("St4pairIS_S_E");
        }
        assert!(demangle(bomb.as_bytes()).len() <= LONGEST_OUTPUT.max(bomb.len()));
        let deep = format!("_Z1f{}i", "P".repeat(4000));
        assert!(demangle(deep.as_bytes()).len() <= LONGEST_OUTPUT.max(deep.len()));
        let deep = format!("_R{}", "NvNv".repeat(1000));
        assert!(demangle(deep.as_bytes()).len() <= LONGEST_OUTPUT.max(deep.len()));
        let pairs = format!("_Z1f{}", "IN".repeat(2000));
        assert!(demangle(pairs.as_bytes()).len() <= LONGEST_OUTPUT.max(pairs.len()));
    }
}
