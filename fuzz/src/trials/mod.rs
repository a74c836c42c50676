//! What is done with bytes of unknown origin. A trial takes any bytes at all; it panics where the program does not
//! keep what it promises, and says what.

pub mod api_bodies;
pub mod ics;
pub mod rotation_files;
pub mod settings;
pub mod stored_rows;
pub mod templates;
pub mod ticket_stream;
pub mod zone_files;

mod markup;
mod town;

pub type Trial = fn(&[u8]);

/// Every trial by the name of its target and of its corpus.
pub const ALL: &[(&str, Trial)] = &[
    ("api_bodies", api_bodies::run),
    ("ics", ics::run),
    ("rotation_files", rotation_files::run),
    ("settings", settings::run),
    ("stored_rows", stored_rows::run),
    ("templates", templates::run),
    ("ticket_stream", ticket_stream::run),
    ("zone_files", zone_files::run),
];

/// Bytes as a person's editor would show them.
fn text_of(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}
