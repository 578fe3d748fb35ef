//! `::dmods ::load ::unload`.

use crate::session::Session;

pub(super) fn register(_session: &Session) {}
