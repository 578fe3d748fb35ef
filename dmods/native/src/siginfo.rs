//! `::siginfo`: why the process died.

use mdb_dmod::prelude::*;
use mdb_dmod::{signal_code_name, signal_name};
use std::fmt::Write as _;

/// print the signal that ended or stopped the process
///
/// # Examples
///
/// - `::siginfo`: the signal, its code, the address
#[dcmd(address = none, columns = COLUMNS)]
pub(crate) fn siginfo(s: &Session<'_>) -> Result<()> {
    let Some(info) = s.signal()? else {
        return Err(Error::NotFound(
            "the target records no signal: it did not die of one, or was written by gcore"
                .to_owned(),
        ));
    };
    let code_name = info.code.and_then(|code| signal_code_name(info.signal, code));
    let mut text = format!("signal {} ({})", info.signal, signal_name(info.signal));
    if let Some(code) = info.code {
        let _ = write!(text, ", code {code}");
    }
    if let Some(name) = code_name {
        let _ = write!(text, " ({name})");
    }
    if info.errno != 0 {
        let _ = write!(text, ", errno {}", info.errno);
    }
    if let Some(address) = info.address {
        let _ = write!(text, ", addr={address:x}");
    }
    if let Some((pid, uid)) = info.sender {
        let _ = write!(text, ", pid={pid} uid={uid}");
    }
    text.push('\n');
    let number = |n: Option<u32>| n.map_or(Cell::None, |n| Cell::Unsigned(n.into()));
    s.row_as(
        &[
            Cell::Signed(info.signal.into()),
            Cell::text(signal_name(info.signal)),
            info.code.map_or(Cell::None, |code| Cell::Signed(code.into())),
            Cell::text(code_name.unwrap_or("")),
            Cell::Signed(info.errno.into()),
            info.address.map_or(Cell::None, Cell::Address),
            number(info.sender.map(|(pid, _)| pid)),
            number(info.sender.map(|(_, uid)| uid)),
        ],
        &text,
    )
}

const COLUMNS: &[Column] = &[
    Column::new("SIGNAL", cell_kind::SIGNED),
    Column::new("NAME", cell_kind::TEXT),
    Column::new("CODE", cell_kind::SIGNED),
    Column::new("CODE NAME", cell_kind::TEXT),
    Column::new("ERRNO", cell_kind::SIGNED),
    Column::new("ADDRESS", cell_kind::ADDRESS).item(),
    Column::new("PID", cell_kind::UNSIGNED),
    Column::new("UID", cell_kind::UNSIGNED),
];
