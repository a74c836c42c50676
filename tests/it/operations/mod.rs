//! Looking after an installation: the doctor, backups, what goes after a time, whether anybody hears of us.

mod backups;
mod careful;
mod doctor;
mod examined;
mod heartbeat;
mod lost;
mod rescued;
