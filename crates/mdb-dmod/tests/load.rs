//! Mirrors of structs of the target.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use mdb_dmod::prelude::*;
use mdb_dmod::testing::{Fake, FakeType};

/// The places are stated: no types are needed.
#[derive(Load, Debug, PartialEq)]
struct Stated {
    #[load(offset = 8)]
    next: Address,
    #[load(offset = 0)]
    value: u32,
    #[load(offset = 0x14)]
    signed: i16,
}

/// `struct node`, of which two members are enough.
#[derive(Load, Debug, PartialEq)]
#[load(name = "node")]
struct Node {
    value: i64,
    #[load(name = "link")]
    next: Address,
    flag: bool,
    level: u8,
    tag: [u8; 4],
    bounds: [Pair; 2],
    #[load(optional)]
    added_later: Option<u32>,
    origin: Point,
}

/// Found by the name of its type, which the member says.
#[derive(Load, Debug, PartialEq)]
struct Pair {
    low: u16,
    high: u16,
}

#[derive(Load, Debug, PartialEq)]
#[load(size = 16)]
struct Point {
    #[load(offset = 0)]
    x: f64,
    #[load(offset = 8)]
    y: f32,
}

macro_rules! show {
    ($name:ident, $type:ty) => {
        /// show one
        #[dcmd]
        fn $name(s: &Session<'_>) -> Result<()> {
            writeln!(s, "{:x?}", s.load::<$type>(s.dot())?)
        }
    };
}

show!(stated, Stated);
show!(node, Node);
show!(points, [Point; 2]);
show!(number, u64);

#[derive(Load, Debug)]
struct Lacking {
    #[allow(dead_code, reason = "shown")]
    nothing: u32,
}
show!(lacking, Lacking);

#[derive(Load, Debug)]
#[load(name = "node")]
struct Misspelled {
    #[allow(dead_code, reason = "shown")]
    valeu: u32,
}
show!(misspelled, Misspelled);

#[derive(Load, Debug)]
#[load(name = "node")]
struct TooSmall {
    #[allow(dead_code, reason = "shown")]
    link: u32,
}
show!(too_small, TooSmall);

#[derive(Load, Debug)]
#[load(name = "node")]
struct TooMany {
    #[allow(dead_code, reason = "shown")]
    tag: [u8; 5],
}
show!(too_many, TooMany);

/// the names of the members
#[dcmd]
fn members(s: &Session<'_>) -> Result<()> {
    for member in s.members("node")? {
        writeln!(s, "{} {} {:?}", member.name, member.offset, member.bits)?;
    }
    writeln!(s, "{} {}", s.type_size("node")?, s.offset_of("node", "link")?)
}

/// twice, in one call
#[dcmd]
fn twice(s: &Session<'_>) -> Result<()> {
    let pair: [Node; 2] = [s.load(s.dot())?, s.load(s.dot())?];
    writeln!(s, "{}", pair[0] == pair[1])
}

dmod! {
    name: mirrors,
    about: "mirrors",
    triggers: [],
    dcmds: [
        stated, node, points, number, lacking, misspelled, too_small, too_many, members, twice,
    ],
}

/// What a C compiler makes of
/// `struct node { int value; struct node *link; unsigned flag : 1, level : 5; char tag[4];
/// struct pair { unsigned short low, high; } bounds[2]; struct point origin; }`.
fn target() -> Fake {
    let node = FakeType::structure("node", 48)
        .member("value", "int", 0, 4)
        .member("link", "struct node *", 8, 8)
        .bits("flag", "unsigned", 16, (0, 1))
        .bits("level", "unsigned", 16, (1, 5))
        .member("tag", "char [4]", 20, 4)
        .member("bounds", "pair [2]", 24, 8)
        .member("origin", "point", 32, 16);
    let pair =
        FakeType::structure("pair", 4).member("low", "u16", 0, 2).member("high", "u16", 2, 2);
    let mut bytes = vec![0; 48];
    bytes[..4].copy_from_slice(&(-2_i32).to_le_bytes());
    bytes[8..16].copy_from_slice(&0x2000_u64.to_le_bytes());
    bytes[16] = 0b10_1011;
    bytes[20..24].copy_from_slice(b"abcd");
    bytes[24..32].copy_from_slice(&[1, 0, 2, 0, 3, 0, 4, 0]);
    bytes[32..40].copy_from_slice(&1.5_f64.to_le_bytes());
    bytes[40..44].copy_from_slice(&0.25_f32.to_le_bytes());
    Fake::new(builtin())
        .with_type(node)
        .with_type(pair)
        .with_type(FakeType::array("char [4]", "char", 4, 1))
        .with_type(FakeType::array("pair [2]", "pair", 2, 4))
        .region(0x1000, bytes)
}

fn text(fake: &Fake, line: &str) -> String {
    let out = fake.run(line);
    assert_eq!(out.error, None, "{line}");
    out.text
}

fn error(line: &str) -> String {
    target().run(line).error.unwrap()
}

const NODE: &str = "Node { value: fffffffffffffffe, next: Address(2000), flag: true, level: 15, \
                    tag: [61, 62, 63, 64], bounds: [Pair { low: 1, high: 2 }, Pair { low: 3, \
                    high: 4 }], added_later: None, origin: Point { x: 1.5, y: 0.25 } }\n";

#[test]
fn stated_places_need_no_types() {
    let bytes: Vec<u8> = (0..0x20).collect();
    let fake = Fake::new(builtin()).region(0x100, bytes.clone());
    let wanted = "Stated { next: Address(f0e0d0c0b0a0908), value: 3020100, signed: 1514 }\n";
    assert_eq!(text(&fake, "100::stated"), wanted);
    let fake = Fake::new(builtin()).region(0x100, bytes).machine(4, true);
    let wanted = "Stated { next: Address(8090a0b), value: 10203, signed: 1415 }\n";
    assert_eq!(text(&fake, "100::stated"), wanted);
    assert_eq!(text(&fake, "101::number"), "102030405060708\n");
}

#[test]
fn members_are_found_by_name() {
    assert_eq!(text(&target(), "1000::node"), NODE);
    // An array of a mirror that states its size.
    let two = [0.5_f64.to_bits(), 0.25_f32.to_bits().into(), 2.5_f64.to_bits(), 0];
    let points = "[Point { x: 0.5, y: 0.25 }, Point { x: 2.5, y: 0.0 }]\n";
    assert_eq!(text(&target().words(0x3000, &two), "3000::points"), points);
    assert_eq!(
        text(&target(), "::members"),
        "value 0 None\nlink 8 None\nflag 16 Some((0, 1))\nlevel 16 Some((1, 5))\ntag 20 None\n\
         bounds 24 None\norigin 32 None\n48 8\n"
    );
    let newer = FakeType::structure("node", 4).member("added_later", "unsigned", 0, 4);
    let fake = Fake::new(builtin()).with_type(newer);
    let out = fake.run("1000::node").error.unwrap();
    assert!(out.starts_with("type 'node' has no member 'value'; it has added_later"), "{out}");
}

#[test]
fn places_are_asked_for_once() {
    let fake = target();
    assert_eq!(text(&fake, "1000::twice"), "true\n");
    let asked = fake.type_questions();
    assert!(asked > 0);
    for _ in 0..3 {
        assert_eq!(text(&fake, "1000::node"), NODE);
    }
    assert_eq!(fake.type_questions(), asked);
}

#[test]
fn one_read_is_enough() {
    // The first read is done, before the second the user presses ^C.
    let fake = target().cancel_after(1);
    assert_eq!(text(&fake, "1000::node"), NODE);
}

#[test]
fn failures_name_type_and_member() {
    assert_eq!(
        error("1000::lacking"),
        "type 'Lacking' is not known here, so its member 'nothing' cannot be found (its place can \
         be stated in the dmod: #[load(offset = N)])"
    );
    assert_eq!(
        error("1000::misspelled"),
        "type 'node' has no member 'valeu'; it has value, link, flag, level, tag, bounds, origin \
         (its place can be stated in the dmod: #[load(offset = N)])"
    );
    assert_eq!(
        error("1000::too_small"),
        "node.link: it has 64 bits in the target, and a u32 in the mirror"
    );
    assert_eq!(
        error("1000::too_many"),
        "node.tag: it has 4 bytes in the target, and 5 elements of 1 in the mirror"
    );
    assert_eq!(error("1008::node"), "no data at address 0x1030: no mapping for address");
}

#[test]
fn hostile_types_do_no_harm() {
    let with = |node: FakeType| Fake::new(builtin()).with_type(node).run("1000::too_small").error;
    let far = FakeType::structure("node", 8).member("link", "int", u64::MAX, 4);
    assert!(with(far).is_some());
    let deep = FakeType::structure("node", 8).bits("link", "int", 0, (u32::MAX, 3));
    assert_eq!(with(deep).unwrap(), "node.link: the target's types are damaged");
    let empty = FakeType::structure("node", 8).member("link", "int", 0, 0);
    assert!(with(empty).unwrap().contains("0 bits"));
    let wide =
        FakeType::structure("node", 8).member("value", "int", 0, 4).member("link", "x", 1 << 40, 8);
    let out = Fake::new(builtin()).with_type(wide).run("1000::node").error.unwrap();
    assert!(out.contains("node"), "{out}");
}
