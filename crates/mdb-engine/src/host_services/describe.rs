//! Things of the session in the words of the interface of dmods.

use crate::failure::Failure;
use mdb_debuginfo::{Module, ModuleKind};
use mdb_dmod_host::abi::{self, MODULE_EXECUTABLE, MODULE_FILE_MISSING, MODULE_VDSO};
use mdb_dmod_host::{Cell as HostCell, ModuleInfo, ServiceError, StackEndInfo};
use mdb_print::{Cell, Role};
use mdb_unwind::StackEnd;

/// Text of the target for a dmod, which will show it: a name with a newline must not forge a line.
pub(super) fn one_line(text: &str) -> String {
    mdb_print::escape_text(text).into_owned()
}

pub(super) fn module_info(module: &Module) -> ModuleInfo {
    let kind = match module.kind() {
        ModuleKind::Executable => MODULE_EXECUTABLE,
        ModuleKind::Vdso => MODULE_VDSO,
        _ => 0,
    };
    let missing = module.file_if_known().is_some_and(|f| !f.is_usable());
    let range = module.range();
    ModuleInfo {
        index: module.number(),
        flags: kind | if missing { MODULE_FILE_MISSING } else { 0 },
        start: range.start,
        end: range.end,
        bias: module.bias(),
        name: one_line(module.name()),
        path: one_line(&module.path().to_string_lossy()),
        build_id: module
            .build_id()
            .map_or(String::new(), |id| id.iter().map(|b| format!("{b:02x}")).collect()),
    }
}

pub(super) fn no_blocks() -> ServiceError {
    ServiceError::not_found("no loaded dmod knows the blocks of an allocator (see ::providers)")
}

pub(super) fn service_error(failure: &Failure) -> ServiceError {
    match failure {
        Failure::Interrupted => ServiceError::cancelled(),
        Failure::Fault(fault) if fault.is_interrupt() => ServiceError::cancelled(),
        Failure::Fault(fault) => ServiceError::fault(fault.address, fault.to_string()),
        other => ServiceError::new(other.to_string()),
    }
}

pub(super) fn end_info(end: Option<StackEnd>) -> StackEndInfo {
    use abi::stack_end;
    let Some(end) = end else {
        return StackEndInfo { kind: stack_end::LIMIT, sentence: "".into() };
    };
    let kind = match &end {
        end if end.is_complete() => stack_end::OUTERMOST,
        StackEnd::Fault(_) => stack_end::UNREADABLE,
        StackEnd::Cycle { .. }
        | StackEnd::SpNotIncreasing { .. }
        | StackEnd::BadReturnAddress { .. } => stack_end::CORRUPT,
        _ => stack_end::OTHER,
    };
    let sentence = if kind == stack_end::OUTERMOST { String::new() } else { end.to_string() };
    StackEndInfo { kind, sentence: sentence.into() }
}

/// How text of a role looks; one that is not known is plain.
pub(super) fn role_of(role: u32) -> Option<Role> {
    use abi::text_role;
    Some(match role {
        text_role::ADDRESS => Role::Address,
        text_role::SYMBOL => Role::Symbol,
        text_role::TYPE => Role::Type,
        text_role::NUMBER => Role::Number,
        text_role::STRING => Role::String,
        text_role::FAINT => Role::Dim,
        text_role::WARNING => Role::Warning,
        text_role::HEADING => Role::Header,
        _ => return None,
    })
}

pub(super) fn cell(cell: &HostCell<'_>) -> Cell {
    match cell {
        HostCell::Address(n) | HostCell::Symbol(n) => Cell::Address(*n),
        HostCell::Hex(n) => Cell::Hex(*n),
        HostCell::Unsigned(n) | HostCell::Size(n) => Cell::Unsigned(*n),
        HostCell::Signed(n) => Cell::Signed(*n),
        HostCell::Text(text) => Cell::Text(text.to_string()),
        HostCell::Lines(text) => Cell::List(text.lines().map(Cell::from).collect()),
        HostCell::Boolean(b) => Cell::Boolean(*b),
        _ => Cell::Null,
    }
}
