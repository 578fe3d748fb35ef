//! Numbers as JavaScript writes them.

/// A number as `String(number)` gives it (ECMA-262, Number::toString), but `-0` as what it is.
pub(crate) fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}Infinity");
    }
    if value == 0.0 {
        return format!("{sign}0");
    }
    // The shortest digits that mean this number, and the power of ten of the first of them.
    let text = format!("{:e}", value.abs());
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = digits.chars().filter(|c| *c != '.').collect();
    let power: i32 = power.parse().unwrap_or(0);
    let count = digits.len() as i32;
    // How many digits stand before the point.
    let point = power + 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let split = |at: i32| digits.split_at_checked(usize::try_from(at).unwrap_or(0));
    match point {
        _ if count <= point && point <= 21 => format!("{sign}{digits}{}", zeros(point - count)),
        1..=21 => {
            let (whole, rest) = split(point).unwrap_or((&digits, ""));
            format!("{sign}{whole}.{rest}")
        }
        -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = split(1).unwrap_or((&digits, ""));
            let dot = if rest.is_empty() { "" } else { "." };
            let plus = if power < 0 { "" } else { "+" };
            format!("{sign}{first}{dot}{rest}e{plus}{power}")
        }
    }
}

/// A number of 16 bits (IEEE 754 binary16).
pub(crate) fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    match i32::from(bits >> 10 & 0x1f) {
        0 => sign * fraction * 2f64.powi(-14),
        0x1f if bits & 0x3ff == 0 => sign * f64::INFINITY,
        0x1f => f64::NAN,
        power => sign * (1.0 + fraction) * 2f64.powi(power - 15),
    }
}

/// A `BigInt` of 64-bit digits, least significant first, in decimal, without its `n`.
pub(crate) fn bigint(digits: &[u64], is_negative: bool) -> String {
    const POWER: u128 = 10_000_000_000_000_000_000;
    let mut digits = digits.to_vec();
    let mut parts = Vec::new();
    while digits.iter().any(|digit| *digit != 0) {
        // Division by a power of ten, most significant digit first.
        let mut rest: u128 = 0;
        for digit in digits.iter_mut().rev() {
            let whole = rest << 64 | u128::from(*digit);
            *digit = (whole / POWER) as u64;
            rest = whole % POWER;
        }
        parts.push(rest);
    }
    let Some(first) = parts.pop() else { return "0".to_owned() };
    let mut text = format!("{}{first}", if is_negative { "-" } else { "" });
    for part in parts.into_iter().rev() {
        text.push_str(&format!("{part:019}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_node_writes_them() {
        // What `String(x)` of Node 18 and 26 printed.
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (-42.0, "-42"),
            (100.0, "100"),
            (123456789012345680000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (-1.25e25, "-1.25e+25"),
            (0.1, "0.1"),
            (0.000001, "0.000001"),
            (0.0000015, "0.0000015"),
            (1e-7, "1e-7"),
            (1.23e-10, "1.23e-10"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (2147483648.0, "2147483648"),
            (9007199254740993.0, "9007199254740992"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn halves_are_what_they_are() {
        for (bits, value) in [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (1, 2f64.powi(-24))]
        {
            assert_eq!(half(bits).to_bits(), f64::to_bits(value));
        }
        assert!(half(0x7e00).is_nan() && half(0xfc00) == f64::NEG_INFINITY);
    }

    #[test]
    fn bigints_are_exact() {
        assert_eq!(bigint(&[], false), "0");
        assert_eq!(bigint(&[5], true), "-5");
        assert_eq!(bigint(&[0, 1], false), "18446744073709551616");
        // 12345678901234567890123n and 10n ** 38n.
        let power = 10u128.pow(38);
        assert_eq!(bigint(&[power as u64, (power >> 64) as u64], false), power.to_string());
        let number = 12345678901234567890123u128;
        assert_eq!(bigint(&[number as u64, (number >> 64) as u64], false), number.to_string());
    }
}
