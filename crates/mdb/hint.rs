//! What stands behind the cursor in grey: how the command goes on.

use crate::completion::value_at;
use crate::vocabulary::Vocabulary;
use mdb_lang::{CompletionKind, completion_at};

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// What is shown.
    pub(crate) shown: String,
    /// Whether the right arrow types it.
    pub(crate) can_be_typed: bool,
}

/// The hint at the end of a line.
pub(crate) fn hint(line: &str, cursor: usize, words: &dyn Vocabulary) -> Option<Hint> {
    if cursor != line.len() {
        return None;
    }
    let point = completion_at(line, cursor);
    let prefix = point.prefix.as_str();
    let note = |shown: String| Some(Hint { shown, can_be_typed: false });
    match point.kind {
        CompletionKind::Dcmd { module } if !prefix.is_empty() => {
            if let Some(usage) = words.usage(prefix) {
                let (_, rest) = usage.split_once(prefix)?;
                return (!rest.is_empty())
                    .then(|| Hint { shown: rest.to_owned(), can_be_typed: false });
            }
            let all = words.commands(module.as_deref());
            let mut fitting = all.iter().filter(|c| c.name.starts_with(prefix));
            match (fitting.next(), fitting.next()) {
                (Some(only), None) => {
                    let rest = only.name.get(prefix.len()..)?;
                    Some(Hint { shown: rest.to_owned(), can_be_typed: true })
                }
                _ => None,
            }
        }
        CompletionKind::DcmdOption { dcmd, .. } => {
            let spec = words.spec(&dcmd)?;
            let name = prefix.trim_start_matches('-');
            let option = spec.options.iter().find(|o| o.is_called(name))?;
            let value = if option.kind.takes_value() { &*option.value_name } else { "" };
            note(format!(" {value}  {}", option.help).replace("   ", "  "))
        }
        CompletionKind::DcmdArgument { dcmd, words: before, .. } if prefix.is_empty() => {
            let value = value_at(&*words.spec(&dcmd)?, &before)?;
            (!value.name.is_empty())
                .then(|| Hint { shown: value.name.to_string(), can_be_typed: false })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::fake::Fake;

    fn shown(line: &str) -> Option<String> {
        hint(line, line.len(), &Fake).map(|h| h.shown)
    }

    #[test]
    fn a_whole_command_shows_its_usage() {
        assert_eq!(shown("::findstack").unwrap(), " [-va] [-n ADDRESS] [FORM]");
        assert_eq!(shown("::walk thread | ::findstack").unwrap(), " [-va] [-n ADDRESS] [FORM]");
        assert!(!hint("::findstack", 11, &Fake).unwrap().can_be_typed);
    }

    #[test]
    fn the_only_command_that_fits_can_be_typed() {
        assert_eq!(
            hint("::finds", 7, &Fake),
            Some(Hint { shown: "tack".to_owned(), can_be_typed: true })
        );
        assert_eq!(shown("::find"), None);
        assert_eq!(shown("::"), None);
    }

    #[test]
    fn options_and_arguments_say_what_they_are() {
        assert_eq!(shown("::findstack -v").unwrap(), "  sizes of frames");
        assert_eq!(shown("::findstack -n").unwrap(), " ADDRESS  where to end");
        assert_eq!(shown("::findstack -n ").unwrap(), "ADDRESS");
        assert_eq!(shown("::findstack -v ").unwrap(), "FORM");
        assert_eq!(hint("::findstack -v ", 3, &Fake), None);
        assert_eq!(shown("1+2"), None);
    }
}
