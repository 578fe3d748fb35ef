//! What the kernel said of the process.

use std::ffi::OsString;

/// Identity of the process. What is not known is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Process id, in the namespace in which it was recorded.
    pub pid: Option<u32>,
    /// Parent's process id.
    pub ppid: Option<u32>,
    /// Real user id.
    pub uid: Option<u32>,
    /// Real group id.
    pub gid: Option<u32>,
    /// The short name (`comm`), at most 15 bytes.
    pub name: Option<OsString>,
    /// The beginning of the arguments (the kernel keeps 79 bytes).
    pub arguments: Option<OsString>,
    /// The state letter, as in `ps`.
    pub state: Option<char>,
    /// Name of the machine on which it ran.
    pub host: Option<OsString>,
    /// The executable's path, if known.
    pub executable: Option<OsString>,
}

/// The auxiliary vector: pairs of a type (`AT_*` of `elf.h`) and a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auxv(pub Vec<(u64, u64)>);

impl Auxv {
    /// `AT_PHDR`: address of the executable's program headers.
    pub const PHDR: u64 = 3;
    /// `AT_PHNUM`: how many program headers.
    pub const PHNUM: u64 = 5;
    /// `AT_PAGESZ`: bytes in a page.
    pub const PAGESZ: u64 = 6;
    /// `AT_BASE`: where the dynamic linker was loaded.
    pub const BASE: u64 = 7;
    /// `AT_ENTRY`: the executable's entry point.
    pub const ENTRY: u64 = 9;
    /// `AT_EXECFN`: address of the path given to `execve`.
    pub const EXECFN: u64 = 31;
    /// `AT_SYSINFO_EHDR`: address of the vDSO.
    pub const SYSINFO_EHDR: u64 = 33;

    /// The value of the first entry of this type.
    pub fn get(&self, kind: u64) -> Option<u64> {
        self.0.iter().find(|(k, _)| *k == kind).map(|(_, v)| *v)
    }
}

/// The name of an auxiliary vector entry (`include/uapi/linux/auxvec.h`, `elf.h`).
pub fn auxv_name(kind: u64) -> Option<&'static str> {
    Some(match kind {
        0 => "AT_NULL",
        1 => "AT_IGNORE",
        2 => "AT_EXECFD",
        3 => "AT_PHDR",
        4 => "AT_PHENT",
        5 => "AT_PHNUM",
        6 => "AT_PAGESZ",
        7 => "AT_BASE",
        8 => "AT_FLAGS",
        9 => "AT_ENTRY",
        10 => "AT_NOTELF",
        11 => "AT_UID",
        12 => "AT_EUID",
        13 => "AT_GID",
        14 => "AT_EGID",
        15 => "AT_PLATFORM",
        16 => "AT_HWCAP",
        17 => "AT_CLKTCK",
        23 => "AT_SECURE",
        24 => "AT_BASE_PLATFORM",
        25 => "AT_RANDOM",
        26 => "AT_HWCAP2",
        27 => "AT_RSEQ_FEATURE_SIZE",
        28 => "AT_RSEQ_ALIGN",
        29 => "AT_HWCAP3",
        30 => "AT_HWCAP4",
        31 => "AT_EXECFN",
        32 => "AT_SYSINFO",
        33 => "AT_SYSINFO_EHDR",
        51 => "AT_MINSIGSTKSZ",
        _ => return None,
    })
}

/// A raw note of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Who defined it: `CORE`, `LINUX`, ...
    pub owner: String,
    /// `n_type`.
    pub kind: u32,
    /// Its name, where it has one (`NT_PRSTATUS`).
    pub name: Option<&'static str>,
    /// Which thread (1..N) it belongs to, for the notes that come once per thread.
    pub thread: Option<u32>,
    /// Its contents.
    pub data: &'static [u8],
    /// Where the contents begin in the file.
    pub offset: u64,
}
