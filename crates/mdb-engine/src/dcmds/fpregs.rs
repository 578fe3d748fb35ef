//! `::fpregs $x $X $y $Y`.

use super::{add, alias};
use crate::command::Call;
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::{ColumnKind, ColumnSpec, DcmdSpec};
use mdb_print::StyledText;
use mdb_target::{Arch, aarch64, x86_64};

pub(super) fn register(session: &Session) {
    let spec = DcmdSpec::new("fpregs", "show the floating-point and vector registers of a thread")
        .help(
            "ADDRESS is a thread's number or kernel id. Vector registers are shown as one \
             hexadecimal number, the most significant byte first, as wide as the core has them: \
             `%zmm` with AVX-512, else `%ymm`, else `%xmm`.",
        )
        .types("thread", "")
        .column(ColumnSpec::new("REGISTER", ColumnKind::Text))
        .column(ColumnSpec::new("VALUE", ColumnKind::Text))
        .example("::fpregs", "those of the representative thread");
    add(session, spec.clone(), show);
    for name in ["$x", "$X", "$y", "$Y"] {
        alias(session, name, &spec, show);
    }
}

fn show(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let thread = session.thread_or_representative(call.address())?;
    let rows = match session.target().arch() {
        Arch::X86_64 => x86_64::fpregs::decode(&thread.floating_point).map(|r| x86_64_rows(&r)),
        _ => aarch64::fpregs::decode(&thread.floating_point).map(|r| aarch64_rows(&r)),
    };
    let rows = rows.ok_or_else(|| {
        Failure::Failed(format!(
            "the core has no floating-point registers of thread {}",
            thread.number
        ))
    })?;
    for (name, value) in rows {
        let text = StyledText::plain(&format!("%{name:<7} {value}\n"));
        output.row_as(&[name.into(), value.into()], &text)?;
    }
    Ok(())
}

fn x86_64_rows(registers: &x86_64::fpregs::FpRegisters) -> Vec<(String, String)> {
    let mut rows = vec![
        ("fcw".to_owned(), format!("0x{:04x}", registers.control)),
        ("fsw".to_owned(), format!("0x{:04x}", registers.status)),
        ("ftw".to_owned(), format!("0x{:02x}", registers.used)),
        ("fop".to_owned(), format!("0x{:04x}", registers.opcode)),
        ("rip".to_owned(), format!("0x{:016x}", registers.instruction)),
        ("rdp".to_owned(), format!("0x{:016x}", registers.operand)),
    ];
    for (index, bytes) in registers.st.iter().enumerate() {
        let digits: String = bytes.iter().rev().map(|b| format!("{b:02x}")).collect();
        rows.push((format!("st{index}"), format!("0x{digits}")));
    }
    rows.push(("mxcsr".to_owned(), format!("0x{:08x}", registers.mxcsr)));
    for (index, low) in registers.xmm.iter().enumerate() {
        let high = registers.ymm_high.and_then(|y| y.get(index).copied());
        let top = registers.zmm_high.and_then(|z| z.get(index).copied());
        rows.push(match (high, top) {
            (Some(high), Some([lower, upper])) => {
                (format!("zmm{index}"), format!("0x{upper:032x}{lower:032x}{high:032x}{low:032x}"))
            }
            (Some(high), None) => (format!("ymm{index}"), format!("0x{high:032x}{low:032x}")),
            _ => (format!("xmm{index}"), format!("0x{low:032x}")),
        });
    }
    for (index, parts) in registers.zmm_upper.iter().flatten().enumerate() {
        let digits: String = parts.iter().rev().map(|p| format!("{p:032x}")).collect();
        rows.push((format!("zmm{}", index + 16), format!("0x{digits}")));
    }
    for (index, mask) in registers.opmask.iter().flatten().enumerate() {
        rows.push((format!("k{index}"), format!("0x{mask:016x}")));
    }
    if let Some(pkru) = registers.pkru {
        rows.push(("pkru".to_owned(), format!("0x{pkru:08x}")));
    }
    rows
}

fn aarch64_rows(registers: &aarch64::fpregs::FpRegisters) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = registers
        .v
        .iter()
        .enumerate()
        .map(|(index, value)| (format!("v{index}"), format!("0x{value:032x}")))
        .collect();
    rows.push(("fpsr".to_owned(), format!("0x{:08x}", registers.fpsr)));
    rows.push(("fpcr".to_owned(), format!("0x{:08x}", registers.fpcr)));
    rows
}
