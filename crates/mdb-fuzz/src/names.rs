//! Mangled names.

use mdb_debuginfo::{Demangler, demangle};

/// Demangles the bytes, alone and with each of the prefixes that choose a scheme.
pub fn names(data: &[u8]) {
    let memory = Demangler::default();
    for prefix in ["", "_Z", "_R", "_ZN"] {
        let name = [prefix.as_bytes(), data].concat();
        let shown = demangle(&name);
        assert!(shown.len() <= (name.len() * 3).max(16 * 1024), "{} bytes", shown.len());
        assert_eq!(memory.demangle(&name), shown);
        assert_eq!(memory.demangle(&name), shown, "from memory");
    }
}
