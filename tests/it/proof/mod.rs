//! Requirements are proved, or their holes told with who just misses.

mod spans;

mod reasons;

mod stand_ins;

mod seven;

mod oracle;
