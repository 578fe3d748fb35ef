//! One call of a command or a walker through its table.

use super::{State, tables};
use mdb_dmod_abi::{
    Array, CALL_ADDRESS, COLUMN_ITEM, Call, Dcmd, Item, Status, Str, VALUE_GIVEN, Value, WalkCall,
    Walker,
};
use std::ffi::c_void;

/// What options and arguments were given, in the order in which they are declared.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) options: Vec<Vec<(u64, String)>>,
    pub(super) arguments: Vec<Vec<(u64, String)>>,
}

/// A call.
#[derive(Debug)]
pub(super) struct Stage<'c> {
    pub(super) dcmd: &'c Dcmd,
    pub(super) given: &'c Given,
    pub(super) item: Item,
    pub(super) flags: u32,
    pub(super) input: &'c [Item],
}

/// The column whose cell a row becomes in a pipe.
pub(super) fn item_column(dcmd: &Dcmd) -> Option<usize> {
    // SAFETY: the tables of a dmod that is linked in.
    unsafe { dcmd.columns.iter().position(|column| column.flags & COLUMN_ITEM != 0) }
}

/// Values as the tables want them; the first of each has the rest.
fn lend(kinds: &[u32], given: &[Vec<(u64, String)>]) -> (Vec<Value>, Vec<Vec<Value>>) {
    let none = |kind| Value { kind, flags: 0, number: 0, text: Str::EMPTY, rest: Array::EMPTY };
    let (mut values, mut rests) = (Vec::new(), Vec::new());
    for (index, kind) in kinds.iter().enumerate() {
        let words = given.get(index).map_or(&[][..], Vec::as_slice);
        let value = |(number, text): &(u64, String)| Value {
            flags: VALUE_GIVEN,
            number: *number,
            text: Str::new(text),
            ..none(*kind)
        };
        let Some((first, rest)) = words.split_first() else {
            values.push(none(*kind));
            continue;
        };
        let rest: Vec<Value> = rest.iter().map(value).collect();
        values.push(Value { rest: Array::of(&rest), ..value(first) });
        rests.push(rest);
    }
    (values, rests)
}

impl State<'_> {
    pub(super) fn call_dcmd(&self, stage: &Stage<'_>) -> Status {
        let Stage { dcmd, given, item, flags, input } = stage;
        // SAFETY: the tables of a dmod that is linked in.
        let (options, arguments): (Vec<u32>, Vec<u32>) = unsafe {
            (
                dcmd.options.iter().map(|o| o.kind).collect(),
                dcmd.arguments.iter().map(|a| a.kind).collect(),
            )
        };
        let (options, _more) = lend(&options, &given.options);
        let (arguments, _rest) = lend(&arguments, &given.arguments);
        let call = Call {
            size: size_of::<Call>() as u32,
            flags: *flags,
            item: *item,
            options: Array::of(&options),
            arguments: Array::of(&arguments),
            input: Array::of(input),
        };
        let Some(run) = dcmd.run else { return Status::BAD_ARGUMENT };
        let cx = std::ptr::from_ref(self).cast_mut().cast();
        // SAFETY: the function of a dmod that is linked in; all is lent until it returns.
        unsafe { run(&raw const tables::HOST, cx, &raw const call) }
    }

    pub(super) fn call_walker(&self, walker: &Walker, start: Option<Item>) -> Status {
        unsafe extern "C" fn take(arg: *mut c_void, item: Item) -> Status {
            // SAFETY: the argument is the state below.
            match unsafe { arg.cast::<State<'_>>().as_ref() } {
                Some(state) => state.emit(item.value),
                None => Status::BAD_ARGUMENT,
            }
        }
        let call = WalkCall {
            size: size_of::<WalkCall>() as u32,
            flags: if start.is_some() { CALL_ADDRESS } else { 0 },
            start: start.unwrap_or_default(),
        };
        let Some(each) = walker.each else { return Status::BAD_ARGUMENT };
        let cx: *mut c_void = std::ptr::from_ref(self).cast_mut().cast();
        // SAFETY: the function of a dmod that is linked in; all is lent until it returns.
        unsafe { each(&raw const tables::HOST, cx.cast(), &raw const call, Some(take), cx) }
    }
}
