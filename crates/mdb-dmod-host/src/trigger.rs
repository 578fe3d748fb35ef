//! When a dmod loads by itself.

/// A condition of a dmod's note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Any target.
    Always,
    /// A module of the target whose soname or file name matches.
    Object(String),
    /// A symbol of the target.
    Symbol(String),
    /// A symbol of the target that begins so.
    SymbolPrefix(String),
    /// A section of a module of the target.
    Section(String),
    /// A note of this owner, in the core or in a module.
    Note(String),
    /// A condition of a newer dmod. Never met.
    Unknown(String),
}

/// What a target is asked to decide a trigger.
pub trait TriggerFacts {
    /// Whether the name of a module satisfies the closure.
    fn any_object(&self, matches: &dyn Fn(&str) -> bool) -> bool;
    /// Whether there is a symbol of this name.
    fn has_symbol(&self, name: &str) -> bool;
    /// Whether there is a symbol that begins so.
    fn has_symbol_prefix(&self, prefix: &str) -> bool;
    /// Whether a module has this section.
    fn has_section(&self, name: &str) -> bool;
    /// Whether there is a note of this owner.
    fn has_note(&self, owner: &str) -> bool;
}

impl Trigger {
    /// From the text in the note.
    pub fn parse(text: &str) -> Self {
        if text == "always" {
            return Self::Always;
        }
        let of = |prefix| text.strip_prefix(prefix).filter(|rest: &&str| !rest.is_empty());
        if let Some(glob) = of("object:") {
            Self::Object(glob.to_owned())
        } else if let Some(name) = of("symbol:") {
            match name.strip_suffix('*') {
                Some(prefix) => Self::SymbolPrefix(prefix.to_owned()),
                None => Self::Symbol(name.to_owned()),
            }
        } else if let Some(name) = of("section:") {
            Self::Section(name.to_owned())
        } else if let Some(owner) = of("note:") {
            Self::Note(owner.to_owned())
        } else {
            Self::Unknown(text.to_owned())
        }
    }

    /// Whether the condition is met.
    pub fn is_met(&self, facts: &dyn TriggerFacts) -> bool {
        match self {
            Self::Always => true,
            Self::Object(glob) => facts.any_object(&|name| glob_matches(glob, name)),
            Self::Symbol(name) => facts.has_symbol(name),
            Self::SymbolPrefix(prefix) => facts.has_symbol_prefix(prefix),
            Self::Section(name) => facts.has_section(name),
            Self::Note(owner) => facts.has_note(owner),
            Self::Unknown(_) => false,
        }
    }
}

/// Whether a name matches a pattern of `*` (any text) and `?` (any character). Takes time
/// proportional to the product of the lengths at most.
pub fn glob_matches(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.chars(), name.chars());
    // Where to resume when what followed the last `*` did not match.
    let mut resume = None;
    loop {
        let (here, there) = (pattern.clone(), name.clone());
        match (pattern.next(), name.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                name = there.clone();
                resume = Some((here, there));
                continue;
            }
            (Some('?'), Some(_)) => continue,
            (Some(p), Some(n)) if p == n => continue,
            _ => {}
        }
        let Some((star, mut rest)) = resume.take() else { return false };
        if rest.next().is_none() {
            return false;
        }
        pattern = star.clone();
        pattern.next();
        name = rest.clone();
        resume = Some((star, rest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_are_read() {
        assert_eq!(Trigger::parse("always"), Trigger::Always);
        assert_eq!(Trigger::parse("object:libc.so*"), Trigger::Object("libc.so*".into()));
        assert_eq!(Trigger::parse("symbol:main"), Trigger::Symbol("main".into()));
        assert_eq!(Trigger::parse("symbol:v8dbg_*"), Trigger::SymbolPrefix("v8dbg_".into()));
        assert_eq!(Trigger::parse("section:.x"), Trigger::Section(".x".into()));
        assert_eq!(Trigger::parse("note:Go"), Trigger::Note("Go".into()));
        assert_eq!(Trigger::parse("moon:full"), Trigger::Unknown("moon:full".into()));
        assert_eq!(Trigger::parse("object:"), Trigger::Unknown("object:".into()));
    }

    #[test]
    fn globs_match() {
        let yes = [
            ("libc.so*", "libc.so.6"),
            ("*", ""),
            ("*jemalloc*", "libjemalloc.so.2"),
            ("a*b*c", "a-b-b-c"),
            ("l?bc", "libc"),
            ("node", "node"),
        ];
        for (pattern, name) in yes {
            assert!(glob_matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("libc.so", "libc.so.6"), ("a*b", "a-c"), ("", "x"), ("?", "")] {
            assert!(!glob_matches(pattern, name), "{pattern} {name}");
        }
        // Not exponential.
        assert!(!glob_matches(&"a*".repeat(50), &"b".repeat(5000)));
        assert!(!glob_matches(&format!("{}b", "a*".repeat(30)), &"a".repeat(2000)));
    }
}
