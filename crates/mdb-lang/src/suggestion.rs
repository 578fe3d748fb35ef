//! "Did you mean".

/// The candidate that is closest to a name, where one is close enough to be what was meant: at most
/// a third of its characters differ. Of equally close ones the first wins.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    // A name this long was not mistyped, and distances cost its length times the candidate's.
    if length == 0 || length > 256 {
        return None;
    }
    let allowed = length.div_ceil(3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let bound = best.map_or(allowed, |(distance, _)| distance.saturating_sub(1));
        if candidate == name || candidate.chars().count().abs_diff(length) > bound {
            continue;
        }
        let distance = strsim::osa_distance(name, candidate);
        if distance <= bound && distance < candidate.chars().count().max(length) {
            best = Some((distance, candidate));
        }
        if distance == 1 {
            break;
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_wins() {
        let names = ["status", "stack", "stacks", "walk", "which"];
        assert_eq!(closest("statsu", names), Some("status"));
        assert_eq!(closest("stakc", names), Some("stack"));
        assert_eq!(closest("wallk", names), Some("walk"));
        assert_eq!(closest("zzzzzz", names), None);
        assert_eq!(closest("", names), None);
        assert_eq!(closest("x", ["y"]), None);
    }
}
