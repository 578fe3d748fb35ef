//! `::errno`: the last error number of each thread.
//!
//! glibc keeps it in the thread-local `errno` (`csu/errno.c`; exported as `GLIBC_PRIVATE`). The
//! numbers are those of `include/uapi/asm-generic/errno-base.h` and `errno.h`, which x86 and ARM use.

use super::thread_local::ThreadLocal;
use mdb_dmod::prelude::*;

/// `[thread]::errno`.
pub(crate) struct Errno;

impl Dcmd for Errno {
    const DECLARATION: Declaration = Declaration::new(
        "errno",
        "print the last error number of a thread, or of all",
    )
    .help(
        "ADDRESS is a thread's number or kernel id. A number stays until a later call fails: \
                 it need not be the reason for the crash.",
    )
    .input("thread")
    .columns(&[
        Column::new("THREAD", cell_kind::UNSIGNED),
        Column::new("TID", cell_kind::UNSIGNED).width(7),
        Column::new("ERRNO", cell_kind::SIGNED),
        Column::new("NAME", cell_kind::TEXT).width(12),
        Column::new("MEANING", cell_kind::TEXT),
        Column::new("ADDRESS", cell_kind::ADDRESS).detail().item(),
    ])
    .examples(&[
        Example::new("::errno", "all threads"),
        Example::new("1::errno", "the thread that crashed"),
    ]);

    fn run(s: &Session<'_>) -> Result<()> {
        let threads = match s.address() {
            Some(id) => vec![s.thread(id)?],
            None => s.threads()?,
        };
        let symbol = s.symbol_named(None, "errno")?.filter(|symbol| symbol.is_tls);
        let Some(symbol) = symbol else {
            return Err(Error::NotFound(
                "the C library of the process has no thread-local symbol 'errno' (musl keeps it \
                 elsewhere), or its file is missing: see ::objects -v"
                    .to_owned(),
            ));
        };
        let variable = ThreadLocal::new(s, symbol, &threads)?;
        for thread in threads {
            let address = variable.in_thread(s, &thread)?;
            let number = match address.map(|at| s.memory().read_u32(at)) {
                Some(Err(error)) if error.is_stop() => return Err(error),
                Some(Ok(number)) => Some(number.cast_signed()),
                _ => None,
            };
            s.row(&[
                Cell::Unsigned(thread.number.into()),
                Cell::Unsigned(thread.tid.into()),
                number.map_or(Cell::None, |number| Cell::Signed(number.into())),
                Cell::text(number.and_then(name).unwrap_or("")),
                Cell::text(number.map_or(String::from("not in the core"), meaning)),
                address.map_or(Cell::None, Cell::Address),
            ])?;
        }
        Ok(())
    }
}

/// `ENOENT`.
pub(crate) fn name(number: i32) -> Option<&'static str> {
    NAMES.get(usize::try_from(number).ok()?).copied().filter(|name| !name.is_empty())
}

/// What the C library of this machine says.
fn meaning(number: i32) -> String {
    if number == 0 {
        return "no error".to_owned();
    }
    let text = std::io::Error::from_raw_os_error(number).to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// By number.
static NAMES: [&str; 134] = [
    "",
    "EPERM",
    "ENOENT",
    "ESRCH",
    "EINTR",
    "EIO",
    "ENXIO",
    "E2BIG",
    "ENOEXEC",
    "EBADF",
    "ECHILD",
    "EAGAIN",
    "ENOMEM",
    "EACCES",
    "EFAULT",
    "ENOTBLK",
    "EBUSY",
    "EEXIST",
    "EXDEV",
    "ENODEV",
    "ENOTDIR",
    "EISDIR",
    "EINVAL",
    "ENFILE",
    "EMFILE",
    "ENOTTY",
    "ETXTBSY",
    "EFBIG",
    "ENOSPC",
    "ESPIPE",
    "EROFS",
    "EMLINK",
    "EPIPE",
    "EDOM",
    "ERANGE",
    "EDEADLK",
    "ENAMETOOLONG",
    "ENOLCK",
    "ENOSYS",
    "ENOTEMPTY",
    "ELOOP",
    "",
    "ENOMSG",
    "EIDRM",
    "ECHRNG",
    "EL2NSYNC",
    "EL3HLT",
    "EL3RST",
    "ELNRNG",
    "EUNATCH",
    "ENOCSI",
    "EL2HLT",
    "EBADE",
    "EBADR",
    "EXFULL",
    "ENOANO",
    "EBADRQC",
    "EBADSLT",
    "",
    "EBFONT",
    "ENOSTR",
    "ENODATA",
    "ETIME",
    "ENOSR",
    "ENONET",
    "ENOPKG",
    "EREMOTE",
    "ENOLINK",
    "EADV",
    "ESRMNT",
    "ECOMM",
    "EPROTO",
    "EMULTIHOP",
    "EDOTDOT",
    "EBADMSG",
    "EOVERFLOW",
    "ENOTUNIQ",
    "EBADFD",
    "EREMCHG",
    "ELIBACC",
    "ELIBBAD",
    "ELIBSCN",
    "ELIBMAX",
    "ELIBEXEC",
    "EILSEQ",
    "ERESTART",
    "ESTRPIPE",
    "EUSERS",
    "ENOTSOCK",
    "EDESTADDRREQ",
    "EMSGSIZE",
    "EPROTOTYPE",
    "ENOPROTOOPT",
    "EPROTONOSUPPORT",
    "ESOCKTNOSUPPORT",
    "EOPNOTSUPP",
    "EPFNOSUPPORT",
    "EAFNOSUPPORT",
    "EADDRINUSE",
    "EADDRNOTAVAIL",
    "ENETDOWN",
    "ENETUNREACH",
    "ENETRESET",
    "ECONNABORTED",
    "ECONNRESET",
    "ENOBUFS",
    "EISCONN",
    "ENOTCONN",
    "ESHUTDOWN",
    "ETOOMANYREFS",
    "ETIMEDOUT",
    "ECONNREFUSED",
    "EHOSTDOWN",
    "EHOSTUNREACH",
    "EALREADY",
    "EINPROGRESS",
    "ESTALE",
    "EUCLEAN",
    "ENOTNAM",
    "ENAVAIL",
    "EISNAM",
    "EREMOTEIO",
    "EDQUOT",
    "ENOMEDIUM",
    "EMEDIUMTYPE",
    "ECANCELED",
    "ENOKEY",
    "EKEYEXPIRED",
    "EKEYREVOKED",
    "EKEYREJECTED",
    "EOWNERDEAD",
    "ENOTRECOVERABLE",
    "ERFKILL",
    "EHWPOISON",
];
