//! What a thread was doing, told from its registers: a core has no run state.

use crate::architecture::{Architecture, Stop, Stopped};
use crate::calls::{Call, Meaning, RESTARTED};
use crate::lock::{LockFunction, sobj_of_futex};
use crate::sobj::Sobj;
use mdb_dmod::Thread;
use mdb_dmod::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;

/// The state of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum State {
    /// It crashed.
    Panic,
    /// It ran, or has just left a system call.
    OnProc,
    /// It waited in a system call.
    Sleep,
    /// Its registers do not tell.
    Unknown,
}

impl State {
    /// In MDB's words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Panic => "PANIC",
            Self::OnProc => "ONPROC",
            Self::Sleep => "SLEEP",
            Self::Unknown => "?",
        }
    }
}

/// A thread's state, and the system call that it sleeps in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) state: State,
    /// Its number, and what is known of it.
    pub(crate) call: Option<(u64, Option<&'static Call>)>,
    /// The instruction that made the call could not be read: the state is told by registers only.
    pub(crate) unseen: bool,
}

/// Code by address and length.
type Piece = (u64, usize);

/// Asks what threads were doing; what it learns of code it keeps for the next thread.
pub(crate) struct Probe<'s> {
    pub(crate) session: &'s Session<'s>,
    architecture: Option<&'static Architecture>,
    code: RefCell<HashMap<Piece, Option<[u8; 4]>>>,
    /// Numbers by the kernel's ids.
    numbers: HashMap<u32, u32>,
}

impl<'s> Probe<'s> {
    /// For a target with these threads.
    pub(crate) fn new(session: &'s Session<'s>, threads: &[Thread]) -> Self {
        Self {
            session,
            architecture: Architecture::of(session, threads.first()),
            code: RefCell::default(),
            numbers: threads.iter().map(|thread| (thread.tid, thread.number)).collect(),
        }
    }

    /// The number of the thread with this id.
    pub(crate) fn number(&self, tid: u32) -> Option<u32> {
        self.numbers.get(&tid).copied()
    }

    fn code(&self, address: u64, length: usize) -> Option<[u8; 4]> {
        if let Some(known) = self.code.borrow().get(&(address, length)) {
            return *known;
        }
        let mut bytes = [0; 4];
        let read = match bytes.get_mut(..length) {
            Some(part) => self.session.memory().read(address, part).is_ok(),
            None => false,
        };
        let found = read.then_some(bytes);
        self.code.borrow_mut().insert((address, length), found);
        found
    }

    /// What a thread was doing.
    pub(crate) fn standing(&self, thread: &Thread) -> Standing {
        let mut standing = Standing { state: State::Panic, call: None, unseen: false };
        if thread.crashed {
            return standing;
        }
        standing.state = State::Unknown;
        let Some(architecture) = self.architecture else { return standing };
        let stopped = (architecture.stopped)(&Stop {
            pc: thread.pc,
            register: &|name| self.session.register_named(thread.number, name).ok(),
            code: &|address, length| self.code(address, length),
        });
        match stopped {
            Stopped::Running => standing.state = State::OnProc,
            Stopped::InCall { number, seen } => {
                standing.state = State::Sleep;
                standing.call = Some((number, architecture.call(number)));
                standing.unseen = !seen;
            }
            Stopped::Unknown => {}
        }
        standing
    }

    /// An argument of the call that a thread sleeps in, from 0.
    pub(crate) fn argument(&self, thread: &Thread, index: usize) -> Option<u64> {
        let name = self.architecture?.arguments.get(index)?;
        self.session.register_named(thread.number, name).ok()
    }

    /// The call that a restarted one goes on with, by the innermost function.
    pub(crate) fn restarted(&self, standing: &mut Standing, function: &str) {
        if let Some((number, Some(Call { meaning: Meaning::Restart, .. }))) = standing.call {
            let found = RESTARTED.iter().find(|(part, _)| function.contains(part));
            let call = found.and_then(|(_, name)| self.architecture?.call_named(name));
            if call.is_some() {
                standing.call = Some((number, call));
            }
        }
    }

    /// What a thread waits for, and whether that is a guess.
    pub(crate) fn sobj(
        &self,
        thread: &Thread,
        standing: &Standing,
        function: Option<&LockFunction>,
    ) -> (Sobj, bool) {
        let meaning = match standing.call {
            None => return (Sobj::None, false),
            Some((_, None)) => return (Sobj::Syscall, false),
            Some((_, Some(call))) => call.meaning,
        };
        match meaning {
            Meaning::Futex => {
                let argument = |index| self.argument(thread, index);
                sobj_of_futex(argument(1), argument(2), function, |tid| self.number(tid).is_some())
            }
            Meaning::FutexWait | Meaning::FutexWaitv => {
                (function.map_or(Sobj::Futex, |function| function.sobj), false)
            }
            meaning => (meaning.sobj(), false),
        }
    }
}
