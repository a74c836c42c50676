//! The sections of a report, each from the ticket and its history.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Incident;
use super::document::{Block, Section};
use super::happenings::escalation;
use super::names::Names;
use crate::desk::{Clock, ClockState, Custody, Event, Request, Update, What, attribution, custody};
use crate::report::words::{counted, lasting};
use crate::schedule::{RequestPart, duration_text};

/// So many lines to fill in.
const ACTIONS: usize = 3;

impl Incident<'_> {
    pub(super) fn lead(&self, names: &Names) -> String {
        match self.ticket.live() {
            true => format!("The ticket is live: this is how things stood on {}.", names.time(self.now)),
            false => format!("The ticket is {}.", self.ticket.state.as_str()),
        }
    }

    pub(super) fn summary(&self, names: &Names) -> Section {
        let (ticket, facts) = (self.ticket, &self.ticket.facts);
        let at = |event: Option<&Event>| event.map(|event| event.at);
        let after = |at: DateTime<Utc>| lasting((at - ticket.opened_at).num_seconds());
        let late = |at: Option<DateTime<Utc>>| {
            at.map_or(String::new(), |at| format!("{}, {} after it was opened", names.time(at), after(at)))
        };
        let is_taken = |event: &&Event| matches!(event.what, What::Acknowledged { .. });
        let is_resolved = |event: &&Event| matches!(event.what, What::Resolved { .. });
        let resolved = at(self.history.iter().rfind(is_resolved)).filter(|_| !ticket.live());
        let count = |of: fn(&What) -> bool| self.history.iter().filter(|event| of(&event.what)).count();
        let times = |count: usize, one, many| match count {
            0 => String::new(),
            count => counted(count, one, many),
        };
        let text = |text: &Option<String>| text.as_deref().map_or(String::new(), |text| names.line(text));
        let taken_over = count(|what| matches!(what, What::Acknowledged { handoff: Some(_), .. }));
        let facts_block = Block::facts([
            ("Priority", ticket.priority.to_string()),
            ("State", ticket.state.as_str().to_owned()),
            ("Customer", names.customer(ticket)),
            ("Service", facts.service.as_ref().map_or(String::new(), |id| names.line(id.as_str()))),
            ("Category", text(&facts.category)),
            ("External reference", text(&facts.external_ref)),
            ("Opened", names.time(ticket.opened_at)),
            ("First taken", late(at(self.history.iter().find(is_taken)))),
            ("Resolved", late(resolved)),
            ("Handed over", times(taken_over, "time", "times")),
            ("Escalated", times(count(|what| matches!(what, What::Escalated { .. })), "time", "times")),
            ("Reopened", times(count(|what| matches!(what, What::Reopened { .. })), "time", "times")),
            (
                "Promises broken",
                times(count(|what| matches!(what, What::ClockBreached { .. })), "promise", "promises"),
            ),
        ]);
        let description = facts.description.as_deref().map(|text| names.lines(text));
        let quote = description.filter(|lines| !lines.is_empty()).map(|lines| Block::Quote { lines });
        Section { title: "Summary", blocks: [facts_block].into_iter().chain(quote).collect() }
    }

    pub(super) fn time_line(&self, names: &Names) -> Section {
        let mut columns = names.time_columns();
        columns.extend(["Who", "What"]);
        let row = |event: &Event| {
            let mut row = names.times(event.at);
            let what = names.happening(event)?;
            row.extend([names.actor(&event.by), what]);
            Some(row)
        };
        let table = Block::table(&columns, self.history.iter().filter_map(row).collect());
        Section::of("Time line", table.into_iter().collect(), "Nothing is known of it.")
    }

    /// Who had it when, and how long each in all.
    pub(super) fn custody(&self, names: &Names) -> Section {
        let stretches: Vec<_> =
            custody(self.history).into_iter().filter(|held| held.custody != Custody::Done).collect();
        let mut columns = names.time_columns();
        columns.extend(["Lasted", "Who had it"]);
        let (mut rows, mut order) = (Vec::new(), Vec::new());
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for held in &stretches {
            let seconds = (held.until.unwrap_or(self.now) - held.from).num_seconds();
            let who = names.custody(&held.custody);
            let mut row = names.times(held.from);
            row.extend([lasting(seconds), who.clone()]);
            rows.push(row);
            if !order.contains(&who) {
                order.push(who.clone());
            }
            *sums.entry(who).or_default() += seconds;
        }
        let sums: Vec<Vec<String>> = order.into_iter().map(|who| vec![lasting(sums[&who]), who]).collect();
        // Where everybody had it once, the sums say nothing new.
        let sums = Some(sums).filter(|sums| sums.len() < rows.len());
        let sums = sums.and_then(|sums| Block::table(&["In all", "Who had it"], sums));
        let blocks = Block::table(&columns, rows).into_iter().chain(sums).collect();
        Section::of("Custody", blocks, "Nobody had it.")
    }

    pub(super) fn promises(&self, names: &Names) -> Section {
        let running = |clock: &Clock| {
            let since = clock.running_since.filter(|_| self.ticket.live());
            since.map_or(TimeDelta::zero(), |since| clock.by.counted(self.coverage, since, self.now))
        };
        let periods = attribution(self.history, running);
        let row = |clock: &Clock| {
            let promised = clock.promised.map_or("nothing".to_owned(), duration_text);
            let sla = clock.sla.as_ref().map_or(String::new(), |sla| names.line(sla.as_str()));
            let spent = periods.iter().rfind(|period| period.clock == clock.kind);
            let share = |(custody, seconds): (Option<&Custody>, i64)| {
                let whose = custody.map_or("before it was promised".to_owned(), |held| names.custody(held));
                format!("{whose} {}", lasting(seconds))
            };
            let shares = spent.map(|period| period.in_seconds().map(share).collect::<Vec<_>>().join("; "));
            let in_all = spent.map_or(String::new(), |period| lasting(period.spent().num_seconds()));
            vec![
                clock.kind.to_string(),
                sla,
                promised,
                outcome(clock, names),
                in_all,
                shares.unwrap_or_default(),
            ]
        };
        let rows = self.ticket.clocks.iter().map(row).collect();
        let columns = ["Promise", "SLA", "Within", "Outcome", "Spent", "Whose time it was"];
        let table = Block::table(&columns, rows);
        Section::of("Promises", table.into_iter().collect(), "Nothing was promised to the customer.")
    }

    pub(super) fn updates(&self, names: &Names) -> Section {
        let blocks = self.history.iter().flat_map(|event| match &event.what {
            What::Updated { update } => update_blocks(event, update, names),
            _ => Vec::new(),
        });
        Section::of("Status updates", blocks.collect(), "The customer was told nothing in between.")
    }

    pub(super) fn escalations(&self, names: &Names) -> Section {
        let told = |event: &Event| match &event.what {
            What::Escalated { kind, reason, request, .. } => {
                let how = format!("{} by {}", escalation(*kind), names.actor(&event.by));
                let reason = [("Reason", names.line(reason))];
                let facts = Block::facts(reason.into_iter().chain(requested(request, names)));
                vec![Block::words(&format!("{}, {how}:", names.time(event.at))), facts]
            }
            _ => Vec::new(),
        };
        let blocks = self.history.iter().flat_map(told).collect();
        Section::of("Escalations", blocks, "It was not escalated.")
    }

    pub(super) fn verdicts(&self, names: &Names) -> Section {
        let mut columns = names.time_columns();
        columns.extend(["Who", "On", "From", "Verdict"]);
        let row = |event: &Event| match &event.what {
            What::Judged { kind, from, verdict, replaces, .. } => {
                let mut row = names.times(event.at);
                let from = from.as_ref().map_or(String::new(), |from| names.person(from));
                let again = if *replaces { ", in place of the one before" } else { "" };
                let said = format!("{}{again}", names.verdict(verdict));
                row.extend([names.actor(&event.by), kind.as_str().to_owned(), from, said]);
                Some(row)
            }
            _ => None,
        };
        let table = Block::table(&columns, self.history.iter().filter_map(row).collect());
        let none = "Nobody has said whether what came with it was good enough.";
        Section::of("Verdicts on handoffs and escalations", table.into_iter().collect(), none)
    }

    pub(super) fn unreached(&self, names: &Names) -> Section {
        let mut columns = names.time_columns();
        columns.extend(["To", "Why not"]);
        let row = |event: &Event| match &event.what {
            What::NoticeFailed { to, reason, .. } => {
                let mut row = names.times(event.at);
                row.extend([names.person(to), names.line(reason)]);
                Some(row)
            }
            _ => None,
        };
        let table = Block::table(&columns, self.history.iter().filter_map(row).collect());
        Section::of("Messages that reached nobody", table.into_iter().collect(), "None.")
    }

    /// Each time that it was resolved.
    pub(super) fn resolution(&self, names: &Names) -> Section {
        let told = |event: &Event| match &event.what {
            What::Resolved { notes, cause, .. } => {
                let cause = cause.as_deref().map_or("not named".to_owned(), |cause| names.line(cause));
                let who = names.actor(&event.by);
                let said = format!("{}, resolved by {who}; cause: {cause}.", names.time(event.at));
                said_and_quoted(said, names.lines(notes))
            }
            _ => Vec::new(),
        };
        let blocks = self.history.iter().flat_map(told).collect();
        Section::of("Cause and resolution", blocks, "It is not resolved.")
    }

    pub(super) fn feedback(&self, names: &Names) -> Section {
        let told = |event: &Event| match &event.what {
            What::Feedback { score, text } => {
                said_and_quoted(format!("{}: {score} of 5.", names.time(event.at)), names.lines(text))
            }
            _ => Vec::new(),
        };
        let blocks = self.history.iter().flat_map(told).collect();
        Section::of("The customer's feedback", blocks, "The customer has not said.")
    }
}

/// To be filled in.
pub(super) fn actions() -> Section {
    let columns = ["What is to be done", "Who", "By when", "Done"];
    let rows = vec![vec![String::new(); columns.len()]; ACTIONS];
    Section { title: "Actions", blocks: Block::table(&columns, rows).into_iter().collect() }
}

fn update_blocks(event: &Event, update: &Update, names: &Names) -> Vec<Block> {
    let line = |text: &Option<String>| text.as_deref().map_or(String::new(), |text| names.line(text));
    let expected = update.expected_resolution.map_or(String::new(), |at| names.time(at));
    let mut blocks = said_and_quoted(
        format!("{}, by {}:", names.time(event.at), names.actor(&event.by)),
        names.lines(&update.status),
    );
    let beside = [
        ("Done so far", line(&update.done_so_far)),
        ("Next action", line(&update.next_action)),
        ("Expected to be solved", expected),
    ];
    if beside.iter().any(|(_, text)| !text.is_empty()) {
        blocks.push(Block::facts(beside));
    }
    blocks
}

/// A sentence of ours, and what somebody wrote.
fn said_and_quoted(said: String, lines: Vec<String>) -> Vec<Block> {
    let quote = (!lines.is_empty()).then_some(Block::Quote { lines });
    [Block::Words { text: said }].into_iter().chain(quote).collect()
}

fn requested(request: &Request, names: &Names) -> Vec<(&'static str, String)> {
    let name = |part: RequestPart| match part {
        RequestPart::Summary => "Summary",
        RequestPart::StepsTaken => "Steps taken",
        RequestPart::Impact => "Impact",
        RequestPart::HelpWanted => "Help wanted",
        RequestPart::TimeLimit => "Time limit",
        RequestPart::Customer => "Customer",
    };
    request.parts().into_iter().map(|(part, text)| (name(part), names.line(text))).collect()
}

fn outcome(clock: &Clock, names: &Names) -> String {
    let at = |at: Option<DateTime<Utc>>| at.map_or(String::new(), |at| names.time(at));
    match clock.state() {
        ClockState::Running => "running".to_owned(),
        ClockState::Standing => "stands still".to_owned(),
        ClockState::Met => format!("kept on {}", at(clock.met_at)),
        ClockState::MetLate => format!("broken on {}, done on {}", at(clock.breached_at), at(clock.met_at)),
        ClockState::Breached => format!("broken on {}", at(clock.breached_at)),
        ClockState::Unpromised => "only counted".to_owned(),
    }
}
