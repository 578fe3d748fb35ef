//! Whether a thread was in a system call.
//!
//! The kernel keeps the number of the call in `orig_rax`, and -1 there outside of one
//! (`arch/x86/entry/entry_64.S`). A call that was broken off by a stop or by the death of the
//! process leaves a code in `rax` that says how to go on. That all of them are told so in cores of
//! the kernel and of gcore is what `tests/stacks_wait.rs` shows.

use crate::architecture::{BROKEN_OFF, Stop, Stopped};

/// `syscall` (AMD64 Architecture Programmer's Manual, volume 3).
const SYSCALL: [u8; 2] = [0x0f, 0x05];

pub(crate) fn stopped(stop: &Stop<'_>) -> Stopped {
    let (Some(call), Some(result)) = ((stop.register)("orig_rax"), (stop.register)("rax")) else {
        return Stopped::Unknown;
    };
    if (call as i64) < 0 || !BROKEN_OFF.contains(&(result as i64)) {
        return Stopped::Running;
    }
    match (stop.code)(stop.pc.wrapping_sub(2), 2) {
        Some([a, b, ..]) if [a, b] == SYSCALL => Stopped::InCall { number: call, seen: true },
        // `int 0x80` and the like: the number is that of another table.
        Some(_) => Stopped::Unknown,
        None => Stopped::InCall { number: call, seen: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(call: i64, result: i64, code: Option<[u8; 4]>) -> Stopped {
        stopped(&Stop {
            pc: 0x1002,
            register: &|name| match name {
                "orig_rax" => Some(call as u64),
                "rax" => Some(result as u64),
                _ => None,
            },
            code: &|address, length| code.filter(|_| (address, length) == (0x1000, 2)),
        })
    }

    #[test]
    fn a_call_that_was_broken_off_is_told() {
        let syscall = Some([0x0f, 0x05, 0, 0]);
        for result in [-512, -513, -514, -516, -4] {
            assert_eq!(told(202, result, syscall), Stopped::InCall { number: 202, seen: true });
        }
        assert_eq!(told(202, -512, None), Stopped::InCall { number: 202, seen: false });
        assert_eq!(told(202, -512, Some([0xcd, 0x80, 0, 0])), Stopped::Unknown);
        assert_eq!(told(202, 0, syscall), Stopped::Running, "it was answered");
        assert_eq!(told(-1, -512, syscall), Stopped::Running, "rax is the program's own");
    }
}
