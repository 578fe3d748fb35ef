//! Dmods in the session: found, loaded, registered, unloaded.

use crate::command::{Command, Walker};
use crate::failure::Failure;
use crate::host_services::{Services, call_dcmd, call_failure};
use crate::item::{Item, TypeId};
use crate::session::Session;
use mdb_dmod_host::{
    DmodFile, Flow, Found, Item as HostItem, LoadError, LoadedModule, Origin, SearchPath,
    TriggerFacts, load, reload,
};
use std::collections::HashMap;
use std::rc::Rc;

/// The dmods of a session.
#[derive(Default)]
pub struct Dmods {
    path: SearchPath,
    loaded: Vec<Rc<LoadedModule>>,
    /// Why a loaded dmod is not usable, by name.
    unusable: HashMap<String, String>,
    blobs: HashMap<(String, String), Vec<u8>>,
}

impl std::fmt::Debug for Dmods {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.loaded.iter().map(|m| m.name())).finish()
    }
}

impl Dmods {
    /// The loaded ones, in the order in which they came.
    pub fn loaded(&self) -> &[Rc<LoadedModule>] {
        &self.loaded
    }

    /// Why a loaded dmod is not usable.
    pub fn unusable(&self, name: &str) -> Option<&str> {
        self.unusable.get(name).map(String::as_str)
    }

    pub(crate) fn blob(&self, dmod: &str, key: &str) -> Option<Vec<u8>> {
        self.blobs.get(&(dmod.to_owned(), key.to_owned())).cloned()
    }

    pub(crate) fn set_blob(&mut self, dmod: &str, key: &str, bytes: &[u8]) {
        let key = (dmod.to_owned(), key.to_owned());
        if bytes.is_empty() {
            self.blobs.remove(&key);
        } else {
            self.blobs.insert(key, bytes.to_owned());
        }
    }
}

/// What triggers ask about the target.
struct Facts<'a>(&'a Session);

impl TriggerFacts for Facts<'_> {
    fn any_object(&self, matches: &dyn Fn(&str) -> bool) -> bool {
        self.0.modules().all().iter().any(|m| matches(m.name()))
    }

    fn has_symbol(&self, name: &str) -> bool {
        self.0.modules().lookup(None, name).is_ok()
    }

    fn has_symbol_prefix(&self, prefix: &str) -> bool {
        let modules = self.0.modules().all();
        modules.iter().any(|m| m.symbols().has_prefix(prefix.as_bytes()))
    }

    fn has_section(&self, name: &str) -> bool {
        let mut modules = self.0.modules().all().iter();
        modules.any(|m| m.sections().iter().any(|s| s.name == name.as_bytes()))
    }

    fn has_note(&self, owner: &str) -> bool {
        self.0.target().notes().iter().any(|n| n.owner == owner)
    }
}

impl Session {
    /// Where dmods are looked for from now on.
    pub fn set_dmod_path(&self, path: SearchPath) {
        self.dmods.borrow_mut().path = path;
    }

    /// All dmods that could be loaded, and what was found wrong.
    pub fn find_dmods(&self) -> Found {
        let path = self.dmods.borrow().path.clone();
        path.find_all()
    }

    /// Loads the dmods whose triggers this target meets. Answers their names; what went wrong is
    /// shown as warnings.
    pub fn load_triggered_dmods(&self) -> Vec<String> {
        let found = self.find_dmods();
        for warning in &found.warnings {
            self.warn(&warning.to_string());
        }
        let mut names = Vec::new();
        for file in &found.dmods {
            let mut triggers = file.note.triggers.iter();
            if self.is_loaded(&file.note.name) || !triggers.any(|t| t.is_met(&Facts(self))) {
                continue;
            }
            match load(file).map_err(|e| Failure::Failed(e.to_string())) {
                Ok(module) => {
                    names.push(module.name().to_owned());
                    self.register_dmod(module);
                }
                Err(failure) => self.report(&failure),
            }
        }
        names
    }

    fn is_loaded(&self, name: &str) -> bool {
        self.dmods.borrow().loaded.iter().any(|m| m.name() == name)
    }

    /// Loads a dmod by name, or from a file if the name has a slash.
    pub fn load_dmod(&self, name: &str) -> Result<(), Failure> {
        let refused = |e: LoadError| Failure::Failed(e.to_string());
        let file: DmodFile = if name.contains('/') {
            mdb_dmod_host::open_file(std::path::Path::new(name)).map_err(refused)?
        } else {
            let path = self.dmods.borrow().path.clone();
            path.find(name).map_err(refused)?
        };
        if self.is_loaded(&file.note.name) {
            return Err(Failure::Failed(format!("dmod '{}' is already loaded", file.note.name)));
        }
        self.register_dmod(load(&file).map_err(refused)?);
        Ok(())
    }

    /// Registers the commands and walkers of a dmod, linked in or loaded.
    pub fn register_dmod(&self, module: LoadedModule) {
        self.warn_of_duplicates(&module);
        self.register_shared_dmod(Rc::new(module));
    }

    /// Says which names of a dmod mean something else already: those stay, and the dmod's are
    /// called with its own name before them.
    fn warn_of_duplicates(&self, module: &LoadedModule) {
        let (name, origin) = (module.name(), module.origin());
        let registry = self.registry();
        let owner = |module: Option<&str>| match module {
            Some(module) => format!("dmod {module}"),
            None => "mdb itself".to_owned(),
        };
        let mut sentences = Vec::new();
        for spec in module.dcmds() {
            if let Some(other) = registry.command(None, &spec.name) {
                let (verb, owner) = (spec.verb(), owner(other.module.as_deref()));
                sentences.push(format!(
                    "{origin}: dmod {name} has {verb}, which {owner} has too: type ::{name}`{} for \
                     the one of {name}",
                    spec.name
                ));
            }
        }
        for spec in module.walkers() {
            if let Some(other) = registry.walker(&spec.name) {
                let owner = owner(other.module.as_deref());
                sentences.push(format!(
                    "{origin}: dmod {name} has a walker {}, which {owner} has too: type {name}`{} for \
                     the one of {name}",
                    spec.name, spec.name
                ));
            }
        }
        drop(registry);
        for sentence in &sentences {
            self.warn(sentence);
        }
    }

    /// Registers a module that another session may share.
    pub(crate) fn register_shared_dmod(&self, module: Rc<LoadedModule>) {
        let name = module.name().to_owned();
        self.dmods.borrow_mut().loaded.push(Rc::clone(&module));
        for (index, spec) in module.dcmds().iter().enumerate() {
            let called = Rc::clone(&module);
            let command = Command::new(
                self,
                spec.clone(),
                Some(name.clone()),
                Box::new(move |session, call, output| {
                    call_dcmd(&called, index, session, call, output)
                }),
            );
            let asked = Rc::clone(&module);
            let command = command.completes(move |session, place, word| {
                // Who types sees no error of that.
                let services = Services::new(session, None);
                asked.complete(index, &services, place, word).unwrap_or_default()
            });
            self.registry_mut().add_command(command);
        }
        for (index, spec) in module.walkers().iter().enumerate() {
            let called = Rc::clone(&module);
            let walker = Walker::new(
                spec.clone(),
                Some(name.clone()),
                Box::new(move |session, start, each| walk(&called, index, session, start, each)),
            );
            self.registry_mut().add_walker(walker);
        }
        self.providers().register(&module);
        self.provider_changed();
        let services = Services::new(self, None);
        if let Err(error) = module.attach(&services) {
            self.warn(&format!("dmod {name} is loaded, but not usable: {error}"));
            self.dmods.borrow_mut().unusable.insert(name, error.message);
        }
    }

    /// Forgets what was learned from providers: another set of them may say something else.
    pub(crate) fn provider_changed(&self) {
        self.stacks().forget_names();
        self.kept_graph.forget();
        self.forget_others();
    }

    /// Takes a dmod away and loads it from its file as that is now.
    pub fn reload_dmod(&self, name: &str) -> Result<(), Failure> {
        let refused = |e: LoadError| Failure::Failed(e.to_string());
        let found = {
            let dmods = self.dmods.borrow();
            let module = dmods.loaded.iter().find(|m| m.name() == name);
            module.map(|m| m.origin().clone())
        };
        let path = match found {
            Some(Origin::File(path)) => path,
            Some(Origin::BuiltIn) => {
                return Err(Failure::Failed(format!("dmod '{name}' is built in: it has no file")));
            }
            None => return Err(Failure::Failed(format!("dmod '{name}' is not loaded"))),
        };
        // The new one is judged before the old one goes.
        let file = mdb_dmod_host::open_file(&path).map_err(refused)?;
        let module = reload(&file).map_err(refused)?;
        if module.name() != name {
            return Err(Failure::Failed(format!(
                "{}: it is the dmod '{}' now, no longer '{name}'",
                path.display(),
                module.name()
            )));
        }
        if let Err(failure) = self.unload_dmod(name) {
            // It is gone all the same; the new one shall come.
            self.warn(&format!("the old dmod '{name}' could not end well: {failure}"));
        }
        self.dmods.borrow_mut().blobs.retain(|(dmod, _), _| dmod != name);
        self.register_dmod(module);
        Ok(())
    }

    /// Takes the commands and walkers of a dmod away. Its code stays mapped: a library that has
    /// started a thread or registered a destructor must not go away.
    pub fn unload_dmod(&self, name: &str) -> Result<(), Failure> {
        let found = {
            let mut dmods = self.dmods.borrow_mut();
            let place = dmods.loaded.iter().position(|m| m.name() == name);
            place.map(|place| dmods.loaded.remove(place))
        };
        let Some(module) = found else {
            return Err(Failure::Failed(format!("dmod '{name}' is not loaded")));
        };
        self.registry_mut().remove_module(name);
        self.providers().remove_module(name);
        self.provider_changed();
        self.dmods.borrow_mut().unusable.remove(name);
        let services = Services::new(self, None);
        module.detach(&services).map_err(|e| call_failure(name, e))
    }
}

fn walk(
    module: &LoadedModule,
    index: usize,
    session: &Session,
    start: Option<Item>,
    each: &mut dyn FnMut(Item) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let services = Services::new(session, None);
    let start = start.map(|i| HostItem { value: i.value, type_id: i.kind.0 });
    let mut failure = None;
    let result = module.walk(index, &services, start, &mut |item| match each(Item {
        value: item.value,
        kind: TypeId(item.type_id),
    }) {
        Ok(()) => Flow::Continue,
        Err(Failure::Interrupted) => Flow::Cancelled,
        Err(other) => {
            failure = Some(other);
            Flow::Closed
        }
    });
    match failure {
        Some(failure) => Err(failure),
        None => result.map_err(|e| call_failure(module.name(), e)),
    }
}
