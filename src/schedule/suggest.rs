//! "Did you mean": the nearest of the names that exist.

/// The nearest candidate that a slip of the fingers explains; of equals the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    // Less than half of the word, so that no two short names are taken for one another.
    let allowed = (word.len() / 3).clamp(1, 4).min(word.len().saturating_sub(1) / 2);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.to_lowercase().chars().collect();
        let limit = best.map_or(allowed + 1, |(distance, _)| distance);
        if other.len().abs_diff(word.len()) >= limit {
            continue;
        }
        let distance = distance(&word, &other);
        if distance < limit {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The remedy for a name that does not exist.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|name| format!("did you mean `{name}`?"))
}

/// Insertions, removals, replacements and swaps of neighbours that lead from one word to the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let names = ["anna", "bjorn", "chloe", "emea-frontline", "secondary", "P1"];
        let cases = [
            ("ana", Some("anna")),
            ("Anna", Some("anna")),
            ("bjron", Some("bjorn")),
            ("emea_frontlne", Some("emea-frontline")),
            ("zoe", None),
            ("P9", None),
            ("p1", Some("P1")),
            ("primary", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(nearest(word, names), expected, "{word}");
        }
    }
}
