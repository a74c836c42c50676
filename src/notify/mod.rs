//! Drains the outbox. Claims notices that are due, tries each person's channels in their order, and says when
//! nobody could be reached: that comes back to the desk as a command. At least once, with a stable id.

mod notifier;
pub use notifier::Notifier;

mod deliveries;
pub use deliveries::Deliveries;

mod warned;

mod pace;
pub use pace::Pace;

mod places;

mod claims;

mod channel;
pub use channel::{Channel, Channels, Failure, Receiver};

mod webhook;
pub use webhook::{Webhook, use_ring};

mod heartbeat;
pub use heartbeat::{Heartbeat, Heartbeats};

mod target;
pub use target::{Target, refused_by_guard};

mod address;
pub use address::is_public;

mod signature;
pub use signature::SigningKey;
