//! The debuggers: which are installed, and what each is asked in its own words.

use std::path::{Path, PathBuf};
use std::process::Command;

use mdb_fixtures::Fixture;

use super::cases::Question;

/// What a tool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Mdb,
    EuStack,
    Drgn,
    Gdb,
    Lldb,
}

/// A debugger of this machine.
#[derive(Debug)]
pub(super) struct Tool {
    kind: Kind,
    program: PathBuf,
}

/// Name, how to get it.
const PEERS: &[(Kind, &str, &str)] = &[
    (Kind::EuStack, "eu-stack", "it is in the package elfutils"),
    (
        Kind::Drgn,
        "drgn",
        "python3 -m venv target/bench/venv && target/bench/venv/bin/pip install drgn",
    ),
    (Kind::Gdb, "gdb", "it is in the package gdb"),
    (Kind::Lldb, "lldb", "it is in the package lldb"),
];

/// mdb and the peers, said with their versions. `venv` is searched before PATH.
pub(super) fn installed(mdb: &Path, venv: &Path) -> Vec<Tool> {
    let mut tools = vec![Tool::mdb(mdb)];
    for (kind, name, how) in PEERS {
        match find(name, venv) {
            Some(program) => {
                let tool = Tool { kind: *kind, program };
                println!("{name}: {}", tool.version());
                tools.push(tool);
            }
            None => println!("{name}: not installed ({how})"),
        }
    }
    tools
}

fn find(name: &str, venv: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::iter::once(venv.to_owned()).chain(std::env::split_paths(&path));
    directories.map(|dir| dir.join(name)).find(|file| file.is_file())
}

impl Tool {
    pub(super) fn mdb(program: &Path) -> Self {
        Self { kind: Kind::Mdb, program: program.to_owned() }
    }

    pub(super) fn is_mdb(&self) -> bool {
        self.kind == Kind::Mdb
    }

    pub(super) fn name(&self) -> &'static str {
        let peer = PEERS.iter().find(|(kind, ..)| *kind == self.kind);
        peer.map_or("mdb", |(_, name, _)| name)
    }

    /// The first line of `--version`.
    fn version(&self) -> String {
        let output = Command::new(&self.program).arg("--version").output();
        let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
        text.unwrap_or_default().lines().next().unwrap_or("of unknown version").to_owned()
    }

    /// The command line that answers a question; `None` where the tool cannot, or not in any time.
    pub(super) fn command(&self, question: Question, fixture: &Fixture) -> Option<Command> {
        let mut command = Command::new(&self.program);
        let (program, core) = (&fixture.executable, &fixture.core);
        let address = |name| fixture.address(name).unwrap_or(0);
        let wanted = address("wanted");
        let asked = match question {
            Question::Unwound => self.is_mdb(),
            Question::JavaScript => self.is_mdb() || self.kind == Kind::Gdb,
            _ => true,
        };
        if !asked {
            return None;
        }
        match self.kind {
            Kind::Mdb => {
                command.arg("-S").arg("-e");
                command.arg(match question {
                    Question::Crashed | Question::Deep => "$c".to_owned(),
                    Question::AllThreads => "::walk thread | ::findstack".to_owned(),
                    Question::Unique => "::stacks".to_owned(),
                    Question::Unwound => "::walk thread | ::walk frame | ::count".to_owned(),
                    Question::Pointer => format!("0x{wanted:x}::ugrep"),
                    Question::JavaScript => "::jsstack".to_owned(),
                });
                command.arg(core);
            }
            Kind::EuStack => {
                // It always shows all threads of a core. Its time for a stack grows with the
                // square of the frames: 100,000 take a minute.
                if matches!(question, Question::Deep | Question::Unique | Question::Pointer) {
                    return None;
                }
                command.arg("--core").arg(core).arg("--executable").arg(program);
            }
            Kind::Drgn => {
                let text = match question {
                    Question::Crashed | Question::Deep => {
                        "print(prog.crashed_thread().stack_trace())".to_owned()
                    }
                    Question::AllThreads => {
                        "print(*[t.stack_trace() for t in prog.threads()], sep='\\n')".to_owned()
                    }
                    // Over all memory it stops at the first byte that the core does not have.
                    Question::Pointer => format!(
                        "found = prog.search_memory_u64({wanted})\n\
                         found.set_address_range({}, {})\n\
                         print(*[hex(a) for a, v in found], sep='\\n')",
                        address("start"),
                        address("end").saturating_sub(1)
                    ),
                    // It has no command for it.
                    Question::Unique | Question::Unwound | Question::JavaScript => return None,
                };
                command.arg("-q").arg("-c").arg(core).arg("-e").arg(text);
            }
            Kind::Gdb => {
                command.args(["-nx", "-q", "-batch"]);
                if question == Question::Deep {
                    // With them it takes minutes.
                    command.args(["-ex", "set print frame-arguments none"]);
                }
                command.arg("-ex").arg(match question {
                    Question::Crashed | Question::Deep | Question::JavaScript => "bt".to_owned(),
                    Question::AllThreads => "thread apply all bt".to_owned(),
                    Question::Pointer => format!(
                        "find /g {:#x}, {:#x}, {wanted:#x}",
                        address("start"),
                        address("end") - 1
                    ),
                    // It has no command for it.
                    Question::Unique | Question::Unwound => return None,
                });
                command.arg(program).arg(core);
            }
            Kind::Lldb => {
                command.args(["--batch", "--no-lldbinit", "-o"]).arg(match question {
                    Question::Crashed | Question::Deep => "thread backtrace",
                    Question::AllThreads => "thread backtrace all",
                    Question::Unique => "thread backtrace unique",
                    // It reads a core's memory in pieces through its own process layer: minutes.
                    Question::Pointer | Question::Unwound | Question::JavaScript => return None,
                });
                command.arg("-c").arg(core).arg(program);
            }
        }
        Some(command)
    }
}
