//! Reading values into the types of tables, noting everything that does not fit.

use crate::schedule::place::{At, Notes, Place};
use crate::schedule::suggest::did_you_mean;

use super::{Node, Table, Value};

/// What can be read from a value. `None` only after saying why.
pub trait Read: Sized {
    fn read(node: Node, notes: &mut Notes) -> Option<Self>;
}

/// A table that knows where it stands.
pub trait Placed {
    fn place(&self) -> Place;
}

/// A table whose keys are names that the author gives, in the order written.
pub type Entries<T> = Vec<(At<String>, T)>;

/// Says that something else should stand here; `expected` like "a list", `example` like `["a", "b"]`.
pub fn wrong_type(node: &Node, expected: &str, example: &str, notes: &mut Notes) {
    notes
        .error("wrong-type", node.place, format!("{expected} should stand here, not {}", node.value.kind()))
        .remedy(format!("write it like {example}"));
}

impl Read for String {
    fn read(node: Node, notes: &mut Notes) -> Option<String> {
        match node.value {
            Value::Text(text) => Some(text),
            _ => {
                wrong_type(&node, "a text in quotes", "\"text\"", notes);
                None
            }
        }
    }
}

impl Read for i64 {
    fn read(node: Node, notes: &mut Notes) -> Option<i64> {
        match node.value {
            Value::Whole(number) => Some(number),
            _ => {
                wrong_type(&node, "a whole number", "5", notes);
                None
            }
        }
    }
}

impl Read for u32 {
    fn read(node: Node, notes: &mut Notes) -> Option<u32> {
        let place = node.place;
        let number = i64::read(node, notes)?;
        match u32::try_from(number) {
            Ok(number) if number > 0 => Some(number),
            _ => {
                notes
                    .error("out-of-range", place, format!("{number} is out of range"))
                    .remedy("write a whole number from 1 on");
                None
            }
        }
    }
}

impl Read for Node {
    fn read(node: Node, _notes: &mut Notes) -> Option<Node> {
        Some(node)
    }
}

impl<T: Read> Read for At<T> {
    fn read(node: Node, notes: &mut Notes) -> Option<At<T>> {
        let place = node.place;
        T::read(node, notes).map(|value| At { value, place })
    }
}

/// Leaves out what cannot be read, after noting it.
impl<T: Read> Read for Vec<T> {
    fn read(node: Node, notes: &mut Notes) -> Option<Vec<T>> {
        match node.value {
            Value::List(items) => Some(items.into_iter().filter_map(|item| T::read(item, notes)).collect()),
            _ => {
                wrong_type(&node, "a list", "[...], even around one entry", notes);
                None
            }
        }
    }
}

/// Something that is there, though perhaps not to be read, which has been noted.
impl<T: Read> Read for Option<T> {
    fn read(node: Node, notes: &mut Notes) -> Option<Option<T>> {
        Some(T::read(node, notes))
    }
}

/// Keeps a name whose value cannot be read, so that nobody who refers to it is told that it does not exist.
impl<T: Read> Read for Entries<Option<T>> {
    fn read(node: Node, notes: &mut Notes) -> Option<Self> {
        let table = table_of(node, notes)?;
        Some(table.into_iter().map(|(key, value)| (key, T::read(value, notes))).collect())
    }
}

fn table_of(node: Node, notes: &mut Notes) -> Option<Table> {
    match node.value {
        Value::Table(table) => Some(table),
        _ => {
            wrong_type(&node, "a table", "{ key = ... }", notes);
            None
        }
    }
}

/// The fields of one table, taken out one by one.
pub struct Fields {
    table: Table,
    place: Place,
}

impl Fields {
    pub fn open(node: Node, notes: &mut Notes) -> Option<Fields> {
        let place = node.place;
        table_of(node, notes).map(|table| Fields { table, place })
    }

    /// `None` where it is absent or cannot be read.
    pub fn take<T: Read>(&mut self, name: &str, notes: &mut Notes) -> Option<T> {
        let position = self.table.iter().position(|(key, _)| key.value == name)?;
        let (_, value) = self.table.remove(position);
        T::read(value, notes)
    }

    /// As [`Fields::take`], but absence is noted.
    pub fn demand<T: Read>(&mut self, name: &'static str, notes: &mut Notes) -> Option<T> {
        if !self.table.iter().any(|(key, _)| key.value == name) {
            let note = notes.error("missing-key", self.place, format!("`{name}` is missing here"));
            note.missing = Some(name);
            note.remedy(format!("add `{name} = ...`"));
        }
        self.take(name, notes)
    }

    /// What is left is unknown.
    pub fn close(self, known: &[&str], notes: &mut Notes) {
        for (key, _) in self.table {
            let note = notes.error("unknown-key", key.place, format!("there is no key `{}` here", key.value));
            note.remedy = did_you_mean(&key.value, known.iter().copied())
                .or_else(|| Some(format!("known here: {}", known.join(", "))));
        }
    }
}

/// A field's name as it is written in files, where it may be a word that Rust keeps for itself.
pub fn key(field: &'static str) -> &'static str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// Declares tables of the file format: a struct of what is written, how to read it and how to describe it.
///
/// Every field is an `Option`: absent, or present and wrong, which has been noted. `= must` notes absence too. Comments
/// become descriptions; `as` names a function that describes what its type does not, `=>` says what holds by default.
macro_rules! tables {
    ($($(#[doc = $doc:literal])* $name:ident { $(
        $(#[doc = $note:literal])*
        $field:ident: $type:ty $(as $described:path)? $(= $must:ident)? $(=> $default:expr)?,
    )* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub struct $name {
            pub place: $crate::schedule::place::Place,
            $($(#[doc = $note])* pub $field: Option<$type>,)*
        }

        impl $crate::schedule::read::Placed for $name {
            fn place(&self) -> $crate::schedule::place::Place {
                self.place
            }
        }

        impl $crate::schedule::read::Read for $name {
            fn read(
                node: $crate::schedule::read::Node,
                notes: &mut $crate::schedule::place::Notes,
            ) -> Option<Self> {
                let place = node.place;
                let mut fields = $crate::schedule::read::Fields::open(node, notes)?;
                $(let $field = tables!(@take fields notes $field $($must)?);)*
                fields.close(&[$($crate::schedule::read::key(stringify!($field))),*], notes);
                Some($name { place, $($field),* })
            }
        }

        impl $crate::schedule::read::Describe for $name {
            fn describe(tables: &mut $crate::schedule::read::Tables) -> serde_json::Value {
                tables.refer(stringify!($name), &[$($doc),*], |tables| vec![$(
                    $crate::schedule::read::Key {
                        name: $crate::schedule::read::key(stringify!($field)),
                        about: &[$($note),*],
                        schema: tables!(@describe tables $type $(as $described)?),
                        must: tables!(@must $($must)?),
                        default: tables!(@default $($default)?),
                    },
                )*])
            }
        }
    )*};
    (@take $fields:ident $notes:ident $field:ident) => {
        $fields.take($crate::schedule::read::key(stringify!($field)), $notes)
    };
    (@take $fields:ident $notes:ident $field:ident must) => {
        $fields.demand($crate::schedule::read::key(stringify!($field)), $notes)
    };
    (@describe $tables:ident $type:ty) => { <$type as $crate::schedule::read::Describe>::describe($tables) };
    (@describe $tables:ident $type:ty as $described:path) => { $described($tables) };
    (@must) => { false };
    (@must must) => { true };
    (@default) => { serde_json::Value::Null };
    (@default $default:expr) => { $default };
}
pub(super) use tables;
