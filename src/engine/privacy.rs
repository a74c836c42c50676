//! What is personal is erased when it is time, and customers are forgotten: between decisions, with pauses.

use std::time::Duration;

use anyhow::anyhow;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::time::Instant;
use tracing::{info, warn};

use super::Engine;
use crate::desk::{Erasure, Forgotten, TicketId, class_of};
use crate::schedule::{Customer, Organisation};
use crate::store::{Deed, ErasedRows, Footprint, Forgetting, Place};

/// A look at whether anything is old enough. Tickets of classes that are kept for longer are read each time.
const EVERY: TimeDelta = TimeDelta::hours(1);
/// So many tickets are erased at once, and so many read.
const AT_ONCE: usize = 50;
const A_PAGE: u32 = 200;
/// So many rows of the trail go at once.
const FOOTPRINTS: u32 = 500;
/// Decisions have the lock for so many times as long as this work has it.
const SHARE: u32 = 9;
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_secs(1);
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

/// How far forgetting a customer has got.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forgot {
    pub erased: ErasedRows,
    /// Answers to an Idempotency-Key.
    pub answers: u64,
    /// Earlier revisions that lost a file.
    pub revisions: u64,
    /// Open tickets, which go when they are closed.
    pub open: Vec<TicketId>,
    /// There was no time to look at every ticket.
    pub more: bool,
}

impl Forgot {
    pub fn is_over(&self) -> bool {
        self.open.is_empty() && !self.more
    }
}

impl Engine {
    /// Erases what is old enough by the files in force, and goes on with what is to be forgotten, now and then, until
    /// [`Engine::stop`]. Every node does; each ticket is erased once. `trail`: how long its rows are kept; `None`: for ever.
    pub fn keep_private(&self, trail: Option<TimeDelta>) {
        self.shared.tasks.spawn(self.clone().erase_now_and_then(trail));
    }

    async fn erase_now_and_then(self, trail: Option<TimeDelta>) {
        loop {
            tokio::select! {
                () = self.keep_private_once(trail) => (),
                () = self.shared.stop.cancelled() => return,
            }
            let next = self.clock().now() + EVERY;
            while self.clock().now() < next {
                tokio::select! {
                    () = self.clock().sleep_until(Some(next)) => (),
                    () = self.shared.stop.cancelled() => return,
                }
            }
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
            let is_due = |stirred: DateTime<Utc>, class: Option<&str>| {
                organisation.privacy.erase_after(class).is_some_and(|kept| now - stirred >= kept)
            };
            let due = page.iter().filter(|whole| {
                let ticket = &whole.saved.ticket;
                // What closes by itself is not closed yet.
                ticket.closes_at.is_none() && is_due(whole.stirred_at, class_of(&organisation, &ticket.facts))
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

    /// What was begun and then broken off, or waited for open tickets.
    async fn go_on_forgetting(&self) -> anyhow::Result<()> {
        for forgetting in self.store().forgettings().await? {
            let forgot = self.forget(forgetting, |_| true).await?;
            let (tickets, open) = (forgot.erased.tickets, forgot.open.len());
            if tickets > 0 || forgot.is_over() {
                info!(tickets, open, "a customer is being forgotten");
            }
        }
        Ok(())
    }

    /// Goes on with what [`crate::store::Store::begin_forgetting`] has begun, for as long as `go_on` says so of how far it has
    /// got. Done again, it finds what is left.
    pub async fn forget(
        &self,
        mut forgetting: Forgetting,
        go_on: impl Fn(&Forgot) -> bool,
    ) -> anyhow::Result<Forgot> {
        let organisation = self.in_force().coverage.organisation.clone();
        let names = self.pseudonyms().await?;
        let pseudonym = |name: &str| names.of(name);
        let forgotten = forgetting.forgotten(names.of(&forgetting.customer));
        let causes = &organisation.closing.causes;
        let erasure = Erasure { causes, pseudonym: &pseudonym, forgotten: Some(&forgotten) };
        let mut forgot = Forgot::default();
        loop {
            let began = Instant::now();
            let step = self.store().forget_more(&mut forgetting, &erasure, self.clock().now()).await?;
            forgot.erased.add(step.erased);
            if step.looked_at_all {
                break;
            }
            if !go_on(&forgot) {
                return Ok(Forgot { more: true, ..forgot });
            }
            pause(began).await;
        }
        forgot.answers = self.store().erase_remembered().await?;
        forgot.open = self.store().live_of(&forgotten).await?;
        if forgot.is_over() {
            let footprint = Footprint::new(self.clock().now(), Deed::Forget, "finished")?;
            forgot.revisions = self.store().end_forgetting(&forgetting, footprint).await?;
        }
        Ok(forgot)
    }

    /// By whom tickets are found that are a customer's.
    pub async fn named(&self, customer: &str) -> anyhow::Result<Forgotten> {
        let also = self.pseudonyms().await?.of(customer);
        let names = [customer.to_owned(), also].into();
        let known = known(&self.in_force().coverage.organisation, customer).cloned();
        Ok(Forgotten { names, pseudonym: String::new(), known })
    }

    async fn pseudonyms(&self) -> anyhow::Result<Pseudonyms> {
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

async fn pause(began: Instant) {
    tokio::time::sleep((began.elapsed() * SHARE).clamp(PAUSE_MIN, PAUSE_MAX)).await;
}
