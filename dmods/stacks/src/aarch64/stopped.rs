//! Whether a thread was in a system call.
//!
//! `x8` holds the number, also long after the call. Before the kernel stops a thread or writes its
//! core it has already prepared the restart of a call that was broken off: it puts the first
//! argument back into `x0` and the pc back onto the `svc` (`do_signal` in
//! `arch/arm64/kernel/signal.c`). `EINTR` is not restarted, and stays in `x0`.

use crate::architecture::{BROKEN_OFF, Stop, Stopped};

/// `svc #0` (Arm Architecture Reference Manual, C6.2).
const SVC: [u8; 4] = 0xd400_0001_u32.to_le_bytes();

pub(crate) fn stopped(stop: &Stop<'_>) -> Stopped {
    let (Some(number), Some(result)) = ((stop.register)("x8"), (stop.register)("x0")) else {
        return Stopped::Unknown;
    };
    match (stop.code)(stop.pc, 4) {
        Some(SVC) => return Stopped::InCall { number, seen: true },
        Some(_) => {}
        None => return Stopped::Unknown,
    }
    let broken_off = BROKEN_OFF.contains(&(result as i64));
    match (stop.code)(stop.pc.wrapping_sub(4), 4) {
        Some(SVC) if broken_off => Stopped::InCall { number, seen: true },
        _ => Stopped::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(result: i64, pc: u64) -> Stopped {
        stopped(&Stop {
            pc,
            register: &|name| match name {
                "x8" => Some(98),
                "x0" => Some(result as u64),
                _ => None,
            },
            code: &|address, _| match address {
                0x1000 => Some(SVC),
                0x1004 | 0xffc => Some([0; 4]),
                _ => None,
            },
        })
    }

    #[test]
    fn a_call_that_was_broken_off_is_told() {
        let call = Stopped::InCall { number: 98, seen: true };
        assert_eq!(told(0x4000, 0x1000), call, "it will be made again");
        assert_eq!(told(-4, 0x1004), call, "it was not answered");
        assert_eq!(told(0, 0x1004), Stopped::Running, "it was answered");
        assert_eq!(told(0, 0x9000), Stopped::Unknown, "no code");
    }
}
