//! Further targets beside the session's own, to compare two cores.

use crate::failure::Failure;
use crate::session::Session;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The further targets. Each has a session of its own, with the same dmods.
#[derive(Debug, Default)]
pub(crate) struct OtherTargets {
    list: RefCell<Vec<Option<Other>>>,
}

#[derive(Debug)]
struct Other {
    path: PathBuf,
    session: Rc<Session>,
}

/// No session compares more.
const MOST: usize = 64;

impl Session {
    /// Opens a target and answers its number, from 1; the same file has the same number.
    pub(crate) fn open_other(&self, path: &Path) -> Result<u32, Failure> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        let place = |list: &[Option<Other>]| {
            list.iter().position(|o| o.as_ref().is_some_and(|o| o.path == path))
        };
        if let Some(index) = place(&self.others.list.borrow()) {
            return Ok(number(index));
        }
        if self.others.list.borrow().iter().flatten().count() >= MOST {
            return Err(Failure::Failed(format!(
                "no more than {MOST} further targets can be open"
            )));
        }
        let (target, modules) = self.frontend().open_target(&path).map_err(Failure::Failed)?;
        let types = Rc::clone(self.types());
        let session = Self::with_types(target, modules, self.shared_frontend(), types);
        *session.options_mut() = self.options().clone();
        for module in self.dmods.borrow().loaded().to_vec() {
            session.register_shared_dmod(module);
        }
        let mut list = self.others.list.borrow_mut();
        list.push(Some(Other { path, session }));
        Ok(number(list.len() - 1))
    }

    /// The session over a further target.
    pub(crate) fn other(&self, number: u32) -> Option<Rc<Self>> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let list = self.others.list.borrow();
        list.get(index)?.as_ref().map(|other| Rc::clone(&other.session))
    }

    /// The dmods have changed: further targets that nobody works with are closed, to be opened with
    /// the new ones.
    pub(crate) fn forget_others(&self) {
        for place in self.others.list.borrow_mut().iter_mut() {
            place.take_if(|other| Rc::strong_count(&other.session) == 1);
        }
    }

    /// Closes a further target. Its number is not used again.
    pub(crate) fn close_other(&self, number: u32) -> Result<(), Failure> {
        let unknown = || Failure::Failed(format!("there is no target {number}"));
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        let index = index.ok_or_else(unknown)?;
        let mut list = self.others.list.borrow_mut();
        let place = list.get_mut(index).ok_or_else(unknown)?;
        let other = place.take().ok_or_else(unknown)?;
        if Rc::strong_count(&other.session) > 1 {
            *place = Some(other);
            return Err(Failure::Failed(format!("target {number} is in use")));
        }
        Ok(())
    }
}
