//! The API over TLS, and the certificate behind it.

pub mod authority;
mod database;
mod files;
mod served;
