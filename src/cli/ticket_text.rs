//! The API's tickets and decisions, told to a person.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::show;
use crate::clock::Clock;

/// What became of a ticket that something was done to.
pub fn done(ticket: &Value) -> String {
    let mut text = head(ticket);
    text.push_str(&format!("  {}\n", custody(ticket)));
    if ticket["approval"].is_object() {
        text.push_str(&format!("  {}\n", awaited(&ticket["approval"])));
    }
    if ticket["decision"].is_object() {
        text.push_str(&format!("\n{}", decision(&ticket["decision"])));
    }
    text
}

/// A page of tickets.
pub fn list(page: &Value) -> String {
    let tickets = page["tickets"].as_array().map_or(&[][..], Vec::as_slice);
    if tickets.is_empty() {
        return "no tickets\n".to_owned();
    }
    let mut table = show::table(&["id", "priority", "state", "custody", "title"]);
    for ticket in tickets {
        table.add_row([
            ticket["id"].to_string(),
            word(&ticket["priority"]),
            word(&ticket["state"]),
            custody(ticket),
            titled(ticket),
        ]);
    }
    let mut text = show::lines(&table);
    if let Some(next) = page["next"].as_str() {
        text.push_str(&format!("\nmore: --cursor {next}\n"));
    }
    text
}

/// One ticket with its history.
pub fn whole(ticket: &Value) -> String {
    let mut text = head(ticket);
    text.push_str(&format!("  {}\n", custody(ticket)));
    let facts = [
        "category",
        "customer",
        "service",
        "language",
        "region",
        "residency",
        "via",
        "external_ref",
        "dedup_key",
    ];
    for name in facts {
        if !ticket[name].is_null() {
            text.push_str(&format!("  {name}: {}\n", customer_or_word(&ticket[name])));
        }
    }
    if !ticket["knowledge"].is_null() {
        text.push_str(&format!("  how to solve it: {}\n", word(&ticket["knowledge"])));
    }
    for (name, list) in [("skills", &ticket["skills"]), ("risk", &ticket["risk"])] {
        if list.as_array().is_some_and(|list| !list.is_empty()) {
            text.push_str(&format!("  {name}: {}\n", names(list)));
        }
    }
    text.push_str(&format!("  opened: {}\n", when(&ticket["opened_at"])));
    for (name, wait) in [("acknowledge by", &ticket["acknowledge"]), ("resolve by", &ticket["resolve"])] {
        if let Some(due) = instant(&wait["due"]) {
            text.push_str(&format!("  {name}: {}\n", from_now(due)));
        }
    }
    if let Some(until) = instant(&ticket["kept_until"]) {
        text.push_str(&format!("  waits for its holder's next shift: {}\n", from_now(until)));
    }
    if let Some(until) = instant(&ticket["stay_until"]) {
        text.push_str(&format!("  its holder stays with it until: {}\n", from_now(until)));
    }
    if let Some(at) = instant(&ticket["closes_at"]) {
        text.push_str(&format!("  closes by itself: {}\n", from_now(at)));
    }
    text.push_str(&promises(ticket));
    if let Some(description) = ticket["description"].as_str() {
        text.push_str(&format!("\n{}\n", indented(description)));
    }
    text.push_str(&verdicts(ticket));
    if ticket["briefing"].is_object() {
        text.push_str(&format!("\n{}\n{}", show::bold("Briefing"), briefing(&ticket["briefing"])));
    }
    text.push_str(&format!("\n{}\n", show::bold("History")));
    let mut table = show::table(&["at", "by", "what", ""]);
    for event in ticket["history"].as_array().map_or(&[][..], Vec::as_slice) {
        let by = if event["by"]["id"].is_null() { "meridian".to_owned() } else { word(&event["by"]["id"]) };
        table.add_row([when(&event["at"]), by, word(&event["event"]).replace('_', " "), said(event)]);
    }
    text.push_str(&show::lines(&table));
    text
}

/// What is promised to the customer, how it stands, and whose time it was.
fn promises(ticket: &Value) -> String {
    let mut text = String::new();
    for clock in ticket["clocks"].as_array().map_or(&[][..], Vec::as_slice) {
        let name = word(&clock["clock"]).replace('_', " ");
        let seconds = |value: &Value| show::lasting(TimeDelta::seconds(value.as_i64().unwrap_or(0)));
        let promised = match clock["promised_seconds"].as_i64() {
            Some(_) => format!("promised within {}", seconds(&clock["promised_seconds"])),
            None => "nothing promised".to_owned(),
        };
        let sla = clock["sla"].as_str().map_or(String::new(), |sla| format!(" (SLA {sla})"));
        text.push_str(&format!("  {name}: {promised}{sla}, {}\n", standing(clock)));
        let periods = ticket["spent"].as_array().map_or(&[][..], Vec::as_slice);
        let Some(spent) = periods.iter().rfind(|period| period["clock"] == clock["clock"]) else { continue };
        let shares = spent["by_custody"].as_array().map_or(&[][..], Vec::as_slice);
        if !shares.is_empty() {
            let share =
                |share: &Value| format!("{} {}", whose(&share["custody"]), seconds(&share["spent_seconds"]));
            let shares: Vec<String> = shares.iter().map(share).collect();
            text.push_str(&format!(
                "    spent {}: {}\n",
                seconds(&spent["spent_seconds"]),
                shares.join(", ")
            ));
        }
    }
    for (part, name) in REQUEST_PARTS {
        if let Some(said) = ticket["request"][part].as_str() {
            text.push_str(&format!("  {name}: {}\n", said.replace('\n', "\n    ")));
        }
    }
    if ticket["approval"].is_object() {
        text.push_str(&format!("  {}\n", awaited(&ticket["approval"])));
    }
    for visit in ticket["visits"].as_array().map_or(&[][..], Vec::as_slice) {
        let until =
            instant(&visit["until"]).map_or(String::new(), |until| format!(" until {}", show::utc(until)));
        let said = visit_said(visit);
        text.push_str(&format!(
            "  at {} from {}{until}{said}\n",
            word(&visit["vendor"]),
            when(&visit["since"])
        ));
    }
    if let Some(status) = ticket["update"]["status"].as_str() {
        text.push_str(&format!("  last update: {}\n", status.replace('\n', "\n    ")));
    }
    if let Some(parent) = ticket["parent"].as_i64() {
        text.push_str(&format!("  linked to: {parent}\n"));
    }
    if ticket["subscribers"].as_array().is_some_and(|list| !list.is_empty()) {
        text.push_str(&format!("  followed by: {}\n", names(&ticket["subscribers"])));
    }
    text
}

/// An escalation that a lead has to approve.
fn awaited(approval: &Value) -> String {
    let aside = approval["aside"]["team"].as_str().map(|team| format!(" to {}", show::plain(team)));
    format!(
        "{} asks to escalate it{}: {} is to approve that until {}",
        word(&approval["by"]),
        aside.unwrap_or_default(),
        word(&approval["lead"]),
        when(&approval["until"])
    )
}

/// A vendor's latest answer.
fn visit_said(visit: &Value) -> String {
    let reply = &visit["reply"];
    if !reply.is_object() {
        return String::new();
    }
    let case = reply["case"].as_str().map_or(String::new(), |case| format!(" (case {})", show::plain(case)));
    let text = word(&reply["text"]).replace('\n', " ");
    let text = if text.is_empty() { text } else { format!(": {text}") };
    format!(", {}{case}{text}", word(&reply["status"]))
}

/// What whoever received it thinks of what came with it.
fn verdicts(ticket: &Value) -> String {
    let mut text = String::new();
    for receipt in ticket["received"].as_array().map_or(&[][..], Vec::as_slice) {
        let verdict = &receipt["verdict"];
        if verdict.is_object() {
            let from = receipt["from"].as_str().map_or(String::new(), |from| format!(" from {from}"));
            let (person, kind) = (word(&receipt["person"]), word(&receipt["kind"]));
            text.push_str(&format!("  verdict of {person} on the {kind}{from}: {}\n", judged(verdict)));
        }
    }
    text
}

/// `good enough`, or what was missing.
fn judged(verdict: &Value) -> String {
    let missing = names(&verdict["missing"]).replace('_', " ");
    let said = match (verdict["good"] == true, missing.is_empty()) {
        (true, _) => "good enough".to_owned(),
        (false, true) => "not good enough".to_owned(),
        (false, false) => format!("missing {missing}"),
    };
    match word(&verdict["note"]).replace('\n', " ") {
        note if note.is_empty() => said,
        note => format!("{said} ({note})"),
    }
}

/// Of the latest escalation, as people call them.
const REQUEST_PARTS: [(&str, &str); 5] = [
    ("summary", "it is about"),
    ("steps_taken", "steps taken"),
    ("impact", "impact"),
    ("help_wanted", "help wanted"),
    ("time_limit", "time limit"),
];

/// How a clock stands, in words.
fn standing(clock: &Value) -> String {
    let at = |field: &str| when(&clock[field]);
    match clock["state"].as_str() {
        Some("running") => instant(&clock["due"])
            .map_or_else(|| "not due within sight".to_owned(), |due| format!("due {}", from_now(due))),
        Some("standing") => "stands still".to_owned(),
        Some("met") => format!("met {}", at("met_at")),
        Some("met_late") => format!("broken {}, met {}", at("breached_at"), at("met_at")),
        Some("breached") => format!("BROKEN {}", at("breached_at")),
        _ => "only counted".to_owned(),
    }
}

/// Whose time it was.
fn whose(custody: &Value) -> String {
    let team = word(&custody["team"]);
    match custody["kind"].as_str() {
        Some("person") => format!("{} ({team})", word(&custody["person"])),
        Some("queue") => format!("queue of {team}"),
        Some("asked") => format!("{team} asked"),
        Some("nobody") => format!("nobody: {}", word(&custody["reason"]).replace('_', " ")),
        Some("vendor") => format!("at {}", word(&custody["vendor"])),
        Some(other) => other.to_owned(),
        None => "before it was promised".to_owned(),
    }
}

/// Why a ticket went where it went.
pub fn decision(decision: &Value) -> String {
    let mut text = format!("{}\n", word(&decision["text"]));
    let route =
        decision["route"].as_str().map_or_else(|| "no route matched".to_owned(), |r| format!("route {r:?}"));
    let step = decision["step"].as_u64().unwrap_or(0) + 1;
    text.push_str(&format!(
        "  {route}, policy {}, step {step} ({}){}\n",
        word(&decision["policy"]),
        word(&decision["tier"]),
        decision["sla"].as_str().map_or(String::new(), |sla| format!(", SLA {sla}"))
    ));
    let outcome = &decision["outcome"];
    if let Some(until) = instant(&outcome["until"]).or_else(|| instant(&outcome["look_again"])) {
        let asked = instant(&decision["at"]).unwrap_or(until);
        text.push_str(&format!("  look again: {}\n", seen_from(until, asked)));
    }
    let rejected = decision["rejected"].as_array().map_or(&[][..], Vec::as_slice);
    if !rejected.is_empty() {
        let mut table = show::table(&["not", "because", ""]);
        for one in rejected {
            let reason = word(&one["reason"]).replace('_', " ");
            table.add_row([word(&one["team"]), reason, word(&one["detail"])]);
        }
        text.push_str(&show::lines(&table).lines().map(|line| format!("  {line}\n")).collect::<String>());
    }
    text
}

/// The parts of a briefing that say something.
pub fn briefing(briefing: &Value) -> String {
    let parts = [
        ("summary", "summary"),
        ("done_so_far", "done so far"),
        ("next_action", "next action"),
        ("waiting_on", "waiting on"),
        ("customer_mood", "customer's mood"),
    ];
    let mut text = String::new();
    for (field, name) in parts {
        if let Some(said) = briefing[field].as_str().filter(|said| !said.is_empty()) {
            text.push_str(&format!("  {name}: {}\n", said.replace('\n', "\n    ")));
        }
    }
    if briefing["composed"] == true {
        text.push_str("  (nobody wrote it: composed from the history)\n");
    }
    text
}

fn head(ticket: &Value) -> String {
    let title = format!("ticket {}", ticket["id"]);
    format!(
        "{}  {} {}  {}\n",
        show::bold(&title),
        word(&ticket["priority"]),
        word(&ticket["state"]),
        titled(ticket)
    )
}

fn titled(ticket: &Value) -> String {
    let title = word(&ticket["title"]);
    if ticket["audience"] == "internal" { format!("[internal] {title}") } else { title }
}

/// Who has it, and who is asked.
pub fn custody(ticket: &Value) -> String {
    let holder = &ticket["holder"];
    let has = match holder["kind"].as_str() {
        Some("person") => format!("{} ({})", word(&holder["person"]), word(&holder["team"])),
        Some("queue") => format!("queue of {}", word(&holder["team"])),
        _ => {
            let reason = word(&holder["reason"]).replace('_', " ");
            match instant(&holder["look_again"]) {
                Some(at) => format!("nobody: {reason} until {}", show::utc(at)),
                None if reason.is_empty() => "-".to_owned(),
                None => format!("nobody: {reason}"),
            }
        }
    };
    let last = ticket["visits"].as_array().and_then(|visits| visits.last());
    let has = match last.filter(|visit| !visit["until"].is_string()) {
        Some(visit) => format!("{has}; at {} since {}", word(&visit["vendor"]), when(&visit["since"])),
        None => has,
    };
    let offer = &ticket["offer"];
    if !offer.is_object() {
        return has;
    }
    let way = match offer["line"].as_str() {
        Some(line) => format!("paged ({line})"),
        None => "asked".to_owned(),
    };
    let whom = if offer["ask"].as_array().is_some_and(Vec::is_empty) {
        "anybody".to_owned()
    } else {
        names(&offer["ask"])
    };
    format!("{has}; {way}: {whom} in {} until {}", word(&offer["team"]), when(&offer["expires_at"]))
}

/// The words in an event that a person wrote or would ask for.
fn said(event: &Value) -> String {
    if event["clocks"].is_array() {
        return String::new();
    }
    let fields = ["text", "reason", "notes", "why", "action"];
    let mut said: Vec<String> =
        fields.iter().map(|field| word(&event[*field])).filter(|said| !said.is_empty()).collect();
    let told = match event["people"].as_array() {
        Some(people) if people.is_empty() => "nobody may know".to_owned(),
        Some(_) => names(&event["people"]),
        None => word(&event["person"]),
    };
    if !told.is_empty() {
        said.insert(0, told);
    }
    if event["declined"].is_object() {
        let seat = &event["declined"]["seat"];
        said.push(format!("{} ({})", word(&seat["person"]), word(&seat["team"])));
        said.push(word(&event["declined"]["reason"]));
    }
    if event["approval"].is_object() {
        said.push(word(&event["approval"]["reason"]));
        said.push(awaited(&event["approval"]));
    }
    if let Some(how) = event["how"].as_str() {
        said.insert(0, how.replace('_', " "));
    }
    if let Some(vendor) = event["vendor"].as_str() {
        let case = event["case"].as_str().map(|case| format!("case {}", show::plain(case)));
        let status = event["status"].as_str().map(str::to_owned);
        let about = [Some(show::plain(vendor)), status, case].into_iter().flatten();
        said.insert(0, about.collect::<Vec<_>>().join(", "));
    }
    if let Some(parent) = event["to"].as_i64() {
        said.push(format!("to ticket {parent}"));
    }
    if let Some(cause) = event["cause"].as_str() {
        said.push(format!("cause {}", show::plain(cause)));
    }
    if let Some(clock) = event["clock"].as_str() {
        let fraction =
            event["fraction"].as_f64().map_or(String::new(), |part| format!(" {:.0} %", part * 100.0));
        said.push(format!("{}{fraction}", clock.replace('_', " ")));
    } else if event["verdict"].is_object() {
        said.push(judged(&event["verdict"]));
    } else if let Some(score) = event["score"].as_u64() {
        said.insert(0, format!("{score} of 5"));
    } else if let Some(status) = event["update"]["status"].as_str() {
        said.push(status.to_owned());
    } else if event["decision"].is_object() {
        said.push(word(&event["decision"]["text"]));
    } else if event["seat"].is_object() {
        said.insert(0, format!("{} ({})", word(&event["seat"]["person"]), word(&event["seat"]["team"])));
    }
    said.join(": ").replace('\n', " ")
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => show::plain(text),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn customer_or_word(value: &Value) -> String {
    value["name"].as_str().map_or_else(|| word(value), str::to_owned)
}

fn names(list: &Value) -> String {
    list.as_array().map_or(&[][..], Vec::as_slice).iter().map(word).collect::<Vec<_>>().join(", ")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {}", show::plain(line))).collect::<Vec<_>>().join("\n")
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}

pub fn when(value: &Value) -> String {
    instant(value).map_or_else(|| word(value), show::utc)
}

fn from_now(at: DateTime<Utc>) -> String {
    seen_from(at, Clock::machine().now())
}

/// `Mon 2026-03-30 06:00Z (in 2 h 05 min)`
fn seen_from(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let left = at - now;
    let lasting = show::lasting(left);
    let words = if left < TimeDelta::zero() { format!("{lasting} ago") } else { format!("in {lasting}") };
    format!("{} ({words})", show::utc(at))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::whole;

    #[test]
    fn why_somebody_declined_and_what_a_ticket_waits_for_were_not_shown() {
        let declined = json!({
            "at": "2026-03-02T09:01:00Z",
            "by": {"kind": "person", "id": "bea"},
            "event": "declined",
            "declined": {
                "seat": {"person": "bea", "team": "emea"},
                "reason": "I am on another incident",
                "until": "2026-03-03T07:00:00Z",
            },
        });
        let ticket = json!({
            "id": 1,
            "holder": {"kind": "person", "person": "anna", "team": "emea"},
            "kept_until": "2026-03-03T07:00:00Z",
            "stay_until": "2026-03-02T18:00:00Z",
            "history": [declined],
        });
        let text = whole(&ticket);
        for said in [
            "declined  bea (emea): I am on another incident",
            "  waits for its holder's next shift: Tue 2026-03-03 07:00Z (",
            "  its holder stays with it until: Mon 2026-03-02 18:00Z (",
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
    }
}
