//! Doc comments of the contract, with the names of C in them.

use std::collections::BTreeSet;

use super::names;

/// What a comment may refer to.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Structs and callbacks.
    pub(super) types: BTreeSet<String>,
    /// Constants: the module or type that they are in, if any, and the name.
    pub(super) constants: BTreeSet<(Option<String>, String)>,
}

impl Known {
    /// One line of a comment. Links become names; so does what stands between backticks and is
    /// known. A link to something that C does not have is an error: the text of it.
    pub(super) fn translate(&self, line: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('`') {
            let Some((word, behind)) = after.split_once('`') else { break };
            let link = before.ends_with('[') && behind.starts_with(']');
            let found = self.name(word);
            if link {
                let name = found.ok_or_else(|| format!("no C name for the link to `{word}`"))?;
                out.push_str(before.strip_suffix('[').unwrap_or(before));
                out.push_str(&format!("`{name}`"));
                rest = behind.strip_prefix(']').unwrap_or(behind);
            } else {
                out.push_str(before);
                out.push_str(&format!("`{}`", found.as_deref().unwrap_or(word)));
                rest = behind;
            }
        }
        out.push_str(rest);
        if out.contains("*/") {
            return Err(format!("a comment cannot hold the text: {out}"));
        }
        Ok(out)
    }

    fn name(&self, path: &str) -> Option<String> {
        let path = path.strip_prefix("crate::").unwrap_or(path);
        match path.split("::").collect::<Vec<_>>().as_slice() {
            ["u32", "MAX"] => Some("UINT32_MAX".to_owned()),
            [name] if self.types.contains(*name) => Some(names::of_type(name)),
            [name] if self.constants.contains(&(None, (*name).to_owned())) => {
                Some(names::of_constant(None, name))
            }
            [module]
                if self.constants.iter().any(|(group, _)| group.as_deref() == Some(module)) =>
            {
                Some(names::of_constant(Some(module), "*"))
            }
            // `CALL_*`
            [name] => {
                let start = name.strip_suffix('*').filter(|start| start.ends_with('_'))?;
                let of_these =
                    |(group, n): &(Option<String>, String)| group.is_none() && n.starts_with(start);
                self.constants.iter().any(of_these).then(|| names::of_constant(None, name))
            }
            [group, name] => {
                let constant = (Some((*group).to_owned()), (*name).to_owned());
                if self.constants.contains(&constant) {
                    Some(names::of_constant(Some(group), name))
                } else if self.types.contains(*group) {
                    Some(format!("{}.{}", names::of_type(group), names::of_word(name)))
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}
