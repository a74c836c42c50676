//! Drains the outbox. Claims notices that are due, tries each person's channels in their order, and says when
//! nobody could be reached: that comes back to the desk as a command. At least once, with a stable id.

mod notifier;
pub use notifier::Notifier;

mod deliveries;
pub use deliveries::Deliveries;

mod warned;

mod arrivals;

mod shifts;
pub use shifts::{CheckedShift, ShiftWatch};

mod pace;
pub use pace::Pace;

mod line;
mod places;

mod claims;

mod bundle;

mod taken;

mod overtaken;
pub use overtaken::overtaken;

mod link;
pub use link::{Acknowledging, Asked, KEY_NAME};

mod letter;
pub use letter::{About, Letter, Links, Recipient, SHORT_MAX};

mod channel;
pub use channel::{Channel, Channels, Failure, Receiver};

mod webhook;
pub use webhook::{Webhook, use_ring};

mod smtp;
pub use smtp::Smtp;

mod slack;
pub use slack::Slack;

mod teams;
pub use teams::Teams;

mod twilio;

mod ntfy;
pub use ntfy::Ntfy;

mod http;
pub use http::Http;

mod template;

mod escape;

mod answer;

mod heartbeat;
pub use heartbeat::{Heartbeat, Heartbeats};

mod target;
pub use target::{Target, refused_by_guard};

mod address;
pub use address::is_public;

mod signature;
pub use signature::SigningKey;
