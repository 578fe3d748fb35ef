//! Compilers and the tools around them, as values with errors.

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::FixtureError;
use crate::recipe::Language;

impl Language {
    /// The compiler: the variable that build tools honour, which may hold arguments, else the usual
    /// name.
    pub(crate) fn compiler(self) -> Command {
        let (variable, program) = match self {
            Self::C => ("CC", "cc"),
            Self::Cxx => ("CXX", "c++"),
            Self::Rust => ("RUSTC", "rustc"),
        };
        let value = env::var(variable).unwrap_or_default();
        let mut words = value.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or(program));
        command.args(words);
        command
    }

    /// What `--version` says, part of the cache key.
    pub(crate) fn version(self) -> &'static str {
        static VERSIONS: [OnceLock<String>; 3] = [const { OnceLock::new() }; 3];
        let slot = match self {
            Self::C => &VERSIONS[0],
            Self::Cxx => &VERSIONS[1],
            Self::Rust => &VERSIONS[2],
        };
        slot.get_or_init(|| {
            run(self.compiler().arg("--version"))
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
        let mut command = self.compiler();
        // Debug information and so the build-id hold the directory of the compiler: the same for
        // every test that may be the first to need a fixture.
        command.current_dir(crate::fixtures_dir());
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
