//! Notices to words: names, times in the receiver's zone, and the receiver's languages.

use chrono::{DateTime, Utc};

use super::notice::{Asked, Passed, Says, Why};
use super::{Briefing, Notice, Request, Update, VendorReply};
use crate::coverage::{Coverage, Fault, Faulty, Unready};
use crate::message::{
    BriefingWords, FaultyWords, Kind, PromiseWords, Reason, RequestWords, Spoken, TicketWords, UnreadyWords,
    UpdateWords, Values, VendorWords, Words, in_english, on_one_line, on_several_lines,
};
use crate::schedule::{Organisation, PersonId, TeamId, VendorId, duration_text};

/// Of a link with a message whose words were made before there were templates.
const TAP: &str = "Take it";

impl Notice {
    /// The message, as its receiver reads it.
    pub fn words(&self, coverage: &Coverage) -> Words {
        self.words_with(&[], None, coverage)
    }

    /// One message of this notice and others that offer the same person tickets of the same handoff. `reply`: the address
    /// at which a vendor answers.
    pub fn words_with(&self, others: &[&Notice], reply: Option<&str>, coverage: &Coverage) -> Words {
        let org = &*coverage.organisation;
        let kind = match self.kind_of_message() {
            Ok(kind) => kind,
            Err((subject, text)) => {
                let (subject, text) = (on_one_line(subject), on_several_lines(text));
                return Words { language: "en".to_owned(), subject, text, tap: TAP.to_owned(), flaw: None };
            }
        };
        let person = org.people.get(&self.to);
        let own = person.map_or(&[][..], |person| &person.languages);
        let of_vendor = org.vendor(&self.to).and_then(|vendor| vendor.language.as_ref());
        let languages: Vec<&str> =
            own.iter().chain(of_vendor).chain([&org.language]).map(|language| language.as_str()).collect();
        let local = |at| local(coverage, &self.to, at);
        let values = Values { reply: reply.map(str::to_owned), ..self.values(org, &local) };
        let Some(handoff) = self.handoff().filter(|_| !others.is_empty()) else {
            return org.messages.write(kind, &languages, &values);
        };
        let parts =
            [self].into_iter().chain(others.iter().copied()).map(|one| one.values(org, &local)).collect();
        let tickets = [self].into_iter().chain(others.iter().copied());
        let ids = tickets.filter_map(|one| one.ticket);
        let each: String = ids.map(|id| format!(" --ticket {id}")).collect();
        let take_all = Some(format!("meridian handoff accept {handoff}{each}"));
        let values =
            Values { parts, take_all, take: None, refuse: None, spoken: None, briefing: None, ..values };
        org.messages.write(Kind::Handoffs, &languages, &values)
    }

    /// Or the words, where they are made already.
    fn kind_of_message(&self) -> Result<Kind, (&str, &str)> {
        Ok(match &self.says {
            Says::Asked { how: Asked::OnCall, .. } => Kind::Page,
            Says::Asked { how: Asked::Offered, .. } => Kind::Offer,
            Says::Asked { how: Asked::HandedOver, .. } => Kind::Handoff,
            Says::Asked { how: Asked::Escalated, .. } => Kind::Escalation,
            Says::Asked { how: Asked::ToHelp, .. } => Kind::Help,
            Says::Relieved { .. } => Kind::StandDown,
            Says::BriefingAsked { .. } => Kind::BriefingAsked,
            Says::Approval { .. } => Kind::Approval,
            Says::Told { .. } => Kind::Told,
            Says::LastResort { .. } => Kind::LastResort,
            Says::Review { .. } => Kind::Review,
            Says::News { .. } => Kind::News,
            Says::ShiftCheck { .. } => Kind::ShiftCheck,
            Says::VendorAsked { .. } => Kind::Vendor,
            Says::VendorRecalled => Kind::VendorRecalled,
            Says::Words { subject, text } => return Err((subject, text)),
        })
    }

    fn values(&self, org: &Organisation, local: &dyn Fn(DateTime<Utc>) -> String) -> Values {
        let line = |text: &String| on_one_line(text);
        let ticket = self.ticket.map(|ticket| TicketWords {
            id: ticket.0,
            priority: self.priority.map(|priority| priority.to_string()).unwrap_or_default(),
            title: on_one_line(&self.about.title),
            customer: self.about.customer.as_ref().map(line),
            service: self.about.service.as_ref().map(line),
            category: self.about.category.as_ref().map(line),
            knowledge: self.about.knowledge.as_ref().map(line),
            internal: !self.about.audience.is_customer(),
        });
        let of_ticket =
            |command: &str| self.ticket.map(|ticket| format!("meridian ticket {command} {ticket}"));
        let values = Values { org: org.name.clone(), to: name(org, &self.to), ticket, ..Values::default() };
        match &self.says {
            Says::Asked { team, line, until, spoken, briefing, request, vendor, .. } => Values {
                team: Some(team_name(org, team)),
                line: line.as_ref().map(ToString::to_string),
                until: Some(local(*until)),
                spoken: spoken.as_ref().map(|spoken| Spoken {
                    ticket: spoken.ticket.to_string(),
                    asked: spoken.asked.to_string(),
                }),
                briefing: briefing.as_deref().map(briefing_words),
                request: request.as_deref().map(request_words),
                vendor: vendor.as_deref().map(|said| vendor_words(org, &said.vendor, Some(&said.reply))),
                take: of_ticket("acknowledge"),
                refuse: of_ticket("decline"),
                ..values
            },
            Says::BriefingAsked { to, until } => Values {
                team: Some(team_name(org, to)),
                until: Some(local(*until)),
                brief: of_ticket("brief"),
                ..values
            },
            Says::Relieved { why } | Says::Told { why } | Says::LastResort { why } => {
                why.filled(org, local, values)
            }
            Says::Approval { by, reason, request, until, goes_on, team } => Values {
                team: team.as_ref().map(|team| team_name(org, team)),
                person: Some(name(org, by)),
                reason: Some(on_one_line(reason)),
                request: request.as_deref().map(request_words),
                until: Some(local(*until)),
                goes_on: Some(*goes_on),
                approve: of_ticket("approve"),
                refuse: of_ticket("refuse"),
                ..values
            },
            Says::Review { hops } => Values { hops: Some(*hops), ..values },
            Says::News { why, update, next_by } => Values {
                update: update.as_deref().map(|update| update_words(update, local)),
                next_by: next_by.map(local),
                ..why.filled(org, local, values)
            },
            Says::ShiftCheck { team, begins, unready } => Values {
                team: Some(team_name(org, team)),
                begins: Some(local(*begins)),
                yours: unready.iter().all(|unready| unready.person == self.to),
                unready: unready.iter().map(|one| unready_words(org, one, *begins, local)).collect(),
                ..values
            },
            Says::VendorAsked { reason, request, contact, until } => Values {
                // What our own people read is not for others.
                ticket: values.ticket.map(|ticket| TicketWords { knowledge: None, category: None, ..ticket }),
                reason: Some(on_one_line(reason)),
                request: Some(request_words(request)).filter(|_| !request.says_nothing()),
                person: contact.as_ref().map(|contact| name(org, contact)),
                until: until.map(local),
                vendor: Some(vendor_words(org, &VendorId::new(self.to.as_str()), None)),
                ..values
            },
            Says::VendorRecalled | Says::Words { .. } => values,
        }
    }
}

impl Why {
    /// In a history: English, with times in UTC.
    pub fn in_words(&self, org: &Organisation) -> String {
        let values = self.filled(org, &super::notices::instant, Values::default());
        in_english(self.reason(), &values)
    }

    fn reason(&self) -> Reason {
        match self {
            Why::Taken { .. } => Reason::Taken,
            Why::Resolved => Reason::Resolved,
            Why::NotYours => Reason::NotYours,
            Why::Worse => Reason::Worse,
            Why::NoLongerPending => Reason::NoLongerPending,
            Why::NotTaken { .. } => Reason::NotTaken,
            Why::NobodyAbove => Reason::NobodyAbove,
            Why::NobodyHelps => Reason::NobodyHelps,
            Why::EscalationUnanswered => Reason::EscalationUnanswered,
            Why::Overran => Reason::Overran,
            Why::OverranAlone => Reason::OverranAlone,
            Why::Unreached { .. } => Reason::Unreached,
            Why::StepNotTaken { .. } => Reason::StepNotTaken,
            Why::StepEscalated { .. } => Reason::StepEscalated,
            Why::NobodyBefore { .. } => Reason::NobodyBefore,
            Why::PathUnanswered => Reason::PathUnanswered,
            Why::Promises { .. } => Reason::Promises,
            Why::PromiseBroken { .. } => Reason::PromiseBroken,
            Why::SentBack { .. } => Reason::SentBack,
            Why::LinkedResolved { .. } => Reason::LinkedResolved,
            Why::LinkEnded { .. } => Reason::LinkEnded,
            Why::Approved { .. } => Reason::Approved,
            Why::NotApproved { .. } => Reason::NotApproved,
            Why::Opened => Reason::Opened,
            Why::ConcernsNow => Reason::ConcernsNow,
            Why::Updated => Reason::Updated,
            Why::SentOn { .. } => Reason::SentOn,
            Why::Reopened => Reason::Reopened,
            Why::Unhappy { .. } => Reason::Unhappy,
            Why::ReopenedAgain { .. } => Reason::ReopenedAgain,
            Why::Judged { .. } => Reason::Judged,
            Why::VendorReplied { .. } => Reason::VendorReplied,
            Why::VendorUnreached { .. } => Reason::VendorUnreached,
            Why::VendorWithdrawn { .. } => Reason::VendorWithdrawn,
        }
    }

    fn filled(&self, org: &Organisation, local: &dyn Fn(DateTime<Utc>) -> String, values: Values) -> Values {
        let values = Values { why: Some(self.reason()), ..values };
        match self {
            Why::Taken { person } | Why::Unreached { person } => {
                Values { person: Some(name(org, person)), ..values }
            }
            Why::Approved { person } => {
                Values { person: person.as_ref().map(|person| name(org, person)), ..values }
            }
            Why::NotApproved { person, reason } => Values {
                person: person.as_ref().map(|person| name(org, person)),
                reason: written_line(reason),
                ..values
            },
            Why::NotTaken { team } => Values { team: Some(team_name(org, team)), ..values },
            Why::StepNotTaken { tier } => Values { tier: Some(tier.to_string()), ..values },
            Why::StepEscalated { tier, reason } => {
                Values { tier: Some(tier.to_string()), reason: Some(on_one_line(reason)), ..values }
            }
            Why::LinkedResolved { ticket } | Why::LinkEnded { ticket } => {
                Values { linked: Some(ticket.0), ..values }
            }
            Why::SentBack { times } => Values { hops: Some(*times), ..values },
            Why::SentOn { reason } => Values { reason: Some(on_one_line(reason)), ..values },
            Why::Promises { passed } => {
                let promises = passed.iter().map(|passed| promise_words(passed, local)).collect();
                Values { promises, ..values }
            }
            Why::PromiseBroken { clock, tier } => {
                let broken = PromiseWords { clock: clock.as_str(), ..PromiseWords::default() };
                Values { promises: vec![broken], tier: Some(tier.to_string()), ..values }
            }
            Why::Unhappy { score, said } => {
                Values { score: Some(*score), reason: written_line(said), ..values }
            }
            Why::ReopenedAgain { times } => Values { times: Some(*times), ..values },
            Why::Judged { person, missing, note } => Values {
                person: Some(name(org, person)),
                missing: missing.iter().map(|part| part.as_str()).collect(),
                reason: written_line(note),
                ..values
            },
            Why::VendorReplied { vendor, reply } => {
                Values { vendor: Some(vendor_words(org, vendor, Some(reply))), ..values }
            }
            Why::VendorUnreached { vendor } | Why::VendorWithdrawn { vendor } => {
                Values { vendor: Some(vendor_words(org, vendor, None)), ..values }
            }
            Why::NobodyBefore { until } => Values { until: Some(local(*until)), ..values },
            Why::Resolved
            | Why::NotYours
            | Why::Worse
            | Why::NoLongerPending
            | Why::NobodyAbove
            | Why::NobodyHelps
            | Why::EscalationUnanswered
            | Why::Overran
            | Why::OverranAlone
            | Why::PathUnanswered
            | Why::Opened
            | Why::ConcernsNow
            | Why::Updated
            | Why::Reopened => values,
        }
    }
}

fn promise_words(passed: &Passed, local: &dyn Fn(DateTime<Utc>) -> String) -> PromiseWords {
    PromiseWords {
        clock: passed.clock.as_str(),
        within: Some(duration_text(passed.promised)),
        sla: passed.sla.as_ref().map(ToString::to_string),
        spent: passed.spent.map(|spent| spent.to_string()),
        due: passed.due.map(local),
    }
}

fn written_line(text: &str) -> Option<String> {
    Some(on_one_line(text)).filter(|text| !text.is_empty())
}

fn name(org: &Organisation, to: &PersonId) -> String {
    let person = org.people.get(to).map(|person| &person.name);
    let name = person.or_else(|| org.vendor(to).map(|vendor| &vendor.name));
    name.map_or_else(|| to.to_string(), |name| on_one_line(name))
}

fn vendor_words(org: &Organisation, id: &VendorId, reply: Option<&VendorReply>) -> VendorWords {
    let known = org.vendors.get(id);
    VendorWords {
        name: known.map_or_else(|| id.to_string(), |vendor| on_one_line(&vendor.name)),
        contract: known.and_then(|vendor| vendor.contract.as_deref()).and_then(written_line),
        status: reply.map(|reply| reply.status.as_str()),
        case: reply.and_then(|reply| reply.case.as_deref()).and_then(written_line),
        text: reply.map(|reply| on_several_lines(&reply.text)).filter(|text| !text.is_empty()),
    }
}

fn team_name(org: &Organisation, team: &TeamId) -> String {
    org.teams.get(team).map_or_else(|| team.to_string(), |known| on_one_line(&known.name))
}

/// `2026-11-23 08:00 Europe/Stockholm`: the same in every language. In the person's own zone, else in that of their team.
fn local(coverage: &Coverage, to: &PersonId, at: DateTime<Utc>) -> String {
    let zone = coverage.organisation.zone_of(to);
    match zone.and_then(|name| Some((name, coverage.zones.get(name)?))) {
        Some((name, zone)) => format!("{} {name}", zone.local(at).format("%Y-%m-%d %H:%M")),
        None => super::notices::instant(at),
    }
}

fn unready_words(
    org: &Organisation,
    unready: &Unready,
    begins: DateTime<Utc>,
    local: &dyn Fn(DateTime<Utc>) -> String,
) -> UnreadyWords {
    let Unready { person, from, faulty, no_contact } = unready;
    let words = |Faulty { channel, fault }: &Faulty| {
        let channel = on_one_line(channel);
        let (fault, what, since) = match fault {
            Fault::NotSetUp => ("not_set_up", None, None),
            Fault::Lacks { what } => ("lacks", Some(what.clone()), None),
            Fault::Failed { at } => ("failed", None, Some(local(*at))),
            Fault::Down { at } => ("down", None, Some(local(*at))),
        };
        FaultyWords { channel, fault, what, since }
    };
    UnreadyWords {
        person: name(org, person),
        from: (*from > begins).then(|| local(*from)),
        no_contact: *no_contact,
        channels: faulty.iter().map(words).collect(),
    }
}

fn update_words(update: &Update, local: &dyn Fn(DateTime<Utc>) -> String) -> UpdateWords {
    let written =
        |text: &Option<String>| text.as_deref().map(on_several_lines).filter(|text| !text.is_empty());
    UpdateWords {
        status: on_several_lines(&update.status),
        done_so_far: written(&update.done_so_far),
        next_action: written(&update.next_action),
        expected_resolution: update.expected_resolution.map(local),
    }
}

fn request_words(request: &Request) -> RequestWords {
    let written = |text: &str| Some(on_several_lines(text)).filter(|text| !text.is_empty());
    RequestWords {
        summary: written(&request.summary),
        steps_taken: written(&request.steps_taken),
        impact: written(&request.impact),
        help_wanted: written(&request.help_wanted),
        time_limit: written(&request.time_limit),
    }
}

fn briefing_words(briefing: &Briefing) -> BriefingWords {
    let written = |text: &str| Some(on_several_lines(text)).filter(|text| !text.is_empty());
    BriefingWords {
        summary: on_several_lines(&briefing.summary),
        done_so_far: written(&briefing.done_so_far),
        next_action: written(&briefing.next_action),
        waiting_on: written(&briefing.waiting_on),
        customer_mood: written(&briefing.customer_mood),
        composed: briefing.composed,
    }
}
