//! `demo`: builds everything, crashes the classic example and debugs its core.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use mdb_fixtures::{committed, cores_go_elsewhere, make_in};

use crate::install::build_release;
use crate::metadata::Metadata;
use crate::run::{TaskResult, shown};

pub(crate) fn demo(_: &[String]) -> TaskResult {
    let metadata = Metadata::read()?;
    let mdb = build_release(&metadata)?.join("mdb");
    let dir = metadata.target_directory().join("demo");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;

    let operands = match cores_go_elsewhere(&dir) {
        None => {
            println!("$ cc -O0 -g example1.c -o example1 && ulimit -c unlimited && ./example1");
            let example = make_in("example1", &dir)?;
            println!("Segmentation fault (core dumped)");
            vec![example.core]
        }
        Some(reason) => {
            println!("No core of our own: {reason}. Taking the committed one.");
            let example = committed()?;
            vec![example.executable, example.core]
        }
    };
    let session = Session { mdb, operands };
    println!("$ {}", shown(&session.command()));
    session.run("::status")?;
    let stacks = session.run("::walk thread | ::findstack -v")?;
    // The crashed function as the stack names it, for example func+0xc.
    let place = stacks
        .split(|letter: char| letter.is_whitespace() || letter == '(')
        .find(|word| word.starts_with("func+0x"))
        .ok_or("the stack of the crashed thread does not show func")?;
    if !stacks.contains("main+0x") {
        return Err("the stack of the crashed thread does not show main".into());
    }
    session.run(&format!("{place}::dis"))?;
    Ok(())
}

/// The debugger on the core.
struct Session {
    mdb: PathBuf,
    operands: Vec<PathBuf>,
}

impl Session {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.mdb);
        command.args(&self.operands);
        command
    }

    /// Runs one dcmd in a debugger of its own, and shows both.
    fn run(&self, text: &str) -> TaskResult<String> {
        println!("> {text}");
        let mut command = Command::new(&self.mdb);
        let output = command.arg("-e").arg(text).args(&self.operands).output()?;
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        print!("{answer}");
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        if output.status.success() {
            Ok(answer)
        } else {
            Err(format!("mdb ended with {} on `{text}`", output.status).into())
        }
    }
}
