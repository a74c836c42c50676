//! docs/metrics.md says what is exported, all of it and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

use super::sample::Sample;
use super::{Documented, documented};
use crate::validators::judge;

/// As another program reads them.
fn exported() -> Vec<Value> {
    let sample = Sample::start();
    let text = sample.scrape();
    assert_eq!(sample.daemon.stop(), 0);
    judge("openmetrics.py", &[], &text).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_exported_is_what_is_documented() {
    let families = exported();
    let word = |family: &Value, name: &str| family[name].as_str().unwrap().to_owned();
    let unit = |family: &Value| {
        let named = ["seconds", "bytes"].into_iter().find(|unit| {
            let name = word(family, "name");
            name.trim_end_matches("_total").ends_with(&format!("_{unit}"))
        });
        assert_eq!(word(family, "unit"), named.unwrap_or(""), "{family}: the name ends with the unit");
        word(family, "unit")
    };
    let exported: BTreeSet<Documented> = families
        .iter()
        .map(|family| Documented {
            name: word(family, "name"),
            kind: word(family, "type"),
            labels: words(&family["labels"]),
            unit: unit(family),
        })
        .collect();
    let documented = documented();
    let only = |one: &BTreeSet<Documented>, other: &BTreeSet<Documented>| {
        one.difference(other).map(|metric| format!("{metric:?}")).collect::<Vec<_>>().join("\n")
    };
    let (not_written, not_there) = (only(&exported, &documented), only(&documented, &exported));
    assert!(
        not_written.is_empty() && not_there.is_empty(),
        "exported and not in docs/metrics.md:\n{not_written}\nin docs/metrics.md and not exported:\n{not_there}"
    );
    for family in &families {
        assert!(!word(family, "help").is_empty(), "{family}");
        let ours = word(family, "name");
        assert!(ours.starts_with("meridian_") || ours.starts_with("process_"), "{ours}");
    }
}
