//! Types of the target, as far as somebody knows them: debug information, or another dmod.

use crate::callbacks::{Lent, Receiver, lend, owned};
use crate::session::function;
use crate::{Error, Result, Session};
use mdb_dmod_abi::{MemberInfo, Str, TypeInfo, TypesGroup};

/// A type of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// [`mdb_dmod_abi::type_kind`].
    pub kind: u32,
    /// Bytes of a value; 0: unknown.
    pub size: u64,
    /// For an array, how many elements.
    pub count: u64,
    /// What a pointer points to, what an array has; or empty.
    pub target: String,
}

/// A member of a struct or union, or a value of an enumeration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// The name of its type.
    pub type_name: String,
    /// [`mdb_dmod_abi::type_kind`] of its type.
    pub kind: u32,
    /// Where it is, in bytes; for an enumeration the value.
    pub offset: u64,
    /// Bytes of it.
    pub size: u64,
    /// For a bit field: its first bit, counted from bit 0 of the byte at `offset`, and how many.
    pub bits: Option<(u32, u32)>,
}

impl Lent for TypeInfo {
    type View<'v> = Type;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        // SAFETY: the caller says that the texts are lent.
        let (name, target) = unsafe { (owned(self.name), owned(self.target)) };
        Type { name, kind: self.kind, size: self.size, count: self.count, target }
    }
}

impl Lent for MemberInfo {
    type View<'v> = Member;

    unsafe fn view<'v>(self) -> Self::View<'v> {
        // SAFETY: the caller says that the texts are lent.
        let (name, type_name) = unsafe { (owned(self.name), owned(self.type_name)) };
        Member {
            name,
            type_name,
            kind: self.kind,
            offset: self.offset,
            size: self.size,
            bits: (self.bit_size != 0).then_some((self.bit_offset, self.bit_size)),
        }
    }
}

impl Session<'_> {
    /// The type of this name; `None`: nobody knows it.
    pub fn type_named(&self, name: &str) -> Result<Option<Type>> {
        fn ask<F: FnMut(&Type) -> Result<()>>(s: &Session<'_>, name: &str, f: F) -> Result<()> {
            let function = function!(s.types, TypesGroup, describe)?;
            let mut receiver = Receiver::new(f);
            let callback = lend::<TypeInfo, F>;
            // SAFETY: the context is that of the call under way; the callback fits its argument.
            let status = unsafe { function(s.cx, Str::new(name), Some(callback), receiver.arg()) };
            receiver.finish(s, status)
        }
        let mut found = None;
        let result = ask(self, name, |described| {
            found = Some(described.clone());
            Ok(())
        });
        match result {
            Ok(()) => Ok(found),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Bytes of a value of this type.
    ///
    /// # Errors
    /// The type, or its size, is not known.
    pub fn type_size(&self, name: &str) -> Result<u64> {
        match self.type_named(name)?.map(|found| found.size) {
            Some(size) if size > 0 => Ok(size),
            Some(_) => Err(Error::NotFound(format!("the size of type '{name}' is not known"))),
            None => Err(Error::NotFound(format!("type '{name}' is not known"))),
        }
    }

    /// Calls `each` for the member of this name, or (`None`) for all, in order.
    fn each_member<F>(&self, type_name: &str, member: Option<&str>, each: F) -> Result<()>
    where
        F: FnMut(&Member) -> Result<()>,
    {
        let function = function!(self.types, TypesGroup, members)?;
        let mut receiver = Receiver::new(each);
        let callback = lend::<MemberInfo, F>;
        let (name, member) = (Str::new(type_name), Str::new(member.unwrap_or("")));
        // SAFETY: the context is that of the call under way; the callback fits its argument.
        let status = unsafe { function(self.cx, name, member, Some(callback), receiver.arg()) };
        receiver.finish(self, status)
    }

    /// A member of a struct or union; `None`: nobody knows the type, or it has no such member.
    pub fn member(&self, type_name: &str, member: &str) -> Result<Option<Member>> {
        let mut found = None;
        let result = self.each_member(type_name, Some(member), |lent| {
            found.get_or_insert_with(|| lent.clone());
            Ok(())
        });
        match result {
            Ok(()) => Ok(found),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All members of a struct or union, or the values of an enumeration, in order.
    pub fn members(&self, type_name: &str) -> Result<Vec<Member>> {
        let mut all = Vec::new();
        self.each_member(type_name, None, |member| {
            all.push(member.clone());
            Ok(())
        })?;
        Ok(all)
    }

    /// Where a member is in its struct, in bytes.
    ///
    /// # Errors
    /// The type or the member is not known; the sentence names both, and what members there are.
    pub fn offset_of(&self, type_name: &str, member: &str) -> Result<u64> {
        match self.member(type_name, member)? {
            Some(member) => Ok(member.offset),
            None => Err(self.no_member(type_name, member)),
        }
    }

    /// The error for a member that was not found.
    pub(crate) fn no_member(&self, type_name: &str, member: &str) -> Error {
        /// How many names the sentence lists.
        const LISTED: usize = 12;
        if !matches!(self.type_named(type_name), Ok(Some(_))) {
            return Error::NotFound(format!(
                "type '{type_name}' is not known here, so its member '{member}' cannot be found"
            ));
        }
        let mut names = Vec::new();
        let _ = self.each_member(type_name, None, |member| {
            names.push(member.name.clone());
            if names.len() > LISTED { Err(Error::Closed) } else { Ok(()) }
        });
        if names.len() > LISTED {
            names.truncate(LISTED);
            names.push("...".to_owned());
        }
        let has = match names.len() {
            0 => "it has none".to_owned(),
            _ => format!("it has {}", names.join(", ")),
        };
        Error::NotFound(format!("type '{type_name}' has no member '{member}'; {has}"))
    }
}
