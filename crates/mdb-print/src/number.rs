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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prefixes_only_where_a_reader_needs_them() {
        for (value, radix, text) in [
            (0, 16, "0"),
            (9, 16, "9"),
            (10, 16, "0xa"),
            (16, 16, "0x10"),
            (9, 10, "9"),
            (10, 10, "0t10"),
            (7, 8, "7"),
            (8, 8, "0o10"),
            (1, 2, "1"),
            (2, 2, "0i10"),
            (5, 3, "12"),
            (u64::MAX, 16, "0xffffffffffffffff"),
        ] {
            assert_eq!(format_radix_prefixed(value, radix), text);
        }
        assert_eq!(format_signed_radix_prefixed(-1, 16), "-1");
        assert_eq!(format_signed_radix_prefixed(-16, 16), "-0x10");
        assert_eq!(format_signed_radix_prefixed(i64::MIN, 16), "-0x8000000000000000");
    }

    #[test]
    fn radixes_out_of_range_count_as_the_nearest() {
        assert_eq!(format_radix(5, 0), "101");
        assert_eq!(format_radix(255, 64), "ff");
    }

    #[test]
    fn sizes_for_people() {
        for (bytes, text) in [
            (0, "0"),
            (512, "512"),
            (1023, "1023"),
            (1024, "1K"),
            (1536, "1.50K"),
            (10 * 1024 + 1, "10.0K"),
            (15 * 1024 + 512, "15.5K"),
            (150 * 1024 + 512, "151K"),
            (10239, "10.0K"),
            (1 << 20, "1M"),
            (2 << 20, "2M"),
            ((2 << 20) + (1 << 18), "2.25M"),
            ((1 << 20) - 1, "1024K"),
            (1 << 30, "1G"),
            (1 << 60, "1E"),
            (u64::MAX, "16.0E"),
        ] {
            assert_eq!(format_human_size(bytes), text, "{bytes}");
        }
    }

    proptest! {
        #[test]
        fn std_reads_every_radix_back(value: u64, signed: i64, radix in 2_u32..=16) {
            prop_assert_eq!(u64::from_str_radix(&format_radix(value, radix), radix), Ok(value));
            prop_assert_eq!(
                i64::from_str_radix(&format_signed_radix(signed, radix), radix),
                Ok(signed)
            );
        }

        #[test]
        fn prefixed_hexadecimal_is_that_of_std(value in 10_u64..) {
            prop_assert_eq!(format_radix_prefixed(value, 16), format!("{value:#x}"));
        }

        #[test]
        fn human_sizes_are_short_and_near(bits in 0_u32..64, value: u64) {
            let bytes = value >> bits;
            let text = format_human_size(bytes);
            prop_assert!(text.len() <= 5, "{}", text);
            let (number, unit) = match text.strip_suffix(|c: char| c.is_ascii_uppercase()) {
                Some(number) => {
                    let unit = text.chars().last().and_then(|c| "KMGTPE".find(c)).unwrap();
                    (number, 1024_f64.powi(unit as i32 + 1))
                }
                None => (text.as_str(), 1.0),
            };
            let shown = number.parse::<f64>().unwrap() * unit;
            prop_assert!((shown - bytes as f64).abs() <= bytes as f64 * 0.006);
        }
    }
}
