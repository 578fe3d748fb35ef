//! Seconds since 1970 as a date, for `Y` and `y`.

use std::fmt::Write as _;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAY: i64 = 86_400;

/// `YYYY Mon dD HH:MM:SS` of a time in seconds since 1970 (UTC), moved by the offset of the local
/// time zone at that moment, in seconds east of Greenwich. `None` outside of the years 0 to 9999.
pub fn local_time(seconds: i64, utc_offset: i32) -> Option<String> {
    let seconds = seconds.checked_add(i64::from(utc_offset))?;
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY))?;
    let of_day = seconds.rem_euclid(DAY);
    let name = MONTHS.get(usize::try_from(month).ok()?)?;
    let mut text = String::with_capacity(20);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let _ = write!(text, "{year:04} {name} {day:>2} {hour:02}:{minute:02}:{second:02}");
    Some(text)
}

/// Year, month (0 is January) and day of the month of a day counted from 1970-01-01, in the
/// Gregorian calendar.
fn civil_from_days(days: i64) -> Option<(i64, i64, i64)> {
    // Days from 0000-01-01 to 1970-01-01.
    const EPOCH: i64 = 719_528;
    let mut rest = days.checked_add(EPOCH)?;
    // The calendar repeats every 400 years of 146,097 days.
    if !(0..146_097 * 25).contains(&rest) {
        return None;
    }
    // A first guess that is never too late and at most a few years too early.
    let mut year = rest / 366;
    rest -= days_before_year(year);
    while rest >= days_in_year(year) {
        rest -= days_in_year(year);
        year += 1;
    }
    let mut month = 0;
    while rest >= days_in_month(year, month) {
        rest -= days_in_month(year, month);
        month += 1;
    }
    Some((year, month, rest + 1))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

/// The days of all years from 0 up to `year`, which is not counted.
fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    // Year 0 is a leap year, hence the 1; `past` is -1 only for year 0 itself.
    if year == 0 { 0 } else { year * 365 + past / 4 - past / 100 + past / 400 + 1 }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        1 if is_leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        // From `date -u -d @N '+%Y %b %e %T'`.
        for (seconds, text) in [
            (0, "1970 Jan  1 00:00:00"),
            (-1, "1969 Dec 31 23:59:59"),
            (951_782_400, "2000 Feb 29 00:00:00"),
            (1_000_000_000, "2001 Sep  9 01:46:40"),
            (2_147_483_647, "2038 Jan 19 03:14:07"),
            (4_107_542_399, "2100 Feb 28 23:59:59"),
            (4_107_542_400, "2100 Mar  1 00:00:00"),
            (-62_167_219_200, "0000 Jan  1 00:00:00"),
            (253_402_300_799, "9999 Dec 31 23:59:59"),
        ] {
            assert_eq!(local_time(seconds, 0).as_deref(), Some(text));
        }
    }

    #[test]
    fn the_offset_moves_the_clock() {
        assert_eq!(local_time(0, 3600).as_deref(), Some("1970 Jan  1 01:00:00"));
        assert_eq!(local_time(0, -18_000).as_deref(), Some("1969 Dec 31 19:00:00"));
    }

    #[test]
    fn far_times_have_no_date() {
        assert_eq!(local_time(253_402_300_800, 0), None);
        assert_eq!(local_time(-62_167_219_201, 0), None);
        assert_eq!(local_time(i64::MAX, 1), None);
        assert_eq!(local_time(i64::MIN, -1), None);
    }

    #[test]
    fn days_follow_each_other() {
        let mut expected = (0, 0, 1);
        for days in -719_528..146_097 {
            assert_eq!(civil_from_days(days), Some(expected), "{days}");
            expected.2 += 1;
            if expected.2 > days_in_month(expected.0, expected.1) {
                expected = (expected.0, expected.1 + 1, 1);
            }
            if expected.1 == 12 {
                expected = (expected.0 + 1, 0, 1);
            }
        }
    }
}
