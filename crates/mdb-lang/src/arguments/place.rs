//! What the word that is being typed is to a command.

use super::{ArgumentSpec, OptionSpec};

/// What a word of a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordPlace {
    /// The value of the option with this index.
    Option(usize),
    /// The positional argument with this index; of the last one, which may take the rest, any word.
    Argument(usize),
}

/// What comes after these words of a command; `None`: nothing that it declares.
pub fn place_after(
    options: &[OptionSpec],
    arguments: &[ArgumentSpec],
    before: &[String],
) -> Option<WordPlace> {
    let mut position: usize = 0;
    let mut words = before.iter();
    while let Some(word) = words.next() {
        let Some(index) = option_of(options, word) else {
            position += 1;
            continue;
        };
        let takes_value = options.get(index).is_some_and(|option| option.kind.takes_value());
        if takes_value && words.next().is_none() {
            return Some(WordPlace::Option(index));
        }
    }
    if position < arguments.len() {
        return Some(WordPlace::Argument(position));
    }
    arguments.last().filter(|last| last.rest).map(|_| WordPlace::Argument(arguments.len() - 1))
}

/// The option that a word is, if its value would be the next word.
fn option_of(options: &[OptionSpec], word: &str) -> Option<usize> {
    let named = |name: &str| options.iter().position(|o| o.is_called(name));
    if word.starts_with('+') {
        return named(word);
    }
    if let Some(long) = word.strip_prefix("--") {
        let index = named(long.split_once('=').map_or(long, |(name, _)| name))?;
        let takes_value = options.get(index).is_some_and(|option| option.kind.takes_value());
        return (!takes_value || !long.contains('=')).then_some(index);
    }
    // Of `-abc`, the last letter may take the next word.
    let last = word.strip_prefix('-')?.chars().next_back()?;
    options.iter().position(|o| o.short == Some(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::ValueKind;

    #[test]
    fn words_have_places() {
        let options = [
            OptionSpec::new('v', ValueKind::Flag, "", ""),
            OptionSpec::new('n', ValueKind::Text, "NAME", "").long("name"),
        ];
        let arguments = [
            ArgumentSpec::required("what", ValueKind::Text, ""),
            ArgumentSpec::rest("more", ValueKind::Text, ""),
        ];
        let place = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            place_after(&options, &arguments, &words)
        };
        assert_eq!(place(&[]), Some(WordPlace::Argument(0)));
        assert_eq!(place(&["-v"]), Some(WordPlace::Argument(0)));
        assert_eq!(place(&["-vn"]), Some(WordPlace::Option(1)));
        assert_eq!(place(&["--name"]), Some(WordPlace::Option(1)));
        assert_eq!(place(&["--name", "x", "y"]), Some(WordPlace::Argument(1)));
        assert_eq!(place(&["a", "b", "c"]), Some(WordPlace::Argument(1)));
        assert_eq!(place_after(&options, &arguments[..1], &["a".to_owned()]), None);
        assert_eq!(place_after(&[], &[], &[]), None);
    }
}
