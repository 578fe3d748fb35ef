//! The macro that makes a dmod.

/// Makes the crate a dmod: the ELF note, the entry symbol, the tables, and a function `builtin()`
/// for programs that link it in.
///
/// ```text
/// dmod! {
///     name: stacks,
///     about: "stacks of threads",
///     triggers: ["always"],
///     dcmds: [Findstack, Stacks],
///     walkers: [],
///     providers: [frames JavaScript, whatis Heap], // optional: see `provide`
///     attach: Attach, // optional: a type that implements `Hook`
///     detach: Detach, // optional
/// }
/// ```
///
/// `name` is the module's name, in lower case; the exported symbol is named after it. `triggers`
/// are the conditions under which it loads by itself: `always`, `object:GLOB`, `symbol:NAME`,
/// `symbol:PREFIX*`, `section:NAME`, `note:OWNER`.
#[macro_export]
macro_rules! dmod {
    (
        name: $name:ident,
        about: $about:expr,
        triggers: [$($trigger:literal),* $(,)?]
        $(, dcmds: [$($dcmd:ty),* $(,)?])?
        $(, walkers: [$($walker:ty),* $(,)?])?
        $(, providers: [$($kind:ident $provider:ty),* $(,)?])?
        $(, attach: $attach:ty)?
        $(, detach: $detach:ty)?
        $(,)?
    ) => {
        /// The tables of this dmod, for a program that links it in.
        pub fn builtin() -> &'static $crate::abi::ModInfo {
            &MDB_DMOD_MODINFO
        }

        static MDB_DMOD_MODINFO: $crate::abi::ModInfo = {
            static DCMDS: &[$crate::abi::Dcmd] = &[$($($crate::entry::dcmd::<$dcmd>()),*)?];
            static WALKERS: &[$crate::abi::Walker] =
                &[$($($crate::entry::walker::<$walker>()),*)?];
            static PROVIDERS: &[$crate::abi::Provider] =
                &[$($($crate::provide::$kind::<$provider>()),*)?];
            $crate::abi::ModInfo {
                size: ::core::mem::size_of::<$crate::abi::ModInfo>() as u32,
                flags: if cfg!(panic = "unwind") { 0 } else { $crate::abi::MOD_PANIC_ABORTS },
                abi_major: $crate::abi::ABI_MAJOR,
                abi_minor: $crate::abi::ABI_MINOR,
                min_minor: 1,
                reserved: 0,
                name: $crate::abi::Str::new(stringify!($name)),
                version: $crate::abi::Str::new(env!("CARGO_PKG_VERSION")),
                built_with: $crate::abi::Str::new($crate::BUILT_WITH),
                about: $crate::abi::Str::new($about),
                dcmds: $crate::abi::Array::of(DCMDS),
                walkers: $crate::abi::Array::of(WALKERS),
                providers: $crate::abi::Array::of(PROVIDERS),
                attach: $crate::dmod!(@hook $($attach)?),
                detach: $crate::dmod!(@hook $($detach)?),
            }
        };

        const _: () = {
            const TEXT: &str = concat!(
                "abi=0\0minor=2\0min=1\0name=", stringify!($name),
                "\0entry=mdb_dmod_", stringify!($name),
                "\0version=", env!("CARGO_PKG_VERSION"), "\0",
                $("trigger=", $trigger, "\0",)*
            );

            #[used]
            #[unsafe(link_section = ".note.mdb.dmod")]
            static NOTE: $crate::note::Note<{ $crate::note::padded(TEXT.len()) }> =
                $crate::note::Note::new(TEXT);

            #[unsafe(export_name = concat!("mdb_dmod_", stringify!($name)))]
            extern "C" fn entry(_host_major: u16) -> *const $crate::abi::ModInfo {
                &raw const MDB_DMOD_MODINFO
            }
        };
    };
    (@hook) => { None };
    (@hook $hook:ty) => { Some($crate::entry::hook::<$hook>) };
}
