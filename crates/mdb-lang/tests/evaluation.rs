//! What an expression asks of its scope, and every error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use mdb_lang::{EvalError, Scope, Span, SymbolError, evaluate, parse_expression};

struct Fake {
    radix: u32,
    dot: u64,
    increment: u64,
}

const FAKE: Fake = Fake { radix: 16, dot: 0x1000, increment: 4 };

impl Scope for Fake {
    fn radix(&self) -> u32 {
        self.radix
    }
    fn dot(&self) -> u64 {
        self.dot
    }
    fn increment(&self) -> u64 {
        self.increment
    }
    fn last_address(&self) -> u64 {
        0x77
    }
    fn variable(&self, name: &str) -> Option<u64> {
        match name {
            "x" => Some(5),
            "x.y" => Some(6),
            "9" => Some(9),
            "." => Some(self.dot),
            _ => None,
        }
    }
    fn symbol(&self, object: Option<&str>, name: &str) -> Result<u64, SymbolError> {
        match (object, name) {
            (None, "main") => Ok(0x4000),
            (None, "fad") => Ok(1),
            (None, ".8") => Ok(8),
            (Some("libc.so.6"), "main") => Ok(0x5000),
            (Some("a.out`x.c"), "g") => Ok(0x6000),
            (Some("ld-linux-x86-64.so.2"), "_dl_start") => Ok(0x7000),
            (None, "ns::f(int)") => Ok(0x8000),
            (None | Some("libc.so.6"), _) => Err(SymbolError::UnknownSymbol),
            _ => Err(SymbolError::UnknownObject),
        }
    }
    /// Memory holds its own address in each byte; files hold the complement.
    fn read(&self, address: u64, size: u8, from_file: bool) -> Result<u64, String> {
        if address >= 0xffff_0000 {
            return Err("no mapping for address".to_owned());
        }
        let bytes: Vec<u8> = (0..8).map(|i| (address as u8).wrapping_add(i)).collect();
        let value = u64::from_le_bytes(bytes.try_into().unwrap());
        let value = if from_file { !value } else { value };
        Ok(if size == 8 { value } else { value & ((1 << (size * 8)) - 1) })
    }
    fn suggest_symbol(&self, _: Option<&str>, name: &str) -> Option<String> {
        (name == "mian").then(|| "main".to_owned())
    }
    fn suggest_variable(&self, name: &str) -> Option<String> {
        (name == "xx").then(|| "x".to_owned())
    }
}

fn value_in(text: &str, scope: &Fake) -> Result<u64, EvalError> {
    evaluate(&parse_expression(text).unwrap_or_else(|e| panic!("{text}: {e}")), scope)
}

fn value(text: &str) -> Result<u64, EvalError> {
    value_in(text, &FAKE)
}

fn failure(text: &str) -> (String, Span) {
    let error = value(text).expect_err(text);
    (error.to_string(), error.span)
}

#[test]
fn names_and_pseudo_values() {
    for (text, expected) in [
        (".", 0x1000),
        ("+", 0x1004),
        ("^", 0xffc),
        ("&", 0x77),
        ("+ + +", 0x2008),
        ("^^^", 0),
        ("&&&", 0x77),
        (".+1", 0x1001),
        ("<x", 5),
        ("<x.y", 6),
        ("<9", 9),
        ("<.", 0x1000),
        ("1<<<x", 32),
        ("<x<<1", 10),
        ("main", 0x4000),
        ("main+0t16", 0x4010),
        (".8", 8),
        ("libc.so.6`main", 0x5000),
        ("a.out`x.c`g", 0x6000),
        ("\"ld-linux-x86-64.so.2`_dl_start\"+4", 0x7004),
        ("\"ns::f(int)\"", 0x8000),
        // A symbol first, and a number only where there is none.
        ("fad", 1),
        ("fab", 0xfab),
        ("f_f", 0xff),
        ("0xfad", 0xfad),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn dereferences() {
    for (text, expected) in [
        ("*10", 0x1716_1514_1312_1110),
        ("*/c/10", 0x10),
        ("*/1/10", 0x10),
        ("*/s/10", 0x1110),
        ("*/2/10", 0x1110),
        ("*/i/10", 0x1312_1110),
        ("*/4/10", 0x1312_1110),
        ("*/l/10", 0x1716_1514_1312_1110),
        ("*/8/10", 0x1716_1514_1312_1110),
        ("%/c/10", !0x1716_1514_1312_1110 & 0xff),
        ("%10", !0x1716_1514_1312_1110),
        ("*/c/*/c/10", 0x10),
        ("*/c/10+8", 0x18),
        ("2**/c/10", 0x20),
        ("-*/c/10", (-0x10i64) as u64),
    ] {
        {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
    }
    // `%%` is always the modulus.
    assert!(parse_expression("8%%/c/fe").is_err());
    assert_eq!(value("8%(%/c/fe)"), Ok(8));
}

#[test]
fn the_default_radix_is_that_of_the_scope() {
    let with = |radix| Fake { radix, ..FAKE };
    assert_eq!(value_in("10", &with(2)), Ok(2));
    assert_eq!(value_in("10", &with(10)), Ok(10));
    assert_eq!(value_in("1_0", &with(8)), Ok(8));
    assert_eq!(value_in("0x10", &with(10)), Ok(16));
    let error = value_in("1+ff", &with(10)).unwrap_err();
    assert_eq!(error.to_string(), "digit 'f' is invalid in current base");
    assert_eq!(error.span, Span::new(2, 4));
    assert!(error.help.unwrap().contains("10"));
    assert_eq!(
        value_in("19", &with(8)).unwrap_err().to_string(),
        "digit '9' is invalid in current base"
    );
}

#[test]
fn character_constants_and_floats() {
    for (text, expected) in [
        ("'abcdefgh'", 0x6162_6364_6566_6768),
        ("'\\n'", 0xa),
        ("'\\0'", 0),
        ("'\\101\\\\'", 0x415c),
        ("'\\\"'", 0x22),
        ("'\\x'", 0x5c78),
        ("'é'", 0xc3a9),
        ("0t0.5", 0.5f64.to_bits()),
        ("0t1_0.2_5", 10.25f64.to_bits()),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn arithmetic_wraps_and_shifts_end() {
    for (text, expected) in [
        ("0xffffffffffffffff+1", 0),
        ("0-1", u64::MAX),
        ("0xffffffffffffffff*2", u64::MAX - 1),
        ("1<<0t63", 1 << 63),
        ("1<<0t64", 0),
        ("1<<0x100000000", 0),
        ("0xff>>0t64", 0),
        ("-1>>0t60", 15),
        ("-1%2", 0),
        ("-1%%2", 1),
        ("5#3", 6),
        ("0#8", 0),
        ("##5", 1),
        ("5##0", 5),
        ("~~5", 5),
        ("--5", 5),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn errors_name_the_part_that_failed() {
    for (text, message, start, end) in [
        ("1+5%0", "attempted to divide by zero", 2, 5),
        ("5%%0", "attempted to divide by zero", 0, 4),
        ("5#0", "attempted to divide by zero", 0, 3),
        ("0x8000000000000000%-1", "divide overflow", 0, 21),
        ("1+nosuch", "failed to dereference symbol: unknown symbol name", 2, 8),
        ("no`main", "failed to dereference symbol: unknown object file name", 0, 7),
        ("libc.so.6`x", "failed to dereference symbol: unknown symbol name", 0, 11),
        ("1+<nosuch", "variable 'nosuch' is not defined", 2, 9),
        ("1+*0xffffffff", "failed to read from address 0xffffffff: no mapping for address", 2, 13),
        ("10000000000000000", "specified value exceeds maximum immediate value", 0, 17),
    ] {
        assert_eq!(failure(text), (message.to_owned(), Span::new(start, end)), "{text}");
    }
}

#[test]
fn did_you_mean() {
    assert_eq!(value("mian").unwrap_err().help.as_deref(), Some("did you mean 'main'?"));
    assert_eq!(value("<xx").unwrap_err().help.as_deref(), Some("did you mean '<x'?"));
    assert_eq!(value("nosuch").unwrap_err().help, None);
}

#[test]
fn the_increment_stays_in_its_half_of_the_address_space() {
    let near = Fake { dot: i64::MAX as u64, increment: 4, ..FAKE };
    assert!(value_in("+", &near).is_err());
    let top = Fake { dot: u64::MAX, increment: 1, ..FAKE };
    assert!(value_in("+", &top).is_err());
    let low = Fake { dot: 3, increment: 4, ..FAKE };
    assert!(value_in("^", &low).is_err());
    assert_eq!(value_in("+", &low), Ok(7));
}

#[test]
fn an_error_shows_line_caret_and_help() {
    let error = value("1+mian").unwrap_err();
    assert_eq!(
        error.render("1+mian"),
        "failed to dereference symbol: unknown symbol name\n    1+mian\n      ^^^^\n    did you mean \
         'main'?\n"
    );
}
