use std::collections::BTreeMap;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::files::FilesArgs;
use super::{Outcome, show};
use crate::message::{Kind, LANGUAGES, Template, Wordings, samples};
use crate::schedule::language;

/// What people are told: see messages as they go out, and the templates they are made of
#[derive(Subcommand)]
#[command(after_help = "Examples:
  meridian message show page
  meridian message templates --language sv > schedules/messages.toml")]
pub enum Message {
    Show(Show),
    Templates(Templates),
}

/// Messages as people would get them, about a made-up ticket
///
/// With everything that can be known of a ticket, and with as little as may be.
#[derive(Args)]
#[command(after_help = "Examples:
  meridian message show page
  meridian message show --language sv
  meridian message show handoff --language pl --schedules /etc/meridian/schedules")]
pub struct Show {
    /// One kind of message; all where absent
    kind: Option<String>,
    /// Language tag; English where there is no such message in it
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    #[command(flatten)]
    files: FilesArgs,
    #[arg(long)]
    json: bool,
}

/// The templates of a language, to be copied into a rotation file and changed
///
/// What a rotation file does not say stays as it is built in, so keep only what you change. The built-in languages are
/// en, es, fr, nb, ro, ru and sv; any other begins with the English templates. The names a template can use are those
/// that stand in the built-in ones; `meridian check` tries every template on messages of all sorts.
#[derive(Args)]
#[command(after_help = "Examples:
  meridian message templates --language pl > schedules/messages-pl.toml
  meridian message templates --language sv")]
pub struct Templates {
    /// Language tag
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    #[command(flatten)]
    files: FilesArgs,
}

impl Message {
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Message::Show(show) => show.run(),
            Message::Templates(templates) => templates.run(),
        }
    }
}

/// A message about a made-up ticket.
#[derive(PartialEq, Serialize)]
struct Sample {
    kind: &'static str,
    language: String,
    subject: String,
    text: String,
}

impl Show {
    fn run(self) -> anyhow::Result<Outcome> {
        let kinds: Vec<Kind> = match &self.kind {
            None => Kind::ALL.to_vec(),
            Some(wanted) => match Kind::ALL.iter().find(|kind| kind.as_str() == wanted) {
                Some(kind) => vec![*kind],
                None => {
                    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
                    bail!("no message is called {wanted:?}: there are {}", known.join(", "));
                }
            },
        };
        let Some(wordings) = wordings(&self.files)? else { return Ok(Outcome::No) };
        let tag = tag(&self.language)?;
        let write = |kind: &Kind| {
            let written = samples(*kind).into_iter().map(|values| wordings.write(*kind, &[&tag], &values));
            let sample = |words: crate::message::Words| Sample {
                kind: kind.as_str(),
                language: words.language,
                subject: words.subject,
                text: words.text,
            };
            written.map(sample).collect::<Vec<_>>()
        };
        let mut samples: Vec<Sample> = kinds.iter().flat_map(write).collect();
        // Where a message says no more of a ticket of which more is known.
        samples.dedup();
        if self.json {
            return show::json(&samples);
        }
        for Sample { kind, language, subject, text } in samples {
            anstream::println!("{} ({language})\n{subject}\n\n{text}\n", show::bold(kind));
        }
        Ok(Outcome::Yes)
    }
}

impl Templates {
    fn run(self) -> anyhow::Result<Outcome> {
        let Some(wordings) = wordings(&self.files)? else { return Ok(Outcome::No) };
        let tag = tag(&self.language)?;
        let mut tables: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for template in Template::all() {
            let (table, key) = template.name();
            tables.entry(table).or_default().insert(key, wordings.source(&tag, template));
        }
        let all = BTreeMap::from([("messages", BTreeMap::from([(tag.as_str(), tables)]))]);
        show::out(&toml::to_string_pretty(&all)?)?;
        if !LANGUAGES.contains(&tag.as_str()) {
            anstream::eprintln!("{tag} is not built in: these are the English templates, to be translated");
        }
        Ok(Outcome::Yes)
    }
}

/// Those of the files, or what is built in where there are none.
fn wordings(files: &FilesArgs) -> anyhow::Result<Option<Wordings>> {
    if !files.schedules.exists() {
        return Ok(Some(Wordings::default()));
    }
    Ok(files.read()?.map(|sound| sound.organisation.messages.clone()))
}

fn tag(text: &str) -> anyhow::Result<String> {
    match language(text) {
        Some(language) => Ok(language.to_string()),
        None => bail!("{text:?} is not a language tag: write one like \"sv\" or \"pt-BR\""),
    }
}
