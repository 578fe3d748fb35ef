use mdb_dmod::prelude::*;

#[dcmd]
fn undocumented(_: &Session<'_>) -> Result<()> {
    Ok(())
}

/// ends with a full stop.
#[dcmd]
fn full_stop(_: &Session<'_>) -> Result<()> {
    Ok(())
}

/// takes a session that it may change
#[dcmd]
fn mutable(_: &mut Session<'_>) -> Result<()> {
    Ok(())
}

/// has an attribute that there is not
#[dcmd(adress = none)]
fn misspelled(_: &Session<'_>) -> Result<()> {
    Ok(())
}

/// starts at text
#[walker]
fn nodes(_: &Session<'_>, _: String) -> Result<std::iter::Empty<u64>> {
    Ok(std::iter::empty())
}

fn main() {}
