//! Which groups `::stacks` shows.

use crate::group::{Group, GroupFrame};
use crate::sleep::State;
use mdb_dmod::prelude::*;

/// `-c` and `-C`: a function, or one exact program counter.
enum Place {
    Function(u64),
    Exact(u64),
}

impl Place {
    /// An expression that is exactly a symbol means the whole function.
    fn parse(s: &Session<'_>, text: &str) -> Result<Self> {
        let address = s.evaluate(text)?;
        let symbol = s.symbol_at(address)?;
        Ok(match symbol {
            Some(symbol) if symbol.offset == 0 => Self::Function(address),
            _ => Self::Exact(address),
        })
    }

    fn is_in(&self, frame: &GroupFrame) -> bool {
        match self {
            Self::Function(start) => frame.function_start == *start,
            Self::Exact(pc) => frame.pc == *pc,
        }
    }
}

/// The options that choose.
pub(crate) struct Filter {
    with: Vec<Place>,
    without: Vec<Place>,
    modules: Vec<String>,
    not_modules: Vec<String>,
    locks: Vec<String>,
    not_locks: Vec<String>,
    states: Vec<String>,
    not_states: Vec<String>,
    interesting: bool,
}

/// The name of a module may be given without `.so` and what follows.
fn is_module(frame: &GroupFrame, name: &str) -> bool {
    let module: &str = &frame.module;
    module == name || module.split(".so").next().is_some_and(|stem| stem == name)
}

/// `lock` as the user may write it: any case, `ALL` for any.
fn is_lock(group: &Group, name: &str) -> bool {
    if name.eq_ignore_ascii_case("all") {
        return group.lock != "<none>";
    }
    group.lock.eq_ignore_ascii_case(name)
}

/// The state as the user may write it; MDB's words for threads of a process are known too.
fn is_state(group: &Group, name: &str) -> bool {
    match name.to_ascii_uppercase().as_str() {
        "PARKED" => group.state == State::Sleep,
        "UNPARKED" => group.state != State::Sleep,
        name => group.state.name() == name,
    }
}

impl Filter {
    /// From the options of the call.
    pub(crate) fn new(s: &Session<'_>) -> Result<Self> {
        let places = |letter| -> Result<Vec<Place>> {
            s.texts(letter).into_iter().map(|text| Place::parse(s, text)).collect()
        };
        let texts = |letter| s.texts(letter).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let filter = Self {
            with: places('c')?,
            without: places('C')?,
            modules: texts('m'),
            not_modules: texts('M'),
            locks: texts('s'),
            not_locks: texts('S'),
            states: texts('t'),
            not_states: texts('T'),
            interesting: s.flag('i'),
        };
        for name in filter.locks.iter().chain(&filter.not_locks) {
            let known = crate::sleep::lock_names();
            if !name.eq_ignore_ascii_case("all")
                && !known.iter().any(|k| k.eq_ignore_ascii_case(name))
            {
                return Err(Error::Usage(format!("'{name}' is none of: ALL {}", known.join(" "))));
            }
        }
        for name in filter.states.iter().chain(&filter.not_states) {
            let known = ["PANIC", "ONPROC", "SLEEP", "PARKED", "UNPARKED", "FREE"];
            if !known.iter().any(|k| k.eq_ignore_ascii_case(name)) {
                return Err(Error::Usage(format!("'{name}' is none of: {}", known.join(" "))));
            }
        }
        let by_lock = !filter.locks.is_empty() || !filter.not_locks.is_empty();
        let by_state = !filter.states.is_empty() || !filter.not_states.is_empty();
        if !filter.locks.is_empty() && !filter.not_locks.is_empty() {
            return Err(Error::Usage("only one of -s and -S can be given".to_owned()));
        }
        if filter.interesting && (by_lock || by_state) {
            return Err(Error::Usage("-i cannot be given with -s, -S, -t or -T".to_owned()));
        }
        Ok(filter)
    }

    /// Whether a group is shown. Several values of a letter mean any of them; all letters count.
    pub(crate) fn shows(&self, group: &Group) -> bool {
        let some = |test: &dyn Fn(&GroupFrame) -> bool| group.frames.iter().any(test);
        let any = |none: bool, hit: bool| none || hit;
        any(self.with.is_empty(), self.with.iter().any(|p| some(&|f| p.is_in(f))))
            && !self.without.iter().any(|p| some(&|f| p.is_in(f)))
            && any(self.modules.is_empty(), self.modules.iter().any(|m| some(&|f| is_module(f, m))))
            && !self.not_modules.iter().any(|m| some(&|f| is_module(f, m)))
            && any(self.locks.is_empty(), self.locks.iter().any(|l| is_lock(group, l)))
            && !self.not_locks.iter().any(|l| is_lock(group, l))
            && any(self.states.is_empty(), self.states.iter().any(|t| is_state(group, t)))
            && !self.not_states.iter().any(|t| is_state(group, t))
            && (!self.interesting || is_interesting(group))
    }
}

/// Not one that idles: waits for work, for time, for input.
fn is_interesting(group: &Group) -> bool {
    group.state == State::Panic
        || !matches!(group.lock, "CV" | "POLL" | "SLEEP" | "PAUSE" | "SIGWAIT")
}
