//! TOML or JSON -> tables as written. Every value keeps its place, and every wrong one is noted.

mod value;
pub use value::{Node, Table, Value, from_json, from_toml};

mod fields;
pub use fields::{Entries, Fields, Placed, Read, key};

mod describe;
pub use describe::{Describe, Key, Tables, schema};

mod words;
pub use words::{
    Clock, CloseAfter, Length, Local, Opening, Resolve, duration, duration_text, language, moment_text,
    window_between,
};

mod tables;
pub use tables::*;

mod vendors;
pub use vendors::VendorTable;
