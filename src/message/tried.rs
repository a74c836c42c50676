//! Tries a template on messages of every sort it can be used for, before people depend on it.

use minijinja::Value;
use minijinja::value::Serde;

use super::wordings::render;
use super::{
    BriefingWords, FaultyWords, Kind, Part, PromiseWords, Reason, RequestWords, Spoken, Template,
    TicketWords, UnreadyWords, UpdateWords, Values, VendorWords,
};

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Flaw {
    /// Of the template, from 1.
    pub line: usize,
    pub message: String,
}

/// Of a briefing or a request, as the desk names them.
const BRIEF_PARTS: [&str; 10] = [
    "summary",
    "done_so_far",
    "next_action",
    "waiting_on",
    "customer_mood",
    "steps_taken",
    "impact",
    "help_wanted",
    "time_limit",
    "customer",
];

/// No message is longer, whatever it is about.
const LENGTH_MAX: usize = 10_000;

/// `None`: it gives words for whatever it may meet.
pub fn flaw(template: Template, source: &str) -> Option<Flaw> {
    trials(template).iter().find_map(|values| match render(source, values) {
        Err(error) => {
            let line = error.line().unwrap_or(1);
            let said = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            let written = source.lines().nth(line - 1).unwrap_or_default().trim();
            Some(Flaw { line, message: format!("{said}, in `{written}`") })
        }
        Ok(text) if text.len() > LENGTH_MAX => {
            let message = format!("it makes {} bytes of one ticket; {LENGTH_MAX} are enough", text.len());
            Some(Flaw { line: 1, message })
        }
        Ok(text) if text.trim().is_empty() => match template {
            Template::Subject(_) => {
                Some(Flaw { line: 1, message: "a subject must say something".to_owned() })
            }
            Template::Part(Part::Tap) => {
                Some(Flaw { line: 1, message: "a button must say something".to_owned() })
            }
            _ => None,
        },
        Ok(_) => None,
    })
}

/// With everything that may be there, and with nothing of it.
fn trials(template: Template) -> Vec<Value> {
    let of_kind = |kind: &Kind| samples(*kind);
    let values: Vec<Values> = match template {
        Template::Subject(kind) | Template::Text(kind) => samples(kind),
        Template::Reason(reason) => vec![of_reason(reason, full()), of_reason(reason, bare())],
        Template::Part(_) => {
            Kind::ALL.iter().flat_map(of_kind).filter(|values| values.ticket.is_some()).collect()
        }
    };
    let ticket = |part: &Values| {
        let ticket = Value::from(Serde(&part.ticket));
        minijinja::context! { details => Part::Details.as_str(), ..ticket }
    };
    let plain = values.iter().map(|values| {
        let tickets: Vec<Value> = values.parts.iter().map(ticket).collect();
        (Value::from(Serde(values)), values.why, tickets)
    });
    plain
        .map(|(plain, why, tickets)| match template {
            Template::Reason(_) | Template::Part(_) => plain,
            Template::Subject(_) | Template::Text(_) => {
                let of_ticket = plain.get_attr("ticket").is_ok_and(|ticket| !ticket.is_undefined());
                let parts = Part::ALL.iter().filter(|_| of_ticket);
                let pieces = parts.map(|part| (part.as_str(), part.as_str()));
                let why = why.map(|why| ("why", why.as_str()));
                let pieces = Value::from_pairs(pieces.chain(why));
                match tickets.is_empty() {
                    true => minijinja::context! { ..plain, ..pieces },
                    false => minijinja::context! { ..minijinja::context! { tickets }, ..plain, ..pieces },
                }
            }
        })
        .collect()
}

/// What notices of a kind carry: at its fullest and at its barest.
pub fn samples(kind: Kind) -> Vec<Values> {
    let asked = |values: Values| Values {
        team: Some("EMEA frontline".to_owned()),
        until: Some("2026-11-23 08:00 Europe/Stockholm".to_owned()),
        take: Some("meridian ticket acknowledge 812".to_owned()),
        refuse: Some("meridian ticket decline 812".to_owned()),
        ..values
    };
    let spoken = Spoken { ticket: "sv".to_owned(), asked: "nb".to_owned() };
    let full = Values { spoken: Some(spoken), ..full() };
    let both = |with: &dyn Fn(Values) -> Values| vec![with(full.clone()), with(bare())];
    match kind {
        Kind::Page => both(&|values| Values { line: Some("primary".to_owned()), ..asked(values) }),
        Kind::Offer => {
            let back = |status| Values { vendor: Some(said(status)), ..asked(bare()) };
            let statuses = ["working", "answered", "solved", "declined"].map(back);
            both(&asked).into_iter().chain(statuses).collect()
        }
        Kind::Vendor => {
            let vendor = VendorWords { name: "Acme Hardware".to_owned(), ..VendorWords::default() };
            let known = VendorWords { contract: Some("C-77-1203".to_owned()), ..vendor.clone() };
            let reason = Some("a disk of the storage has failed".to_owned());
            let request = RequestWords {
                summary: Some("Payments fail since the upgrade.".to_owned()),
                steps_taken: Some("Rolled back one node.".to_owned()),
                impact: Some("Nobody can pay.".to_owned()),
                help_wanted: Some("A new disk.".to_owned()),
                time_limit: Some("Before the shop opens at 9.".to_owned()),
            };
            let full = Values {
                to: vendor.name.clone(),
                vendor: Some(known),
                request: Some(request),
                reason: reason.clone(),
                person: Some("Anna Lindqvist".to_owned()),
                until: Some("2026-11-23 08:00 Asia/Kathmandu".to_owned()),
                reply: Some("https://meridian.example.com/v/812-9-0.69229c80.c2lnbmF0dXJl".to_owned()),
                ..full.clone()
            };
            vec![full, Values { to: vendor.name.clone(), vendor: Some(vendor), reason, ..bare() }]
        }
        Kind::VendorRecalled => both(&|values| Values { to: "Acme Hardware".to_owned(), ..values }),
        Kind::Escalation | Kind::Help => {
            let written = RequestWords {
                summary: Some("Payments fail since the upgrade.".to_owned()),
                steps_taken: Some("Rolled back one node.".to_owned()),
                impact: Some("Nobody can pay.".to_owned()),
                help_wanted: Some("Somebody who knows the database.".to_owned()),
                time_limit: Some("Before the shop opens at 9.".to_owned()),
            };
            let some = RequestWords { impact: Some("Nobody can pay.".to_owned()), ..RequestWords::default() };
            vec![
                Values { request: Some(written), ..asked(full.clone()) },
                Values { request: Some(some), vendor: Some(said("declined")), ..asked(bare()) },
                asked(bare()),
            ]
        }
        Kind::Handoffs => {
            let handed_over = samples(Kind::Handoff);
            let take_all = Some("meridian handoff accept 7 --ticket 812 --ticket 815".to_owned());
            let (take, refuse, briefing, spoken) = (None, None, None, None);
            let [worst, other] = <[Values; 2]>::try_from(handed_over).expect("a handoff has two samples");
            let ticket = other.ticket.clone().map(|ticket| TicketWords { id: 815, ..ticket });
            let other = Values { ticket, ..other };
            let parts = vec![worst.clone(), other];
            vec![Values { parts, take_all, take, refuse, briefing, spoken, ..worst }]
        }
        Kind::Handoff => {
            let written = BriefingWords {
                summary: "Payments fail since the upgrade.".to_owned(),
                done_so_far: Some("Rolled back one node.".to_owned()),
                next_action: Some("Roll back the others.".to_owned()),
                waiting_on: Some("The vendor's logs.".to_owned()),
                customer_mood: Some("Worried.".to_owned()),
                composed: false,
            };
            let composed = BriefingWords {
                summary: "Checkout is down".to_owned(),
                composed: true,
                ..BriefingWords::default()
            };
            vec![
                Values { briefing: Some(written), ..asked(full.clone()) },
                Values { briefing: Some(composed), ..asked(bare()) },
            ]
        }
        Kind::BriefingAsked => both(&|values| Values {
            team: Some("AMER frontline".to_owned()),
            until: Some("2026-11-23 17:00 Europe/Stockholm".to_owned()),
            brief: Some("meridian ticket brief 812".to_owned()),
            ..values
        }),
        Kind::StandDown | Kind::Told | Kind::LastResort => {
            let each = |reason: &Reason| [of_reason(*reason, full.clone()), of_reason(*reason, bare())];
            Reason::ALL.iter().filter(|reason| belongs(**reason, kind)).flat_map(each).collect()
        }
        Kind::Approval => {
            let asks = |values: Values, goes_on: bool| Values {
                person: Some("Anna Lindqvist".to_owned()),
                reason: Some("the customer threatens to leave".to_owned()),
                team: goes_on.then(|| "Experts".to_owned()),
                until: Some("2026-11-23 08:00 Europe/Stockholm".to_owned()),
                goes_on: Some(goes_on),
                approve: Some("meridian ticket approve 812".to_owned()),
                refuse: Some("meridian ticket refuse 812".to_owned()),
                ..values
            };
            let impact = Some("Nobody can pay.".to_owned());
            let request = Some(RequestWords { impact, ..RequestWords::default() });
            vec![asks(Values { request, ..full }, true), asks(bare(), false)]
        }
        Kind::ShiftCheck => {
            let faulty = |fault, what: Option<&str>, since: Option<&str>| FaultyWords {
                channel: "push".to_owned(),
                fault,
                what: what.map(str::to_owned),
                since: since.map(str::to_owned),
            };
            let at = Some("2026-11-23 03:10 Europe/Stockholm");
            let channels = vec![
                faulty("not_set_up", None, None),
                faulty("lacks", Some("phone"), None),
                faulty("failed", None, at),
                faulty("down", None, at),
            ];
            let person = "Anna Lindqvist".to_owned();
            let from = Some("2026-11-23 22:00 Europe/Stockholm".to_owned());
            let anna = UnreadyWords { person: person.clone(), channels, ..UnreadyWords::default() };
            let later = UnreadyWords { person: person.clone(), from, ..UnreadyWords::default() };
            let never = UnreadyWords { person, no_contact: true, ..UnreadyWords::default() };
            let of = |yours, unready| Values {
                ticket: None,
                team: Some("EMEA frontline".to_owned()),
                begins: Some("2026-11-23 17:00 Europe/Stockholm".to_owned()),
                yours,
                unready,
                ..bare()
            };
            vec![
                of(false, vec![anna, never.clone(), later.clone()]),
                of(false, vec![never]),
                of(true, vec![later]),
            ]
        }
        Kind::Review => both(&|values| Values { hops: Some(4), ..values }),
        Kind::News => {
            let written = UpdateWords {
                status: "The bank works on it.".to_owned(),
                done_so_far: Some("Rolled back one node.".to_owned()),
                next_action: Some("Call the bank at 14.".to_owned()),
                expected_resolution: Some("2026-11-23 15:00 Europe/Stockholm".to_owned()),
            };
            let brief = UpdateWords { status: written.status.clone(), ..UpdateWords::default() };
            let of_update = |update, next_by| Values { update: Some(update), next_by, ..full.clone() };
            let next_by = Some("2026-11-23 10:00 Europe/Stockholm".to_owned());
            let mut all = vec![
                of_reason(Reason::Updated, of_update(written, next_by)),
                of_reason(Reason::Updated, of_update(brief, None)),
            ];
            let each = |reason: &Reason| [of_reason(*reason, full.clone()), of_reason(*reason, bare())];
            all.extend(Reason::ALL.iter().filter(|reason| belongs(**reason, kind)).flat_map(each));
            all
        }
    }
}

/// A vendor's answer; some say no more than how it stands.
fn said(status: &'static str) -> VendorWords {
    let is_brief = status == "working";
    VendorWords {
        name: "Acme Hardware".to_owned(),
        contract: None,
        status: Some(status),
        case: (!is_brief).then(|| "CASE-4711".to_owned()),
        text: (!is_brief).then(|| "A new disk is on its way.".to_owned()),
    }
}

fn belongs(reason: Reason, kind: Kind) -> bool {
    match reason {
        Reason::Resolved => matches!(kind, Kind::StandDown | Kind::News),
        Reason::Taken | Reason::NotYours => kind == Kind::StandDown,
        Reason::Approved | Reason::NotApproved => kind == Kind::Told,
        Reason::Opened | Reason::ConcernsNow | Reason::Updated | Reason::SentOn | Reason::Reopened => {
            kind == Kind::News
        }
        Reason::Promises => kind != Kind::StandDown,
        _ => !matches!(kind, Kind::StandDown | Kind::News),
    }
}

fn of_reason(reason: Reason, values: Values) -> Values {
    let mut values = Values { why: Some(reason), ..values };
    let customer = values.ticket.as_ref().and_then(|ticket| ticket.customer.clone());
    match reason {
        Reason::Taken | Reason::Unreached => values.person = Some("Anna Lindqvist".to_owned()),
        Reason::NotTaken => values.team = Some("AMER specialists".to_owned()),
        Reason::StepNotTaken => values.tier = Some("management".to_owned()),
        Reason::StepEscalated => {
            values.tier = Some("management".to_owned());
            values.reason = Some("the customer threatens to leave".to_owned());
        }
        Reason::Promises => {
            let due = Some("2026-11-23 09:15 Europe/Stockholm".to_owned());
            let (within, spent, sla) =
                (Some("15m".to_owned()), Some("80 %".to_owned()), Some("gold".to_owned()));
            let broken = PromiseWords { clock: "first_response", within, ..PromiseWords::default() };
            let warned = PromiseWords { clock: "next_update", sla, spent, due, ..broken.clone() };
            let undated = PromiseWords { clock: "resolution", due: None, ..warned.clone() };
            let owed = PromiseWords { clock: "update", sla: None, ..warned.clone() };
            let of_vendor = PromiseWords { clock: "vendor_reply", ..owed.clone() };
            values.promises = vec![broken, warned, undated, owed, of_vendor];
        }
        Reason::PromiseBroken => {
            values.promises = vec![PromiseWords { clock: "resolution", ..PromiseWords::default() }];
            values.tier = Some("management".to_owned());
        }
        Reason::LinkedResolved | Reason::LinkEnded => values.linked = Some(811),
        Reason::SentBack => values.hops = Some(2),
        Reason::SentOn => values.reason = Some("the customer threatens to leave".to_owned()),
        Reason::Unhappy => {
            values.score = Some(1);
            // Only some write what they think.
            values.reason = customer.as_ref().map(|_| "nobody called back".to_owned());
        }
        Reason::ReopenedAgain => values.times = Some(if customer.is_some() { 2 } else { 1 }),
        Reason::Judged => {
            values.person = Some("Anna Lindqvist".to_owned());
            match customer {
                Some(_) => values.missing = BRIEF_PARTS.to_vec(),
                None => values.reason = Some("whom to call at the bank?".to_owned()),
            }
        }
        Reason::Approved | Reason::NotApproved => {
            // Or nobody answered.
            let answered = customer.is_some();
            values.person = answered.then(|| "Anna Lindqvist".to_owned());
            values.reason = answered.then(|| "it can wait until Monday".to_owned());
        }
        Reason::VendorReplied => {
            let status = if values.ticket.as_ref().is_some_and(|ticket| ticket.customer.is_some()) {
                "answered"
            } else {
                "working"
            };
            values.vendor = Some(said(status));
        }
        Reason::VendorUnreached | Reason::VendorWithdrawn => {
            let name = "Acme Hardware".to_owned();
            values.vendor = Some(VendorWords { name, ..VendorWords::default() });
        }
        Reason::NobodyBefore => values.until = Some("2026-11-23 08:00 Europe/Stockholm".to_owned()),
        Reason::Resolved
        | Reason::NotYours
        | Reason::Worse
        | Reason::NoLongerPending
        | Reason::NobodyAbove
        | Reason::NobodyHelps
        | Reason::EscalationUnanswered
        | Reason::Overran
        | Reason::OverranAlone
        | Reason::PathUnanswered
        | Reason::Opened
        | Reason::ConcernsNow
        | Reason::Updated
        | Reason::Reopened => (),
    }
    values
}

fn full() -> Values {
    Values {
        ticket: bare().ticket.map(|ticket| TicketWords {
            customer: Some("Acme SA".to_owned()),
            service: Some("checkout".to_owned()),
            category: Some("payments".to_owned()),
            knowledge: Some("https://kb.example.com/payments".to_owned()),
            internal: true,
            ..ticket
        }),
        ..bare()
    }
}

fn bare() -> Values {
    Values {
        org: "Example Corp Support".to_owned(),
        to: "Björn Ek".to_owned(),
        ticket: Some(TicketWords {
            id: 812,
            priority: "P1".to_owned(),
            title: "Checkout is down".to_owned(),
            ..TicketWords::default()
        }),
        ..Values::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{LANGUAGES, Wordings};

    #[test]
    fn what_is_built_in_has_words_for_everything_in_every_language() {
        for language in LANGUAGES {
            for template in Template::all() {
                let source = super::super::built_in::template(language, template).unwrap();
                assert_eq!(flaw(template, source), None, "{language} {template:?}");
            }
            for kind in Kind::ALL {
                for values in samples(*kind) {
                    let words = Wordings::default().write(*kind, &[language], &values);
                    assert_eq!((words.language.as_str(), &words.flaw), (*language, &None));
                    let about = if values.ticket.is_some() { "812" } else { "2026-11-23 17:00" };
                    assert!(words.subject.contains(about) && !words.text.is_empty(), "{words:?}");
                }
            }
        }
    }

    #[test]
    fn a_template_that_would_fail_one_day_is_found_out_today() {
        let text = |source| flaw(Template::Text(Kind::Page), source).map(|flaw| (flaw.line, flaw.message));
        assert_eq!(text("{{ ticket.title }} {% if spoken %}{{ spoken.asked }}{% endif %}"), None);
        let cases = [
            "{{ ticket.titel }}",
            "one\n{{ spoken.asked }}",
            "{% if line %}",
            "{{ line | upcase }}",
            "{{ ticket.title | replace('x') }}",
            "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}",
            "{% for a in range(900) %}{{ ticket.title }}{% endfor %}",
        ];
        let said: Vec<String> =
            cases.iter().map(|source| format!("{:?}", text(source).expect("it is refused"))).collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        (1, "undefined value, in `{{ ticket.titel }}`")
        (2, "undefined value, in `{{ spoken.asked }}`")
        (1, "unexpected end of input, expected end of block, in `{% if line %}`")
        (1, "filter upcase is unknown, in `{{ line | upcase }}`")
        (1, "missing argument, in `{{ ticket.title | replace('x') }}`")
        (1, "engine ran out of fuel, in `{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}`")
        (1, "it makes 14400 bytes of one ticket; 10000 are enough")
        "#);
    }
}
