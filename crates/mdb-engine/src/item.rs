//! What flows through pipes.

use std::cell::RefCell;

/// A value with its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The value: an address, a thread's number.
    pub value: u64,
    /// Its type; [`TypeId::ADDRESS`] when nothing is known.
    pub kind: TypeId,
}

impl Item {
    /// A plain address.
    pub fn address(value: u64) -> Self {
        Self { value, kind: TypeId::ADDRESS }
    }
}

/// The type of an item, by the number of its name in this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeId(pub u64);

impl TypeId {
    /// An untyped address; every command takes it.
    pub const ADDRESS: Self = Self(0);
}

/// The names of the types of items.
#[derive(Debug, Default)]
pub struct TypeNames {
    names: RefCell<Vec<String>>,
}

/// More type names than this are a dmod's mistake.
const MOST_TYPES: usize = 1 << 16;

impl TypeNames {
    /// The number of a name, now or from before. The empty name is the untyped address.
    pub fn id(&self, name: &str) -> TypeId {
        if name.is_empty() {
            return TypeId::ADDRESS;
        }
        let mut names = self.names.borrow_mut();
        if let Some(at) = names.iter().position(|n| n == name) {
            return TypeId(at as u64 + 1);
        }
        if names.len() >= MOST_TYPES {
            return TypeId::ADDRESS;
        }
        names.push(name.to_owned());
        TypeId(names.len() as u64)
    }

    /// The name of a type.
    pub fn name(&self, id: TypeId) -> String {
        let names = self.names.borrow();
        let at = usize::try_from(id.0).ok().and_then(|n| n.checked_sub(1));
        at.and_then(|n| names.get(n).cloned()).unwrap_or_else(|| "address".to_owned())
    }

    /// Whether `pointer` is the type of pointers to `pointed`: the address of a `foo` is a `foo *`.
    pub fn is_pointer_to(&self, pointer: TypeId, pointed: TypeId) -> bool {
        let pointer = self.name(pointer);
        pointer.strip_suffix('*').is_some_and(|name| name.trim_end() == self.name(pointed))
    }

    /// The size of one value of a type in the words of an error: `a thread`, `an address`.
    pub fn described(&self, id: TypeId) -> String {
        let name = self.name(id);
        let vowel = name.starts_with(['a', 'e', 'i', 'o', 'u']);
        format!("{} {name}", if vowel { "an" } else { "a" })
    }
}
