//! The command line.
//!
//! Options and operands may stand in any order. `+o NAME`, which unsets an option, is no syntax
//! of clap's: it is rewritten to a hidden option before clap sees the words.

use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory as _, FromArgMatches as _, Parser};
use mdb_engine::Options;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// A modular postmortem debugger for Linux.
#[derive(Debug, Parser)]
#[command(
    name = "mdb",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    max_term_width = 100,
    override_usage = "mdb [OPTIONS] [OBJECT] [CORE]",
    after_help = "Without -e, commands are read from standard input: '::help' lists them. \
                  With -e the exit status is 1 if any command failed."
)]
pub(crate) struct CommandLine {
    /// An executable and a core, or one of them
    #[arg(value_name = "FILE", num_args = 0..)]
    pub(crate) operands: Vec<PathBuf>,

    /// Evaluate TEXT instead of standard input; may be repeated
    #[arg(short = 'e', value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) evaluate: Vec<String>,

    /// The core
    #[arg(short = 'c', value_name = "CORE")]
    pub(crate) core: Option<PathBuf>,

    /// A process (not supported yet)
    #[arg(short = 'p', value_name = "PID", allow_hyphen_values = true)]
    pub(crate) process: Option<String>,

    /// Look for the target's files below SYSROOT
    #[arg(short = 'R', value_name = "SYSROOT")]
    pub(crate) sysroot: Option<PathBuf>,

    /// Look for dmods in these directories first (separated by colons)
    #[arg(short = 'L', value_name = "PATH")]
    dmod_paths: Vec<OsString>,

    /// Accepted as MDB accepts it; there are no macro files yet
    #[arg(short = 'I', value_name = "PATH")]
    macro_paths: Vec<OsString>,

    /// Do not load dmods
    #[arg(short = 'A')]
    no_dmods: bool,

    /// Do not run the files ~/.mdbrc and mdb/mdbrc
    #[arg(short = 'S')]
    pub(crate) no_rc: bool,

    /// The prompt, at most 35 characters
    #[arg(short = 'P', value_name = "PROMPT", allow_hyphen_values = true)]
    prompt: Option<String>,

    /// How many bytes a symbol reaches (decimal); 0: as many as it has
    #[arg(short = 's', value_name = "DISTANCE", value_parser = decimal)]
    symbol_distance: Option<u64>,

    /// The syntax of disassembly: att or intel
    #[arg(short = 'V', value_name = "MODE")]
    disassembly: Option<String>,

    /// Set options of ::set, separated by commas; +o unsets them
    #[arg(short = 'o', id = "set", value_name = "OPTION[,...]")]
    set: Vec<String>,

    #[arg(long = "unset-option", id = "unset", value_name = "OPTION[,...]", hide = true)]
    unset: Vec<String>,

    /// Show the rows of commands as JSON, a line each
    #[arg(long)]
    pub(crate) json: bool,

    /// Use executables and libraries even if their build-id is another one
    #[arg(long, short = 'F')]
    pub(crate) force: bool,

    /// End at the first command that fails
    #[arg(long)]
    strict: bool,

    /// Say what the dmod FILE is and what is wrong with it, and debug nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["operands", "evaluate", "core", "process"])]
    pub(crate) check_dmod: Option<PathBuf>,

    /// The child of --check-dmod: opens the file in this process
    #[arg(long, hide = true, requires = "check_dmod")]
    pub(crate) check_dmod_here: bool,

    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: Color,

    /// Print this help
    #[arg(short = 'h', long, short_alias = '?', action = ArgAction::Help)]
    help: Option<bool>,

    /// Print the version
    #[arg(long, action = ArgAction::Version)]
    version: Option<bool>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options of MDB that cannot be obeyed, and why. They end the program with status 2.
const REFUSED: &[(&str, &str)] = &[
    ("f", "raw files are not supported yet"),
    ("w", "writing is not supported yet"),
    ("k", KERNEL),
    ("K", KERNEL),
    ("U", KERNEL),
    ("m", KERNEL),
    ("M", KERNEL),
    ("W", "there is no I/O-mapped memory to access in a process"),
    ("y", "terminals are initialised without it"),
];
const KERNEL: &str = "mdb debugs processes; for kernels use crash(8) or drgn";

/// Why the program ends without having debugged anything: the text, and the exit status.
#[derive(Debug)]
pub(crate) enum BadOption {
    /// clap has the words: also for `--help` and `--version`.
    Clap(clap::Error),
    /// One sentence.
    Sentence(String),
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) line: CommandLine,
    /// The options of `::set`, as `-o`, `+o`, `-P`, `-s`, `-V` and `--strict` have them.
    pub(crate) options: Options,
    pub(crate) no_dmods: bool,
    /// Directories of `-L`.
    pub(crate) dmod_directories: Vec<PathBuf>,
    /// What is odd, but no reason to end.
    pub(crate) warnings: Vec<String>,
}

/// Reads the words after the program's name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Request, BadOption> {
    let command = command();
    let words = rewrite_plus(words, &command).map_err(BadOption::Sentence)?;
    let name = OsString::from("mdb");
    let matches = command
        .try_get_matches_from(std::iter::once(name).chain(words))
        .map_err(BadOption::Clap)?;
    let mut line = CommandLine::from_arg_matches(&matches).map_err(BadOption::Clap)?;
    if let Some((letter, why)) = REFUSED.iter().find(|(letter, _)| matches.get_flag(letter)) {
        return Err(BadOption::Sentence(format!("-{letter} cannot be used: {why}")));
    }
    // MDB's way to say "no core".
    line.operands.retain(|operand| operand.as_os_str() != "-");
    if line.operands.len() + usize::from(line.core.is_some()) > 2 {
        let sentence = "expected an executable and a core at the most, found more files";
        return Err(BadOption::Sentence(sentence.to_owned()));
    }
    let mut no_dmods = line.no_dmods;
    let mut warnings = Vec::new();
    let options =
        set_options(&line, &matches, &mut no_dmods, &mut warnings).map_err(BadOption::Sentence)?;
    if let Some(root) = line.sysroot.as_deref().filter(|root| !root.is_dir()) {
        let sentence = format!("-R {}: expected a directory", root.display());
        return Err(BadOption::Sentence(sentence));
    }
    let dmod_directories = line.dmod_paths.iter().flat_map(std::env::split_paths).collect();
    Ok(Request { line, options, no_dmods, dmod_directories, warnings })
}

fn command() -> Command {
    let refused = REFUSED.iter().map(|(letter, _)| {
        let short = letter.chars().next();
        Arg::new(*letter).short(short).hide(true).action(ArgAction::SetTrue)
    });
    // What mdb does anyway.
    let user = Arg::new("u").short('u').hide(true).action(ArgAction::SetTrue);
    CommandLine::command().args(refused).arg(user)
}

fn decimal(text: &str) -> Result<u64, String> {
    // `u64::from_str` also takes a sign.
    if text.bytes().all(|b| b.is_ascii_digit())
        && let Ok(value) = text.parse()
    {
        return Ok(value);
    }
    Err("expected decimal digits".to_owned())
}

/// The hidden option that `+o` becomes.
const UNSET: &str = "--unset-option";

/// Makes `+o NAME` (and `+oNAME`) the hidden option, wherever it is no value of another option.
fn rewrite_plus(
    words: impl IntoIterator<Item = OsString>,
    command: &Command,
) -> Result<Vec<OsString>, String> {
    let mut rewritten = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_bytes() {
            b"--" => {
                rewritten.push(word);
                rewritten.extend(words);
                break;
            }
            b"+o" => rewritten.push(UNSET.into()),
            [b'+', b'o', name @ ..] => {
                rewritten.push(UNSET.into());
                rewritten.push(OsStr::from_bytes(name).to_owned());
            }
            [b'+', letter] => {
                return Err(format!("illegal option -- +{}", letter.escape_ascii()));
            }
            _ => {
                let value_follows = takes_next_word(&word, command);
                rewritten.push(word);
                if value_follows && let Some(value) = words.next() {
                    rewritten.push(value);
                }
            }
        }
    }
    Ok(rewritten)
}

/// Whether a word is an option whose value is the next word.
fn takes_next_word(word: &OsStr, command: &Command) -> bool {
    let Some(word) = word.to_str() else { return false };
    let takes_value = |arg: &Arg| arg.get_action().takes_values();
    if let Some(long) = word.strip_prefix("--") {
        let mut arguments = command.get_arguments();
        return arguments.any(|arg| arg.get_long() == Some(long) && takes_value(arg));
    }
    let Some(letters) = word.strip_prefix('-') else { return false };
    let with_value = letters.char_indices().find(|(_, letter)| {
        command.get_arguments().any(|arg| arg.get_short() == Some(*letter) && takes_value(arg))
    });
    // What follows the letter in the same word is the value, if anything does.
    with_value.is_some_and(|(at, letter)| at + letter.len_utf8() == letters.len())
}

fn set_options(
    line: &CommandLine,
    matches: &ArgMatches,
    no_dmods: &mut bool,
    warnings: &mut Vec<String>,
) -> Result<Options, String> {
    let mut options = Options::default();
    for (names, on) in settings_in_order(line, matches) {
        for name in names.split(',').filter(|name| !name.is_empty()) {
            // MDB's other name for -A.
            if name == "nomods" {
                *no_dmods = on;
            } else {
                options.set(name, on)?;
            }
        }
    }
    if let Some(prompt) = &line.prompt {
        options.set_prompt(prompt)?;
    }
    if let Some(distance) = line.symbol_distance {
        options.symbol_distance = distance;
    }
    match line.disassembly.as_deref() {
        None => {}
        Some(mode @ ("att" | "intel")) => mode.clone_into(&mut options.disassembly),
        // Only a warning, as in MDB.
        Some(other) => warnings.push(format!(
            "-V {}: no such disassembly mode; expected att or intel",
            mdb_print::escape_text(other)
        )),
    }
    options.strict |= line.strict;
    Ok(options)
}

/// The values of `-o` and `+o` as they were given: later ones win.
fn settings_in_order<'a>(line: &'a CommandLine, matches: &ArgMatches) -> Vec<(&'a str, bool)> {
    let mut all: Vec<(usize, &str, bool)> = Vec::new();
    for (id, values, on) in [("set", &line.set, true), ("unset", &line.unset, false)] {
        let places = matches.indices_of(id).into_iter().flatten();
        all.extend(places.zip(values).map(|(place, value)| (place, value.as_str(), on)));
    }
    all.sort_unstable_by_key(|(place, _, _)| *place);
    all.into_iter().map(|(_, value, on)| (value, on)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Request {
        match parse(words.iter().map(OsString::from)) {
            Ok(request) => request,
            Err(BadOption::Clap(error)) => panic!("{error}"),
            Err(BadOption::Sentence(text)) => panic!("{text}"),
        }
    }

    fn refused(words: &[&str]) -> String {
        match parse(words.iter().map(OsString::from)) {
            Ok(request) => panic!("{request:?}"),
            Err(BadOption::Clap(error)) => {
                assert_eq!(error.exit_code(), 2);
                error.to_string()
            }
            Err(BadOption::Sentence(text)) => text,
        }
    }

    #[test]
    fn clap_finds_no_fault_in_the_table() {
        command().debug_assert();
    }

    #[test]
    fn options_and_operands_stand_in_any_order() {
        for words in [
            ["prog", "core", "-e", "::status"],
            ["-e", "::status", "prog", "core"],
            ["prog", "-e", "::status", "core"],
        ] {
            let request = read(&words);
            assert_eq!(request.line.operands, [PathBuf::from("prog"), PathBuf::from("core")]);
            assert_eq!(request.line.evaluate, ["::status"]);
        }
        let request = read(&["prog", "-c", "core", "-e", "-1=D", "-e", "+o"]);
        assert_eq!(request.line.core, Some(PathBuf::from("core")));
        assert_eq!(request.line.evaluate, ["-1=D", "+o"]);
        assert_eq!(read(&["-", "prog", "-"]).line.operands, [PathBuf::from("prog")]);
        assert!(refused(&["a", "b", "c"]).contains("found more files"));
        assert!(refused(&["a", "b", "-c", "d"]).contains("found more files"));
    }

    #[test]
    fn options_are_set_and_unset_in_their_order() {
        assert!(!read(&["+o", "pager"]).options.pager);
        assert!(read(&["+o", "pager", "-o", "pager,repeatlast"]).options.pager);
        assert!(!read(&["-o", "pager,repeatlast", "+opager"]).options.pager);
        assert!(read(&["-o", "pager,repeatlast", "+opager"]).options.repeat_last);
        assert!(read(&["-o", "nomods"]).no_dmods);
        assert!(!read(&["-o", "nomods", "+o", "nomods"]).no_dmods);
        assert!(read(&["--strict"]).options.strict);
        assert_eq!(read(&["-o", "width=132"]).options.width, Some(132));
        assert!(refused(&["-o", "pagr"]).contains("did you mean 'pager'"));
        assert!(refused(&["+x"]).contains("illegal option -- +x"));
        // A file can be called so.
        assert_eq!(read(&["+file"]).line.operands, [PathBuf::from("+file")]);
        assert_eq!(read(&["--", "+o"]).line.operands, [PathBuf::from("+o")]);
    }

    #[test]
    fn values_are_checked() {
        let longest = "x".repeat(35);
        assert_eq!(read(&["-P", &longest]).options.prompt, longest);
        assert!(refused(&["-P", &"x".repeat(36)]).contains("35 characters"));
        assert_eq!(read(&["-s", "16"]).options.symbol_distance, 16);
        assert!(refused(&["-s", "0x10"]).contains("decimal digits"));
        assert!(refused(&["-s", "+1"]).contains("decimal digits"));
        assert_eq!(read(&["-V", "intel"]).options.disassembly, "intel");
        let odd = read(&["-V", "zork"]);
        assert_eq!(odd.options.disassembly, "att");
        assert!(odd.warnings[0].contains("zork"));
        assert!(refused(&["-R", "/nonexistent"]).contains("expected a directory"));
        assert!(refused(&["-Z"]).contains("-Z"));
        let directories = read(&["-L", "/a:/b", "-L", "/c"]).dmod_directories;
        assert_eq!(directories, ["/a", "/b", "/c"].map(PathBuf::from));
    }

    #[test]
    fn options_without_meaning_say_why() {
        assert!(refused(&["-k"]).contains("crash(8)"));
        assert!(refused(&["-w", "core"]).contains("writing is not supported yet"));
        assert!(refused(&["-f", "core"]).contains("raw files"));
        read(&["-u", "core"]);
    }

    #[test]
    fn help_and_version_are_no_failures() {
        for word in ["-?", "-h", "--help", "--version"] {
            let Err(BadOption::Clap(error)) = parse([OsString::from(word)]) else {
                panic!("{word} was taken")
            };
            assert_eq!(error.exit_code(), 0, "{word}");
        }
    }
}
