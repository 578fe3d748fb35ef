//! Types and modules of a fake target, and what the target is.

use super::{Fake, tables::state};
use mdb_dmod_abi::{
    Cx, MemberCallback, MemberInfo, Module, ModuleCallback, Status, Str, TargetInfo, TextCallback,
    TypeCallback, TypeInfo, TypesGroup, target_kind, type_kind,
};
use std::ffi::c_void;

pub(super) static TYPES: TypesGroup = TypesGroup {
    size: size_of::<TypesGroup>() as u32,
    reserved: 0,
    by_name: Some(by_name),
    name_of: Some(name_of),
    describe: Some(describe),
    members: Some(members),
};

/// A type of the fake target.
///
/// ```
/// # use mdb_dmod::testing::FakeType;
/// let node = FakeType::structure("node", 24)
///     .member("value", "int", 0, 4)
///     .member("next", "node *", 8, 8)
///     .bits("flag", "unsigned", 16, (3, 1));
/// # let _ = node;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FakeType {
    name: String,
    kind: u32,
    size: u64,
    count: u64,
    target: String,
    members: Vec<FakeMember>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FakeMember {
    name: String,
    type_name: String,
    offset: u64,
    size: u64,
    bits: (u32, u32),
}

impl FakeType {
    /// A struct of so many bytes.
    pub fn structure(name: &str, size: u64) -> Self {
        Self { name: name.to_owned(), kind: type_kind::STRUCT, size, ..Self::default() }
    }

    /// An array of `count` elements of `each` bytes.
    pub fn array(name: &str, element: &str, count: u64, each: u64) -> Self {
        let size = count.saturating_mul(each);
        let target = element.to_owned();
        Self { kind: type_kind::ARRAY, count, target, ..Self::structure(name, size) }
    }

    /// With a member.
    pub fn member(mut self, name: &str, type_name: &str, offset: u64, size: u64) -> Self {
        let (name, type_name) = (name.to_owned(), type_name.to_owned());
        self.members.push(FakeMember { name, type_name, offset, size, bits: (0, 0) });
        self
    }

    /// With a bit field: its first bit and how many.
    pub fn bits(self, name: &str, type_name: &str, offset: u64, bits: (u32, u32)) -> Self {
        let mut with = self.member(name, type_name, offset, 4);
        if let Some(member) = with.members.last_mut() {
            member.bits = bits;
        }
        with
    }
}

/// A module of the fake target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FakeModule {
    start: u64,
    end: u64,
    path: String,
}

impl Fake {
    /// With a type.
    pub fn with_type(mut self, described: FakeType) -> Self {
        self.types.push(described);
        self
    }

    /// With a module.
    pub fn module(mut self, start: u64, end: u64, path: &str) -> Self {
        self.modules.push(FakeModule { start, end, path: path.to_owned() });
        self
    }

    /// With another processor than x86-64, as ELF's `e_machine` numbers it.
    pub fn architecture(mut self, machine: u32) -> Self {
        self.machine = machine;
        self
    }

    /// With another size of pointers than 8, or the most significant byte first.
    pub fn machine(mut self, pointer_size: u32, big_endian: bool) -> Self {
        (self.pointer_size, self.big_endian) = (pointer_size, big_endian);
        self
    }

    fn type_called(&self, name: &str) -> Option<&FakeType> {
        self.types.iter().find(|found| found.name == name)
    }
}

/// Names are numbered from 1 in the order in which they were asked for.
unsafe extern "C" fn by_name(cx: *mut Cx, name: Str, id: *mut u64) -> Status {
    let state = state!(cx);
    // SAFETY: the dmod lends the text.
    let name = unsafe { name.text() };
    let mut names = state.fake.type_names.borrow_mut();
    let index = names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    // SAFETY: null or a place of the dmod's.
    match unsafe { id.as_mut() } {
        Some(id) => {
            *id = index as u64 + 1;
            Status::OK
        }
        None => Status::BAD_ARGUMENT,
    }
}

unsafe extern "C" fn name_of(
    cx: *mut Cx,
    id: u64,
    callback: TextCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    let names = state.fake.type_names.borrow();
    let name = (id as usize).checked_sub(1).and_then(|index| names.get(index)).cloned();
    drop(names);
    match name {
        // SAFETY: the dmod's callback with the dmod's argument.
        Some(name) => unsafe { callback(arg, Str::new(&name)) },
        None => Status::NOT_FOUND,
    }
}

unsafe extern "C" fn describe(
    cx: *mut Cx,
    name: Str,
    callback: TypeCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    // SAFETY: the dmod lends the text.
    let Some(found) = state.fake.type_called(unsafe { name.text() }) else {
        return Status::NOT_FOUND;
    };
    let lent = TypeInfo {
        struct_size: size_of::<TypeInfo>() as u32,
        kind: found.kind,
        size: found.size,
        count: found.count,
        name: Str::new(&found.name),
        target: Str::new(&found.target),
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

unsafe extern "C" fn members(
    cx: *mut Cx,
    name: Str,
    member: Str,
    callback: MemberCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    state.fake.type_questions.set(state.fake.type_questions.get() + 1);
    // SAFETY: the dmod lends both texts.
    let (name, member) = unsafe { (name.text(), member.text()) };
    let Some(found) = state.fake.type_called(name) else { return Status::NOT_FOUND };
    let asked = found.members.iter().filter(|m| member.is_empty() || m.name == member);
    let mut any = member.is_empty();
    for found in asked {
        any = true;
        let lent = MemberInfo {
            struct_size: size_of::<MemberInfo>() as u32,
            kind: state.fake.type_called(&found.type_name).map_or(0, |found| found.kind),
            offset: found.offset,
            size: found.size,
            bit_offset: found.bits.0,
            bit_size: found.bits.1,
            name: Str::new(&found.name),
            type_name: Str::new(&found.type_name),
        };
        // SAFETY: the dmod's callback with the dmod's argument.
        match unsafe { callback(arg, &raw const lent) } {
            Status::OK => {}
            Status::CLOSED => break,
            status => return status,
        }
    }
    if any { Status::OK } else { Status::NOT_FOUND }
}

fn lend_module(
    (index, module): (usize, &FakeModule),
    callback: unsafe extern "C" fn(*mut c_void, *const Module) -> Status,
    arg: *mut c_void,
) -> Status {
    let lent = Module {
        size: size_of::<Module>() as u32,
        flags: if index == 0 { mdb_dmod_abi::MODULE_EXECUTABLE } else { 0 },
        index: index as u32,
        reserved: 0,
        start: module.start,
        end: module.end,
        bias: module.start,
        name: Str::new(module.path.rsplit('/').next().unwrap_or("")),
        path: Str::new(&module.path),
        build_id: Str::EMPTY,
    };
    // SAFETY: the dmod's callback with the dmod's argument.
    unsafe { callback(arg, &raw const lent) }
}

pub(super) unsafe extern "C" fn module_at(
    cx: *mut Cx,
    address: u64,
    callback: ModuleCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    let mut modules = state.fake.modules.iter().enumerate();
    match modules.find(|(_, module)| (module.start..module.end).contains(&address)) {
        Some(found) => lend_module(found, callback, arg),
        None => Status::NOT_FOUND,
    }
}

pub(super) unsafe extern "C" fn modules(
    cx: *mut Cx,
    callback: ModuleCallback,
    arg: *mut c_void,
) -> Status {
    let state = state!(cx);
    let Some(callback) = callback else { return Status::BAD_ARGUMENT };
    for module in state.fake.modules.iter().enumerate() {
        match lend_module(module, callback, arg) {
            Status::OK => {}
            Status::CLOSED => break,
            status => return status,
        }
    }
    Status::OK
}

pub(super) unsafe extern "C" fn info(cx: *mut Cx, info: *mut TargetInfo) -> Status {
    let state = state!(cx);
    // SAFETY: null or a place of the dmod's.
    let Some(info) = (unsafe { info.as_mut() }) else { return Status::BAD_ARGUMENT };
    info.flags = 0;
    info.kind = target_kind::CORE;
    info.machine = state.fake.machine;
    info.pointer_size = state.fake.pointer_size;
    info.big_endian = state.fake.big_endian.into();
    info.page_size = 4096;
    info.threads = state.fake.threads.len() as u32;
    Status::OK
}
