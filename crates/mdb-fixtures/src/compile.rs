//! Compilers and the tools around them, as values with errors.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::FixtureError;
use crate::recipe::Language;

impl Language {
    /// The compiler: the variable that build tools honour, else the usual name.
    pub(crate) fn compiler(self) -> OsString {
        let (variable, program) = match self {
            Self::C => ("CC", "cc"),
            Self::Cxx => ("CXX", "c++"),
            Self::Rust => ("RUSTC", "rustc"),
        };
        env::var_os(variable).filter(|value| !value.is_empty()).unwrap_or_else(|| program.into())
    }

    /// First line of `--version`, part of the cache key.
    pub(crate) fn version(self) -> &'static str {
        static VERSIONS: [OnceLock<String>; 3] = [const { OnceLock::new() }; 3];
        let slot = match self {
            Self::C => &VERSIONS[0],
            Self::Cxx => &VERSIONS[1],
            Self::Rust => &VERSIONS[2],
        };
        slot.get_or_init(|| {
            run(Command::new(self.compiler()).arg("--version"))
                .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
                .unwrap_or_default()
        })
    }

    /// Compiles `source` into `output`.
    pub(crate) fn compile(
        self,
        source: &Path,
        flags: &[&str],
        output: &Path,
    ) -> Result<(), FixtureError> {
        let mut command = Command::new(self.compiler());
        match self {
            // Flags last: libraries must follow the source that needs them.
            Self::C | Self::Cxx => command.arg("-Wall").arg(source).args(flags).arg("-pthread"),
            Self::Rust => command.arg("--edition=2024").arg(source).args(flags),
        };
        run(command.arg("-o").arg(output)).map(drop)
    }
}

/// Runs a tool to its end. Not installed is [`FixtureError::Unavailable`], a bad status
/// [`FixtureError::Tool`].
pub(crate) fn run(command: &mut Command) -> Result<Output, FixtureError> {
    let text = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().map_err(|source| {
        let program = command.get_program().to_owned();
        if source.kind() == io::ErrorKind::NotFound {
            let why = format!("{} is not installed", program.to_string_lossy());
            FixtureError::Unavailable { why }
        } else {
            FixtureError::Io { doing: "run", path: program.into(), source }
        }
    })?;
    if output.status.success() {
        return Ok(output);
    }
    Err(FixtureError::Tool {
        command: text,
        status: output.status.to_string(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
