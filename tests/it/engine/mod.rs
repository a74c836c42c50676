//! The one way through: what is answered is on disk, whatever happens meanwhile.

mod damage;
mod fairness;
mod faults;
mod forget;
pub mod house;
mod kill;
mod on_postgres;
mod on_sqlite;
mod proving;
mod restored;
