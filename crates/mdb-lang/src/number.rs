//! Digits to numbers.

/// Why some digits are no number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// No digits at all.
    #[error("expected a number")]
    Empty,
    /// A character that is no digit of the radix.
    #[error("digit '{0}' is invalid in current base")]
    Digit(char),
    /// More than 64 bits.
    #[error("specified value exceeds maximum immediate value")]
    Overflow,
}

/// The radix of a prefix letter: `0i`, `0o`, `0t`, `0x`.
pub(crate) fn prefix_radix(letter: char) -> Option<u32> {
    match letter {
        'i' | 'I' => Some(2),
        'o' | 'O' => Some(8),
        't' | 'T' => Some(10),
        'x' | 'X' => Some(16),
        _ => None,
    }
}

/// The value of digits in a radix from 2 to 16. `_` is a separator after the first digit.
pub(crate) fn digits_value(digits: &str, radix: u32) -> Result<u64, NumberError> {
    let radix = radix.clamp(2, 16);
    let mut value: u64 = 0;
    for (index, ch) in digits.char_indices() {
        if ch == '_' && index > 0 {
            continue;
        }
        let digit = ch.to_digit(radix).ok_or(NumberError::Digit(ch))?;
        value = value
            .checked_mul(u64::from(radix))
            .and_then(|v| v.checked_add(u64::from(digit)))
            .ok_or(NumberError::Overflow)?;
    }
    if digits.is_empty() { Err(NumberError::Empty) } else { Ok(value) }
}

/// The value of the text of a number: with a prefix (`0i 0o 0t 0x`), else in `default_radix`
/// (2 to 16). It is for words that a dcmd takes as a number; no symbol is looked up.
///
/// # Errors
/// An empty text, a digit that the radix does not have, more than 64 bits.
pub fn parse_number(text: &str, default_radix: u32) -> Result<u64, NumberError> {
    let mut chars = text.chars();
    if chars.next() == Some('0')
        && let Some(radix) = chars.next().and_then(prefix_radix)
    {
        return digits_value(chars.as_str(), radix);
    }
    digits_value(text, default_radix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_choose_the_radix() {
        assert_eq!(parse_number("10", 16), Ok(16));
        assert_eq!(parse_number("10", 10), Ok(10));
        assert_eq!(parse_number("0t10", 16), Ok(10));
        assert_eq!(parse_number("0T1_000", 16), Ok(1000));
        assert_eq!(parse_number("0i101", 10), Ok(5));
        assert_eq!(parse_number("0O17", 10), Ok(15));
        assert_eq!(parse_number("0XffFF", 10), Ok(0xffff));
        assert_eq!(parse_number("ff", 16), Ok(255));
        assert_eq!(parse_number("0xffffffffffffffff", 10), Ok(u64::MAX));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert_eq!(parse_number("", 16), Err(NumberError::Empty));
        assert_eq!(parse_number("0x", 16), Err(NumberError::Empty));
        assert_eq!(parse_number("ff", 10), Err(NumberError::Digit('f')));
        assert_eq!(parse_number("-1", 10), Err(NumberError::Digit('-')));
        assert_eq!(parse_number("_1", 10), Err(NumberError::Digit('_')));
        assert_eq!(parse_number("0x10000000000000000", 16), Err(NumberError::Overflow));
    }
}
