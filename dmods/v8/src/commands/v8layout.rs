//! `::v8layout`: what is known of V8's layout, and whether it fits.

use super::table::{Side, lines};
use crate::layout::fact::{Row, versions};
use crate::layout::version::Version;
use crate::layout::{Known, Origin};
use crate::vm::choice::{self, Assumed};
use crate::vm::sample::Depth;
use crate::vm::{Vm, roots::RootSource};
use mdb_dmod::prelude::*;

#[derive(Args)]
pub(crate) struct V8layoutArgs {
    /// check more of the core, and all commands use what that shows
    #[arg(short = 'v', long = "verify")]
    verify: bool,
    /// only what does not fit or was taken from elsewhere
    #[arg(short = 'p', long = "problems")]
    problems: bool,
    /// only facts whose name holds TEXT
    #[arg(short = 'f', long = "filter", value_name = "TEXT")]
    filter: Option<String>,
    /// read this target as if V8 were VERSION, as in 13.6; `real`: as what it is again
    #[arg(short = 'a', long = "assume", value_name = "VERSION")]
    assume: Option<String>,
    /// do not believe what the binary says of its layout
    #[arg(short = 'm', long = "no-metadata")]
    no_metadata: bool,
}

/// show what is known of V8's layout, where from, and whether it fits the core
///
/// Each fact is an offset, a mask, a number. ORIGIN says where it comes from: what is built in for V8
/// from a version on, a symbol of the binary (`v8dbg_` and a name), or what was found in the core.
/// FITS is how many of the objects that were looked at agree with it. Where fewer than 95 of 100 do,
/// the values of other versions are tried; where none of those fits either, the fact has failed, and
/// commands that need it say so instead of printing what may be wrong.
///
/// A little is checked whenever V8 is first looked at; `-v` checks more.
///
/// The numbers of a V8 that is newer than this mdb are those of the newest that it knows, as far as
/// they fit. With `-a` they are those of another version.
///
/// # Examples
///
/// - `::v8layout -v -p`: what is wrong
/// - `::v8layout -f JSFunction`: what is known of functions
/// - `::v8layout -a 13.6`: read the core as one of V8 13.6
#[dcmd(
    address = none,
    columns(
        Column::new("FACT", cell_kind::TEXT),
        Column::new("VALUE", cell_kind::SIGNED),
        Column::new("UNIT", cell_kind::TEXT),
        Column::new("FITS", cell_kind::TEXT),
        Column::new("ORIGIN", cell_kind::TEXT),
        Column::new("SOURCE", cell_kind::TEXT).detail().help("the file of V8 that says it"),
        Column::new("PASSED", cell_kind::UNSIGNED).detail().help("instances that fit"),
        Column::new("TRIED", cell_kind::UNSIGNED).detail().help("instances that were looked at"),
    )
)]
pub(crate) fn v8layout(s: &Session<'_>, args: V8layoutArgs) -> Result<()> {
    let depth = if args.verify { Depth::Thorough } else { Depth::Quick };
    let vm = if args.assume.is_some() || args.no_metadata {
        choice::assume(s, assumed(&args)?)?;
        Vm::again(s, depth)?
    } else if args.verify {
        Vm::again(s, depth)?
    } else {
        Vm::of(s)?
    };
    let filter = args.filter.unwrap_or_default().to_lowercase();
    let mut wanted = Vec::new();
    for (row, known) in vm.layout.facts() {
        let is_wanted = row.name.to_lowercase().contains(&filter);
        let is_problem = vm.layout.is_unknown(row.fact)
            || known.is_some_and(|known| {
                vm.layout.is_unfit(row.fact) || matches!(known.origin, Origin::Derived(_))
            });
        if is_wanted && (is_problem || !args.problems) {
            wanted.push((row, known));
        }
    }
    let texts: Vec<_> = wanted.iter().map(|(row, known)| shown(&vm, row, *known)).collect();
    for ((row, known), text) in wanted.iter().zip(lines(TABLE, &texts)) {
        s.row_as(&cells(&vm, row, *known), &text)?;
    }
    if s.output_mode().json || s.into_pipe() || s.output_mode().pipe {
        return Ok(());
    }
    if wanted.is_empty() && !args.problems {
        writeln!(s, "no fact has '{filter}' in its name")?;
    }
    writeln!(s, "{}", counts(&vm))?;
    writeln!(s, "{}", origins(s, &vm)?)
}

fn assumed(args: &V8layoutArgs) -> Result<Assumed> {
    let version = match args.assume.as_deref() {
        None | Some("real") => None,
        Some(text) => {
            let version = Version::parse(text).map(Version::minor);
            let known = version.filter(|version| versions().contains(version));
            let names = || {
                let all = versions().into_iter().map(|(major, minor)| format!("{major}.{minor}"));
                all.collect::<Vec<_>>().join(", ")
            };
            Some(known.ok_or_else(|| {
                Error::new(format!("'{text}' is no version that is known: {}", names()))
            })?)
        }
    };
    Ok(Assumed { version, without_metadata: args.no_metadata })
}

/// Headings of the text table.
const TABLE: [(&str, Side); 5] = [
    ("FACT", Side::Left),
    ("VALUE", Side::Right),
    ("UNIT", Side::Left),
    ("FITS", Side::Left),
    ("ORIGIN", Side::Left),
];

fn fits(vm: &Vm, row: &Row, known: Option<&Known>) -> String {
    let Some(known) = known else { return "-".to_owned() };
    let score = known.score;
    match score.tried {
        0 => "not checked".to_owned(),
        _ if vm.layout.is_unfit(row.fact) => format!("FAILED {} of {}", score.passed, score.tried),
        _ => format!("{} of {}", score.passed, score.tried),
    }
}

fn origin(vm: &Vm, row: &Row, known: Option<&Known>) -> String {
    match known.map(|known| &known.origin) {
        None if vm.layout.is_unknown(row.fact) => "not known".to_owned(),
        None => "not in this version".to_owned(),
        Some(Origin::BuiltIn((major, minor))) => format!("built in since {major}.{minor}"),
        Some(Origin::Metadata(symbol)) => format!("v8dbg_{symbol}"),
        Some(Origin::Derived(how)) => format!("in the core: {how}"),
    }
}

fn shown(vm: &Vm, row: &Row, known: Option<&Known>) -> [String; 5] {
    [
        row.name.to_owned(),
        known.map_or("-".to_owned(), |known| known.value.to_string()),
        row.unit.text().to_owned(),
        fits(vm, row, known),
        origin(vm, row, known),
    ]
}

fn cells(vm: &Vm, row: &Row, known: Option<&Known>) -> Vec<Cell<'static>> {
    let score = known.map(|known| known.score).unwrap_or_default();
    vec![
        Cell::text(row.name),
        known.map_or(Cell::None, |known| Cell::Signed(known.value)),
        Cell::text(row.unit.text()),
        Cell::text(fits(vm, row, known)),
        Cell::text(origin(vm, row, known)),
        Cell::text(row.source),
        Cell::Unsigned(score.passed.into()),
        Cell::Unsigned(score.tried.into()),
    ]
}

/// One line: how many facts there are, and how they did.
fn counts(vm: &Vm) -> String {
    let (mut fit, mut failed, mut unchecked) = (0, 0, 0);
    let (mut absent, mut unknown, mut adapted) = (0, 0, 0);
    for (row, known) in vm.layout.facts() {
        match known {
            None if vm.layout.is_unknown(row.fact) => unknown += 1,
            None => absent += 1,
            Some(known) => {
                if vm.layout.is_unfit(row.fact) {
                    failed += 1;
                } else if known.score.tried == 0 {
                    unchecked += 1;
                } else {
                    fit += 1;
                }
                if matches!(known.origin, Origin::Derived(_)) && !vm.layout.is_unfit(row.fact) {
                    adapted += 1;
                }
            }
        }
    }
    let all = fit + failed + unchecked + unknown;
    format!(
        "{all} facts: {fit} fit, {failed} failed, {unknown} unknown, {unchecked} not checked; \
         {adapted} found in the core; {absent} more are not in this version"
    )
}

/// Where all of it comes from.
fn origins(s: &Session<'_>, vm: &Vm) -> Result<String> {
    let version = vm.binary.version;
    let (major, minor) = vm.base;
    let base = if choice::assumed(s)?.version.is_some() {
        format!("; read as if it were {major}.{minor}")
    } else if versions().contains(&version.minor()) {
        String::new()
    } else {
        "; read as the newest that is known".to_owned()
    };
    let roots = match vm.roots.source {
        RootSource::Nothing => "names of roots are not known".to_owned(),
        source => format!("{} names of roots from {}", vm.roots.len(), source.text()),
    };
    Ok(format!(
        "V8 {version} in {} ({}){base}; v8dbg_ symbols from {}; {} instance types, {} types of frames; {roots}",
        vm.binary.module,
        vm.binary.version_source.text(),
        vm.metadata_source.text(),
        vm.kinds.len(),
        vm.frame_types.iter().count(),
    ))
}
