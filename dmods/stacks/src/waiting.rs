//! What a thread waits for, in full: the lock and who holds it, descriptors, threads, timeouts.

use crate::calls::Meaning;
use crate::lock::{
    BARRIER_ROUND, COND_REFERENCES, COND_WORDS, FUTEX_TID, Layout, LockFunction, MUTEX_OWNER,
    RWLOCK_PHASE, RWLOCK_WRITER, operation,
};
use crate::sobj::Sobj;
use crate::state::{Probe, Standing};
use mdb_dmod::Thread;
use mdb_dmod::signal_name;

/// What a thread waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The system call, or empty.
    pub(crate) call: String,
    /// The lock.
    pub(crate) lock: Option<u64>,
    /// Its symbol, or empty.
    pub(crate) symbol: String,
    /// Descriptors, not more than [`MOST_DESCRIPTORS`].
    pub(crate) descriptors: Vec<i32>,
    /// The kernel's id of the thread that holds the lock.
    pub(crate) owner: Option<u32>,
    /// The kernel's id of the thread or process whose end is waited for.
    pub(crate) target: Option<u32>,
    /// How long, or that there is no end.
    pub(crate) timeout: String,
    /// More facts.
    pub(crate) more: Vec<String>,
    /// What of it is a guess, or empty.
    pub(crate) guess: Vec<&'static str>,
}

/// A `poll` of more is not listed in full.
pub(crate) const MOST_DESCRIPTORS: usize = 16;

impl Waiting {
    /// In a word or two: `FD 12`, a symbol or an address, `tid 123`.
    pub(crate) fn object(&self) -> String {
        if let Some(target) = self.target {
            return if self.lock.is_some() {
                format!("tid {target}")
            } else {
                format!("pid {target}")
            };
        }
        match self.lock {
            Some(_) if !self.symbol.is_empty() => self.symbol.clone(),
            Some(lock) => format!("{lock:x}"),
            None if self.descriptors.is_empty() => String::new(),
            None => {
                let all: Vec<String> = self.descriptors.iter().map(i32::to_string).collect();
                format!("FD {}", all.join(" "))
            }
        }
    }

    /// All that is known, in one line; empty where the thread does not wait.
    pub(crate) fn sentence(&self, probe: &Probe<'_>) -> String {
        let mut parts = Vec::new();
        let thread = |tid: u32| match probe.number(tid) {
            Some(number) => format!("thread {number} (tid {tid})"),
            None => format!("tid {tid}, which is no thread of the process"),
        };
        if !self.call.is_empty() {
            parts.push(self.call.clone());
        }
        match (self.lock, self.target) {
            (Some(_), Some(target)) => parts.push(format!("the end of {}", thread(target))),
            (Some(lock), None) if self.symbol.is_empty() => parts.push(format!("{lock:x}")),
            (Some(lock), None) => parts.push(format!("{lock:x} {}", self.symbol)),
            (None, Some(pid)) => parts.push(format!("the end of process {pid}")),
            (None, None) => {}
        }
        if !self.descriptors.is_empty() {
            let all: Vec<String> = self.descriptors.iter().map(i32::to_string).collect();
            parts.push(format!("FD {}", all.join(" ")));
        }
        if let Some(owner) = self.owner {
            parts.push(format!("held by {}", thread(owner)));
        }
        parts.extend(self.more.iter().cloned());
        if !self.timeout.is_empty() {
            parts.push(self.timeout.clone());
        }
        let mut text = parts.join(", ");
        if !self.guess.is_empty() {
            text.push_str(&format!(" ? {}", self.guess.join("; ")));
        }
        text
    }

    /// For a thread that sleeps as `standing` says; nothing for others.
    pub(crate) fn of(
        probe: &Probe<'_>,
        thread: &Thread,
        standing: &Standing,
        function: Option<&'static LockFunction>,
    ) -> Self {
        let mut waiting = Self::default();
        let Some((number, call)) = standing.call else { return waiting };
        if standing.unseen {
            waiting.guess.push("told by registers only, the code cannot be read");
        }
        let Some(call) = call else {
            waiting.call = format!("system call {number}");
            return waiting;
        };
        call.name.clone_into(&mut waiting.call);
        let mut arguments = [None; 6];
        for (index, argument) in arguments.iter_mut().enumerate() {
            *argument = probe.argument(thread, index);
        }
        let asked = Asked { probe, arguments, meaning: call.meaning };
        asked.answer(&mut waiting);
        if matches!(call.meaning, Meaning::Futex | Meaning::FutexWait) {
            let (sobj, guess) = probe.sobj(thread, standing, function);
            if guess {
                waiting.guess.push("the kind of lock is told by its word");
            }
            asked.lock(sobj, function, &mut waiting);
        }
        waiting
    }
}

/// A call with its arguments.
struct Asked<'p, 's> {
    probe: &'p Probe<'s>,
    arguments: [Option<u64>; 6],
    meaning: Meaning,
}

/// `TIMER_ABSTIME` (`linux/time.h`).
const ABSOLUTE: u64 = 1;
/// `FD_SETSIZE` of the C library; the kernel takes more.
const MOST_SELECTED: u64 = 1024;

/// Seconds and a fraction with a number of digits, without the zeros that say nothing.
fn seconds(whole: i64, fraction: i64, digits: usize) -> String {
    let text = format!("{whole}.{fraction:0digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The first argument of `wait4`.
fn child(pid: Option<u64>, waiting: &mut Waiting) {
    match pid.map(|pid| pid as i32) {
        Some(pid) if pid > 0 => waiting.target = Some(pid as u32),
        Some(-1) => waiting.more.push("any child".to_owned()),
        Some(_) => waiting.more.push("a child of a process group".to_owned()),
        None => {}
    }
}

impl Asked<'_, '_> {
    fn argument(&self, index: usize) -> Option<u64> {
        self.arguments.get(index).copied().flatten()
    }

    fn u32(&self, address: u64) -> Option<u32> {
        self.probe.session.memory().read_u32(address).ok()
    }

    fn u64(&self, address: u64) -> Option<u64> {
        self.probe.session.memory().read_u64(address).ok()
    }

    /// A `timespec` (9 digits) or `timeval` (6) at the address that an argument is.
    fn time(&self, index: usize, digits: usize, absolute: Option<&str>) -> String {
        match self.argument(index) {
            None => String::new(),
            Some(0) => "no timeout".to_owned(),
            Some(address) => match (self.u64(address), self.u64(address.wrapping_add(8))) {
                (Some(whole), Some(part)) => {
                    let time = seconds(whole as i64, part as i64, digits);
                    match absolute {
                        Some(clock) => format!("until {time} ({clock})"),
                        None => format!("timeout {time} s"),
                    }
                }
                _ => format!("a timeout at {address:x}, which cannot be read"),
            },
        }
    }

    fn milliseconds(&self, index: usize) -> String {
        match self.argument(index).map(|value| value as i32) {
            None => String::new(),
            Some(value) if value < 0 => "no timeout".to_owned(),
            Some(value) => {
                format!("timeout {} s", seconds((value / 1000).into(), (value % 1000).into(), 3))
            }
        }
    }

    fn answer(&self, waiting: &mut Waiting) {
        let meaning = self.meaning;
        let first = self.argument(0);
        let descriptor = || first.map(|fd| fd as i32).into_iter().collect();
        match meaning {
            Meaning::Futex => self.futex(waiting),
            Meaning::FutexWait => {
                waiting.lock = first;
                waiting.timeout = self.time(4, 9, Some("as its clock says"));
            }
            Meaning::FutexWaitv => {
                let count = self.argument(1).unwrap_or(0);
                waiting.more.push(format!("one of {count} words"));
                waiting.timeout = self.time(3, 9, Some("as its clock says"));
            }
            Meaning::Descriptor => waiting.descriptors = descriptor(),
            Meaning::Epoll => {
                waiting.descriptors = descriptor();
                waiting.timeout = self.milliseconds(3);
            }
            Meaning::EpollTimespec => {
                waiting.descriptors = descriptor();
                waiting.timeout = self.time(3, 9, None);
            }
            Meaning::AioContext => waiting.more.extend(first.map(|n| format!("context {n:x}"))),
            Meaning::MessageQueue => waiting.more.extend(first.map(|n| format!("queue {n}"))),
            Meaning::Semaphores => waiting.more.extend(first.map(|n| format!("semaphores {n}"))),
            Meaning::Poll | Meaning::Ppoll => {
                self.polled(waiting);
                let ppoll = meaning == Meaning::Ppoll;
                waiting.timeout = if ppoll { self.time(2, 9, None) } else { self.milliseconds(2) };
            }
            Meaning::Select | Meaning::Pselect => {
                self.selected(waiting);
                waiting.timeout =
                    self.time(4, if meaning == Meaning::Select { 6 } else { 9 }, None);
            }
            Meaning::Nanosleep => waiting.timeout = self.time(0, 9, None),
            Meaning::ClockNanosleep => {
                let absolute = self.argument(1).is_some_and(|flags| flags & ABSOLUTE != 0);
                let clock = match first {
                    Some(0) => "CLOCK_REALTIME",
                    Some(1) => "CLOCK_MONOTONIC",
                    _ => "another clock",
                };
                waiting.timeout = self.time(2, 9, absolute.then_some(clock));
            }
            Meaning::SigTimedWait => {
                self.signals("one of", waiting);
                waiting.timeout = self.time(2, 9, None);
            }
            Meaning::SigSuspend => self.signals("any signal but", waiting),
            Meaning::Wait4 => child(first, waiting),
            Meaning::Waitid => match first {
                // `P_PID` (`linux/wait.h`).
                Some(1) => child(self.argument(1), waiting),
                _ => waiting.more.push("any child".to_owned()),
            },
            Meaning::Pause | Meaning::Restart => {}
        }
    }

    /// `struct pollfd` (`asm-generic/poll.h`): descriptor, and two shorts.
    fn polled(&self, waiting: &mut Waiting) {
        let (Some(array), Some(count)) = (self.argument(0), self.argument(1)) else { return };
        for index in 0..count.min(MOST_DESCRIPTORS as u64) {
            let Some(fd) = self.u32(array.wrapping_add(8 * index)) else { break };
            // One below 0 is left out by the kernel.
            if fd as i32 >= 0 {
                waiting.descriptors.push(fd as i32);
            }
        }
        if count > MOST_DESCRIPTORS as u64 {
            waiting.more.push(format!("{count} descriptors in all"));
        }
    }

    /// `fd_set` (`linux/posix_types.h`): a bit for each descriptor, in words of 64.
    fn selected(&self, waiting: &mut Waiting) {
        let count = self.argument(0).unwrap_or(0).min(MOST_SELECTED);
        let sets = [1, 2, 3].map(|index| self.argument(index).filter(|set| *set != 0));
        for word in 0..count.div_ceil(64) {
            let read = |set: u64| self.u64(set.wrapping_add(8 * word)).unwrap_or(0);
            let bits = sets.iter().flatten().fold(0, |bits, set| bits | read(*set));
            let wanted = (0..64).filter(|bit| bits >> bit & 1 != 0).map(|bit| 64 * word + bit);
            waiting.descriptors.extend(wanted.filter(|fd| *fd < count).map(|fd| fd as i32));
        }
        let all = waiting.descriptors.len();
        if all > MOST_DESCRIPTORS {
            waiting.descriptors.truncate(MOST_DESCRIPTORS);
            waiting.more.push(format!("{all} descriptors in all"));
        }
    }

    /// `sigset_t` of the kernel: 64 bits, signal 1 first.
    fn signals(&self, what: &str, waiting: &mut Waiting) {
        let set = self.argument(0).filter(|set| *set != 0).and_then(|set| self.u64(set));
        let Some(set) = set else { return };
        let signals = (1..=64).filter(|n| set >> (n - 1) & 1 != 0).map(signal_name);
        let mut signals: Vec<String> = signals.collect();
        let more = signals.len().saturating_sub(MOST_DESCRIPTORS);
        signals.truncate(MOST_DESCRIPTORS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        if !signals.is_empty() {
            waiting.more.push(format!("{what} {}{more}", signals.join(" ")));
        }
    }

    fn futex(&self, waiting: &mut Waiting) {
        waiting.lock = self.argument(0);
        let (Some(flags), Some(value)) = (self.argument(1), self.argument(2)) else { return };
        let private = flags & operation::PRIVATE != 0;
        waiting.more.push(if private { "private" } else { "shared" }.to_owned());
        let operation = flags & operation::MASK;
        if matches!(operation, operation::WAIT | operation::WAIT_BITSET) {
            waiting.more.push(format!("expected {}", value as u32));
        }
        // A plain wait counts from its start, others to a time of a clock (`man 2 futex`).
        let realtime = flags & operation::CLOCK_REALTIME != 0 || operation == operation::LOCK_PI;
        let clock = if realtime { "CLOCK_REALTIME" } else { "CLOCK_MONOTONIC" };
        waiting.timeout = self.time(3, 9, (operation != operation::WAIT).then_some(clock));
    }

    /// From the futex's word to its lock, and to who holds it.
    fn lock(&self, sobj: Sobj, function: Option<&LockFunction>, waiting: &mut Waiting) {
        let Some(word) = waiting.lock else { return };
        let layout = match (function, sobj) {
            // Told by its word, so it is as in glibc.
            (None, Sobj::Join) => Layout::Join,
            (None, _) => Layout::Word,
            (Some(function), _) => function.layout,
        };
        let mut owner = None;
        let lock = match layout {
            Layout::Word | Layout::LowLevel => word,
            Layout::Mutex if sobj == Sobj::MutexPi => word,
            Layout::Mutex => {
                owner = self.u32(word.wrapping_add(MUTEX_OWNER));
                word
            }
            Layout::Cond => self.cond(word),
            // A lock begins at 8 bytes, and so it is told which of its words this is.
            Layout::RwLock => {
                let phase = word & !7;
                let function_of_readers = phase == word && self.is_readers_word(word);
                let lock =
                    if function_of_readers { word } else { phase.wrapping_sub(RWLOCK_PHASE) };
                owner = self.u32(lock.wrapping_add(RWLOCK_WRITER));
                lock
            }
            Layout::Barrier => word.wrapping_sub(BARRIER_ROUND),
            Layout::Join => {
                waiting.target = self.u32(word).filter(|tid| *tid != 0).or(self.expected());
                word
            }
        };
        if sobj == Sobj::MutexPi {
            owner = self.u32(word).map(|word| word & FUTEX_TID);
        }
        // What stands there is believed only if it is a thread: other C libraries have other locks.
        waiting.owner = owner.filter(|tid| self.probe.number(*tid).is_some());
        waiting.lock = Some(lock);
        if lock != word {
            waiting.more.insert(0, format!("word {word:x}"));
        }
        let symbol = self.probe.session.symbol_at(lock).ok().flatten();
        if let Some(symbol) = symbol.filter(|symbol| !symbol.is_function) {
            waiting.symbol = symbol.text;
        }
    }

    /// The value that the futex's word had.
    fn expected(&self) -> Option<u32> {
        let index = if self.meaning == Meaning::FutexWait { 1 } else { 2 };
        self.argument(index).map(|value| value as u32)
    }

    /// Readers of a lock that prefers writers wait at `__readers`, its first word, whose value they
    /// expect there; at `__wrphase_futex` the expected value is a phase with two flags, below 4
    /// (`nptl/pthread_rwlock_common.c`).
    fn is_readers_word(&self, word: u64) -> bool {
        let expected = self.expected().unwrap_or(0);
        expected >= 4 && self.u32(word) == Some(expected)
    }

    /// A symbol that begins there tells which glibc it is, else the references to the group.
    fn cond(&self, word: u64) -> u64 {
        let (first, group) = (word & !7, u64::from(word & 4 != 0));
        let [old, new] = COND_WORDS.map(|offset| first.wrapping_sub(offset));
        let begins = |address| {
            let symbol = self.probe.session.symbol_at(address).ok().flatten();
            symbol.is_some_and(|symbol| symbol.offset == 0 && !symbol.is_function)
        };
        if begins(old) {
            return old;
        }
        let references = self.u32(old.wrapping_add(COND_REFERENCES + 4 * group));
        if begins(new) || references.is_some_and(|references| references >> 1 == 0) {
            return new;
        }
        old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_no_idle_zeros() {
        assert_eq!(seconds(3600, 0, 9), "3600");
        assert_eq!(seconds(0, 5_000_000, 9), "0.005");
        assert_eq!(seconds(1, 500, 3), "1.5");
        assert_eq!(seconds(0, 0, 3), "0");
    }

    #[test]
    fn an_object_is_short() {
        let lock = Waiting { lock: Some(0x1000), ..Waiting::default() };
        assert_eq!(lock.object(), "1000");
        assert_eq!(Waiting { symbol: "m".to_owned(), ..lock.clone() }.object(), "m");
        assert_eq!(Waiting { target: Some(7), ..lock }.object(), "tid 7");
        assert_eq!(Waiting { target: Some(7), ..Waiting::default() }.object(), "pid 7");
        let poll = Waiting { descriptors: vec![3, 5], ..Waiting::default() };
        assert_eq!(poll.object(), "FD 3 5");
        assert_eq!(Waiting::default().object(), "");
    }
}
