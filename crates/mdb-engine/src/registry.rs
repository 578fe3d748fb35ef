//! The commands and walkers of a session, by name.

use crate::command::{Command, Walker};
use crate::nearest::nearest;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Commands and walkers. Where two modules define the same name, the built-in one counts, then
/// the one that was loaded first; the others answer to ``module`name``.
#[derive(Default)]
pub struct Registry {
    commands: BTreeMap<String, Vec<Rc<Command>>>,
    walkers: BTreeMap<String, Vec<Rc<Walker>>>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("commands", &self.commands.keys())
            .field("walkers", &self.walkers.keys())
            .finish()
    }
}

fn find<'a, T>(
    all: &'a BTreeMap<String, Vec<Rc<T>>>,
    module_of: impl Fn(&T) -> Option<&str>,
    module: Option<&str>,
    name: &str,
) -> Option<&'a Rc<T>> {
    let list = all.get(name)?;
    match module {
        None => list.first(),
        Some(module) => list.iter().find(|c| module_of(c).unwrap_or("mdb") == module),
    }
}

impl Registry {
    /// Adds a command.
    pub fn add_command(&mut self, command: Command) {
        self.commands.entry(command.spec.name.to_string()).or_default().push(Rc::new(command));
    }

    /// Adds a walker.
    pub fn add_walker(&mut self, walker: Walker) {
        self.walkers.entry(walker.name.clone()).or_default().push(Rc::new(walker));
    }

    /// Removes all that a module defined.
    pub fn remove_module(&mut self, module: &str) {
        for list in self.commands.values_mut() {
            list.retain(|c| c.module.as_deref() != Some(module));
        }
        self.commands.retain(|_, list| !list.is_empty());
        for list in self.walkers.values_mut() {
            list.retain(|w| w.module.as_deref() != Some(module));
        }
        self.walkers.retain(|_, list| !list.is_empty());
    }

    /// A command by name.
    pub fn command(&self, module: Option<&str>, name: &str) -> Option<Rc<Command>> {
        find(&self.commands, |c| c.module.as_deref(), module, name).cloned()
    }

    /// A walker by name, perhaps ``module`name``.
    pub fn walker(&self, name: &str) -> Option<Rc<Walker>> {
        let (module, name) = match name.rsplit_once('`') {
            Some((module, name)) => (Some(module), name),
            None => (None, name),
        };
        find(&self.walkers, |w| w.module.as_deref(), module, name).cloned()
    }

    /// All definitions of a command.
    pub fn commands_named(&self, name: &str) -> &[Rc<Command>] {
        self.commands.get(name).map_or(&[], Vec::as_slice)
    }

    /// All definitions of a walker.
    pub fn walkers_named(&self, name: &str) -> &[Rc<Walker>] {
        self.walkers.get(name).map_or(&[], Vec::as_slice)
    }

    /// The commands that their names mean, by name; verbs such as `$c` too.
    pub fn commands(&self) -> impl Iterator<Item = &Rc<Command>> {
        self.commands.values().filter_map(|list| list.first())
    }

    /// The walkers that their names mean, by name.
    pub fn walkers(&self) -> impl Iterator<Item = &Rc<Walker>> {
        self.walkers.values().filter_map(|list| list.first())
    }

    /// A command whose name is like this one.
    pub fn nearest_command(&self, name: &str) -> Option<String> {
        let names = self.commands.keys().map(String::as_str);
        nearest(name, names.filter(|n| !n.starts_with(['$', ':']))).map(str::to_owned)
    }

    /// A walker whose name is like this one.
    pub fn nearest_walker(&self, name: &str) -> Option<String> {
        nearest(name, self.walkers.keys().map(String::as_str)).map(str::to_owned)
    }
}
