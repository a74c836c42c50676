//! Looking after an installation: the doctor, channels, backups, what goes after a time, whether anybody hears of us.

mod backups;
mod careful;
mod channels;
mod doctor;
mod examined;
mod heartbeat;
mod lost;
mod put_back;
mod rescued;
