//! Start and stop. Wires the rooms together, listens to signals, talks to systemd; decides nothing.

mod serve;
pub use serve::serve;

mod listening;
pub use listening::passed_sockets;

mod connections;
mod handshake;
mod patient;
mod places;

mod state;
pub use state::{Held, Known, StateDir, database_url, hold_database};

mod recognised;
pub use recognised::GONE_ON;

mod clock_watch;
mod heartbeat;

mod systemd;

mod ears;
mod watch;

mod certificate;
