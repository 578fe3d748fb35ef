//! Modules, symbols and lines of the target.

use crate::callbacks::{Lent, Receiver, lend, owned, take_text};
use crate::session::function;
use crate::{Error, Result, Session};
use mdb_dmod_abi::{
    MODULE_EXECUTABLE, MODULE_FILE_MISSING, MODULE_VDSO, SYMBOL_FUNCTION, SYMBOL_OBJECT,
    SYMBOL_TLS, Status, Str, SymbolsGroup, TypesGroup,
};

/// A symbol, and the address that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its address.
    pub address: u64,
    /// Its size; 0: unknown.
    pub size: u64,
    /// How far behind `address` the address is that was asked for.
    pub offset: u64,
    /// A function.
    pub is_function: bool,
    /// Data.
    pub is_object: bool,
    /// Thread-local data.
    pub is_tls: bool,
    /// Its name, demangled as the user has chosen.
    pub name: String,
    /// The name of its module.
    pub module: String,
    /// How the host prints the address: `` libc.so.6`poll+0x4f ``.
    pub text: String,
}

impl Lent for mdb_dmod_abi::Symbol {
    type View<'v> = Symbol;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        // SAFETY: the caller says that the texts are lent.
        let (name, module, text) =
            unsafe { (owned(self.name), owned(self.module), owned(self.text)) };
        Symbol {
            address: self.address,
            size: self.size,
            offset: self.offset,
            is_function: self.flags & SYMBOL_FUNCTION != 0,
            is_object: self.flags & SYMBOL_OBJECT != 0,
            is_tls: self.flags & SYMBOL_TLS != 0,
            name,
            module,
            text,
        }
    }
}

/// A module of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its number.
    pub index: u32,
    /// First address.
    pub start: u64,
    /// The address behind the last.
    pub end: u64,
    /// What to add to an address of the file.
    pub bias: u64,
    /// The program itself.
    pub is_executable: bool,
    /// The vDSO.
    pub is_vdso: bool,
    /// Its file was not found or is another one.
    pub file_missing: bool,
    /// The last part of the path.
    pub name: String,
    /// The path as the process saw it.
    pub path: String,
    /// In hexadecimal, or empty.
    pub build_id: String,
}

impl Lent for mdb_dmod_abi::Module {
    type View<'v> = Module;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        // SAFETY: the caller says that the texts are lent.
        let (name, path, build_id) =
            unsafe { (owned(self.name), owned(self.path), owned(self.build_id)) };
        Module {
            index: self.index,
            start: self.start,
            end: self.end,
            bias: self.bias,
            is_executable: self.flags & MODULE_EXECUTABLE != 0,
            is_vdso: self.flags & MODULE_VDSO != 0,
            file_missing: self.flags & MODULE_FILE_MISSING != 0,
            name,
            path,
            build_id,
        }
    }
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// The file.
    pub file: String,
    /// From 1; 0: unknown.
    pub line: u32,
    /// From 1; 0: unknown.
    pub column: u32,
    /// The function.
    pub function: String,
}

impl Lent for mdb_dmod_abi::SourceLine {
    type View<'v> = SourceLine;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        // SAFETY: the caller says that the texts are lent.
        let (file, function) = unsafe { (owned(self.file), owned(self.function)) };
        SourceLine { file, line: self.line, column: self.column, function }
    }
}

/// What a function of the host that answers with one thing found: not found is no error.
fn one<T>(found: Option<T>, result: Result<()>) -> Result<Option<T>> {
    match result {
        Ok(()) => Ok(found),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Session<'_> {
    /// The symbol that covers an address.
    pub fn symbol_at(&self, address: u64) -> Result<Option<Symbol>> {
        fn ask<F: FnMut(&Symbol) -> Result<()>>(s: &Session<'_>, address: u64, f: F) -> Result<()> {
            let function = function!(s.symbols, SymbolsGroup, by_address)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<mdb_dmod_abi::Symbol, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, address, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut found = None;
        let result = ask(self, address, |symbol| {
            found = Some(symbol.clone());
            Ok(())
        });
        one(found, result)
    }

    /// The symbol of this name, in one module or in any.
    pub fn symbol_named(&self, module: Option<&str>, name: &str) -> Result<Option<Symbol>> {
        fn ask<F: FnMut(&Symbol) -> Result<()>>(
            s: &Session<'_>,
            (module, name): (&str, &str),
            f: F,
        ) -> Result<()> {
            let function = function!(s.symbols, SymbolsGroup, by_name)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<mdb_dmod_abi::Symbol, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe {
                function(s.cx, Str::new(module), Str::new(name), Some(callback), receiver.arg())
            };
            receiver.finish(s, status)
        }
        let mut found = None;
        let result = ask(self, (module.unwrap_or(""), name), |symbol| {
            found = Some(symbol.clone());
            Ok(())
        });
        one(found, result)
    }

    /// Every symbol of one module or of all.
    pub fn symbols<F>(&self, module: Option<&str>, each: F) -> Result<()>
    where
        F: FnMut(&Symbol) -> Result<()>,
    {
        let function = function!(self.symbols, SymbolsGroup, iterate)?;
        let mut receiver = Receiver::new(each);
        let callback = lend::<mdb_dmod_abi::Symbol, F>;
        let module = Str::new(module.unwrap_or(""));
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status = unsafe { function(self.cx, module, Some(callback), receiver.arg()) };
        receiver.finish(self, status)
    }

    /// The module that covers an address.
    pub fn module_at(&self, address: u64) -> Result<Option<Module>> {
        fn ask<F: FnMut(&Module) -> Result<()>>(s: &Session<'_>, address: u64, f: F) -> Result<()> {
            let function = function!(s.symbols, SymbolsGroup, module_at)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<mdb_dmod_abi::Module, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, address, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut found = None;
        let result = ask(self, address, |module| {
            found = Some(module.clone());
            Ok(())
        });
        one(found, result)
    }

    /// All modules.
    pub fn modules(&self) -> Result<Vec<Module>> {
        fn ask<F: FnMut(&Module) -> Result<()>>(s: &Session<'_>, f: F) -> Result<()> {
            let function = function!(s.symbols, SymbolsGroup, modules)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<mdb_dmod_abi::Module, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut all = Vec::new();
        ask(self, |module| {
            all.push(module.clone());
            Ok(())
        })?;
        Ok(all)
    }

    /// Where the instruction at an address stands in the source, innermost inlined function first.
    pub fn lines_at(&self, address: u64) -> Result<Vec<SourceLine>> {
        fn ask<F: FnMut(&SourceLine) -> Result<()>>(
            s: &Session<'_>,
            address: u64,
            f: F,
        ) -> Result<()> {
            let function = function!(s.symbols, SymbolsGroup, line_at)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<mdb_dmod_abi::SourceLine, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, address, Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut all = Vec::new();
        let result = ask(self, address, |line| {
            all.push(line.clone());
            Ok(())
        });
        Ok(one(Some(all), result)?.unwrap_or_default())
    }

    /// A demangled name; `None` if it is not mangled.
    pub fn demangle(&self, name: &str) -> Result<Option<String>> {
        let function = function!(self.symbols, SymbolsGroup, demangle)?;
        let mut found: Option<String> = None;
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status =
            unsafe { function(self.cx, Str::new(name), Some(take_text), (&raw mut found).cast()) };
        match status {
            Status::NOT_FOUND => Ok(None),
            status => self.check(status).map(|()| found),
        }
    }

    /// The number of a type's name, for items.
    pub fn type_id(&self, name: &str) -> Result<u64> {
        let function = function!(self.types, TypesGroup, by_name)?;
        let mut id = 0;
        // SAFETY: the context is that of the call under way.
        let status = unsafe { function(self.cx, Str::new(name), &raw mut id) };
        self.check(status).map(|()| id)
    }
}
