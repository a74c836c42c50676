//! Who gets the notices: one more touch that waits to be let through, so that a receiver fails, hangs, refuses or is
//! not heard of like a database.

use std::sync::Arc;
use std::time::Duration;

use meridian::notify::{Channels, Failure, Pace};

use super::face::{Database, Inner, Memory, Verdict, name};
use super::judge::Wrong;

/// What people are reached by, the first before the second. Nobody has another one.
pub const CHANNELS: [&str; 2] = ["pager", "log"];
/// A request takes no longer.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub fn channels(database: &Database, node: usize, pace: &Pace) -> Channels {
    let mut channels = Channels::new(&Default::default(), pace).unwrap();
    for channel in CHANNELS {
        let memory = database.of_node(node);
        let receiver =
            move |id: &str| -> std::pin::Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> {
                let (memory, id) = (memory.clone(), id.to_owned());
                Box::pin(async move { memory.send(&id).await })
            };
        channels.bring(channel, Arc::new(receiver), pace);
    }
    channels
}

impl Memory {
    async fn send(&self, id: &str) -> Result<(), Failure> {
        let mut received = false;
        let request = async {
            let verdict = self.pass("send", None, false).await;
            match verdict {
                Verdict::Fail => return Err(passing("the connection broke")),
                Verdict::Refuse => return Err(Failure::Lasting { why: "refused".to_owned() }),
                Verdict::Go | Verdict::GoAndHold | Verdict::GoAndLose => (),
            }
            received = true;
            self.database.lock().received(id, self.node);
            match verdict {
                Verdict::GoAndHold if self.pass("send", None, true).await == Verdict::Fail => {
                    Err(passing("the connection broke"))
                }
                Verdict::GoAndLose => Err(passing("the answer was lost")),
                _ => Ok(()),
            }
        };
        let outcome = match tokio::time::timeout(PATIENCE, request).await {
            Ok(outcome) => outcome,
            Err(_) => Err(passing("no answer in time")),
        };
        if received && outcome.is_err() {
            self.database.lock().unheard(id);
        }
        outcome
    }
}

fn passing(why: &str) -> Failure {
    Failure::Passing { why: why.to_owned(), retry_after: None }
}

impl Inner {
    /// Whatever comes of the answer, the notice has gone out.
    fn received(&mut self, id: &str, node: usize) {
        let Some(notice) = self.rows.outbox.get_mut(id) else {
            let why = format!("notice {id} went out after it had been let go of");
            self.wrong.get_or_insert(Wrong::new("notice repeated", None, why));
            return;
        };
        notice.sends += 1;
        let (asks, ticket) = (notice.row.notice.clone(), notice.row.notice.ticket.unwrap());
        let told = self.read.get(&(node, ticket)).map_or(&[][..], Vec::as_slice);
        let asked = told.iter().any(|told| told.as_ref().is_none_or(|ticket| ticket.asks_by(&asks)));
        if asks.asks() && !asked {
            let why = format!("{} went out from {} for an offer that had ended", id, name(node));
            self.wrong.get_or_insert(Wrong::new("notice overtaken", Some(ticket), why));
            return;
        }
        let excused = notice.lost + notice.unheard;
        if notice.sends > excused + 1 {
            let why = format!(
                "notice {id} went out {} times, the last time from {}; {} leases were lost and {} answers",
                notice.sends,
                name(node),
                notice.lost,
                notice.unheard
            );
            self.wrong.get_or_insert(Wrong::new("notice repeated", None, why));
        }
    }

    /// The sender believes that it failed.
    fn unheard(&mut self, id: &str) {
        if let Some(notice) = self.rows.outbox.get_mut(id) {
            notice.unheard += 1;
        }
    }
}
