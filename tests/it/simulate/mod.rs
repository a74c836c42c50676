//! `meridian simulate`: streams that are read, days that are played, and what must hold of every one of them.

mod commands;
mod days;
mod seeds;
mod streams;
mod town;
