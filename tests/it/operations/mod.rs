//! Looking after an installation: the doctor, backups, what goes after a time, whether anybody hears of us.

mod backups;
mod doctor;
mod heartbeat;
mod lost;
