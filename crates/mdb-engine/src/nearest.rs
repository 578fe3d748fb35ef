//! "Did you mean".

/// The candidate that is most like `name`, if any is like it enough.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    if name.chars().count() < 3 {
        return None;
    }
    // A quarter of the letters may differ, and at least one.
    let most = (name.chars().count() / 4).max(1);
    candidates
        .filter(|c| c.len().abs_diff(name.len()) <= most)
        .map(|c| (strsim::damerau_levenshtein(name, c), c))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, c)| c)
}
