//! The templates that we bring along: a file for each language.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use minijinja::Environment;

use super::Template;
use super::wordings::environment;

/// Language tag and templates.
const FILES: [(&str, &str); 7] = [
    ("en", include_str!("built_in/en.toml")),
    ("es", include_str!("built_in/es.toml")),
    ("fr", include_str!("built_in/fr.toml")),
    ("nb", include_str!("built_in/nb.toml")),
    ("ro", include_str!("built_in/ro.toml")),
    ("ru", include_str!("built_in/ru.toml")),
    ("sv", include_str!("built_in/sv.toml")),
];

/// In order of tag.
pub(super) const LANGUAGES: [&str; FILES.len()] = {
    let mut tags = [""; FILES.len()];
    let mut at = 0;
    while at < FILES.len() {
        tags[at] = FILES[at].0;
        at += 1;
    }
    tags
};

type Templates = BTreeMap<Template, String>;

static READ: LazyLock<BTreeMap<&str, Templates>> =
    LazyLock::new(|| FILES.iter().map(|(tag, text)| (*tag, read(tag, text))).collect());

/// Every language that is built in has every template.
fn read(tag: &str, text: &str) -> Templates {
    let tables: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(text).unwrap_or_else(|error| panic!("the built-in messages in {tag}: {error}"));
    let find = |template: Template| {
        let (table, key) = template.name();
        let found = tables.get(table).and_then(|table| table.get(key));
        found.unwrap_or_else(|| panic!("the built-in messages in {tag} lack {table}.{key}")).clone()
    };
    Template::all().map(|template| (template, find(template))).collect()
}

pub(super) fn template(language: &str, template: Template) -> Option<&'static str> {
    READ.get(language)?.get(&template).map(String::as_str)
}

static PARSED: [OnceLock<Environment>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];

/// The same, parsed once; `language` is one that is built in.
pub(super) fn parsed(language: &str, template: Template) -> minijinja::Template<'static, 'static> {
    let place = LANGUAGES.iter().position(|tag| *tag == language).expect("the language is built in");
    let all = PARSED[place].get_or_init(|| {
        let mut all = environment();
        for (template, source) in &READ[LANGUAGES[place]] {
            let added = all.add_template_owned(name(*template), source.as_str());
            added.unwrap_or_else(|error| panic!("the built-in messages in {language}: {error}"));
        }
        all
    });
    all.get_template(&name(template)).expect("every language has every template")
}

fn name(template: Template) -> String {
    let (table, key) = template.name();
    format!("{table}.{key}")
}
