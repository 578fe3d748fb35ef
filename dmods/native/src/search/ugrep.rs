//! `::ugrep` and `::kgrep`: words of memory that hold a value.

use super::regions::{FROM, OBJECT, REGIONS, UNTIL, chosen};
use super::scan::scan;
use super::words::{Test, Values, Words};
use mdb_dmod::prelude::*;

/// `value::ugrep`.
pub(crate) struct Ugrep;
/// `value::kgrep`: the other name that MDB has for it.
pub(crate) struct Kgrep;

const OPTIONS: &[Opt] = &[
    FROM,
    UNTIL,
    Opt::new('d', value_kind::NUMBER, "DIST", "values from VALUE to below VALUE + DIST"),
    Opt::new('m', value_kind::NUMBER, "MASK", "only the bits of MASK count"),
    Opt::new('M', value_kind::NUMBER, "INVMASK", "only the bits outside of INVMASK count"),
    Opt::new('s', value_kind::NUMBER, "SIZE", "words of 1, 2, 4 or 8 bytes; a pointer by default"),
    Opt::flag('u', "at any address, not only at multiples of the size"),
    Opt::flag('v', "the value as well"),
    REGIONS,
    OBJECT,
];

const COLUMNS: &[Column] =
    &[Column::new("ADDRESS", cell_kind::ADDRESS).item(), Column::new("VALUE", cell_kind::HEX)];

const fn declaration(name: &'static str) -> Declaration {
    Declaration::new(name, "search memory for a value")
        .help(
            "Prints the address of each word that holds VALUE: all memory that can be read is \
             searched, or what the options choose. With `-d` each pointer into a range is found, \
             with `-m` and `-M` some bits are compared. Several values from a pipe are searched \
             in one go.",
        )
        .needs_address()
        .takes_all_input()
        .options(OPTIONS)
        .columns(COLUMNS)
}

impl Dcmd for Ugrep {
    const DECLARATION: Declaration = declaration("ugrep").examples(&[
        Example::new("main::ugrep -d 0x100 -v", "what points into main"),
        Example::new("7::ugrep -s 4 -R data | ::whatis", "which variables hold a 7"),
    ]);

    fn run(s: &Session<'_>) -> Result<()> {
        search(s)
    }
}

impl Dcmd for Kgrep {
    const DECLARATION: Declaration = declaration("kgrep")
        .examples(&[Example::new("<rsp::kgrep -R stack -d 0x1000", "pointers into a stack")]);

    fn run(s: &Session<'_>) -> Result<()> {
        search(s)
    }
}

/// What the options and values ask for; bits above the size do not count.
fn words(s: &Session<'_>, values: Vec<u64>) -> Result<Words> {
    let pointer = s.target().map_or(8, |target| target.pointer_size as usize);
    let size = match s.number('s') {
        None => pointer,
        Some(size @ (1 | 2 | 4 | 8)) => size as usize,
        Some(other) => {
            return Err(Error::Usage(format!("a word has 1, 2, 4 or 8 bytes, and not {other}")));
        }
    };
    let bits = u64::MAX >> (64 - 8 * size.clamp(1, 8));
    if let Some(value) = values.iter().find(|value| **value > bits) {
        return Err(Error::Usage(format!("0x{value:x} does not fit into {size} bytes")));
    }
    let (distance, mask, inverse) = (s.number('d'), s.number('m'), s.number('M'));
    if [distance, mask, inverse].iter().flatten().count() > 1 {
        return Err(Error::Usage("only one of -d, -m and -M can be given".to_owned()));
    }
    let single = match values.as_slice() {
        [value] => Some(*value),
        _ => None,
    };
    let test = match (single, distance, mask.or(inverse.map(|inverse| !inverse))) {
        (Some(start), Some(length), _) => {
            if length == 0 || start.checked_add(length - 1).is_none_or(|last| last > bits) {
                return Err(Error::Usage(format!(
                    "0x{start:x} + 0x{length:x} is no range of words of {size} bytes"
                )));
            }
            Test::Range { start, length }
        }
        (Some(value), None, mask) => {
            let mask = mask.unwrap_or(u64::MAX) & bits;
            Test::Masked { value: value & mask, mask }
        }
        (None, None, None) => Test::OneOf(Values::new(values)),
        (None, ..) => {
            return Err(Error::Usage(
                "-d, -m and -M are for one value; a pipe gave several".to_owned(),
            ));
        }
    };
    Ok(Words { test, size, unaligned: s.flag('u') })
}

fn search(s: &Session<'_>) -> Result<()> {
    let piped = s.from_pipe();
    let mut values: Vec<u64> =
        if piped { s.input().iter().map(|item| item.value).collect() } else { vec![s.dot()] };
    values.dedup();
    if values.is_empty() {
        return Ok(());
    }
    let several = values.len() > 1;
    let words = words(s, values)?;
    let with_value = s.flag('v') || several;
    let looked_at = scan(s, &chosen(s)?, &words, |(address, value)| {
        let cells = [Cell::Address(address), Cell::Hex(value)];
        if with_value {
            s.row_as(&cells, &format!("{address:x}:\t{value:x}\n"))
        } else {
            s.row_as(&cells, &format!("{address:x}\n"))
        }
    })?;
    if looked_at == 0 {
        s.warn("nothing was searched: the target has no memory there")?;
    }
    Ok(())
}
