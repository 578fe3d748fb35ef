//! What a dmod says of itself.

use crate::{Array, Cx, Dcmd, Host, Plain, Provider, Status, Str, Walker};

/// [`ModInfo::flags`]: built with `panic = "abort"`, so a panic would end the host. Refused.
pub const MOD_PANIC_ABORTS: u32 = 1;

/// The one function that a dmod exports, `mdb_dmod_NAME`. It gets the host's major version and
/// answers with static data, or null if it cannot work with that version.
pub type Entry = unsafe extern "C" fn(host_major: u16) -> *const ModInfo;

/// A dmod's description. It, and all that it points to, must be static data of the dmod: the host
/// checks that, and reads all of it once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ModInfo {
    /// Size of this struct.
    pub size: u32,
    /// `MOD_*`.
    pub flags: u32,
    /// The major version it was built for.
    pub abi_major: u16,
    /// The minor version it was built for.
    pub abi_minor: u16,
    /// The oldest minor version of a host that it can work with.
    pub min_minor: u16,
    /// 0.
    pub reserved: u16,
    /// Its name, as in the note.
    pub name: Str,
    /// Its version.
    pub version: Str,
    /// The compiler, for `::dmods -v`.
    pub built_with: Str,
    /// One line about it.
    pub about: Str,
    /// Its commands.
    pub dcmds: Array<Dcmd>,
    /// Its walkers.
    pub walkers: Array<Walker>,
    /// Its providers.
    pub providers: Array<Provider>,
    /// A target is open. Where this fails, the dmod is listed as loaded but not usable.
    pub attach: Option<unsafe extern "C" fn(host: *const Host, cx: *mut Cx) -> Status>,
    /// The target goes away, or the dmod does.
    pub detach: Option<unsafe extern "C" fn(host: *const Host, cx: *mut Cx) -> Status>,
}

// SAFETY: integers, pointers, optional functions.
unsafe impl Plain for ModInfo {}
// SAFETY: static data that nobody writes.
unsafe impl Sync for ModInfo {}
