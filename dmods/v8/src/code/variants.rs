//! Which variant of an encoding a version of V8 uses.

/// A version of V8, as far as encodings depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct V8Version {
    /// The first number, 12 in 12.4.254.21.
    pub(crate) major: u32,
    /// The second number, 4 in 12.4.254.21.
    pub(crate) minor: u32,
}

/// The version `major.minor`.
pub(crate) const fn v8(major: u32, minor: u32) -> V8Version {
    V8Version { major, minor }
}

/// A row of a table of variants: from this version on, until a later row says otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since<T> {
    /// The first version that is known to use the variant.
    pub(crate) from: V8Version,
    /// The variant.
    pub(crate) variant: T,
    /// The file of the V8 source that says so.
    #[allow(dead_code, reason = "a fact names its source; nothing computes with it")]
    pub(crate) source: &'static str,
}

/// The variant for `version`: that of the last row which is not newer. `None` before the first row.
///
/// A version newer than the last row gets the last row's variant; whether it fits has to be validated.
pub(crate) fn variant_of<T: Copy>(rows: &[Since<T>], version: V8Version) -> Option<T> {
    rows.iter().take_while(|row| row.from <= version).last().map(|row| row.variant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_row_that_is_not_newer_counts() {
        let rows = [
            Since { from: v8(10, 2), variant: 'a', source: "" },
            Since { from: v8(13, 6), variant: 'b', source: "" },
        ];
        assert_eq!(variant_of(&rows, v8(9, 9)), None);
        assert_eq!(variant_of(&rows, v8(10, 2)), Some('a'));
        assert_eq!(variant_of(&rows, v8(13, 5)), Some('a'));
        assert_eq!(variant_of(&rows, v8(13, 6)), Some('b'));
        assert_eq!(variant_of(&rows, v8(15, 0)), Some('b'));
    }
}
