//! The command language, and sessions that run it.

use crate::session::{evaluate, nowhere};
use crate::shown::Around;
use crate::watchdog::watch;
use mdb_corefile::CoreFile;
use mdb_debuginfo::Modules;
use mdb_engine::{OutputMode, Session};
use mdb_fixtures::synth::x86_64_stack;
use mdb_lang::{Scope, SymbolError, completion_at, highlight, parse_expression, parse_line};
use mdb_target::{Interrupt, NullTarget, Target};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

/// Knows everything a little.
struct Fixed;

impl Scope for Fixed {
    fn radix(&self) -> u32 {
        16
    }
    fn dot(&self) -> u64 {
        0x1000
    }
    fn increment(&self) -> u64 {
        8
    }
    fn last_address(&self) -> u64 {
        3
    }
    fn variable(&self, name: &str) -> Option<u64> {
        (!name.starts_with('u')).then_some(u64::MAX)
    }
    fn symbol(&self, object: Option<&str>, name: &str) -> Result<u64, SymbolError> {
        match object {
            Some(_) => Err(SymbolError::UnknownObject),
            None => Ok(name.len() as u64),
        }
    }
    fn read(&self, address: u64, size: u8, _: bool) -> Result<u64, String> {
        Ok(address.rotate_left(u32::from(size)))
    }
}

/// Parses, colours and completes the text; evaluates what is an expression; runs it in a session
/// without a target, in one over a small core, or as JSON, if nothing in it can leave the program.
pub fn language(data: &[u8]) {
    let (first, text) = data.split_first().unwrap_or((&0, &[]));
    let text = String::from_utf8_lossy(text);
    alone(&text);
    if can_run(&text) {
        run(&text, *first);
    }
}

/// What the language does without a session.
fn alone(text: &str) {
    let mut end = 0;
    for (span, _) in highlight(text) {
        assert!(end <= span.start && text.get(span.range()).is_some());
        end = span.end;
    }
    let mut cursor = 0;
    while cursor <= text.len() {
        let point = completion_at(text, cursor);
        assert!(text.get(point.replace.range()).is_some());
        cursor += 1 + text.len() / 16;
    }
    match parse_line(text) {
        Ok(statements) => {
            for statement in &statements {
                for expr in [&statement.address, &statement.count].into_iter().flatten() {
                    let _ = mdb_lang::evaluate(expr, &Fixed);
                }
            }
        }
        Err(error) => {
            let shown = error.render(text);
            assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        }
    }
    if let Ok(expr) = parse_expression(text) {
        let again = parse_expression(&expr.to_string());
        assert!(again.is_ok(), "{text:?} is printed as {expr}");
        let _ = mdb_lang::evaluate(&expr, &Fixed);
    }
}

/// Whether nothing in a text can reach the shell, a file or a library. Escapes and `$[]` can hide
/// what `::eval` then sees, quotes can stand within a name.
fn can_run(text: &str) -> bool {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '\'' | '"' | '`') && !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    // `::cat`, `::load`, `::unload`, and what later files may bring: macro files, logs, sources.
    const AWAY: [&str; 10] = ["!", "\\", "$[", "$<", "$>", "cat", "load", "log", "source", "dmods"];
    !AWAY.iter().any(|word| plain.contains(word))
}

/// A small core and its modules, made once.
fn small_core() -> (Arc<dyn Target>, Arc<Modules>) {
    static CORE: OnceLock<&'static [u8]> = OnceLock::new();
    let bytes = *CORE.get_or_init(|| Vec::leak(x86_64_stack().core));
    let target: Arc<dyn Target> = match CoreFile::from_bytes("small.core", bytes, Interrupt::new())
    {
        Ok(core) => Arc::new(core),
        Err(_) => Arc::new(NullTarget::new(Interrupt::new())),
    };
    let modules = Modules::discover(Arc::clone(&target), nowhere());
    (target, modules)
}

/// The first byte chooses target and output.
fn run(text: &str, choices: u8) {
    let (target, modules) = if choices & 1 == 0 {
        let target: Arc<dyn Target> = Arc::new(NullTarget::new(Interrupt::new()));
        let modules = Modules::discover(Arc::clone(&target), nowhere());
        (target, modules)
    } else {
        small_core()
    };
    let _watch = watch(target.memory().interrupt().clone());
    let session = Session::new(target, modules, Rc::new(Around));
    let mode = if choices & 2 == 0 { OutputMode::Text } else { OutputMode::Json };
    evaluate(&session, &[text], mode);
}

#[cfg(test)]
mod tests {
    use super::can_run;

    #[test]
    fn what_could_leave_the_program_is_not_run() {
        for text in [
            "!ls",
            "::status ! cat",
            "!< echo 1",
            "::cat /etc/passwd",
            "::c'a't x",
            "::eval '::load x'",
            "::eval \"\\x21ls\"",
            "::eval ::$[0xca]t",
            "$<file",
            "::mdb`cat x",
        ] {
            assert!(!can_run(text), "{text}");
        }
        assert!(can_run("::status; ::walk thread | ::findstack -v; 1+2=D"));
    }
}
