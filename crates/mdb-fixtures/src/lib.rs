//! Builds, crashes and finds the programs and cores that the tests debug.
//!
//! [`fixture`] compiles a small program from `fixtures/src`, runs it in a directory of its own with
//! the core limit raised, and gives back where the executable and the core are, and what the program
//! printed about itself before it died. That print is the tests' oracle: the debugger has to find in
//! the core what the program knew alive. Results are kept below the target directory, keyed by a
//! hash of source, flags and compiler, so that each is made once; parallel test processes are safe.
//!
//! What cannot be had on a machine is a [`FixtureError::Unavailable`]. A test that skips for that
//! reason does so through [`available`], which counts it.

mod cache;
mod compile;
mod core_pattern;
mod crash;
mod error;
mod fixture;
mod in_gdb;
mod living;
mod node;
mod node_case;
mod node_debian;
mod node_program;
mod node_table;
mod recipe;
mod skip;
pub mod synth;

use std::path::Path;

pub use cache::{fixtures_dir, target_dir, workspace_dir};
pub use crash::cores_go_elsewhere;
pub use error::FixtureError;
pub use fixture::Fixture;
pub use living::State;
pub use node::{NODE_VERSIONS, NodeFixture, node, node_core};
pub use node_case::{NodeCase, node_case, node_cases};
pub use node_debian::NODE_DEBIAN;
pub use node_program::NodeProgram;
pub use node_table::NODE_CASES;
pub use skip::{available, skipped, skipped_log};

/// Builds the named fixture, or finds it built. [`names`] has the names; besides there is `gigabyte`,
/// a core of a gibibyte for the bench.
pub fn fixture(name: &str) -> Result<Fixture, FixtureError> {
    fixture::make(recipe(name)?)
}

/// Builds the named fixture anew into a directory of the caller's, which should be empty.
pub fn make_in(name: &str, directory: &Path) -> Result<Fixture, FixtureError> {
    fixture::make_in(recipe(name)?, directory)
}

/// The classic example as it is committed: the program, its core (compressed by zstd), and what it
/// printed. It needs no compiler; `fixtures/make/committed-core.sh` made it. It died on another
/// machine: the path that it ran from does not exist, and the libraries in it are not this machine's.
pub fn committed() -> Result<Fixture, FixtureError> {
    fixture::committed()
}

/// The row of the table.
fn recipe(name: &str) -> Result<&'static recipe::Recipe, FixtureError> {
    recipe::RECIPES
        .iter()
        .chain(recipe::LARGE)
        .find(|recipe| recipe.name == name)
        .ok_or_else(|| FixtureError::Unknown { name: name.to_owned() })
}

/// The names that [`fixture`] knows, in the order of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    recipe::RECIPES.iter().map(|recipe| recipe.name)
}

/// Every fixture, built one after the other as the iterator is asked.
pub fn all() -> impl Iterator<Item = (&'static str, Result<Fixture, FixtureError>)> {
    recipe::RECIPES.iter().map(|recipe| (recipe.name, fixture::make(recipe)))
}
