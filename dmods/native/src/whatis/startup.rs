//! What the process was started with: arguments, environment, auxiliary vector.

use super::explanation::{Explanation, rank};
use super::facts::Facts;
use crate::process::secrets::masked_value;
use crate::process::start::{InitialStack, LONGEST};
use mdb_dmod::{Mapping, MappingKind, Result};

/// `AT_RANDOM`, `AT_PLATFORM`, `AT_BASE_PLATFORM` (`include/uapi/linux/auxvec.h`).
const AT_RANDOM: u64 = 25;
const AT_PLATFORM: u64 = 15;
const AT_BASE_PLATFORM: u64 = 24;
/// `include/uapi/linux/auxvec.h`: "address of 16 random bytes".
const RANDOM_BYTES: u64 = 16;

pub(crate) fn explain(
    facts: &Facts<'_>,
    address: u64,
    mapping: Option<&Mapping>,
    found: &mut Vec<Explanation>,
) -> Result<()> {
    if !mapping.is_some_and(|mapping| matches!(mapping.kind, MappingKind::Stack(_))) {
        return Ok(());
    }
    let Some(stack) = facts.initial_stack()? else { return Ok(()) };
    // Below `argc` are the frames of the program.
    if address < stack.argc_at {
        return Ok(());
    }
    if let Some((kind, text)) = vectors(facts, stack, address)? {
        found.push(Explanation::new(rank::START, kind, text));
    } else if let Some(explanation) = texts(facts, stack, address)? {
        found.push(explanation);
    }
    Ok(())
}

/// The pointers.
fn vectors(
    facts: &Facts<'_>,
    stack: &InitialStack,
    address: u64,
) -> Result<Option<(&'static str, String)>> {
    let inside = |start: u64, size: u64| address.checked_sub(start).filter(|at| *at < size);
    if inside(stack.argc_at, 8).is_some() {
        return Ok(Some(("argc", "argc, the number of arguments at the start".to_owned())));
    }
    if let Some(at) = inside(stack.argv_at(), 8 * (stack.arguments.len() as u64 + 1)) {
        return Ok(Some(("argv", format!("argv[{}], a pointer to an argument", at / 8))));
    }
    let pointers = 8 * (stack.environment.len() as u64 + 1);
    if let Some(at) = inside(stack.environment_at, pointers) {
        let text = format!("envp[{}], a pointer to a variable of the environment", at / 8);
        return Ok(Some(("envp", text)));
    }
    if let Some(at) = inside(stack.auxv_at, stack.auxv_size) {
        let auxv = facts.s.auxv()?;
        let name = auxv.get((at / 16) as usize).map(|(kind, _, name)| match name.as_str() {
            "" => format!("AT_{kind}"),
            name => name.to_owned(),
        });
        let name = name.unwrap_or_else(|| "AT_NULL".to_owned());
        let half = if at % 16 < 8 { "type" } else { "value" };
        return Ok(Some(("auxv", format!("the {half} of {name} in the auxiliary vector"))));
    }
    Ok(None)
}

/// The texts that they point to.
fn texts(facts: &Facts<'_>, stack: &InitialStack, address: u64) -> Result<Option<Explanation>> {
    for (kind, value, name) in facts.s.auxv()? {
        let Some(offset) = address.checked_sub(value) else { continue };
        let size = match kind {
            AT_RANDOM => RANDOM_BYTES,
            AT_PLATFORM | AT_BASE_PLATFORM => length(facts, value)?,
            _ => continue,
        };
        if offset < size {
            let text = match kind {
                AT_RANDOM => "the random bytes that the kernel gave (AT_RANDOM)".to_owned(),
                _ => format!("the text of {name} of the auxiliary vector"),
            };
            let mut explanation = at(value, offset, "auxv", &text);
            explanation.hides_text = kind == AT_RANDOM;
            return Ok(Some(explanation));
        }
    }
    let pointers = stack.arguments.iter().map(|p| (*p, false));
    let pointers = pointers.chain(stack.environment.iter().map(|p| (*p, true)));
    // Texts do not overlap: the last that begins before the address may hold it.
    let before = pointers.enumerate().filter(|(_, (pointer, _))| *pointer <= address);
    let Some((index, (pointer, is_variable))) = before.max_by_key(|(_, (pointer, _))| *pointer)
    else {
        return Ok(None);
    };
    if stack.execfn <= address && pointer < stack.execfn {
        let offset = address - stack.execfn;
        if offset < length(facts, stack.execfn)? {
            let text = "the file name of the program (AT_EXECFN)";
            return Ok(Some(at(stack.execfn, offset, "auxv", text)));
        }
        return Ok(None);
    }
    let offset = address - pointer;
    if offset >= length(facts, pointer)? {
        return Ok(None);
    }
    if !is_variable {
        let mut explanation =
            at(pointer, offset, "argument", &format!("the text of argv[{index}]"));
        // Whether an argument is secret may depend on the one before it: see ::args.
        explanation.hides_text = true;
        return Ok(Some(explanation));
    }
    let variable = facts.s.memory().read_c_string(pointer, LONGEST)?;
    let (name, value) = variable.split_once('=').unwrap_or((&variable, ""));
    let text = format!("the variable {name} of the environment at the start");
    let mut explanation = at(pointer, offset, "environment", &text);
    name.clone_into(&mut explanation.symbol);
    explanation.hides_text = masked_value(name, value).is_some();
    Ok(Some(explanation))
}

/// How many bytes a text has, with its end. (As text it may have others: what is not UTF-8 is
/// replaced there.)
fn length(facts: &Facts<'_>, address: u64) -> Result<u64> {
    let mut block = [0; 256];
    let mut length = 0;
    while length < LONGEST as u64 {
        let got = match facts.s.memory().read_some(address.wrapping_add(length), &mut block) {
            Ok(got) => got,
            Err(error) if error.is_stop() => return Err(error),
            Err(_) => break,
        };
        let part = block.get(..got).unwrap_or(&block);
        if let Some(end) = memchr::memchr(0, part) {
            return Ok(length + end as u64 + 1);
        }
        if got == 0 {
            break;
        }
        length += got as u64;
    }
    Ok(length)
}

fn at(start: u64, offset: u64, kind: &str, text: &str) -> Explanation {
    let text = match offset {
        0 => text.to_owned(),
        offset => format!("{start:x}+{offset:x}, in {text}"),
    };
    Explanation { offset: Some(offset), ..Explanation::new(rank::START, kind, text) }
}
