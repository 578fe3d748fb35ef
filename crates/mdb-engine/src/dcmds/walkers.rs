//! `::walk` and the built-in walkers.

use super::add;
use crate::command::{Call, Walker};
use crate::failure::Failure;
use crate::item::Item;
use crate::output::Output;
use crate::session::Session;
use mdb_dmod_host::{AddressUse, ArgumentSpec, DcmdSpec, ValueKind, WalkerSpec};

fn walker(
    name: &'static str,
    summary: &'static str,
    start: AddressUse,
    output_type: &'static str,
) -> WalkerSpec {
    WalkerSpec {
        name: name.into(),
        summary: summary.into(),
        start,
        output_type: output_type.into(),
        ..WalkerSpec::default()
    }
}

pub(super) fn register(session: &Session) {
    add(
        session,
        DcmdSpec::new("walk", "give each item of a walker to the next command")
            .argument(ArgumentSpec::required("WALKER", ValueKind::Text, "see ::walkers"))
            .argument(ArgumentSpec::optional(
                "VARIABLE",
                ValueKind::Text,
                "holds the item while later commands run",
            ))
            .example("::walk thread | ::findstack", "the stacks of all threads"),
        walk,
    );
    let mut registry = session.registry_mut();
    registry.add_walker(Walker::built_in(
        walker(
            "thread",
            "the numbers of all threads; 1 is the one that crashed",
            AddressUse::None,
            "thread",
        ),
        |session, _, each| {
            session.process_active()?;
            let numbers: Vec<u32> = session.target().threads().iter().map(|t| t.number).collect();
            numbers.into_iter().try_for_each(|n| each(Item::address(u64::from(n))))
        },
    ));
    registry.add_walker(Walker::built_in(
        walker("mapping", "the base addresses of all mappings", AddressUse::None, "mapping"),
        |session, _, each| {
            let mappings = session.target().mappings();
            mappings.iter().try_for_each(|m| each(Item::address(m.range.start)))
        },
    ));
    registry.add_walker(Walker::built_in(
        walker("object", "the base addresses of all load objects", AddressUse::None, "object"),
        |session, _, each| {
            let modules = session.modules();
            modules.all().iter().try_for_each(|m| each(Item::address(m.range().start)))
        },
    ));
    registry.add_walker(Walker::built_in(
        walker("frame", "the program counters of the frames of a thread", AddressUse::Optional, ""),
        |session, start, each| {
            let thread = session.thread_or_representative(start.map(|s| s.value))?;
            let mut result = Ok(());
            session.stacks().walk(session, thread.registers.clone(), &mut |frame| {
                result = each(Item::address(frame.pc));
                result.is_ok()
            });
            result
        },
    ));
}

fn walk(session: &Session, call: &Call<'_>, output: &Output<'_>) -> Result<(), Failure> {
    let name = call.argument(0).map_or("", |a| a.text.as_str());
    let walker = session.registry().walker(name);
    let Some(walker) = walker else {
        let near = session.registry().nearest_walker(name);
        let hint = near.map_or(String::new(), |n| format!("; did you mean '{n}'?"));
        return Err(Failure::Abort(format!(
            "failed to perform walk: unknown walk name '{name}'{hint}"
        )));
    };
    let variable = call.argument(1).map(|a| a.text.clone());
    if let Some(variable) = &variable {
        mdb_lang::check_variable_name(variable).map_err(Failure::Abort)?;
    }
    let start = call.address().map(|_| call.invocation.item);
    walker.walk(session, start, &mut |item| {
        if let Some(variable) = &variable {
            session.assign(variable, item.value)?;
        }
        output.emit(item)
    })
}
