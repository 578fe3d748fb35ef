//! Calls of commands of dmods, and of commands by dmods.

use super::Services;
use crate::command::Call;
use crate::failure::Failure;
use crate::item::Item;
use crate::output::{Output, OutputMode, Sink};
use crate::session::Session;
use mdb_dmod_host::{Flow, Item as HostItem};
use mdb_print::StyledText;
use std::cell::RefCell;

/// Gives the items of an inner command to a dmod.
pub(super) struct ItemsSink<'a> {
    pub(super) each: RefCell<&'a mut dyn FnMut(HostItem) -> Flow>,
}

fn flow_result(flow: Flow) -> Result<(), Failure> {
    match flow {
        Flow::Continue => Ok(()),
        Flow::Closed => Err(Failure::Closed),
        Flow::Cancelled => Err(Failure::Interrupted),
    }
}

impl Sink for ItemsSink<'_> {
    fn mode(&self) -> OutputMode {
        OutputMode::Items
    }

    fn write(&self, _text: &StyledText) -> Result<(), Failure> {
        Ok(())
    }

    fn item(&self, item: Item) -> Result<(), Failure> {
        flow_result((self.each.borrow_mut())(HostItem { value: item.value, type_id: item.kind.0 }))
    }
}

/// Gives the text of an inner command to a dmod.
pub(super) struct TextSink<'a> {
    pub(super) each: RefCell<&'a mut dyn FnMut(&str) -> Flow>,
}

impl Sink for TextSink<'_> {
    fn mode(&self) -> OutputMode {
        OutputMode::Text
    }

    fn write(&self, text: &StyledText) -> Result<(), Failure> {
        flow_result((self.each.borrow_mut())(text.as_str()))
    }

    fn item(&self, _item: Item) -> Result<(), Failure> {
        Ok(())
    }
}

/// Calls a command of a dmod.
pub(crate) fn call_dcmd(
    module: &mdb_dmod_host::LoadedModule,
    index: usize,
    session: &Session,
    call: &Call<'_>,
    output: &Output<'_>,
) -> Result<(), Failure> {
    let services = Services::new(session, Some(output));
    let host_item = |i: &Item| HostItem { value: i.value, type_id: i.kind.0 };
    let mut arguments = call.arguments.clone();
    let invocation = &call.invocation;
    arguments.item = host_item(&invocation.item);
    arguments.address_given = invocation.address.is_some();
    arguments.in_loop = invocation.looping;
    arguments.loop_first = invocation.first;
    arguments.pipe_in = invocation.in_pipe;
    arguments.pipe_out = output.feeds_pipe();
    arguments.input = invocation.input.iter().map(host_item).collect();
    let result = module.call_dcmd(index, &services, &arguments);
    if let Some(failure) = services.take_failure() {
        return Err(failure);
    }
    result.map_err(|e| call_failure(&call.spec.name, e))
}

pub(crate) fn call_failure(name: &str, error: mdb_dmod_host::CallError) -> Failure {
    use mdb_dmod_host::Status;
    match error.status {
        Status::CANCELLED => Failure::Interrupted,
        Status::USAGE => Failure::Usage(format!(
            "::{name}: {}\ntry '::help {name}' for more information",
            error.message
        )),
        _ => Failure::Failed(error.message),
    }
}
