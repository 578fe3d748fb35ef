//! Dates as ISO 8601 has them.

/// Milliseconds to each side of 1970 that a Date can have (ECMA-262, `TimeClip`).
const MOST: f64 = 8.64e15;

/// A time value as `Date.prototype.toISOString` writes it; `None`: an invalid date.
pub(crate) fn iso(milliseconds: f64) -> Option<String> {
    if milliseconds.is_nan() || milliseconds.abs() > MOST {
        return None;
    }
    let all = milliseconds as i64;
    let (days, in_day) = (all.div_euclid(86_400_000), all.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{}{:06}", if year < 0 { '-' } else { '+' }, year.abs()),
    };
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, rest) = (in_day / 1000 % 60, in_day % 1000);
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{rest:03}Z"))
}

/// Year, month and day of a day after 1970-01-01. Years begin in March here, so that the leap day is
/// the last one; 400 of them have 146097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    // 0000-03-01 is 719468 days before 1970-01-01.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    // Without the leap days of the 4, 100 and 400 years before, all years have 365 days.
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on the months have 31, 30, 31, 30, 31 days, again and again: 153 in five months.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_node_writes_them() {
        // What `new Date(x).toISOString()` of Node 26 printed.
        for (milliseconds, text) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (86400000.0, "1970-01-02T00:00:00.000Z"),
            (-1.0, "1969-12-31T23:59:59.999Z"),
            (951782400000.0, "2000-02-29T00:00:00.000Z"),
            (1764107999123.0, "2025-11-25T21:59:59.123Z"),
            (-62198755200000.0, "-000001-01-01T00:00:00.000Z"),
            (8.64e15, "+275760-09-13T00:00:00.000Z"),
            (-8.64e15, "-271821-04-20T00:00:00.000Z"),
        ] {
            assert_eq!(iso(milliseconds).as_deref(), Some(text));
        }
        assert_eq!(iso(f64::NAN), None);
        assert_eq!(iso(8.65e15), None);
    }
}
