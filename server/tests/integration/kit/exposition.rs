//! Parses the text format of OpenMetrics 1.0 strictly. The crates for it skip what they do not understand, or their
//! licences do not fit.

use std::collections::{BTreeMap, BTreeSet};

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// The samples of a scrape.
pub(crate) fn parse(text: &str) -> Vec<Sample> {
    let body = text.strip_suffix("# EOF\n").expect("the text ends with # EOF");
    let (mut types, mut samples) = (BTreeMap::new(), Vec::new());
    let (mut families, mut series) = (BTreeSet::new(), BTreeSet::new());
    let mut family = String::new();
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let [keyword, name, rest] = comment.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
            assert!(is_name(name), "{line:?}");
            if name != family {
                assert!(families.insert(name.to_owned()), "the lines of a family must be adjacent: {line:?}");
                family = name.to_owned();
            }
            match keyword {
                "TYPE" => {
                    assert!(["counter", "gauge", "histogram", "info"].contains(&rest), "{line:?}");
                    assert!(types.insert(name.to_owned(), rest.to_owned()).is_none(), "{line:?}");
                }
                "UNIT" => assert!(name.ends_with(&format!("_{rest}")), "{line:?}"),
                "HELP" => assert!(!rest.is_empty()),
                _ => panic!("{line:?}"),
            }
            continue;
        }
        let sample = sample(line);
        let suffixes: &[&str] = match types.get(&family).unwrap_or_else(|| panic!("no type before {line:?}")).as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            _ => &["_bucket", "_count", "_sum"],
        };
        let suffix = sample.name.strip_prefix(&family).unwrap_or_else(|| panic!("{line:?} under {family}"));
        assert!(suffixes.contains(&suffix), "{line:?}");
        assert_eq!(suffix == "_bucket", sample.labels.contains_key("le"), "{line:?}");
        assert!(series.insert(line.rsplit_once(' ').unwrap().0.to_owned()), "twice: {line:?}");
        samples.push(sample);
    }
    samples
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line:?}"));
    let value = value.parse().unwrap_or_else(|_| panic!("{line:?}"));
    let (name, labels) = match series.split_once('{') {
        None => (series, BTreeMap::new()),
        Some((name, labels)) => {
            let labels = labels.strip_suffix('}').unwrap_or_else(|| panic!("{line:?}"));
            (name, labels.split(',').map(label).collect())
        }
    };
    assert!(is_name(name), "{line:?}");
    Sample { name: name.to_owned(), labels, value }
}

fn label(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or_else(|| panic!("{text:?}"));
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or_else(|| panic!("{text:?}"));
    assert!(is_name(name) && !value.contains(['"', '\\']), "{text:?}");
    (name.to_owned(), value.to_owned())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '_')
}
