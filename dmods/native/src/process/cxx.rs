//! C++ exceptions as the runtime keeps them. Nothing of the target is run: all is read as data.
//!
//! | fact | source |
//! | --- | --- |
//! | `__cxa_eh_globals`: caught exceptions, innermost first (a pointer) | Itanium C++ ABI: Exception Handling, section 2.2.2 |
//! | `__cxa_exception`: type (0), destructor (8), two handlers (16, 24), next exception (32), handler count (40), ..., the unwinder's header (80, 32 bytes), the object behind | the same, section 2.2.1; GCC `libsupc++/unwind-cxx.h` on 64-bit machines |
//! | the first word of the unwinder's header is the class: `GNUCC++\0`, `GNUCC++\1` for a reference to another exception, whose object stands in the first word of the `__cxa_exception` | GCC `libsupc++/unwind-cxx.h` |
//! | `std::type_info`: table, name; of a class with one base: the base's `type_info` next | Itanium C++ ABI, sections 2.9.3 to 2.9.5 |
//! | `std::logic_error` and `std::runtime_error`: table, pointer to characters; 24 bytes before those the length | GCC `include/bits/cow_string.h`, `_Rep_base`; `include/std/stdexcept` |
//! | `std::string`: pointer, length | GCC `include/bits/basic_string.h` |
//! | `what` is the third function in the table of virtual functions, behind two destructors | Itanium C++ ABI, section 2.5.2; GCC `libsupc++/exception.h` |
//! | `__cxa_get_globals` of x86-64 passes the address of a pair (module, offset) to `__tls_get_addr` by `48 8d 3d DISTANCE` and may add to the result by `48 05 OFFSET`; in a static program it adds to `%fs:0` | "ELF Handling For Thread-Local Storage", sections 4.1.6, 4.2.6 and 4.4.6 |

use super::thread_local::ThreadLocal;
use mdb_dmod::Thread;
use mdb_dmod::prelude::*;

const GNU: u64 = u64::from_be_bytes(*b"GNUCC++\0");
const GNU_DEPENDENT: u64 = u64::from_be_bytes(*b"GNUCC++\x01");
/// Where the object stands behind its `__cxa_exception`.
const HEADER: u64 = 112;
const UNWIND_HEADER: u64 = 80;
const NEXT: u64 = 32;
/// More exceptions in flight, one in the handler of another, than any program has.
const MOST_NESTED: usize = 64;
/// Bases of bases.
const MOST_BASES: usize = 32;
/// What is shown of a message.
const LONGEST: u64 = 4096;

/// An exception in flight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exception {
    /// The object that was thrown.
    pub(crate) object: u64,
    /// Its `type_info`.
    pub(crate) type_info: u64,
    /// The name of its type, demangled.
    pub(crate) type_name: String,
    /// What it says, if that can be known without running it.
    pub(crate) what: Option<String>,
    /// The class overrides `what`: its own answer may be another.
    pub(crate) what_is_of_base: bool,
    /// In how many handlers it is.
    pub(crate) handlers: i32,
}

/// Where the runtime keeps the exceptions of a thread.
pub(crate) enum Globals {
    /// In the block of thread-local data that this variable is in, so far from it.
    Beside(ThreadLocal, i64),
    /// So far from the thread pointer.
    FromPointer(i64),
}

impl Globals {
    /// Finds them by what `__cxa_get_globals` does; its variable has no symbol of its own.
    pub(crate) fn find(s: &Session<'_>, threads: &[Thread]) -> Result<Option<Self>> {
        for name in ["__cxa_get_globals_fast", "__cxa_get_globals"] {
            let Some(function) = s.symbol_named(None, name)? else { continue };
            let mut code = [0; 64];
            let got = match s.memory().read_some(function.address, &mut code) {
                Ok(got) => got,
                Err(error) if error.is_stop() => return Err(error),
                Err(_) => continue,
            };
            let code = code.get(..got).unwrap_or(&[]);
            if let Some((end, distance)) = operand(code, &[0x48, 0x8d, 0x3d]) {
                let pair =
                    function.address.wrapping_add(end as u64).wrapping_add_signed(distance.into());
                // Of the module's block: in the pair, or added behind the call.
                let added = operand(code.get(end..).unwrap_or(&[]), &[0x48, 0x05]);
                let offset = match s.read_u64(pair.wrapping_add(8)) {
                    Ok(offset) => offset.wrapping_add_signed(added.map_or(0, |(_, n)| n.into())),
                    Err(error) if error.is_stop() => return Err(error),
                    Err(_) => continue,
                };
                // A variable of the same module that has a symbol tells where the block is.
                let beside = s.symbol_named(Some(&function.module), "_ZSt11__once_call")?;
                if let Some(beside) = beside.filter(|symbol| symbol.is_tls) {
                    let distance = offset.wrapping_sub(beside.address).cast_signed();
                    let beside = ThreadLocal::new(s, beside, threads)?;
                    return Ok(Some(Self::Beside(beside, distance)));
                }
            }
            // mov %fs:0, %rax; lea/add DISTANCE
            const POINTER: [u8; 9] = [0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0];
            if let Some(at) = memchr::memmem::find(code, &POINTER) {
                let rest = code.get(at + POINTER.len()..).unwrap_or(&[]);
                for add in [&[0x48, 0x8d, 0x80][..], &[0x48, 0x05][..], &[0x48, 0x81, 0xc0][..]] {
                    if let Some((_, distance)) = operand(rest, add) {
                        return Ok(Some(Self::FromPointer(distance.into())));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Where they are in a thread. `None`: the thread has none yet, so no exception either.
    pub(crate) fn in_thread(&self, s: &Session<'_>, thread: &Thread) -> Result<Option<u64>> {
        match self {
            Self::FromPointer(distance) => {
                Ok(Some(thread.thread_pointer.wrapping_add_signed(*distance)))
            }
            Self::Beside(variable, distance) => {
                Ok(variable.in_thread(s, thread)?.map(|at| at.wrapping_add_signed(*distance)))
            }
        }
    }
}

/// The four bytes behind an instruction's first ones, and where they end.
fn operand(code: &[u8], instruction: &[u8]) -> Option<(usize, i32)> {
    let at = memchr::memmem::find(code, instruction)? + instruction.len();
    let bytes = code.get(at..)?.first_chunk::<4>()?;
    Some((at + 4, i32::from_le_bytes(*bytes)))
}

/// The exceptions of a thread, the innermost first, and why there may be more: what could not be
/// read.
pub(crate) fn of_thread(s: &Session<'_>, globals: u64) -> Result<(Vec<Exception>, Option<Error>)> {
    let mut all = Vec::new();
    let mut next = globals;
    while all.len() < MOST_NESTED {
        let found = match s.read_u64(next) {
            Ok(0) => break,
            Ok(header) => exception(s, header).map(|found| (header, found)),
            Err(error) => Err(error),
        };
        match found {
            Ok((header, Some(exception))) => {
                all.push(exception);
                next = header.wrapping_add(NEXT);
            }
            Ok((_, None)) => break,
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => return Ok((all, Some(error))),
        }
    }
    Ok((all, None))
}

/// `None`: of another language.
fn exception(s: &Session<'_>, header: u64) -> Result<Option<Exception>> {
    let class = s.read_u64(header.wrapping_add(UNWIND_HEADER))?;
    let object = match class {
        GNU => header.wrapping_add(HEADER),
        GNU_DEPENDENT => s.read_u64(header)?,
        _ => return Ok(None),
    };
    let type_info = s.read_u64(object.wrapping_sub(HEADER))?;
    let handlers = s.memory().read_u32(header.wrapping_add(40))?.cast_signed();
    let name = raw_type_name(s, type_info)?;
    let type_name = demangled(s, &name)?;
    let (what, what_is_of_base) = match what(s, object, type_info, &name) {
        Ok(found) => found,
        Err(error) if error.is_stop() => return Err(error),
        Err(_) => (None, false),
    };
    Ok(Some(Exception { object, type_info, type_name, what, what_is_of_base, handlers }))
}

/// The mangled name of a type; a `*` before it says that the pointer counts, not the text.
fn raw_type_name(s: &Session<'_>, type_info: u64) -> Result<String> {
    let name = s.read_u64(type_info.wrapping_add(8))?;
    let name = s.memory().read_c_string(name, LONGEST as usize)?;
    Ok(name.trim_start_matches('*').to_owned())
}

/// `std::string` in the ABI that GCC uses since version 5.
const STRING: &str = "NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";

fn demangled(s: &Session<'_>, name: &str) -> Result<String> {
    if name == STRING {
        return Ok("std::string".to_owned());
    }
    let plain = s.demangle(&format!("_ZTI{name}"))?;
    let plain = plain.as_deref().and_then(|text| text.strip_prefix("typeinfo for "));
    Ok(plain.unwrap_or(name).to_owned())
}

/// What an object says, and whether that is only what its base says.
fn what(
    s: &Session<'_>,
    object: u64,
    type_info: u64,
    name: &str,
) -> Result<(Option<String>, bool)> {
    match name {
        // const char *, char *
        "PKc" | "Pc" => {
            let text = s.read_u64(object)?;
            return Ok((Some(s.memory().read_c_string(text, LONGEST as usize)?), false));
        }
        "i" => return Ok((Some(s.memory().read_u32(object)?.cast_signed().to_string()), false)),
        STRING => {
            let length = s.read_u64(object.wrapping_add(8))?;
            return Ok((Some(characters(s, s.read_u64(object)?, length)?), false));
        }
        _ => {}
    }
    // Up the bases, as long as each class has but one, which begins where the object does.
    let mut base = (type_info, name.to_owned());
    for depth in 0..MOST_BASES {
        if matches!(base.1.as_str(), "St13runtime_error" | "St11logic_error") {
            let text = s.read_u64(object.wrapping_add(8))?;
            let length = s.read_u64(text.wrapping_sub(24))?;
            let text = characters(s, text, length)?;
            return Ok((Some(text), depth > 0 && !is_what_of_base(s, object)?));
        }
        let table = s.symbol_at(s.read_u64(base.0)?)?;
        if !table.is_some_and(|symbol| symbol.name.contains("__si_class_type_info")) {
            break;
        }
        base.0 = s.read_u64(base.0.wrapping_add(16))?;
        base.1 = raw_type_name(s, base.0)?;
    }
    Ok((None, false))
}

/// Whether `what` of an object is that of `std::runtime_error` or `std::logic_error`.
fn is_what_of_base(s: &Session<'_>, object: u64) -> Result<bool> {
    let table = s.read_u64(object)?;
    let function = s.symbol_at(s.read_u64(table.wrapping_add(16))?)?;
    // Their functions may have been folded into one.
    let of_base =
        |name: &str| name.contains("runtime_error::what") || name.contains("logic_error::what");
    Ok(function.is_some_and(|symbol| of_base(&symbol.name)))
}

/// So many characters, but no more than are shown.
fn characters(s: &Session<'_>, address: u64, length: u64) -> Result<String> {
    let mut bytes = vec![0; length.min(LONGEST) as usize];
    s.memory().read(address, &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
