use mdb_dmod::prelude::*;

#[derive(Load)]
struct Lacking {
    #[load(optional)]
    size: u64,
}

#[derive(Load)]
struct Misspelled {
    #[load(ofset = 8)]
    size: u64,
}

fn main() {}
