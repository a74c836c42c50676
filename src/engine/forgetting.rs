//! Customers are forgotten: step by step between decisions, and, of what is open, soon after it is closed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tracing::info;

use super::pauses::pause;
use super::privacy::{AT_ONCE, known};
use super::{Engine, News};
use crate::desk::{Erasure, Forgotten, TicketId, What};
use crate::store::{Deed, ErasedRows, Footprint, Forgetting};

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
    /// It does not go on: it was asked for again, was called off, or another node has finished it.
    pub is_ended: bool,
}

/// Customers who are being forgotten, by name, each with the open tickets that this waits for.
pub(super) type WaitedFor = BTreeMap<String, BTreeSet<TicketId>>;

impl Forgot {
    pub fn is_over(&self) -> bool {
        self.open.is_empty() && !self.more && !self.is_ended
    }

    /// Without the name, which logs would keep. `by`: the token with which it was asked for; `None`: it went on by itself.
    pub fn log(&self, by: Option<&str>) {
        let (tickets, open) = (self.erased.tickets, self.open.len());
        if self.is_ended {
            info!(
                tickets,
                by, "forgetting a customer ended here: it was asked for again, called off or finished"
            );
        } else if self.more {
            info!(
                tickets,
                by, "a customer is being forgotten: so many tickets are erased so far, and it goes on"
            );
        } else if open > 0 {
            info!(
                tickets,
                open, by, "a customer is being forgotten: what is done is erased, what is open waits"
            );
        } else {
            info!(tickets, by, "a customer is forgotten: what was left is erased");
        }
    }
}

impl Engine {
    /// What was begun and then broken off, or waited for open tickets.
    pub(super) async fn go_on_forgetting(&self) -> anyhow::Result<()> {
        let forgettings = self.store().forgettings().await?;
        let customers: BTreeSet<String> = forgettings.iter().map(|one| one.customer.clone()).collect();
        self.shared.waited_for.send_if_modified(|waited_for| {
            let before = waited_for.len();
            waited_for.retain(|customer, _| customers.contains(customer));
            waited_for.len() != before
        });
        for forgetting in forgettings {
            let forgot = self.forget(forgetting, |_| true).await?;
            if forgot.erased.tickets > 0 || forgot.is_over() {
                forgot.log(None);
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
        let (mut forgot, mut none_was_open) = (Forgot::default(), false);
        loop {
            let began = Instant::now();
            let step = self.store().forget_more(&mut forgetting, &erasure, self.clock().now()).await?;
            forgot.erased.add(step.erased);
            if step.is_ended {
                return Ok(Forgot { is_ended: true, ..forgot });
            }
            if step.looked_at_all {
                forgot.open = self.store().live_of(&forgotten).await?;
                if none_was_open || !forgot.open.is_empty() {
                    break;
                }
                // What was open when it was looked at, and closed before this, is met by one more look.
                none_was_open = true;
                continue;
            }
            if !go_on(&forgot) {
                return Ok(Forgot { more: true, ..forgot });
            }
            pause(began).await;
        }
        forgot.answers = self.store().erase_remembered().await?;
        if forgot.is_over() {
            let footprint = Footprint::new(self.clock().now(), Deed::Forget, "finished")?;
            forgot.revisions = self.store().end_forgetting(&forgetting, footprint).await?;
        }
        self.wait_for(&forgetting.customer, &forgot.open);
        Ok(forgot)
    }

    /// What [`Engine::forget`] would come to if it were asked for now. Nothing is changed, and no lock is held.
    pub async fn would_forget(&self, customer: &str) -> anyhow::Result<Forgot> {
        let organisation = self.in_force().coverage.organisation.clone();
        let (names, named) = (self.pseudonyms().await?, self.named(customer).await?);
        let pseudonym = |name: &str| names.of(name);
        let causes = &organisation.closing.causes;
        let erasure = Erasure { causes, pseudonym: &pseudonym, forgotten: Some(&named) };
        let (mut forgot, mut after) = (Forgot::default(), Some(TicketId(0)));
        while let Some(place) = after {
            let page = self.store().kept_of(&named, place).await?;
            for some in page.done.chunks(AT_ONCE) {
                forgot.erased.add(self.store().would_erase(some, &erasure, self.clock().now()).await?);
            }
            forgot.open.extend(page.live);
            after = page.next;
        }
        Ok(forgot)
    }

    /// Leaves whoever is named as they are by now; false where nobody of that name is being forgotten.
    pub async fn call_off_forgetting(&self, customer: &str, footprint: Footprint) -> anyhow::Result<bool> {
        let called_off = self.store().call_off_forgetting(customer, footprint).await?;
        self.wait_for(customer, &[]);
        Ok(called_off)
    }

    /// By whom tickets are found that are a customer's, whenever they were opened.
    pub async fn named(&self, customer: &str) -> anyhow::Result<Forgotten> {
        let also = self.pseudonyms().await?.of(customer);
        let names = [customer.to_owned(), also].into();
        let known = known(&self.in_force().coverage.organisation, customer).cloned();
        Ok(Forgotten { names, pseudonym: String::new(), until: DateTime::<Utc>::MAX_UTC, known })
    }

    fn wait_for(&self, customer: &str, open: &[TicketId]) {
        let open: BTreeSet<TicketId> = open.iter().copied().collect();
        self.shared.waited_for.send_if_modified(|waited_for| match open.is_empty() {
            true => waited_for.remove(customer).is_some(),
            false => waited_for.insert(customer.to_owned(), open.clone()).as_ref() != Some(&open),
        });
    }
}

/// Until one of the tickets is over that somebody who is to be forgotten waits for, or news of it may have been missed. For
/// ever where nobody listens.
pub(super) async fn one_is_over(
    news: &mut Option<broadcast::Receiver<News>>,
    waited_for: &watch::Sender<WaitedFor>,
) {
    let Some(news) = news else { return std::future::pending().await };
    loop {
        let batch = match news.recv().await {
            Ok(batch) => batch,
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => return std::future::pending().await,
        };
        let waited_for = waited_for.borrow();
        let is_over = batch.events.iter().any(|event| {
            matches!(event.what, What::Resolved { .. } | What::Closed { .. })
                && waited_for.values().any(|open| open.contains(&event.ticket))
        });
        if is_over {
            return;
        }
    }
}
