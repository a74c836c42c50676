//! From values to words, in the first of the receiver's languages that has a template.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use super::values::{on_one_line, on_several_lines};
use super::{Kind, Part, Reason, Template, Values, built_in};

/// In which there are templates without anybody's writing one.
pub const LANGUAGES: &[&str] = &built_in::LANGUAGES;

/// The last language of everybody.
const ENGLISH: &str = "en";
/// A message of some hundred steps; a loop without end comes to one.
const FUEL: u64 = 50_000;
const SUBJECT_MAX: usize = 250;
const TEXT_MAX: usize = 20_000;
/// Buttons of ntfy and Teams show no more.
const TAP_MAX: usize = 40;

/// Templates that stand over those that are built in, by language tag.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wordings(BTreeMap<String, BTreeMap<Template, String>>);

/// A message, ready for a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// The tag of the language it is in.
    pub language: String,
    /// One line.
    pub subject: String,
    pub text: String,
    /// What the link does that is sent with it: a word or two; empty where there is none.
    pub tap: String,
    /// Why it is not as the files want it, where a template of theirs failed.
    pub flaw: Option<String>,
}

impl Wordings {
    /// `language` is a tag in canonical case.
    pub fn add(&mut self, language: &str, template: Template, source: String) {
        self.0.entry(language.to_owned()).or_default().insert(template, source);
    }

    /// The message in the first of `languages` that has it, else in English. A template that fails never keeps a message
    /// back: what is built in takes its place.
    pub fn write(&self, kind: Kind, languages: &[&str], values: &Values) -> Words {
        let language = self.language_of(kind, languages);
        match self.written(kind, &language, values) {
            Ok([subject, text, tap]) => Words { language, subject, text, tap, flaw: None },
            Err(flaw) => {
                let language = built_in_or_english(&language);
                let [subject, text, tap] = Wordings::default()
                    .written(kind, language, values)
                    .expect("what is built in is tried on every value");
                Words { language: language.to_owned(), subject, text, tap, flaw: Some(flaw) }
            }
        }
    }

    /// As it is written; in English where this language has not got it.
    pub fn source(&self, language: &str, template: Template) -> &str {
        let own = self.template(language, template).or_else(|| built_in::template(ENGLISH, template));
        own.expect("English has every template")
    }

    /// RFC 4647, 3.4: a tag is looked for, and without its last part, until something is found.
    fn language_of(&self, kind: Kind, languages: &[&str]) -> String {
        let has = |tag: &str| {
            let found = |template| self.template(tag, template).is_some();
            found(Template::Subject(kind)) && found(Template::Text(kind))
        };
        let mut tags = languages.iter().flat_map(|tag| std::iter::successors(Some(*tag), |tag| shorter(tag)));
        tags.find(|tag| has(tag)).unwrap_or(ENGLISH).to_owned()
    }

    fn template(&self, language: &str, template: Template) -> Option<&str> {
        self.own(language, template).or_else(|| built_in::template(language, template))
    }

    fn own(&self, language: &str, template: Template) -> Option<&str> {
        self.0.get(language)?.get(&template).map(String::as_str)
    }

    /// In English where this language has not got it.
    fn rendered(&self, language: &str, template: Template, values: &Value) -> Result<String, String> {
        let rendered = match self.own(language, template) {
            Some(source) => render(source, values),
            None => built_in::parsed(built_in_or_english(language), template).render(values),
        };
        let (table, key) = template.name();
        rendered.map_err(|error| format!("the template {table}.{key}: {error}"))
    }

    fn written(&self, kind: Kind, language: &str, values: &Values) -> Result<[String; 3], String> {
        let values = self.with_pieces(language, values)?;
        let one = |template| self.rendered(language, template, &values);
        let subject = cut(on_one_line(&one(Template::Subject(kind))?), SUBJECT_MAX);
        let text = cut(on_several_lines(&one(Template::Text(kind))?), TEXT_MAX);
        let tap = values.get_attr(Part::Tap.as_str()).ok();
        let tap = tap.and_then(|tap| tap.as_str().map(|tap| cut(tap.to_owned(), TAP_MAX)));
        Ok([subject, text, tap.unwrap_or_default()])
    }

    /// The values, with `why`, `details`, `answer` and `tickets` in words.
    fn with_pieces(&self, language: &str, values: &Values) -> Result<Value, String> {
        let plain = Value::from(Serde(values));
        let tickets = values.parts.iter().map(|part| self.part(language, part));
        let tickets = tickets.collect::<Result<Vec<Value>, String>>()?;
        let mut pieces: Vec<(&str, String)> = Vec::new();
        // They are about a ticket.
        for part in Part::ALL.iter().filter(|_| values.ticket.is_some()) {
            let text = self.rendered(language, Template::Part(*part), &plain)?;
            let text = if *part == Part::Tap { on_one_line(&text) } else { on_several_lines(&text) };
            pieces.push((part.as_str(), text));
        }
        if let Some(reason) = values.why {
            let text = self.rendered(language, Template::Reason(reason), &plain)?;
            pieces.push(("why", on_one_line(&text)));
        }
        let pieces = Value::from_pairs(pieces);
        Ok(match tickets.is_empty() {
            true => minijinja::context! { ..plain, ..pieces },
            false => minijinja::context! { ..minijinja::context! { tickets }, ..plain, ..pieces },
        })
    }

    /// One of several tickets: what is said of it, and its details in words.
    fn part(&self, language: &str, values: &Values) -> Result<Value, String> {
        let details = self.rendered(language, Template::Part(Part::Details), &Value::from(Serde(values)))?;
        let ticket = Value::from(Serde(&values.ticket));
        Ok(minijinja::context! { details => on_several_lines(&details), ..ticket })
    }
}

fn shorter(tag: &str) -> Option<&str> {
    tag.rfind('-').map(|at| &tag[..at])
}

fn built_in_or_english(language: &str) -> &str {
    if LANGUAGES.contains(&language) { language } else { ENGLISH }
}

/// A reason, for histories: they are in English.
pub fn in_english(reason: Reason, values: &Values) -> String {
    let rendered = built_in::parsed(ENGLISH, Template::Reason(reason)).render(Value::from(Serde(values)));
    on_one_line(&rendered.expect("what is built in is tried on every value"))
}

static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(environment);

pub(super) fn environment() -> Environment<'static> {
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(syntax.expect("only the handling of white space differs"));
    environment.set_fuel(Some(FUEL));
    environment
}

pub(super) fn render(source: &str, values: &Value) -> Result<String, minijinja::Error> {
    ENVIRONMENT.render_str(source, values)
}

fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}
