//! What the kernel put on the stack before the program ran: arguments, environment, auxiliary
//! vector, and their texts.
//!
//! | fact | source |
//! | --- | --- |
//! | upwards from the first stack pointer: argc, argv, 0, envp, 0, the auxiliary vector, and above the texts | psABI AMD64, section 3.4.1, figure 3.9; Linux `fs/binfmt_elf.c`, `create_elf_tables` |
//! | the texts: platform, random bytes, arguments, environment, the name of the executable, 8 zero bytes at the very top | Linux `fs/exec.c` (`bprm->exec`, `bprm->p`), `fs/binfmt_elf.c` |
//! | at most 6 MiB of pointers and text (three quarters of 8 MiB) | Linux `fs/exec.c`, `bprm_stack_limits` |

use mdb_dmod::prelude::*;
use memchr::memmem;

/// `AT_EXECFN` (`include/uapi/linux/auxvec.h`).
const AT_EXECFN: u64 = 31;
/// Where to look for the auxiliary vector below the name of the executable.
const LOOK: u64 = 16 << 20;
/// More strings than fit into what the kernel allows.
const MOST_STRINGS: usize = 1 << 20;
/// The most bytes of pointers and text that the kernel takes.
pub(crate) const MOST_BYTES: usize = 6 << 20;
/// The longest string that the kernel takes (`MAX_ARG_STRLEN`, `include/uapi/linux/binfmts.h`).
pub(crate) const LONGEST: usize = 32 * 4096;

/// Where things are on the initial stack. All addresses are in one mapping that was saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InitialStack {
    /// Where `argc` is; `argv` follows.
    pub(crate) argc_at: u64,
    /// The pointers to the arguments.
    pub(crate) arguments: Vec<u64>,
    /// Where the first pointer of the environment is.
    pub(crate) environment_at: u64,
    /// The pointers to the variables.
    pub(crate) environment: Vec<u64>,
    /// Where the auxiliary vector is.
    pub(crate) auxv_at: u64,
    /// How many bytes it has.
    pub(crate) auxv_size: u64,
    /// The name of the executable.
    pub(crate) execfn: u64,
}

impl InitialStack {
    /// Finds it by the auxiliary vector, which the core's notes repeat. `None`: it was not saved, or
    /// the program wrote over it.
    pub(crate) fn find(s: &Session<'_>) -> Result<Option<Self>> {
        let auxv = s.auxv()?;
        let Some((_, execfn, _)) = auxv.iter().find(|(kind, ..)| *kind == AT_EXECFN) else {
            return Ok(None);
        };
        let Some(mapping) = s.mapping_at(*execfn)? else { return Ok(None) };
        let lowest = mapping.start.max(execfn.saturating_sub(LOOK));
        let Some(start) = lowest.checked_next_multiple_of(8) else { return Ok(None) };
        let bytes = bytes(s, start, execfn.saturating_sub(start))?;
        // The first entries are enough to know it by.
        let head: Vec<u8> = auxv
            .iter()
            .take(4)
            .flat_map(|(kind, value, _)| [kind.to_le_bytes(), value.to_le_bytes()])
            .flatten()
            .collect();
        let Some(offset) = memmem::rfind(&bytes, &head).filter(|o| o % 8 == 0) else {
            return Ok(None);
        };
        let words: Vec<u64> = bytes
            .get(..offset)
            .unwrap_or(&[])
            .as_chunks::<8>()
            .0
            .iter()
            .map(|word| u64::from_le_bytes(*word))
            .collect();
        let address = |index: usize| start + 8 * index as u64;
        // Downwards: 0, envp, 0, argv, argc.
        let Some((environment_at, environment)) = list_before(&words, words.len()) else {
            return Ok(None);
        };
        let Some((arguments_at, mut arguments)) = list_before(&words, environment_at) else {
            return Ok(None);
        };
        // `argc` is what stands before as many pointers as it says.
        let count = arguments.len();
        let Some(argc) = (0..count).find(|index| {
            arguments.get(*index).is_some_and(|argc| *argc == (count - index - 1) as u64)
        }) else {
            return Ok(None);
        };
        let pointers = arguments.split_off(argc + 1);
        Ok(Some(Self {
            argc_at: address(arguments_at + argc),
            arguments: pointers,
            environment_at: address(environment_at),
            environment,
            auxv_at: start + offset as u64,
            // With the entry that ends it.
            auxv_size: 16 * (auxv.len() as u64 + 1),
            execfn: *execfn,
        }))
    }

    /// Where `argv` is.
    pub(crate) fn argv_at(&self) -> u64 {
        self.argc_at + 8
    }
}

/// The words before the zero that stands before `end`, back to the next zero: where they begin, and
/// they.
fn list_before(words: &[u64], end: usize) -> Option<(usize, Vec<u64>)> {
    let words = words.get(..end)?;
    let (last, words) = words.split_last()?;
    if *last != 0 {
        return None;
    }
    let start = words.iter().rposition(|word| *word == 0).map_or(0, |zero| zero + 1);
    let list = words.get(start..)?;
    (list.len() <= MOST_STRINGS).then(|| (start, list.to_vec()))
}

/// The bytes of a part of the stack: as many as can be read up to its end.
fn bytes(s: &Session<'_>, start: u64, length: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length.min(LOOK)).unwrap_or(0)];
    match s.memory().read(start, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) if error.is_stop() => Err(error),
        Err(_) => Ok(Vec::new()),
    }
}

/// A list of pointers that ends with 0, such as `environ`. Where it cannot be read to its end, what
/// was read, and a warning.
pub(crate) fn pointers(s: &Session<'_>, list: u64) -> Result<Vec<u64>> {
    let mut all = Vec::new();
    while all.len() < MOST_STRINGS {
        match s.read_u64(list.wrapping_add(8 * all.len() as u64)) {
            Ok(0) => break,
            Ok(pointer) => all.push(pointer),
            Err(error) if error.is_stop() || all.is_empty() => return Err(error),
            Err(error) => {
                s.warn(&format!("the list ends after {} pointers: {error}", all.len()))?;
                break;
            }
        }
    }
    Ok(all)
}
