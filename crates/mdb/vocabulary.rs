//! The names that a session knows, for completion and hints.

use mdb_dmod_host::DcmdSpec;
use mdb_engine::Session;
use mdb_lang::arguments::WordPlace;
use std::path::PathBuf;
use std::rc::Rc;

/// A name, and a few words on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) about: String,
}

/// Names. The session is one; tests have another.
pub(crate) trait Vocabulary {
    /// Commands, of one module or of all.
    fn commands(&self, module: Option<&str>) -> Vec<Entry>;
    /// What a command declares.
    fn spec(&self, command: &str) -> Option<Rc<DcmdSpec>>;
    /// How a command is called, in one line.
    fn usage(&self, command: &str) -> Option<String>;
    fn walkers(&self) -> Vec<Entry>;
    fn variables(&self) -> Vec<Entry>;
    /// The options of `::set`.
    fn settings(&self) -> Vec<Entry>;
    /// At most so many symbols that begin so, of one module or of all.
    fn symbols(&self, object: Option<&str>, prefix: &str, most: usize) -> Vec<String>;
    /// What a command itself offers for a word.
    fn offered(&self, command: &str, place: WordPlace, word: &str) -> Vec<String>;
    /// What `~` stands for.
    fn home(&self) -> Option<PathBuf>;
}

fn entry(name: &str, about: &str) -> Entry {
    Entry { name: name.to_owned(), about: about.to_owned() }
}

/// The module before the backquote, and the name.
fn scoped(command: &str) -> (Option<&str>, &str) {
    match command.rsplit_once('`') {
        Some((module, name)) => (Some(module), name),
        None => (None, command),
    }
}

impl Vocabulary for Session {
    fn commands(&self, module: Option<&str>) -> Vec<Entry> {
        let registry = self.registry();
        let of_module = |c: &str| module.is_none_or(|m| registry.command(Some(m), c).is_some());
        let visible = registry.commands().filter(|c| !c.spec.hidden);
        let named = visible.filter(|c| of_module(&c.spec.name));
        named.map(|c| entry(&c.spec.name, &c.spec.summary)).collect()
    }

    fn spec(&self, command: &str) -> Option<Rc<DcmdSpec>> {
        let (module, name) = scoped(command);
        Some(Rc::clone(&self.registry().command(module, name)?.spec))
    }

    fn usage(&self, command: &str) -> Option<String> {
        Some(mdb_dmod_host::usage(&*self.spec(command)?))
    }

    fn walkers(&self) -> Vec<Entry> {
        self.registry().walkers().map(|w| entry(&w.name, &w.spec.summary)).collect()
    }

    fn variables(&self) -> Vec<Entry> {
        let mut all: Vec<Entry> =
            self.variables().iter().map(|(name, _, _)| entry(name, "")).collect();
        all.push(entry("thread", ""));
        if !self.target().threads().is_empty() {
            let registers = self.target().arch().register_names();
            all.extend(registers.iter().map(|r| entry(r.name, "")));
        }
        all
    }

    fn settings(&self) -> Vec<Entry> {
        self.options().flags().into_iter().map(|(name, _, about)| entry(name, about)).collect()
    }

    fn symbols(&self, object: Option<&str>, prefix: &str, most: usize) -> Vec<String> {
        let mut found = std::collections::BTreeSet::new();
        if object.is_none() {
            let private = self.private_symbols();
            let names = private.iter().map(|(name, _)| name);
            found.extend(names.filter(|n| n.starts_with(prefix)).map(str::to_owned));
        }
        let modules = self.modules();
        let chosen = match object {
            Some(object) => modules.by_object_name(object).into_iter().collect(),
            None => modules.all().iter().collect::<Vec<_>>(),
        };
        'modules: for module in chosen {
            let table = module.symbols();
            if !table.has_prefix(prefix.as_bytes()) {
                continue;
            }
            for symbol in table.iter(None) {
                let name = symbol.plain_name();
                if name.starts_with(prefix.as_bytes())
                    && !symbol.is_undefined()
                    && let Ok(name) = std::str::from_utf8(name)
                {
                    found.insert(name.to_owned());
                    if found.len() >= most {
                        break 'modules;
                    }
                }
            }
        }
        found.into_iter().collect()
    }

    fn offered(&self, command: &str, place: WordPlace, word: &str) -> Vec<String> {
        let (module, name) = scoped(command);
        let command = self.registry().command(module, name);
        command.map_or_else(Vec::new, |command| self.words_for(&command, place, word))
    }

    fn home(&self) -> Option<PathBuf> {
        crate::directories::home()
    }
}

#[cfg(test)]
pub(crate) mod fake {
    use super::{Entry, Vocabulary, WordPlace, entry};
    use mdb_dmod_host::{ArgumentSpec, DcmdSpec, OptionSpec, ValueKind};
    use std::path::PathBuf;
    use std::rc::Rc;

    /// A few names.
    pub(crate) struct Fake;

    impl Vocabulary for Fake {
        fn commands(&self, _: Option<&str>) -> Vec<Entry> {
            ["findstack", "findlocks", "walk", "$c"].map(|n| entry(n, "a command")).to_vec()
        }

        fn spec(&self, command: &str) -> Option<Rc<DcmdSpec>> {
            if command == "named" {
                let spec = DcmdSpec::new("named", "what has a name")
                    .option(OptionSpec::new('k', ValueKind::Text, "KIND", "of this kind"))
                    .option(OptionSpec::new('a', ValueKind::Address, "ADDRESS", "at"))
                    .argument(ArgumentSpec::required("NAME", ValueKind::Text, ""));
                return Some(Rc::new(spec));
            }
            if command != "findstack" {
                return None;
            }
            let mut form = ArgumentSpec::optional("FORM", ValueKind::Choice, "");
            form.choices = vec!["short".into(), "long".into()];
            let spec = DcmdSpec::new("findstack", "a stack")
                .flag('v', "sizes of frames")
                .option(OptionSpec::new('a', ValueKind::Flag, "", "all").long("all"))
                .option(OptionSpec::new('n', ValueKind::Address, "ADDRESS", "where to end"))
                .argument(form);
            Some(Rc::new(spec))
        }

        fn usage(&self, command: &str) -> Option<String> {
            self.spec(command).map(|_| "[ADDRESS]::findstack [-va] [-n ADDRESS] [FORM]".to_owned())
        }

        fn walkers(&self) -> Vec<Entry> {
            vec![entry("thread", "threads"), entry("lwp", "")]
        }

        fn variables(&self) -> Vec<Entry> {
            vec![entry("rip", ""), entry("thread", "")]
        }

        fn settings(&self) -> Vec<Entry> {
            vec![entry("pager", "a screenful at a time"), entry("color", "")]
        }

        fn symbols(&self, object: Option<&str>, _: &str, _: usize) -> Vec<String> {
            let names: &[&str] = match object {
                None => &["main", "odd name", "odd\x1b[2J"],
                Some("libc") => &["malloc", "free"],
                Some(_) => &[],
            };
            names.iter().copied().map(str::to_owned).collect()
        }

        fn offered(&self, command: &str, place: WordPlace, _: &str) -> Vec<String> {
            let words: &[&str] = match (command, place) {
                ("named", WordPlace::Option(0)) => &["alone", "two words", "al\x1b[2J", "al\"q"],
                ("named", WordPlace::Option(1)) => &["1+node"],
                ("named", WordPlace::Argument(0)) => &["first", ""],
                _ => &[],
            };
            words.iter().copied().map(str::to_owned).collect()
        }

        fn home(&self) -> Option<PathBuf> {
            None
        }
    }
}
