//! A document in plain words, whatever it is written down as: nothing in it is markup.

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) lead: String,
    pub(super) sections: Vec<Section>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Section {
    pub title: &'static str,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Block {
    /// A sentence of ours.
    Words {
        text: String,
    },
    /// What somebody wrote, over several lines.
    Quote {
        lines: Vec<String>,
    },
    /// Each with its name.
    Facts {
        facts: Vec<Fact>,
    },
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Fact {
    pub name: &'static str,
    pub text: String,
}

impl Section {
    /// A section that has nothing to tell says so.
    pub fn of(title: &'static str, blocks: Vec<Block>, otherwise: &str) -> Section {
        match blocks.is_empty() {
            true => Section { title, blocks: vec![Block::words(otherwise)] },
            false => Section { title, blocks },
        }
    }
}

impl Block {
    pub fn words(text: &str) -> Block {
        Block::Words { text: text.to_owned() }
    }

    /// `None` without rows.
    pub fn table(columns: &[&str], rows: Vec<Vec<String>>) -> Option<Block> {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        (!rows.is_empty()).then_some(Block::Table { columns, rows })
    }

    /// Those that have a text.
    pub fn facts(facts: impl IntoIterator<Item = (&'static str, String)>) -> Block {
        let facts = facts.into_iter().filter(|(_, text)| !text.is_empty());
        Block::Facts { facts: facts.map(|(name, text)| Fact { name, text }).collect() }
    }
}
