//! Which groups `::stacks` shows.

use crate::frames::{FrameTable, KnownFrame};
use crate::group::Group;
use crate::sobj::Sobj;
use crate::state::State;
use mdb_dmod::prelude::*;
use regex_lite::Regex;

/// `-c` and `-C`: a function, or one exact program counter.
struct Place {
    /// Where the function of that name begins.
    start: Option<u64>,
    /// The program counter, where the text is no function.
    pc: Option<u64>,
    /// As it was typed: inlined functions, and those of providers, have no symbol.
    name: String,
    /// Why it is no address.
    error: Option<Error>,
}

/// A name without its parameters: `a::b<(int)>::c(int) const` is also called `a::b<(int)>::c`.
fn without_parameters(name: &str) -> &str {
    let mut depth = 0_u32;
    for (index, c) in name.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            '(' if depth == 0 => {
                let (before, after) = name.split_at(index);
                if !before.is_empty() && !after.starts_with("(anonymous namespace)") {
                    return before;
                }
            }
            _ => {}
        }
    }
    name
}

impl Place {
    /// An expression that is exactly a symbol means the whole function.
    fn parse(s: &Session<'_>, text: &str) -> Result<Self> {
        let mut place = Self { start: None, pc: None, name: text.to_owned(), error: None };
        match s.evaluate(text) {
            Ok(address) => match s.symbol_at(address)? {
                Some(symbol) if symbol.offset == 0 => place.start = Some(address),
                _ => place.pc = Some(address),
            },
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => place.error = Some(error),
        }
        Ok(place)
    }

    /// An address is no name, but one of letters alone (`add`) may be both.
    fn may_be_name(&self) -> bool {
        self.pc.is_none() || self.name.chars().all(char::is_alphabetic)
    }

    fn is_called(&self, function: &str) -> bool {
        !function.is_empty() && (function == self.name || without_parameters(function) == self.name)
    }

    fn is_in(&self, frame: &KnownFrame) -> bool {
        self.start.is_some_and(|start| start == frame.start)
            || self.pc == Some(frame.pc)
            || self.is_called(&frame.function)
            || frame.inlined.iter().any(|function| self.is_called(function))
    }
}

/// The options that choose.
pub(crate) struct Filter {
    with: Vec<Place>,
    without: Vec<Place>,
    patterns: Vec<Regex>,
    modules: Vec<String>,
    not_modules: Vec<String>,
    /// `None` is anything.
    locks: Vec<Option<Sobj>>,
    not_locks: Vec<Option<Sobj>>,
    states: Vec<StateWord>,
    not_states: Vec<StateWord>,
    interesting: bool,
}

/// The name of a module may be given without `.so` and what follows.
fn is_module(frame: &KnownFrame, name: &str) -> bool {
    let module: &str = &frame.module;
    module == name || module.split(".so").next().is_some_and(|stem| stem == name)
}

/// A state as the user may write it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StateWord {
    Is(State),
    Not(State),
    /// A state of MDB that no thread of a core has.
    Never,
}

/// Also those of MDB's libc module, which knows threads of processes, and of its kernel.
const STATES: &[(&str, StateWord)] = &[
    ("PANIC", StateWord::Is(State::Panic)),
    ("ONPROC", StateWord::Is(State::OnProc)),
    ("SLEEP", StateWord::Is(State::Sleep)),
    ("?", StateWord::Is(State::Unknown)),
    ("PARKED", StateWord::Is(State::Sleep)),
    ("UNPARKED", StateWord::Not(State::Sleep)),
    ("FREE", StateWord::Never),
    ("RUN", StateWord::Never),
    ("STOPPED", StateWord::Never),
    ("WAIT", StateWord::Never),
    ("ZOMB", StateWord::Never),
];

impl StateWord {
    fn parse(text: &str) -> Result<Self> {
        let found = STATES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, word)| *word).ok_or_else(|| {
            let names: Vec<&str> = STATES.iter().map(|(name, _)| *name).collect();
            Error::Usage(format!("'{text}' is no state; the states are {}", names.join(" ")))
        })
    }

    fn has(self, state: State) -> bool {
        match self {
            Self::Is(wanted) => state == wanted,
            Self::Not(other) => state != other,
            Self::Never => false,
        }
    }
}

fn lock(text: &str) -> Result<Option<Sobj>> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(None);
    }
    let unknown = || {
        let names = Sobj::names().join(" ");
        Error::Usage(format!("nothing to wait for is called '{text}'; there are ALL {names}"))
    };
    Sobj::parse(text).map(Some).ok_or_else(unknown)
}

fn is_lock(group: &Group, wanted: Option<Sobj>) -> bool {
    wanted.map_or(group.sobj != Sobj::None, |wanted| group.sobj == wanted)
}

impl Filter {
    /// From the options of the call.
    pub(crate) fn new(s: &Session<'_>) -> Result<Self> {
        let by_lock = s.flag('s') || s.flag('S');
        let by_state = s.flag('t') || s.flag('T');
        if s.flag('s') && s.flag('S') {
            return Err(Error::Usage("only one of -s and -S can be given".to_owned()));
        }
        if s.flag('i') && (by_lock || by_state) {
            return Err(Error::Usage("-i cannot be given with -s, -S, -t or -T".to_owned()));
        }
        let places = |letter| -> Result<Vec<Place>> {
            s.texts(letter).into_iter().map(|text| Place::parse(s, text)).collect()
        };
        let pattern = |text: &str| {
            Regex::new(text).map_err(|error| Error::Usage(format!("-F {text}: {error}")))
        };
        let owned = |letter| s.texts(letter).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let locks = |letter| s.texts(letter).into_iter().map(lock).collect::<Result<Vec<_>>>();
        let states =
            |letter| s.texts(letter).into_iter().map(StateWord::parse).collect::<Result<Vec<_>>>();
        Ok(Self {
            locks: locks('s')?,
            not_locks: locks('S')?,
            states: states('t')?,
            not_states: states('T')?,
            patterns: s.texts('F').into_iter().map(pattern).collect::<Result<_>>()?,
            with: places('c')?,
            without: places('C')?,
            modules: owned('m'),
            not_modules: owned('M'),
            interesting: s.flag('i'),
        })
    }

    /// Whether inlined functions decide. They have to be looked up in debug information, which takes
    /// longer than all the rest.
    pub(crate) fn needs_inlined(&self) -> bool {
        self.with.iter().chain(&self.without).any(Place::may_be_name) || !self.patterns.is_empty()
    }

    /// Makes a choice of frames that were gathered. Fails where a name is neither a symbol nor
    /// that of any of them.
    pub(crate) fn on<'f>(&'f self, table: &'f FrameTable) -> Result<Choice<'f>> {
        for place in self.with.iter().chain(&self.without) {
            if let Some(error) = &place.error
                && !table.all().iter().any(|frame| place.is_in(frame))
            {
                return Err(error.clone());
            }
        }
        let all = table.all();
        let any = |test: &dyn Fn(&KnownFrame) -> bool| all.iter().map(test).collect::<Vec<bool>>();
        let matches = |frame: &KnownFrame| {
            let names = frame.inlined.iter().chain([&frame.function, &frame.text]);
            names.into_iter().any(|name| self.patterns.iter().any(|p| p.is_match(name)))
        };
        Ok(Choice {
            filter: self,
            with: any(&|frame| self.with.iter().any(|place| place.is_in(frame))),
            without: any(&|frame| self.without.iter().any(|place| place.is_in(frame))),
            patterns: any(&|frame| !self.patterns.is_empty() && matches(frame)),
            modules: any(&|frame| self.modules.iter().any(|name| is_module(frame, name))),
            not_modules: any(&|frame| self.not_modules.iter().any(|name| is_module(frame, name))),
        })
    }
}

/// A filter, with its answers for each frame that was gathered.
pub(crate) struct Choice<'f> {
    filter: &'f Filter,
    with: Vec<bool>,
    without: Vec<bool>,
    patterns: Vec<bool>,
    modules: Vec<bool>,
    not_modules: Vec<bool>,
}

impl Choice<'_> {
    /// Whether a group is shown. Several values of a letter mean any of them; all letters count.
    pub(crate) fn shows(&self, group: &Group) -> bool {
        let filter = self.filter;
        let some = |answers: &[bool]| {
            group.frames.iter().any(|number| answers.get(*number as usize) == Some(&true))
        };
        (filter.with.is_empty() || some(&self.with))
            && (filter.without.is_empty() || !some(&self.without))
            && (filter.patterns.is_empty() || some(&self.patterns))
            && (filter.modules.is_empty() || some(&self.modules))
            && (filter.not_modules.is_empty() || !some(&self.not_modules))
            && (filter.locks.is_empty() || filter.locks.iter().any(|l| is_lock(group, *l)))
            && !filter.not_locks.iter().any(|l| is_lock(group, *l))
            && (filter.states.is_empty() || filter.states.iter().any(|t| t.has(group.state)))
            && !filter.not_states.iter().any(|t| t.has(group.state))
            && (!filter.interesting || is_interesting(group))
    }
}

/// Not one that idles: waits for work, for time, for input.
fn is_interesting(group: &Group) -> bool {
    let idle = [Sobj::Cv, Sobj::Poll, Sobj::Sleep, Sobj::Pause, Sobj::SigWait];
    group.state == State::Panic || !idle.contains(&group.sobj)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_no_part_of_a_name() {
        assert_eq!(without_parameters("main"), "main");
        assert_eq!(without_parameters("shop::at(unsigned long) const"), "shop::at");
        assert_eq!(without_parameters("a<void (int)>::b(int)"), "a<void (int)>::b");
        assert_eq!(without_parameters("(anonymous namespace)::f"), "(anonymous namespace)::f");
        assert_eq!(
            without_parameters("a::(anonymous namespace)::f(int)"),
            "a::(anonymous namespace)::f"
        );
        assert_eq!(without_parameters("operator>>(int)"), "operator>>");
    }
}
