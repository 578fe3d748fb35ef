//! `NT_PRPSINFO`, `NT_SIGINFO`, `NT_AUXV`: what the kernel said of the process.

use crate::bytes::{i32_at, u32_at, u64_at, until_nul};
use mdb_target::{Auxv, Process, SignalInfo};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

/// Bytes in `struct elf_prpsinfo` of 64-bit machines (`include/linux/elfcore.h`).
pub(crate) const PRPSINFO_SIZE: usize = 136;
/// Bytes in `siginfo_t` (`SI_MAX_SIZE`, `include/uapi/asm-generic/siginfo.h`).
pub(crate) const SIGINFO_SIZE: usize = 128;

/// Offsets in `struct elf_prpsinfo` of 64-bit machines (`include/linux/elfcore.h`): `char`s
/// `pr_state`, `pr_sname`, `pr_zomb`, `pr_nice`, then `pr_flag` (8), ids (4 each), names.
mod prpsinfo {
    pub(super) const SNAME: usize = 1;
    pub(super) const UID: usize = 16;
    pub(super) const GID: usize = 20;
    pub(super) const PID: usize = 24;
    pub(super) const PPID: usize = 28;
    pub(super) const FNAME: std::ops::Range<usize> = 40..56;
    /// `ELF_PRARGSZ` is 80.
    pub(super) const PSARGS: std::ops::Range<usize> = 56..136;
}

/// Decodes `NT_PRPSINFO`, as far as it goes.
pub(crate) fn process(data: &[u8]) -> Process {
    let text = |range: std::ops::Range<usize>| {
        let bytes = data.get(range.start..range.end.min(data.len()))?;
        let text = until_nul(bytes).trim_ascii_end();
        (!text.is_empty()).then(|| OsString::from_vec(text.to_vec()))
    };
    Process {
        pid: u32_at(data, prpsinfo::PID),
        ppid: u32_at(data, prpsinfo::PPID),
        uid: u32_at(data, prpsinfo::UID),
        gid: u32_at(data, prpsinfo::GID),
        name: text(prpsinfo::FNAME),
        // The kernel puts a space for each NUL, also for the last.
        arguments: text(prpsinfo::PSARGS),
        state: data.get(prpsinfo::SNAME).filter(|c| c.is_ascii_graphic()).map(|c| char::from(*c)),
        host: None,
        executable: None,
    }
}

/// Offsets in `siginfo_t` of 64-bit machines (`include/uapi/asm-generic/siginfo.h`).
mod siginfo {
    pub(super) const SIGNO: usize = 0;
    pub(super) const ERRNO: usize = 4;
    pub(super) const CODE: usize = 8;
    /// `_sigfault._addr`.
    pub(super) const ADDR: usize = 16;
    /// `_kill._pid`, `_rt._pid`.
    pub(super) const PID: usize = 16;
    /// `_kill._uid`, `_rt._uid`.
    pub(super) const UID: usize = 20;
}

/// `si_code` of signals that the kernel raised without being able to say more.
const SI_KERNEL: i32 = 0x80;
/// Of a timer: the union holds the timer.
const SI_TIMER: i32 = -2;
/// Of queued I/O: the union holds the descriptor.
const SI_SIGIO: i32 = -5;
/// `SIGILL`, `SIGTRAP`, `SIGBUS`, `SIGFPE`, `SIGSEGV`.
const WITH_ADDRESS: [i32; 5] = [4, 5, 7, 8, 11];

/// Decodes `NT_SIGINFO`.
///
/// The address is told for signals that the processor raised, but not with `SI_KERNEL`: then
/// (a general protection fault, as from a non-canonical address) the kernel does not know it,
/// and the field is 0. The sender is told where `si_code` is 0 or less: somebody called `kill`,
/// `tgkill` or `sigqueue`.
pub(crate) fn signal(data: &[u8]) -> Option<SignalInfo> {
    let signal = i32_at(data, siginfo::SIGNO).filter(|s| *s > 0)?;
    let code = i32_at(data, siginfo::CODE);
    let has_address =
        code.is_some_and(|c| c > 0 && c != SI_KERNEL) && WITH_ADDRESS.contains(&signal);
    let has_sender = code.is_some_and(|c| c <= 0 && c != SI_TIMER && c != SI_SIGIO);
    Some(SignalInfo {
        signal,
        code,
        errno: i32_at(data, siginfo::ERRNO),
        address: u64_at(data, siginfo::ADDR).filter(|_| has_address),
        sender_pid: u32_at(data, siginfo::PID).filter(|_| has_sender),
        sender_uid: u32_at(data, siginfo::UID).filter(|_| has_sender),
    })
}

/// The signal by its number alone.
pub(crate) fn bare_signal(signal: i32) -> SignalInfo {
    SignalInfo {
        signal,
        code: None,
        errno: None,
        address: None,
        sender_pid: None,
        sender_uid: None,
    }
}

/// Decodes `NT_AUXV`: pairs of words up to `AT_NULL` (psABI, "process initialization").
pub(crate) fn auxv(data: &[u8]) -> Auxv {
    let (pairs, _) = data.as_chunks::<16>();
    let pairs = pairs.iter().filter_map(|pair| Some((u64_at(pair, 0)?, u64_at(pair, 8)?)));
    Auxv(pairs.take_while(|(kind, _)| *kind != 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(number: i32, code: i32, union: [u32; 2]) -> SignalInfo {
        let mut data = Vec::new();
        for word in [number, 0, code, 0] {
            data.extend(word.to_le_bytes());
        }
        data.extend(union.map(u32::to_le_bytes).concat());
        data.resize(SIGINFO_SIZE, 0);
        signal(&data).unwrap()
    }

    #[test]
    fn the_union_of_siginfo_is_read_as_the_code_says() {
        // SEGV_MAPERR: the processor raised it.
        let maperr = info(11, 1, [0x10, 1]);
        assert_eq!((maperr.address, maperr.sender_pid), (Some(0x1_0000_0010), None));
        // A general protection fault: no address is known.
        assert_eq!(info(11, SI_KERNEL, [0, 0]).address, None);
        // kill(pid, SIGSEGV): a sender and no address.
        let killed = info(11, 0, [77, 1000]);
        assert_eq!(
            (killed.address, killed.sender_pid, killed.sender_uid),
            (None, Some(77), Some(1000))
        );
        // tgkill
        assert_eq!(info(6, -6, [77, 0]).sender_pid, Some(77));
        // A timer and queued I/O have other things there.
        assert_eq!(info(14, SI_TIMER, [77, 0]).sender_pid, None);
        assert_eq!(info(29, SI_SIGIO, [77, 0]).sender_pid, None);
        // SIGCHLD's code is positive and has no address.
        assert_eq!(info(17, 1, [77, 0]).address, None);
        assert_eq!(signal(&[0; SIGINFO_SIZE]), None);
        assert_eq!(signal(&[11, 0]), None);
    }
}
