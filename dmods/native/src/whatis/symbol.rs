//! Functions and variables.

use super::explanation::{Explanation, rank};
use super::facts::Facts;
use super::mapping::{range, section};
use mdb_dmod::{Mapping, Result};
use std::fmt::Write as _;

pub(crate) fn explain(
    facts: &Facts<'_>,
    address: u64,
    mapping: Option<&Mapping>,
    found: &mut Vec<Explanation>,
) -> Result<()> {
    let Some(symbol) = facts.s.symbol_at(address)? else { return Ok(()) };
    let mut text = symbol.text.clone();
    if let Some(mapping) = mapping {
        let place = if mapping.path.is_empty() { symbol.module.as_str() } else { &mapping.path };
        let _ = if place.is_empty() {
            write!(text, ", in {}", range(mapping))
        } else {
            write!(text, ", in {place} {}", range(mapping))
        };
    }
    let section = section(facts, address)?;
    found.push(Explanation {
        symbol: symbol.name,
        offset: Some(address.wrapping_sub(symbol.address)),
        section,
        ..Explanation::new(rank::SYMBOL, "symbol", text)
    });
    Ok(())
}
