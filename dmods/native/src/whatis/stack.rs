//! Whose stack, and which frame of it.

use super::explanation::{Explanation, rank};
use super::facts::Facts;
use super::mapping::range;
use mdb_dmod::{Error, Mapping, MappingKind, Result};

/// How far below the stack pointer leaf functions may keep data (psABI AMD64, section 3.2.2).
const RED_ZONE: u64 = 128;

pub(crate) fn explain(
    facts: &Facts<'_>,
    address: u64,
    mapping: Option<&Mapping>,
    found: &mut Vec<Explanation>,
) -> Result<()> {
    let Some(mapping) = mapping else { return Ok(()) };
    if let MappingKind::Stack(number) = mapping.kind {
        return on_stack(facts, address, mapping, number, found);
    }
    // Nothing may be done with it, and a stack begins where it ends.
    if mapping.permissions == Some([false; 3])
        && let Some(above) = facts.s.mapping_at(mapping.end)?
        && let MappingKind::Stack(number) = above.kind
    {
        let thread = facts.s.thread(number.into())?;
        let below = above.start.wrapping_sub(address);
        let text = format!(
            "0x{below:x} below the stack of thread {number} (tid {}), in its guard {}: a stack \
             overflow? (inferred: it may not be used, and the stack begins behind it)",
            thread.tid,
            range(mapping)
        );
        found.push(Explanation {
            thread: Some(number),
            ..Explanation::new(rank::STACK, "guard", text)
        });
    }
    Ok(())
}

fn on_stack(
    facts: &Facts<'_>,
    address: u64,
    mapping: &Mapping,
    number: u32,
    found: &mut Vec<Explanation>,
) -> Result<()> {
    let thread = match facts.s.thread(number.into()) {
        Ok(thread) => thread,
        Err(Error::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let whose = format!("the stack of thread {} (tid {})", thread.number, thread.tid);
    let explanation = |rank, kind, text: String| Explanation {
        thread: Some(thread.number),
        ..Explanation::new(rank, kind, format!("{text} {}", range(mapping)))
    };
    if address < thread.sp {
        let below = thread.sp - address;
        let zone = if below <= RED_ZONE { ", in the red zone" } else { ", not in use" };
        let text = format!("0x{below:x} below the stack pointer{zone}, in {whose}");
        found.push(explanation(rank::STACK, "dead stack", text));
        return Ok(());
    }
    let frames = facts.frames(number)?;
    // A frame reaches from its stack pointer to the next one's. They ascend, unless the stack is
    // damaged; then the innermost that fits is right.
    let holder = frames.iter().take_while(|frame| frame.sp <= address).last();
    found.push(match holder {
        Some(frame) => Explanation {
            frame: Some(frame.level),
            symbol: frame.text.clone(),
            ..explanation(
                rank::FRAME,
                "stack frame",
                format!("in frame {} ({}) of {whose}", frame.level, frame.text),
            )
        },
        None => explanation(rank::STACK, "stack", format!("in {whose}")),
    });
    Ok(())
}
