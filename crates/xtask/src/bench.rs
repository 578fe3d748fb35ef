//! `bench`: speed and memory beside other debuggers.

use crate::run::TaskResult;

pub(crate) fn bench(_: &[String]) -> TaskResult {
    Err("there is no bench yet".into())
}
