//! What is personal is erased when it is time: between decisions, with pauses. Also goes on with customers who are forgotten.

use anyhow::anyhow;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::time::Instant;
use tracing::{info, warn};

use super::Engine;
use super::forgetting::one_is_over;
use super::pauses::pause;
use crate::desk::{Erasure, Facts, TicketId, class_of};
use crate::schedule::{Customer, Organisation};
use crate::store::{ErasedRows, Place};

/// A look at whether anything is old enough. Tickets of classes that are kept for longer are read each time.
const EVERY: TimeDelta = TimeDelta::hours(1);
/// After a ticket is over that somebody waits for who is to be forgotten: until then it may be told that it is.
const SOON: TimeDelta = TimeDelta::minutes(1);
/// So many tickets are erased at once, and so many read.
pub(super) const AT_ONCE: usize = 50;
const A_PAGE: u32 = 200;
/// So many rows of the trail go at once.
const FOOTPRINTS: u32 = 500;
/// Name of the key by which names become pseudonyms.
const KEY: &str = "pseudonyms";

/// What stands for names of customers whom the files do not know, once their tickets are erased because of their age. By a key
/// in the database, so that reports group as before.
#[derive(Clone)]
pub struct Pseudonyms {
    key: String,
}

const BEGINS: &str = "customer-";
const DIGITS: usize = 16;

impl Pseudonyms {
    pub fn of(&self, name: &str) -> String {
        let is_one = |rest: &str| rest.len() == DIGITS && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if name.strip_prefix(BEGINS).is_some_and(is_one) {
            return name.to_owned();
        }
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).expect("a key of any length will do");
        mac.update(name.as_bytes());
        let sum = mac.finalize().into_bytes();
        let digits: String = sum.iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
        format!("{BEGINS}{digits}")
    }
}

impl Engine {
    /// Erases what is old enough by the files in force, and goes on with what is to be forgotten, now and then, until
    /// [`Engine::stop`]. Every node does; each ticket is erased once. `trail`: how long its rows are kept; `None`: for ever.
    pub fn keep_private(&self, trail: Option<TimeDelta>) {
        let (engine, stop) = (self.clone(), self.shared.stop.clone());
        let work = async move { stop.run_until_cancelled(engine.erase_now_and_then(trail)).await };
        self.shared.tasks.spawn(work);
    }

    async fn erase_now_and_then(self, trail: Option<TimeDelta>) {
        let mut waits = self.shared.waited_for.subscribe();
        waits.mark_changed();
        // While nobody waits to be forgotten, batches tell nobody here.
        let mut news = None;
        loop {
            self.keep_private_once(trail).await;
            let next = self.clock().now() + EVERY;
            while self.clock().now() < next {
                tokio::select! {
                    () = self.clock().sleep_until(Some(next)) => continue,
                    changed = waits.changed() => {
                        changed.expect("the engine has the other end");
                        match waits.borrow_and_update().is_empty() {
                            true => news = None,
                            // Before it is looked again: nothing that is closed in between is missed.
                            false => _ = news.get_or_insert_with(|| self.news()),
                        }
                    }
                    () = one_is_over(&mut news, &self.shared.waited_for) => self.sleep(SOON).await,
                }
                self.told(self.go_on_forgetting().await);
            }
        }
    }

    async fn sleep(&self, lasts: TimeDelta) {
        let until = self.clock().now() + lasts;
        while self.clock().now() < until {
            self.clock().sleep_until(Some(until)).await;
        }
    }

    async fn keep_private_once(&self, trail: Option<TimeDelta>) {
        // What is erased does not come back: not by a clock that may be wrong.
        match self.doubt() {
            Some(why) => warn!(why, "nothing that is old enough is erased for now"),
            None => {
                self.told(self.erase_old().await);
                if let Some(kept) = trail {
                    self.told(self.let_footprints_go(kept).await);
                }
            }
        }
        self.told(self.go_on_forgetting().await);
        // Also of what was erased right before a kill, or while somebody read.
        self.told(self.store().begin_log_anew().await.map(drop));
    }

    fn told(&self, outcome: anyhow::Result<()>) {
        if let Err(error) = outcome {
            let error = format!("{error:#}");
            warn!(error, "what is to be erased could not be; tried again later");
        }
    }

    /// Everything that is old enough by now.
    pub async fn erase_old(&self) -> anyhow::Result<()> {
        let organisation = self.in_force().coverage.organisation.clone();
        let Some(soonest) = organisation.privacy.soonest() else { return Ok(()) };
        let now = self.clock().now();
        let names = self.pseudonyms().await?;
        let (mut all, mut after) = (ErasedRows::default(), Place::default());
        let pseudonym = |name: &str| names.of(name);
        let erasure =
            Erasure { causes: &organisation.closing.causes, pseudonym: &pseudonym, forgotten: None };
        loop {
            let page = self.store().whole_tickets(after, A_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.place;
            // In the order of their last change: as soon as one is too young for all classes, so is the rest.
            let over = now - last.stirred_at < soonest;
            let is_due = |stirred: DateTime<Utc>, facts: &Facts| {
                let kept = organisation.privacy.erase_after(facts.audience, class_of(&organisation, facts));
                kept.is_some_and(|kept| now - stirred >= kept)
            };
            let due = page.iter().filter(|whole| {
                let ticket = &whole.saved.ticket;
                // What closes by itself is not closed yet.
                ticket.closes_at.is_none() && is_due(whole.stirred_at, &ticket.facts)
            });
            let due: Vec<TicketId> = due.map(|whole| whole.saved.ticket.id).collect();
            for some in due.chunks(AT_ONCE) {
                let began = Instant::now();
                all.add(self.store().erase(some, &erasure, now).await?);
                pause(began).await;
            }
            if over {
                break;
            }
        }
        let ErasedRows { tickets, events, notices, handoffs, left } = all;
        if tickets > 0 {
            let answers = self.store().erase_remembered().await?;
            info!(
                tickets,
                events, notices, handoffs, answers, "old enough, and what was personal is erased now"
            );
        }
        if !left.is_empty() {
            warn!(tickets = ?left, "these cannot be erased, as their rows are damaged");
        }
        Ok(())
    }

    async fn let_footprints_go(&self, kept: TimeDelta) -> anyhow::Result<()> {
        let before = self.clock().now().checked_sub_signed(kept).unwrap_or(DateTime::<Utc>::MIN_UTC);
        loop {
            let began = Instant::now();
            if self.store().let_footprints_go(before, FOOTPRINTS).await? < u64::from(FOOTPRINTS) {
                return Ok(());
            }
            pause(began).await;
        }
    }

    pub(super) async fn pseudonyms(&self) -> anyhow::Result<Pseudonyms> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| anyhow!("the system gives no randomness: {error}"))?;
        let fresh: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = self.store().key(KEY, &fresh, self.clock().now()).await?;
        Ok(Pseudonyms { key })
    }
}

/// What the files say of a customer.
pub fn known<'o>(organisation: &'o Organisation, customer: &str) -> Option<&'o Customer> {
    organisation.customers.iter().find(|(id, _)| id.as_str() == customer).map(|(_, known)| known)
}
