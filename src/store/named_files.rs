//! Rotation files that name a customer: those in force, which people have to edit, and those of earlier revisions.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use sqlx::AnyConnection;

use super::Store;
use super::columns::{from_json, to_json};
use crate::desk::has_word;

/// Stands for the text of a file that names who is forgotten.
const GONE: &str = "# (erased)\n";

/// Where files name somebody, by path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedFiles {
    /// Those in force whose text does.
    pub in_force: Vec<String>,
    /// Those of any revision whose own name does.
    pub by_path: BTreeSet<String>,
}

impl Store {
    /// No lock is held.
    pub async fn named_files(&self, names: &BTreeSet<String>) -> anyhow::Result<NamedFiles> {
        let mut connection = self.reader.acquire().await?;
        let mut named = NamedFiles::default();
        let numbers = numbers(&mut connection).await?;
        for number in &numbers {
            let files = files(&mut connection, *number).await?;
            let in_path = files.keys().filter(|path| names.iter().any(|name| has_word(path, name)));
            named.by_path.extend(in_path.cloned());
            if Some(number) == numbers.last() {
                let in_force = files.into_iter().filter(|(_, text)| is_named_in(text, names));
                named.in_force = in_force.map(|(path, _)| path).collect();
            }
        }
        Ok(named)
    }
}

/// How many revisions lost a file. The one in force is left as it is: daemons work by it, and its files have to be edited.
pub(super) async fn take_out_of_revisions(
    connection: &mut AnyConnection,
    names: &BTreeSet<String>,
) -> anyhow::Result<u64> {
    let mut earlier = numbers(connection).await?;
    earlier.pop();
    let mut changed = 0;
    for number in earlier {
        let mut files = files(connection, number).await?;
        let mut named = 0;
        for text in files.values_mut().filter(|text| is_named_in(text, names)) {
            *text = GONE.to_owned();
            named += 1;
        }
        if named > 0 {
            sqlx::query("update revisions set files = $2 where number = $1")
                .bind(number)
                .bind(to_json(&files)?)
                .execute(&mut *connection)
                .await
                .with_context(|| format!("revision {number} could not be changed"))?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// Of all revisions, the one in force last.
async fn numbers(connection: &mut AnyConnection) -> anyhow::Result<Vec<i64>> {
    let numbers = sqlx::query_scalar("select number from revisions order by number");
    numbers.fetch_all(connection).await.context("could not read which revisions there are")
}

/// One revision's at a time: all of them together may be many.
async fn files(connection: &mut AnyConnection, number: i64) -> anyhow::Result<BTreeMap<String, String>> {
    let files: String = sqlx::query_scalar("select files from revisions where number = $1")
        .bind(number)
        .fetch_one(connection)
        .await
        .with_context(|| format!("revision {number}"))?;
    from_json(&files).with_context(|| format!("revision {number}"))
}

/// Whether a rotation file names one of them: declares it, or has it between quotes.
fn is_named_in(text: &str, names: &BTreeSet<String>) -> bool {
    let quoted = |name: &String| text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'"));
    let declared = |name: &String| {
        let declared = format!("customers.{name}");
        text.match_indices(&declared).any(|(at, _)| {
            let after = text[at + declared.len()..].chars().next();
            !after.is_some_and(|after| after.is_alphanumeric() || "-_@+".contains(after))
        })
    };
    names.iter().any(|name| quoted(name) || declared(name))
}
