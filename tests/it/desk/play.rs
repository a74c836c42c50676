//! A small language for stories. Commands and what came of them, one line each:
//!
//!     2026-03-02 08:00  open P2 fr from acme: Checkout fails
//!     08:05  anna acknowledges 1
//!     09:00  nothing

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use meridian::coverage::{Coverage, DayChanges};
use meridian::desk::*;
use meridian::schedule::{self, Audience, Files, Leave, Moment, Origin, PersonId, Priority, TeamId};
use meridian::zone::Zones;

/// Compiles schedules written in a test; a problem fails it, drawn.
pub fn coverage(toml: &str, from: DateTime<Utc>) -> Arc<Coverage> {
    let files = Files::from([("org.toml".to_owned(), toml.to_owned())]);
    let parsed = schedule::parse(&files);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
    let zones = Zones::load(Some(&folder), &parsed.zones()).unwrap();
    let checked = parsed.check(&|zone| zones.get(zone).is_some());
    let problems = schedule::render(&checked.problems, &files, false);
    let organisation = Arc::new(checked.organisation.unwrap_or_else(|| panic!("{problems}")));
    let (from, until) = (from - TimeDelta::days(10), from + TimeDelta::days(120));
    Arc::new(Coverage::compile(organisation, Arc::new(zones), Arc::default(), from, until))
}

pub struct Story {
    toml: String,
    desk: Desk,
    coverage: Arc<Coverage>,
    now: DateTime<Utc>,
    /// As the store has it.
    stored: BTreeMap<TicketId, Saved>,
    turns: BTreeMap<TeamId, PersonId>,
    /// The last routing decision about each ticket.
    decisions: BTreeMap<TicketId, Explanation>,
    events: BTreeMap<TicketId, Vec<Event>>,
    notices: Vec<Notice>,
    told: String,
}

/// All that a story leaves behind.
pub struct Played {
    pub coverage: Arc<Coverage>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub tickets: BTreeMap<TicketId, Saved>,
    pub events: BTreeMap<TicketId, Vec<Event>>,
    pub notices: Vec<Notice>,
}

/// Plays a script and tells what happened: every event and every notice, at its instant.
pub fn play(toml: &str, script: &str) -> String {
    story(toml, script).told
}

/// Plays a script, from its first midnight to its last line.
pub fn played(toml: &str, script: &str) -> Played {
    let story = story(toml, script);
    let from = story.coverage.from + TimeDelta::days(10);
    let Story { coverage, now: until, stored: tickets, events, notices, .. } = story;
    Played { coverage, from, until, tickets, events, notices }
}

fn story(toml: &str, script: &str) -> Story {
    let mut lines = script.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    let first = lines.peek().expect("a story has a line");
    let date: NaiveDate = first[..10].parse().unwrap();
    let start = date.and_time(NaiveTime::MIN).and_utc();
    let mut story = Story {
        toml: toml.to_owned(),
        desk: Desk::default(),
        coverage: coverage(toml, start),
        now: start,
        stored: BTreeMap::new(),
        turns: BTreeMap::new(),
        decisions: BTreeMap::new(),
        events: BTreeMap::new(),
        notices: Vec::new(),
        told: String::new(),
    };
    for line in lines {
        story.line(line);
    }
    story
}

impl Story {
    fn line(&mut self, line: &str) {
        if ["why ", "clocks ", "promises ", "outage "].iter().any(|word| line.starts_with(word)) {
            return self.act(line);
        }
        let (date, rest) = match line[..10].parse::<NaiveDate>() {
            Ok(date) => (date, line[10..].trim()),
            Err(_) => (self.now.date_naive(), line),
        };
        let (time, rest) = rest.split_once(' ').unwrap_or((rest, "nothing"));
        let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap_or_else(|_| panic!("a time in {line:?}"));
        self.advance(date.and_time(time).and_utc());
        self.act(rest.trim());
    }

    fn advance(&mut self, to: DateTime<Utc>) {
        while let Some(next) = self.desk.next_wake().filter(|next| *next <= to) {
            self.now = self.now.max(next);
            let rules = Rules { revision: 1, coverage: &self.coverage };
            for ticket in self.desk.due(rules, self.now, 100) {
                if self.desk.ticket(ticket).is_none() {
                    self.desk.put(self.stored[&ticket].clone());
                }
                self.desk.take(rules, Command::system(Action::On(ticket, Verb::Wake)), self.now).unwrap();
            }
            self.tell();
        }
        self.now = to;
    }

    /// `1 to anna`, the last message about ticket 1 to anna; `first page 1 to anna`, the first of that kind; `stage 2 of 1
    /// to anna`, the latest that is the second stage of asking.
    fn undelivered(&self, text: &str) -> Action {
        let (stage, text): (Option<u32>, &str) = match text.strip_prefix("stage ") {
            Some(rest) => rest.split_once(" of ").map(|(stage, rest)| (stage.parse().ok(), rest)).unwrap(),
            None => (None, text),
        };
        let is_stage = |notice: &Notice| match (stage, &notice.stage) {
            (None, _) => true,
            (Some(number), Some(stage)) => stage.number + 1 == number,
            (Some(_), None) => false,
        };
        let (kind, text) = match text.strip_prefix("first ") {
            Some(rest) => rest.split_once(' ').map(|(kind, rest)| (Some(kind), rest)).unwrap(),
            None => (None, text),
        };
        let (ticket, to) = text.split_once(" to ").unwrap();
        let about = |notice: &&Notice| {
            notice.ticket.is_some_and(|id| id.to_string() == ticket)
                && notice.to.as_str() == to
                && is_stage(notice)
        };
        let mut messages = self.notices.iter().filter(about);
        let notice = match kind {
            Some(kind) => messages.find(|notice| notice.kind.as_str() == kind),
            None => messages.next_back(),
        };
        let notice = notice.unwrap_or_else(|| panic!("no such message: {text}")).clone();
        Action::NoticeFailed { notice: Box::new(notice), reason: "no channel works".into() }
    }

    fn act(&mut self, text: &str) {
        let command = match text.split_once(' ').unwrap_or((text, "")) {
            ("nothing", _) => return,
            ("restart", _) => return self.restart(),
            ("outage", rest) => return self.outage(rest),
            ("edit", rest) => return self.edit(rest),
            ("why", ticket) => return self.why(TicketId(ticket.parse().unwrap())),
            ("clocks", ticket) => return self.clocks(TicketId(ticket.parse().unwrap())),
            ("promises", ticket) => return self.promises(TicketId(ticket.parse().unwrap())),
            ("undelivered", rest) => Command::system(self.undelivered(rest)),
            ("open", rest) => {
                Command { by: Actor::Token("desk".into()), action: Action::Open(Box::new(facts(rest))) }
            }
            (person, rest) if rest.starts_with("falls ill until ") => {
                return self.leave(person, &rest["falls ill until ".len()..]);
            }
            (by, rest) => {
                let by = match by.split_once('/') {
                    Some(("vendor", vendor)) => Actor::Vendor(vendor.into()),
                    _ if by == "monitor" => Actor::Token("monitor".into()),
                    _ => Actor::Person(by.into()),
                };
                Command { by, action: action(rest, self.now) }
            }
        };
        let rules = Rules { revision: 1, coverage: &self.coverage };
        let named = command.action.ticket().filter(|ticket| self.desk.ticket(*ticket).is_none());
        if let Some(saved) = named.and_then(|ticket| self.stored.get(&ticket)) {
            self.desk.put(saved.clone());
        }
        if let Err(refusal) = self.desk.take(rules, command, self.now) {
            self.told += &format!("{} refused: {refusal}\n", self.now.format("%d %H:%M"));
        }
        self.tell();
    }

    /// The desk as the store would give it back.
    fn restart(&mut self) {
        let tickets: Vec<Saved> = self.desk.tickets().cloned().collect();
        let handoffs: Vec<Handoff> = self.desk.handoffs().cloned().collect();
        let numbers = self.desk.clone().drain().numbers;
        self.desk = Desk::restore(tickets, handoffs, self.turns.clone(), numbers);
        let done = self.stored.iter().filter(|(_, saved)| !saved.ticket.live());
        self.desk.will_close(done.filter_map(|(id, saved)| Some((*id, saved.wake_at?))));
    }

    /// `outage until 14:00`: nothing is looked at before.
    fn outage(&mut self, until: &str) {
        let time = NaiveTime::parse_from_str(until.trim_start_matches("until "), "%H:%M").unwrap();
        self.now = self.now.date_naive().and_time(time).and_utc();
        self.advance(self.now);
    }

    /// `edit OLD => NEW`: other text in the files, put to work at once; `\n` in it is a new line.
    fn edit(&mut self, change: &str) {
        let (old, new) = change.split_once(" => ").unwrap_or_else(|| panic!("no => in {change:?}"));
        let new = &new.replace("\\n", "\n");
        assert!(self.toml.contains(old), "{old:?} is not in the files");
        self.toml = self.toml.replace(old, new);
        self.coverage = coverage(&self.toml, self.coverage.from + TimeDelta::days(10));
        self.desk.wake_all(self.now);
        self.advance(self.now);
    }

    fn why(&mut self, ticket: TicketId) {
        let decision = &self.decisions[&ticket];
        self.told += &format!("  {}\n", decision.text);
        for rejected in &decision.rejected {
            self.told += &format!("    not {} ({:?}): {}\n", rejected.team, rejected.reason, rejected.detail);
        }
    }

    fn clocks(&mut self, ticket: TicketId) {
        let ticket = self.desk.ticket(ticket).unwrap();
        let words = |wait: &Option<Wait>| match wait {
            Some(Wait { due: Some(due), .. }) => due.format("%d %H:%M").to_string(),
            Some(_) => "standing still".into(),
            None => "none".into(),
        };
        let (acknowledge, resolve) = (words(&ticket.acknowledge), words(&ticket.resolve));
        self.told += &format!("  acknowledge: {acknowledge}, resolve: {resolve}\n");
    }

    /// The promises of a ticket, and whose time they spent.
    fn promises(&mut self, id: TicketId) {
        let ticket = &self.stored[&id].ticket;
        for clock in &ticket.clocks {
            let promised = clock.promised.map_or("nothing".into(), schedule::duration_text);
            let due = clock.due.map_or(String::new(), |due| format!(", due {}", due.format("%d %H:%M")));
            self.told += &format!("  {} within {promised}: {:?}{due}\n", clock.kind, clock.state());
        }
        let (coverage, now) = (&self.coverage, self.now);
        let running = |clock: &Clock| running(clock, coverage, now);
        for period in attribution(&self.events[&id], running) {
            let shares: Vec<String> = period.shares.iter().map(in_share).collect();
            let spent = lasting(period.spent());
            self.told += &format!("    {} {spent}: {}\n", period.clock, shares.join(", "));
        }
    }

    fn leave(&mut self, person: &str, until: &str) {
        let until: NaiveDate = until.parse().unwrap();
        let mut changes = DayChanges::clone(&self.coverage.changes);
        changes.leave.push(Leave {
            origin: Origin::Row(changes.leave.len() as i64),
            person: person.into(),
            from: Moment::Exact(self.now),
            to: Moment::Date(until),
        });
        let next = Arc::new(self.coverage.with_changes(Arc::new(changes)));
        let teams = self.coverage.differing_teams(&next, self.now);
        self.coverage = next;
        let rules = Rules { revision: 2, coverage: &self.coverage };
        self.desk.wake_teams(rules, &teams, self.now);
        self.advance(self.now);
    }

    fn tell(&mut self) {
        let changes = self.desk.drain();
        self.turns.extend(changes.turns.clone());
        self.stored.extend(changes.tickets.into_iter().map(|saved| (saved.ticket.id, saved)));
        for event in &changes.events {
            if let What::Offered { decision, .. } | What::Parked { decision, .. } = &event.what {
                self.decisions.insert(event.ticket, (**decision).clone());
            }
            if let Some(words) = in_words(event) {
                self.told += &format!("{} {}: {words}\n", event.at.format("%d %H:%M"), event.ticket);
            }
        }
        for notice in &changes.notices {
            let at = notice.at.format("%d %H:%M");
            let ways = match notice.is_put_off() {
                true => format!(
                    " by {}, at {}",
                    notice.ways(&self.coverage).join(", "),
                    notice.goes_out_at().format("%H:%M")
                ),
                false => String::new(),
            };
            self.told += &format!(
                "{at} {}:   {} to {}{ways}\n",
                notice.ticket.unwrap(),
                notice.kind.as_str(),
                notice.to
            );
        }
        for event in changes.events {
            self.events.entry(event.ticket).or_default().push(event);
        }
        self.notices.extend(changes.notices);
    }
}

/// `P2 fr skills billing,network from acme key K in apac: Title`
fn facts(text: &str) -> Facts {
    let (head, title) = text.split_once(": ").unwrap_or((text, "Something"));
    let mut facts = Facts { title: title.into(), ..Facts::default() };
    let mut words = head.split(' ');
    while let Some(word) = words.next() {
        match word {
            "internal" => facts.audience = Audience::Internal,
            "skills" => facts.skills = words.next().unwrap().split(',').map(Into::into).collect(),
            "from" => facts.customer = Some(words.next().unwrap().into()),
            "key" => facts.dedup_key = Some(words.next().unwrap().into()),
            "in" => facts.region = Some(words.next().unwrap().into()),
            "resident" => facts.residency = Some(words.next().unwrap().into()),
            "about" => facts.category = Some(words.next().unwrap().into()),
            "via" => facts.via = Some(words.next().unwrap().into()),
            "service" => facts.service = Some(words.next().unwrap().into()),
            "risk" => facts.risk = BTreeSet::from([words.next().unwrap().into()]),
            word => match word.parse::<Priority>() {
                Ok(priority) => facts.priority = Some(priority),
                Err(_) => facts.language = Some(word.into()),
            },
        }
    }
    facts
}

/// With these parts.
fn request(parts: Option<&str>) -> Request {
    let has = |part: &str| parts.is_some_and(|parts| parts.split(',').any(|one| one == part));
    let text = |part: &str, text: &str| if has(part) { text.to_owned() } else { String::new() };
    Request {
        summary: text("summary", "Payments fail since noon"),
        steps_taken: text("steps_taken", "Restarted it"),
        impact: text("impact", "Nobody can pay"),
        help_wanted: text("help_wanted", "A database owner"),
        time_limit: text("time_limit", "Before the shop opens"),
        by: None,
    }
}

fn action(text: &str, now: DateTime<Utc>) -> Action {
    let words: Vec<&str> = text.split(' ').collect();
    let after = |word: &str| words.iter().position(|w| *w == word).map(|at| words[at + 1]);
    if let ["accepts", "handoff", id, ..] = words.as_slice() {
        let tickets =
            after("only").map(|ids| ids.split(',').map(|id| TicketId(id.parse().unwrap())).collect());
        return Action::AcceptHandoff { handoff: HandoffId(id.parse().unwrap()), tickets };
    }
    let ticket = TicketId(words[1].parse().unwrap_or_else(|_| panic!("a ticket's number in {text:?}")));
    let reason = "for a reason".to_owned();
    let until = after("until").map(|time| {
        let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap();
        now.date_naive().and_time(time).and_utc()
    });
    let verb = match words[0] {
        "acknowledges" => Verb::Acknowledge,
        "declines" => Verb::Decline { reason },
        "releases" => Verb::Release { reason },
        "escalates" => match (after("to"), after("for")) {
            (None, None) => {
                Verb::EscalateHierarchical { reason, request: Box::new(request(after("saying"))) }
            }
            (team, skills) => Verb::EscalateFunctional {
                reason,
                request: Box::new(request(after("saying"))),
                team: team.map(Into::into),
                skills: skills.into_iter().flat_map(|skills| skills.split(',')).map(Into::into).collect(),
            },
        },
        "approves" => Verb::Approve,
        "refuses" => Verb::Refuse { reason },
        "sends" => Verb::AskVendor {
            vendor: after("to").unwrap().into(),
            reason: "a disk has failed".into(),
            request: Box::new(request(after("saying"))),
        },
        "answers" => Verb::VendorReply(VendorReply {
            status: serde_json::from_value(words[2].into()).unwrap(),
            case: after("case").map(Into::into),
            text: after("text").map_or(String::new(), |text| text.replace('-', " ")),
        }),
        "recalls" => Verb::Recall { reason },
        "reassigns" => Verb::Reassign {
            reason,
            team: after("to-team").map(Into::into),
            person: after("to").map(Into::into),
        },
        "briefs" => Verb::Brief(Briefing { summary: "half done".into(), ..Briefing::default() }),
        "stays" => Verb::Stay { until: until.unwrap() },
        "updates" => Verb::Update(Update {
            status: if text.ends_with("at length") {
                "so ".repeat(6_667)[..20_000].to_owned()
            } else {
                "we are on it".into()
            },
            done_so_far: None,
            next_action: None,
            expected_resolution: None,
        }),
        "subscribes" => Verb::Subscribe { person: after("for").map(Into::into) },
        "unsubscribes" => Verb::Unsubscribe { person: after("for").map(Into::into) },
        "links" => Verb::Link { to: TicketId(after("to").unwrap().parse().unwrap()) },
        "unlinks" => Verb::Unlink,
        "notes" if text.ends_with("at length") => Verb::Note { text: "so ".repeat(6_667), progress: true },
        "notes" => Verb::Note { text: "looked at it".into(), progress: words.contains(&"progress") },
        "pends" => Verb::Pend { on: PendingOn::Customer, until, reason },
        "resumes" => Verb::Resume { reason },
        "resolves" => Verb::Resolve {
            notes: if words.contains(&"silently") { String::new() } else { "done".into() },
            cause: after("cause").map(Into::into),
        },
        "judges" => Verb::Judge(Verdict {
            good: words.contains(&"good"),
            missing: after("missing")
                .into_iter()
                .flat_map(|parts| parts.split(','))
                .map(brief_part)
                .collect(),
            note: if words.contains(&"noting") { "whom to call?".into() } else { String::new() },
        }),
        "rated" => Verb::Feedback { score: words[2].parse().unwrap(), text: words[3..].join(" ") },
        "closes" => Verb::Close { reason },
        "scores" => Verb::Feedback { score: after("with").unwrap().parse().unwrap(), text: String::new() },
        "reopens" => Verb::Reopen { reason },
        "changes" => {
            let value = words[3..].join(" ");
            Verb::Change(Box::new(match words[2] {
                "title" => Patch { title: Some(value), ..Patch::default() },
                "language" => Patch { language: Some(value.as_str().into()), ..Patch::default() },
                "residency" => Patch { residency: Some(value.as_str().into()), ..Patch::default() },
                "customer" => Patch { customer: Some(value.as_str().into()), ..Patch::default() },
                "audience" => Patch {
                    audience: Some(serde_json::from_value(value.into()).unwrap()),
                    ..Patch::default()
                },
                "category" => Patch { category: Some(value), ..Patch::default() },
                other => panic!("no fact {other:?}"),
            }))
        }
        "raises" => {
            let priority = Some(after("to").unwrap().parse().unwrap());
            Verb::Change(Box::new(Patch { priority, ..Patch::default() }))
        }
        other => panic!("no verb {other:?}"),
    };
    Action::On(ticket, verb)
}

fn brief_part(name: &str) -> BriefPart {
    let found = BriefPart::ALL.into_iter().find(|part| part.as_str() == name);
    found.unwrap_or_else(|| panic!("no part {name:?}"))
}

fn people(people: &[PersonId]) -> String {
    if people.is_empty() {
        "whoever picks it".into()
    } else {
        people.iter().map(|p| p.as_str()).collect::<Vec<_>>().join("+")
    }
}

/// Waits and tries are left out; they show in what follows from them.
fn in_words(event: &Event) -> Option<String> {
    let at = |at: &DateTime<Utc>| at.format("%d %H:%M").to_string();
    Some(match &event.what {
        What::Opened { priority, .. } => format!("opened {priority}"),
        What::Repeated { priority } => format!("came in again, {priority}"),
        What::Changed { priority, .. } => format!("changed, {priority}"),
        What::PathTaken { path, why } => format!("step {} of {} ({why:?})", path.step + 1, path.policy),
        What::Offered { offer, .. } => {
            let line = offer.line.as_ref().map_or(String::new(), |line| format!(" {line}"));
            let language = offer.substitute_language.as_ref().map_or(String::new(), |l| format!(" in {l}"));
            let batch = offer.handoff.map_or(String::new(), |id| format!(" batch {id}"));
            let kind = format!("{:?}", offer.kind).to_lowercase();
            let asked = people(&offer.ask);
            format!(
                "{kind} to {}{line}: {asked}{language} until {}{batch}",
                offer.team,
                at(&offer.expires_at)
            )
        }
        What::Overflowed { tier, to } => format!("{tier} has too much to do: {to} in its place"),
        What::AskedOthers { ask, why } => format!("now {} ({why})", people(ask)),
        What::OfferEnded { why } => format!("offer ended ({why:?})"),
        What::Declined { declined } => format!("{} out until {}", declined.seat.person, at(&declined.until)),
        What::Queued { team } => format!("in the queue of {team}"),
        What::QueueClosed { team } => format!("no longer in the queue of {team}"),
        What::Acknowledged { seat, .. } => format!("held by {} in {}", seat.person, seat.team),
        What::Joined { seat, .. } => format!("{} helps", seat.person),
        What::Parked { reason, until, .. } => format!("parked until {} ({reason:?})", at(until)),
        What::Released { seat, .. } => format!("released by {}", seat.person),
        What::ShiftEnded { seat } => format!("shift of {} ended", seat.person),
        What::Kept { seat, until } => format!("kept by {} until {}", seat.person, at(until)),
        What::BackAtWork { seat } => format!("{} is back", seat.person),
        What::Stayed { until } => format!("holder stays until {}", at(until)),
        What::Briefed { .. } => "briefed".into(),
        What::Escalated { kind, reason, .. } => format!("escalated ({kind:?}: {reason})"),
        What::ApprovalAsked { approval } => {
            format!("{} asks {} for approval until {}", approval.by, approval.lead, at(&approval.until))
        }
        What::ApprovalEnded { how, reason } => format!("approval ended ({how:?}: {reason})"),
        What::Reassigned { reason, returns } => {
            format!("reassigned{} ({reason})", if *returns { " back" } else { "" })
        }
        What::Overran { action } => format!("overran: {action}"),
        What::Unattended { round } => format!("unattended, round {round}"),
        What::ReviewAsked { hops, .. } => format!("review after {hops} hops"),
        What::Told { people, why } => {
            format!("told {}: {why}", people.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", "))
        }
        What::NoticeFailed { to, .. } => format!("{to} could not be reached"),
        What::Noted { .. } => "noted".into(),
        What::Pended { pending, .. } => format!("pending until {}", at(&pending.until)),
        What::Resumed { .. } => "resumed".into(),
        What::Resolved { .. } => "resolved".into(),
        What::Closed { .. } => "closed".into(),
        What::Reopened { .. } => "reopened".into(),
        What::Feedback { score, .. } => format!("feedback {score}"),
        What::Judged { kind, from, verdict, replaces, .. } => {
            let from = from.as_ref().map_or(String::new(), |from| format!(" from {from}"));
            let missing: Vec<&str> = verdict.missing.iter().map(|part| part.as_str()).collect();
            let judge = event.by.person().unwrap();
            let said = if verdict.good { "good" } else { "missing " };
            let again = if *replaces { ", not as before" } else { "" };
            format!("{judge} on the {}{from}: {said}{}{again}", kind.as_str(), missing.join(", "))
        }
        What::ClockWarned { clock, fraction, due } => {
            format!("{fraction} of {clock} gone, due {}", due.map_or("never".into(), |due| at(&due)))
        }
        What::ClockBreached { clock, .. } => format!("{clock} BREACHED"),
        What::ClockMet { clock, spent, .. } => format!("{clock} met after {}", lasting(*spent)),
        What::Updated { update } => format!("update: {}", update.status),
        What::VendorAsked { vendor } => format!("{vendor} asked"),
        What::VendorReplied { vendor, reply } => {
            let case = reply.case.as_ref().map_or(String::new(), |case| format!(", case {case}"));
            format!("{vendor} {}{case}: {}", reply.status.as_str(), reply.text)
        }
        What::VendorRecalled { vendor, reason } => format!("no longer at {vendor} ({reason})"),
        What::Linked { to } => format!("linked to {to}"),
        What::Unlinked => "linked no longer".into(),
        What::Erased { .. } => "erased".into(),
        What::Subscribed { person } => format!("{person} follows it"),
        What::Unsubscribed { person } => format!("{person} follows it no longer"),
        What::Tried { .. } | What::WaitsSet { .. } | What::ClocksSet { .. } => return None,
    })
}

/// What a clock has spent since it was written down.
pub fn running(clock: &Clock, coverage: &Coverage, now: DateTime<Utc>) -> TimeDelta {
    clock.by.counted(coverage, clock.running_since.unwrap_or(now), now)
}

fn in_share(share: &Share) -> String {
    let who = match &share.custody {
        Some(Custody::Person { person, team }) => format!("{person} in {team}"),
        Some(Custody::Queue { team }) => format!("queue of {team}"),
        Some(Custody::Asked { team }) => format!("{team} asked"),
        Some(Custody::Nobody { reason }) => reason.as_str().replace('_', " "),
        Some(Custody::Pending) => "pending".into(),
        Some(Custody::Vendor { vendor }) => format!("at {vendor}"),
        Some(Custody::Done) => "done".into(),
        None => "before it was promised".into(),
    };
    format!("{who} {}", lasting(share.spent))
}

fn lasting(spent: TimeDelta) -> String {
    if spent.is_zero() { "no time".into() } else { schedule::duration_text(spent) }
}

/// Three regions around the globe, three tiers. Stockholm 07-16 UTC in winter, New York 13-22, Tokyo 00-09.
pub const GLOBE: &str = r#"
[org]
tiers = ["frontline", "specialist", "management"]
language = "en"
policy = "standard"
last_resort = "ines"
[languages]
fr = ["es"]
[priorities.P1]
acknowledge_within = "5m"
resolve_within = "1h"
when_closed = "page"
at_shift_end = "hand-over"
[priorities.P2]
acknowledge_within = "15m"
resolve_within = "12h"
when_closed = "page"
at_shift_end = "hand-over"
[priorities.P3]
acknowledge_within = "2h"
resolve_within = "3d"
when_closed = "park"
at_shift_end = "hand-over"
[priorities.P4]
acknowledge_within = "8h"
when_closed = "park"
at_shift_end = "keep"
[priorities.P5]
when_closed = "next"
[regions.emea]
timezone = "Europe/Stockholm"
residency = "eu"
[regions.amer]
timezone = "America/New_York"
[regions.apac]
timezone = "Asia/Tokyo"
[teams.emea]
region = "emea"
tier = "frontline"
languages = ["en"]
members = ["anna", "bjorn"]
lead = "anna"
capacity = 2
[[teams.emea.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "08:00"
to = "17:00"
[[teams.emea.rotations]]
name = "nights"
during = "outside-hours"
starts = 2026-01-05T08:00:00
every = "week"
members = ["anna", "bjorn"]
[[teams.emea.rotations]]
name = "second"
line = "secondary"
starts = 2026-01-05T08:00:00
every = "week"
members = ["bjorn", "anna"]
[teams.amer]
region = "amer"
tier = "frontline"
languages = ["en", "es"]
members = ["carl", "dora"]
lead = "carl"
capacity = 2
[[teams.amer.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "08:00"
to = "17:00"
[teams.apac]
region = "apac"
tier = "frontline"
languages = ["en"]
members = ["emi", "fumi"]
lead = "emi"
[[teams.apac.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "18:00"
[teams.experts]
region = "emea"
tier = "specialist"
languages = ["en"]
skills = ["billing"]
members = ["gus", "hana"]
lead = "gus"
[[teams.experts.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "08:00"
to = "17:00"
[[teams.experts.rotations]]
name = "nights"
starts = 2026-01-05T08:00:00
every = "week"
members = ["gus", "hana"]
[teams.managers]
region = "emea"
tier = "management"
languages = ["en"]
members = ["ines"]
lead = "ines"
[people.anna]
languages = ["fr"]
[people.bjorn]
[people.carl]
[people.dora]
[people.emi]
[people.fumi]
[people.gus]
[people.hana]
[people.ines]
[customers.acme]
name = "Acme"
language = "fr"
region = "emea"
residency = "eu"
[services.checkout]
owner = "experts"
[policies.standard]
steps = [
  { tier = "frontline", call = ["primary", "secondary"], call_every = "5m" },
  { tier = "specialist", call = ["primary"] },
  { tier = "management", how = "tell" },
]
"#;
