//! What glibc keeps of each thread: `struct pthread`, at the thread pointer.
//!
//! Its size and the place of its members are what glibc tells its own `libthread_db`
//! (`nptl_db/structs.def`, `nptl_db/db_info.c`: `_thread_db_sizeof_pthread`; for a member its size
//! in bits, a count, its offset).

use super::explanation::{Explanation, rank};
use super::facts::Facts;
use mdb_dmod::Result;

/// Members that glibc describes.
const MEMBERS: [&str; 4] = ["tid", "dtvp", "specific", "report_events"];
/// No `struct pthread` is larger.
const LARGEST: u64 = 64 << 10;

pub(crate) fn explain(facts: &Facts<'_>, address: u64, found: &mut Vec<Explanation>) -> Result<()> {
    let threads = facts.threads()?;
    let after = threads.partition_point(|thread| thread.thread_pointer <= address);
    let Some(thread) = after.checked_sub(1).and_then(|index| threads.get(index)) else {
        return Ok(());
    };
    let offset = address - thread.thread_pointer;
    if thread.thread_pointer == 0 || offset >= LARGEST {
        return Ok(());
    }
    let described = |name: &str, offset: u64| -> Result<Option<u64>> {
        let Some(symbol) = facts.s.symbol_named(None, &format!("_thread_db_{name}"))? else {
            return Ok(None);
        };
        match facts.s.memory().read_u32(symbol.address.wrapping_add(offset)) {
            Ok(value) => Ok(Some(value.into())),
            Err(error) if error.is_stop() => Err(error),
            Err(_) => Ok(None),
        }
    };
    // Without glibc's own word only the address itself is sure.
    let size = described("sizeof_pthread", 0)?.unwrap_or(1);
    if offset >= size {
        return Ok(());
    }
    let mut member = "";
    for name in MEMBERS {
        let bits = described(&format!("pthread_{name}"), 0)?;
        let start = described(&format!("pthread_{name}"), 8)?;
        if let (Some(bits), Some(start)) = (bits, start)
            && offset.checked_sub(start).is_some_and(|inside| inside < (bits / 8).max(1))
        {
            member = name;
        }
    }
    let mut text = match offset {
        0 => String::new(),
        offset => format!("{:x}+{offset:x}, ", thread.thread_pointer),
    };
    text.push_str(&format!("struct pthread of thread {} (tid {})", thread.number, thread.tid));
    if !member.is_empty() {
        text.push_str(&format!(": {member}"));
    }
    found.push(Explanation {
        thread: Some(thread.number),
        offset: Some(offset),
        symbol: member.to_owned(),
        ..Explanation::new(rank::THREAD, "thread", text)
    });
    Ok(())
}

/// What has this number or kernel id.
pub(crate) fn identify(facts: &Facts<'_>, id: u64, found: &mut Vec<Explanation>) -> Result<()> {
    for thread in facts.threads()? {
        if u64::from(thread.number) != id && u64::from(thread.tid) != id {
            continue;
        }
        let place = match facts.s.symbol_at(thread.pc)? {
            Some(symbol) => symbol.text,
            None => format!("{:x}", thread.pc),
        };
        let text = format!(
            "thread {} (tid {}), in {place}, its stack pointer is {:x}, its thread pointer {:x}",
            thread.number, thread.tid, thread.sp, thread.thread_pointer
        );
        found.push(Explanation {
            thread: Some(thread.number),
            ..Explanation::new(rank::THREAD, "thread", text)
        });
    }
    Ok(())
}
