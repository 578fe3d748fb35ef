//! Numbers in the radixes of the language, and sizes for people.

/// The number in a radix from 2 to 16, without a prefix and in lower case. Other radixes count
/// as the nearest of these.
pub fn format_radix(value: u64, radix: u32) -> String {
    let radix = radix.clamp(2, 16);
    let mut digits = Vec::with_capacity(64);
    let mut rest = value;
    loop {
        let digit = rest % u64::from(radix);
        digits.push(char::from_digit(digit as u32, radix).unwrap_or('0'));
        rest /= u64::from(radix);
        if rest == 0 {
            return digits.iter().rev().collect();
        }
    }
}

/// The number with the prefix of the language (`0i`, `0o`, `0t`, `0x`) if it is a number that
/// looks different in another radix: 9 stays `9` in hexadecimal and 10 is `0xa`. Radixes that
/// have no prefix get none.
pub fn format_radix_prefixed(value: u64, radix: u32) -> String {
    let radix = radix.clamp(2, 16);
    let digits = format_radix(value, radix);
    if value < u64::from(radix.min(10)) {
        return digits;
    }
    let prefix = match radix {
        2 => "0i",
        8 => "0o",
        10 => "0t",
        16 => "0x",
        _ => "",
    };
    format!("{prefix}{digits}")
}

/// As [`format_radix`], with a sign.
pub fn format_signed_radix(value: i64, radix: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", format_radix(value.unsigned_abs(), radix))
}

/// As [`format_radix_prefixed`], with a sign before the prefix.
pub fn format_signed_radix_prefixed(value: i64, radix: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", format_radix_prefixed(value.unsigned_abs(), radix))
}

/// A size in bytes for people, in powers of 1024 and in five characters at most: `512`, `1K`,
/// `1.50K`, `15.2M`, `120G`. Whole multiples have no decimals.
pub fn format_human_size(bytes: u64) -> String {
    const UNITS: [(u32, char); 6] =
        [(60, 'E'), (50, 'P'), (40, 'T'), (30, 'G'), (20, 'M'), (10, 'K')];
    let Some((shift, unit)) = UNITS.into_iter().find(|(shift, _)| bytes >> shift > 0) else {
        return bytes.to_string();
    };
    let one = 1_u128 << shift;
    let bytes = u128::from(bytes);
    if bytes % one == 0 {
        return format!("{}{unit}", bytes >> shift);
    }
    // As many decimals as fit, rounded half up: 9.999K is 10.0K.
    for (decimals, scale) in [(2_usize, 100_u128), (1, 10)] {
        let scaled = (bytes * scale + one / 2) >> shift;
        let text = format!("{}.{:0decimals$}{unit}", scaled / scale, scaled % scale);
        if text.len() <= 5 {
            return text;
        }
    }
    format!("{}{unit}", (bytes + one / 2) >> shift)
}
