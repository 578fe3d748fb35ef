//! What the process was started with, and what it died of.

pub(crate) mod abort_message;
pub(crate) mod args;
pub(crate) mod cxx;
pub(crate) mod env;
pub(crate) mod errno;
pub(crate) mod exception;
pub(crate) mod panicinfo;
pub(crate) mod secrets;
pub(crate) mod start;
pub(crate) mod text;
pub(crate) mod thread_local;
pub(crate) mod unsaved;
