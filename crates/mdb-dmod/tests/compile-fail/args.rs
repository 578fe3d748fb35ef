use mdb_dmod::prelude::*;

#[derive(Args)]
struct Undocumented {
    #[arg(short = 'o')]
    offset: u64,
}

#[derive(Args)]
struct Twice {
    /// one
    #[arg(short = 'o')]
    one: bool,
    /// two
    #[arg(short = 'o')]
    two: bool,
}

#[derive(Args)]
struct Order {
    /// all
    all: Vec<u64>,
    /// one
    one: u64,
}

#[derive(Args)]
struct Flag {
    /// a flag without a name
    flag: bool,
}

fn main() {}
