//! The fields of a mirror, and where the target has them.

use super::layout::Kind;
use super::{Layout, Load};
use crate::types::Member;
use crate::{Error, Result, Session};

/// A field of a mirror.
#[derive(Clone, Copy, Debug)]
pub struct LoadField {
    name: &'static str,
    offset: Option<u64>,
    optional: bool,
    layout: fn(&Session<'_>, Option<&Member>) -> Result<Layout>,
}

impl LoadField {
    /// A field that is found by the name of the target's member.
    pub const fn new<T: Load>(name: &'static str) -> Self {
        Self { name, offset: None, optional: false, layout: T::layout }
    }

    /// The field is here, whatever the target's types say.
    pub const fn at(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The target may lack it.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// A mirror of a struct.
#[derive(Clone, Copy, Debug)]
pub struct Mirror {
    name: &'static str,
    stated: Option<&'static str>,
    size: u64,
    fields: &'static [LoadField],
}

impl Mirror {
    /// A mirror with the name that it has in Rust.
    pub const fn new(name: &'static str, fields: &'static [LoadField]) -> Self {
        Self { name, stated: None, size: 0, fields }
    }

    /// It mirrors the type of this name.
    pub const fn named(mut self, name: &'static str) -> Self {
        self.stated = Some(name);
        self
    }

    /// The struct has so many bytes.
    pub const fn sized(mut self, bytes: u64) -> Self {
        self.size = bytes;
        self
    }

    /// Where its fields are; `member` is the place that it has in another struct.
    ///
    /// # Errors
    /// The type or a member is not known.
    pub fn layout(&self, session: &Session<'_>, member: Option<&Member>) -> Result<Layout> {
        let within = member.map(|member| member.type_name.as_str()).filter(|name| !name.is_empty());
        let type_name = self.stated.or(within).unwrap_or(self.name);
        let mut fields = Vec::new();
        for field in self.fields {
            fields.push(field.layout(session, type_name)?);
        }
        let size = match member {
            _ if self.size > 0 => self.size,
            Some(member) => member.size,
            None => 0,
        };
        Ok(Layout(Kind::Struct { size, fields }))
    }
}

impl LoadField {
    fn layout(&self, session: &Session<'_>, type_name: &str) -> Result<Option<(u64, Layout)>> {
        if let Some(offset) = self.offset {
            return Ok(Some((offset, (self.layout)(session, None)?)));
        }
        let member = match session.member(type_name, self.name) {
            Ok(Some(member)) => member,
            // Without the type nobody can say that the member is not there.
            Ok(None) if self.optional && session.type_named(type_name)?.is_some() => {
                return Ok(None);
            }
            Ok(None) => return Err(advise(session.no_member(type_name, self.name))),
            Err(error @ (Error::HostTooOld(_) | Error::Unsupported(_))) => {
                let message = format!(
                    "member '{}' of type '{type_name}' cannot be found: {error}",
                    self.name
                );
                return Err(advise(Error::NotFound(message)));
            }
            Err(error) => return Err(error),
        };
        let layout = (self.layout)(session, Some(&member)).map_err(|error| match error {
            Error::Other { message, address } => {
                Error::Other { message: format!("{type_name}.{}: {message}", self.name), address }
            }
            error => error,
        })?;
        Ok(Some((member.offset, layout)))
    }
}

/// What to try where types do not help.
fn advise(error: Error) -> Error {
    match error {
        Error::NotFound(message) => Error::NotFound(format!(
            "{message} (its place can be stated in the dmod: #[load(offset = N)])"
        )),
        error => error,
    }
}
