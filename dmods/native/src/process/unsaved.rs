//! What a core does not tell, under the names that users look for: one honest line each.

use mdb_dmod::TargetKind;
use mdb_dmod::prelude::*;

/// `::pfiles`: open files.
pub(crate) struct Pfiles;
/// `::plimit`: resource limits.
pub(crate) struct Plimit;
/// `::pcred`: credentials.
pub(crate) struct Pcred;
/// `::pwdx`: the working directory.
pub(crate) struct Pwdx;

const COLUMNS: &[Column] = &[Column::new("ANSWER", cell_kind::TEXT)];

fn answer(s: &Session<'_>, core: &str) -> Result<()> {
    match s.target().map(|target| target.kind) {
        Ok(TargetKind::Core) => s.row_as(&[Cell::text(core)], &format!("{core}\n")),
        _ => Err(Error::Unsupported("there is no process: open a core".to_owned())),
    }
}

impl Dcmd for Pfiles {
    const DECLARATION: Declaration =
        Declaration::new("pfiles", "say what a core knows of open files")
            .no_address()
            .columns(COLUMNS)
            .examples(&[Example::new("::pfiles", "why there is no list of open files")]);

    fn run(s: &Session<'_>) -> Result<()> {
        answer(
            s,
            "a core does not record open files: ::stacks shows the descriptors that threads wait \
             for, ::mappings the files that are mapped",
        )
    }
}

impl Dcmd for Plimit {
    const DECLARATION: Declaration =
        Declaration::new("plimit", "say what a core knows of resource limits")
            .no_address()
            .columns(COLUMNS)
            .examples(&[Example::new("::plimit", "why there is no list of limits")]);

    fn run(s: &Session<'_>) -> Result<()> {
        answer(s, "a core does not record resource limits")
    }
}

impl Dcmd for Pwdx {
    const DECLARATION: Declaration =
        Declaration::new("pwdx", "say what a core knows of the working directory")
            .no_address()
            .columns(COLUMNS)
            .examples(&[Example::new("::pwdx", "where a hint of it may be")]);

    fn run(s: &Session<'_>) -> Result<()> {
        answer(
            s,
            "a core does not record the working directory: ::env PWD shows what the shell set at \
             the start",
        )
    }
}

impl Dcmd for Pcred {
    const DECLARATION: Declaration = Declaration::new("pcred", "print the ids of the process")
        .no_address()
        .columns(&[
            Column::new("PID", cell_kind::UNSIGNED),
            Column::new("PPID", cell_kind::UNSIGNED),
            Column::new("UID", cell_kind::UNSIGNED),
            Column::new("GID", cell_kind::UNSIGNED),
            Column::new("EUID", cell_kind::UNSIGNED),
            Column::new("EGID", cell_kind::UNSIGNED),
        ])
        .help("The effective ids are those at the start, from the auxiliary vector.")
        .examples(&[Example::new("::pcred", "user and group")]);

    fn run(s: &Session<'_>) -> Result<()> {
        /// `AT_EUID`, `AT_EGID` (`include/uapi/linux/auxvec.h`).
        const IDS: [u64; 2] = [12, 14];
        let process = s.process()?;
        let auxv = s.auxv()?;
        let number = |n: Option<u32>| n.map_or(Cell::None, |n| Cell::Unsigned(n.into()));
        let [euid, egid] = IDS.map(|id| {
            let found = auxv.iter().find(|(kind, ..)| *kind == id);
            found.map_or(Cell::None, |(_, value, _)| Cell::Unsigned(*value))
        });
        s.row(&[
            number(process.pid),
            number(process.ppid),
            number(process.uid),
            number(process.gid),
            euid,
            egid,
        ])
    }
}
