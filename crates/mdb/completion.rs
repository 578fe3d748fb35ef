//! What TAB offers, as a function of the line and of what the session knows.

use crate::vocabulary::{Entry, Vocabulary};
use mdb_dmod_host::{DcmdSpec, OptionSpec, Text, ValueKind};
use mdb_lang::arguments::{WordPlace, place_after};
use mdb_lang::{CompletionKind, completion_at};
use std::path::{Path, PathBuf};

/// What could stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Completion {
    /// The byte of the line from which on a candidate takes the place of what is there.
    pub(crate) start: usize,
    /// The candidates, by name.
    pub(crate) candidates: Vec<Candidate>,
}

/// One possibility.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    /// What is put into the line.
    pub(crate) text: String,
    /// What is shown in the list.
    pub(crate) shown: String,
}

/// More symbols than this are no help.
const MOST_SYMBOLS: usize = 500;

/// Commands whose argument is the name of a command.
const ABOUT_COMMANDS: &[&str] = &["help", "which"];

/// All that could stand at byte `cursor` of the line.
pub(crate) fn complete(line: &str, cursor: usize, words: &dyn Vocabulary) -> Completion {
    let point = completion_at(line, cursor);
    let mut offer = Offer { prefix: &point.prefix, quote: point.quote, candidates: Vec::new() };
    let mut start = point.replace.start;
    match &point.kind {
        CompletionKind::Dcmd { module } => {
            let commands = words.commands(module.as_deref());
            offer.entries(commands.into_iter().filter(|c| !is_legacy(&c.name)));
        }
        CompletionKind::Legacy => {
            offer.entries(words.commands(None).into_iter().filter(|c| is_legacy(&c.name)));
        }
        CompletionKind::Walker => offer.entries(words.walkers()),
        CompletionKind::Variable => offer.entries(words.variables()),
        CompletionKind::Symbol { object } => offer.symbols(object.as_deref(), words),
        CompletionKind::FormatChar => offer.entries(format_characters()),
        CompletionKind::File | CompletionKind::Shell => offer.files(words),
        CompletionKind::DcmdOption { dcmd, .. } => {
            if let Some(spec) = words.spec(dcmd) {
                offer.entries(spec.options.iter().filter(|o| !o.hidden).flat_map(option_entries));
            }
        }
        CompletionKind::DcmdArgument { dcmd, words: before, .. } => {
            if ABOUT_COMMANDS.contains(&dcmd.as_str()) {
                offer.entries(words.commands(None));
            } else if dcmd == "set" {
                offer.entries(words.settings());
            } else if let Some(spec) = words.spec(dcmd)
                && let Some(value) = value_at(&spec, before)
            {
                start += offer.value(&value, words);
                if offer.candidates.is_empty()
                    && !matches!(value.kind, ValueKind::File | ValueKind::Choice)
                {
                    start = point.replace.start;
                    offer.words(words.offered(dcmd, value.place, &point.prefix));
                }
            }
        }
        _ => {}
    }
    let mut candidates = offer.candidates;
    candidates.sort();
    candidates.dedup();
    Completion { start, candidates }
}

fn is_legacy(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn format_characters() -> impl Iterator<Item = Entry> {
    mdb_lang::format::FORMATS
        .iter()
        .map(|f| Entry { name: f.ch.to_string(), about: f.description.to_owned() })
}

fn option_entries(option: &OptionSpec) -> impl Iterator<Item = Entry> {
    let entry = |name: String| Entry { name, about: option.help.to_string() };
    let long = Some(&*option.long).filter(|long| !long.is_empty());
    let long = long.map(|l| if l.starts_with('+') { l.to_owned() } else { format!("--{l}") });
    let short = option.short.map(|letter| format!("-{letter}"));
    short.into_iter().chain(long).map(entry)
}

/// What an argument or the value of an option is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) place: WordPlace,
    pub(crate) name: Text,
    pub(crate) kind: ValueKind,
    pub(crate) choices: Vec<Text>,
}

/// What comes after these words of a command.
pub(crate) fn value_at(spec: &DcmdSpec, before: &[String]) -> Option<Value> {
    let place = place_after(&spec.options, &spec.arguments, before)?;
    let (name, kind, choices) = match place {
        WordPlace::Option(index) => {
            let option = spec.options.get(index)?;
            (&option.value_name, option.kind, &option.choices)
        }
        WordPlace::Argument(index) => {
            let argument = spec.arguments.get(index)?;
            (&argument.name, argument.kind, &argument.choices)
        }
    };
    Some(Value { place, name: name.clone(), kind, choices: choices.clone() })
}

struct Offer<'a> {
    prefix: &'a str,
    quote: Option<char>,
    candidates: Vec<Candidate>,
}

impl Offer<'_> {
    fn entries(&mut self, entries: impl IntoIterator<Item = Entry>) {
        let prefix = self.prefix;
        let fitting = entries.into_iter().filter(|e| e.name.starts_with(prefix));
        let quote = self.quote;
        self.candidates.extend(fitting.map(|Entry { name, about }| {
            let shown = if about.is_empty() || !name.starts_with(['-', '+']) && name.len() > 1 {
                name.clone()
            } else {
                format!("{name}  {about}")
            };
            Candidate { text: quoted(&name, quote), shown }
        }));
    }

    /// Words that a command offers. Those that would drive the terminal, or that cannot be quoted,
    /// are left out.
    fn words(&mut self, words: impl IntoIterator<Item = String>) {
        let (prefix, quote) = (self.prefix, self.quote);
        let fitting =
            words.into_iter().filter(|word| word.starts_with(prefix) && can_be_typed(word));
        self.candidates.extend(fitting.map(|word| {
            let quote = quote.or_else(|| needs_quotes(&word).then_some('"'));
            Candidate { text: quoted(&word, quote), shown: word }
        }));
    }

    fn symbols(&mut self, object: Option<&str>, words: &dyn Vocabulary) {
        // All symbols of a process are no help.
        if self.prefix.is_empty() && object.is_none() {
            return;
        }
        let plain = |name: &String| name.starts_with(self.prefix) && name.chars().all(is_name);
        let symbols = words.symbols(object, self.prefix, MOST_SYMBOLS);
        self.candidates.extend(
            symbols
                .into_iter()
                .filter(plain)
                .map(|name| Candidate { text: name.clone(), shown: name }),
        );
    }

    /// Gives how many bytes of the word stay as they are.
    fn value(&mut self, value: &Value, words: &dyn Vocabulary) -> usize {
        let choice = |name: &Text| Entry { name: name.to_string(), about: String::new() };
        match value.kind {
            ValueKind::File => self.files(words),
            ValueKind::Choice => self.entries(value.choices.iter().map(choice)),
            ValueKind::Number | ValueKind::Address => {
                // An expression: the name that it ends in.
                let kept = self.prefix.trim_end_matches(is_name).len();
                let (before, name) = self.prefix.split_at(kept);
                let object = before.strip_suffix('`').map(|before| {
                    let object = before.trim_end_matches(|c| is_name(c) || c == '-').len();
                    before.get(object..).unwrap_or_default().to_owned()
                });
                let mut inner = Offer { prefix: name, quote: None, candidates: Vec::new() };
                inner.symbols(object.as_deref(), words);
                self.candidates.append(&mut inner.candidates);
                return kept + self.quote.map_or(0, char::len_utf8);
            }
            _ => {}
        }
        0
    }

    fn files(&mut self, words: &dyn Vocabulary) {
        let (directory, name) = match self.prefix.rsplit_once('/') {
            Some((directory, name)) => (format!("{directory}/"), name),
            None => (String::new(), self.prefix),
        };
        let real = match directory.strip_prefix("~/") {
            Some(below) => match words.home() {
                Some(home) => home.join(below),
                None => return,
            },
            None if directory.is_empty() => PathBuf::from("."),
            None => PathBuf::from(&directory),
        };
        for (file, is_directory) in list(&real) {
            // Hidden files only for those who ask.
            if !file.starts_with(name) || file.starts_with('.') && !name.starts_with('.') {
                continue;
            }
            let slash = if is_directory { "/" } else { "" };
            let text = format!("{directory}{file}{slash}");
            let quote = self.quote.or_else(|| needs_quotes(&text).then_some('"'));
            // An open quote stays open before a directory: more follows.
            let text = match quote {
                Some(quote) if is_directory => format!("{quote}{text}"),
                _ => quoted(&text, quote),
            };
            self.candidates.push(Candidate { text, shown: format!("{file}{slash}") });
        }
    }
}

fn list(directory: &Path) -> Vec<(String, bool)> {
    const MOST: usize = 10_000;
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries
        .take(MOST)
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            if !can_be_typed(&name) {
                return None;
            }
            Some((name, entry.path().is_dir()))
        })
        .collect()
}

/// Not a name that would drive the terminal, or that cannot be quoted.
fn can_be_typed(name: &str) -> bool {
    let refused = |c| mdb_print::escape::is_unsafe(c) || matches!(c, '"' | '\'' | '\\');
    !name.is_empty() && !name.contains(refused)
}

fn needs_quotes(text: &str) -> bool {
    text.contains([' ', '\t', ';', '!', '|', '$', '(', ')', '[', ']'])
}

fn quoted(text: &str, quote: Option<char>) -> String {
    match quote {
        Some(quote) => format!("{quote}{text}{quote}"),
        None => text.to_owned(),
    }
}

/// What symbols are made of in the language. Others need quotes, and are not completed.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::fake::Fake;

    fn texts(line: &str) -> Vec<String> {
        let completion = complete(line, line.len(), &Fake);
        completion.candidates.into_iter().map(|c| c.text).collect()
    }

    /// The line after the only candidate was chosen.
    fn chosen(line: &str) -> String {
        let completion = complete(line, line.len(), &Fake);
        let [candidate] = completion.candidates.as_slice() else { panic!("{completion:?}") };
        format!("{}{}", &line[..completion.start], candidate.text)
    }

    #[test]
    fn commands_and_walkers() {
        assert_eq!(texts("::fin"), ["findlocks", "findstack"]);
        assert_eq!(chosen("main::findst"), "main::findstack");
        assert_eq!(chosen("::walk th"), "::walk thread");
        assert_eq!(chosen("::walk thread | ::finds"), "::walk thread | ::findstack");
        assert_eq!(texts("$"), ["$c"]);
        assert_eq!(chosen("::help findl"), "::help findlocks");
        assert_eq!(texts("::nothing"), [""; 0]);
    }

    #[test]
    fn options_and_arguments() {
        assert_eq!(texts("::findstack -"), ["--all", "-a", "-n", "-v"]);
        let shown = complete("::findstack -v", 14, &Fake).candidates;
        assert_eq!(shown[0].shown, "-v  sizes of frames");
        // The value of -n is a symbol's address, the argument is one of some words.
        assert_eq!(chosen("::findstack -n ma"), "::findstack -n main");
        assert_eq!(chosen("::findstack -n main sh"), "::findstack -n main short");
        assert_eq!(chosen("::set pag"), "::set pager");
    }

    #[test]
    fn commands_offer_words() {
        // Of the option and of the argument; one would clear the screen, one needs quotes.
        assert_eq!(texts("::named -k al"), ["alone"]);
        assert_eq!(texts("::named -k "), ["\"two words\"", "alone"]);
        assert_eq!(chosen("::named -k \"tw"), "::named -k \"two words\"");
        assert_eq!(texts("::named fi"), ["first"]);
        assert_eq!(texts("::named first se"), [""; 0]);
        // Symbols come first; the command is asked where there is none.
        assert_eq!(chosen("::named -a ma"), "::named -a main");
        assert_eq!(chosen("::named -a 1+nod"), "::named -a 1+node");
    }

    #[test]
    fn symbols_and_variables() {
        assert_eq!(chosen("ma"), "main");
        assert_eq!(chosen("1+ma"), "1+main");
        assert_eq!(chosen("libc`mal"), "libc`malloc");
        assert_eq!(chosen("<ri"), "<rip");
        assert_eq!(chosen("::findstack -n 4+libc`mal"), "::findstack -n 4+libc`malloc");
        // One needs quotes to be typed, one would clear the screen.
        assert_eq!(texts("od"), [""; 0]);
        assert_eq!(texts(""), [""; 0]);
    }

    #[test]
    fn formats() {
        let x = complete("0/", 2, &Fake).candidates;
        assert!(x.iter().any(|c| c.text == "X" && c.shown.contains("hexadecimal")), "{x:?}");
    }

    #[test]
    fn files() {
        let directory = std::env::temp_dir().join(format!("mdb-completion-{}", std::process::id()));
        std::fs::create_dir_all(directory.join("deep down")).unwrap();
        std::fs::write(directory.join("deeds"), "").unwrap();
        std::fs::write(directory.join(".hidden"), "").unwrap();
        std::fs::write(directory.join("de\x1b[2J"), "").unwrap();
        let at = directory.display();
        assert_eq!(
            texts(&format!("$<{at}/de")),
            [format!("\"{at}/deep down/"), format!("{at}/deeds")]
        );
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn any_line_and_any_cursor_will_do() {
        let line = "main::fíndstack -n $[ \"ä` | ! x '";
        for cursor in 0..=line.len() + 3 {
            let completion = complete(line, cursor, &Fake);
            assert!(line.is_char_boundary(completion.start));
        }
    }
}
