//! Messages in other words: each template is tried on messages of every sort it can be used for.

use std::collections::BTreeMap;

use crate::message::{Template, Wordings, flaw};
use crate::schedule::place::{At, Place};
use crate::schedule::read::{Wording, language};
use crate::schedule::suggest::did_you_mean;

use super::Checker;
use super::merge::Declared;

/// Every template by table and key.
type Known = BTreeMap<&'static str, BTreeMap<&'static str, Template>>;

impl Checker<'_> {
    pub fn messages(&mut self, written: Declared<Wording>) -> Wordings {
        let mut known = Known::new();
        for template in Template::all() {
            let (table, key) = template.name();
            known.entry(table).or_default().insert(key, template);
        }
        let mut wordings = Wordings::default();
        for (text, (key, tables)) in written {
            match language(&text) {
                Some(tag) => {
                    for (template, source) in self.templates(tables.unwrap_or_default(), &known) {
                        wordings.add(tag.as_str(), template, source);
                    }
                }
                None => self
                    .notes
                    .error("bad-language", key.place, format!("{text:?} is not a language tag"))
                    .remedy("write a BCP 47 tag like en, pt-BR or zh-Hant"),
            }
        }
        wordings
    }

    fn templates(&mut self, tables: Wording, known: &Known) -> Vec<(Template, String)> {
        let mut sound = Vec::new();
        for (table, texts) in tables {
            let Some(keys) = known.get(table.value.as_str()) else {
                self.unknown(&table, "no message and no list of words is called", known.keys().copied());
                continue;
            };
            for (key, source) in texts.unwrap_or_default() {
                let Some(template) = keys.get(key.value.as_str()) else {
                    self.unknown(&key, &format!("`{}` has no key", table.value), keys.keys().copied());
                    continue;
                };
                sound.extend(source.and_then(|source| self.tried(*template, source)));
            }
        }
        sound
    }

    fn unknown(&mut self, name: &At<String>, what: &str, known: impl Iterator<Item = &'static str> + Clone) {
        let note = self.notes.error("unknown-key", name.place, format!("{what} `{}`", name.value));
        let all = || format!("known here: {}", known.clone().collect::<Vec<_>>().join(", "));
        note.remedy = did_you_mean(&name.value, known.clone()).or_else(|| Some(all()));
    }

    fn tried(&mut self, template: Template, source: At<String>) -> Option<(Template, String)> {
        let Some(flaw) = flaw(template, &source.value) else { return Some((template, source.value)) };
        let place = self.line_of(source.place, flaw.line);
        self.notes
            .error("bad-template", place, format!("this message cannot be written: {}", flaw.message))
            .remedy(
                "`meridian message show` tells what a message can say, and shows the one that is built in",
            );
        None
    }

    /// The line of a text, where it is written over several.
    fn line_of(&self, text: Place, line: usize) -> Place {
        let written = self.sources.at(text);
        // The first line end behind the three quotes is not part of the text.
        let opens = written.starts_with("\"\"\"\n") || written.starts_with("'''\n");
        let skipped = line - 1 + usize::from(opens);
        let mut from = text.from;
        for part in written.split_inclusive('\n').take(skipped) {
            from += part.len();
        }
        let rest = &written[(from - text.from).min(written.len())..];
        match rest.lines().next().map(str::len) {
            Some(length) if skipped > 0 && length > 0 => Place { from, to: from + length, ..text },
            _ => text,
        }
    }
}
