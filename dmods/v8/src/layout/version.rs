//! Versions of V8.

use std::fmt;

/// A version of V8. Layouts change between minor versions; the rest is for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    /// 14 of 14.6.202.34.
    pub(crate) major: u32,
    /// 6 of 14.6.202.34.
    pub(crate) minor: u32,
    /// 202 of 14.6.202.34.
    pub(crate) build: u32,
    /// 34 of 14.6.202.34.
    pub(crate) patch: u32,
}

/// The major and minor number, as tables name versions.
pub(crate) type Minor = (u32, u32);

impl Version {
    /// Major and minor number.
    pub(crate) fn minor(self) -> Minor {
        (self.major, self.minor)
    }

    /// Reads `14.6.202.34-node.34` or `14.6`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let numbers = text.split('-').next().unwrap_or(text);
        let mut parts = numbers.split('.').map(|part| part.parse::<u32>().ok());
        let major = parts.next()??;
        let minor = parts.next()??;
        let build = parts.next().flatten().unwrap_or(0);
        let patch = parts.next().flatten().unwrap_or(0);
        Some(Self { major, minor, build, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.major, self.minor, self.build, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_v8_writes_them() {
        let version = Version::parse("14.6.202.34-node.34").unwrap_or_default();
        assert_eq!((version.minor(), version.build, version.patch), ((14, 6), 202, 34));
        assert_eq!(version.to_string(), "14.6.202.34");
        assert_eq!(Version::parse("x"), None);
        assert!(Version::parse("10.2") < Version::parse("10.2.1"));
    }
}
