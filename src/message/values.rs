//! What templates can say: the names that stand in them. What is absent is undefined there, and a template that uses it
//! without asking first is refused by `check`.

use serde::Serialize;

use super::Reason;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Values {
    /// The organisation's name.
    pub org: String,
    /// The receiver's name.
    pub to: String,
    /// What it is about; absent where it is about a shift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketWords>,
    /// The team that is asked, or that takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The on-call line that is paged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Until when an answer counts, when the shift ends, or before when nobody is there: in the receiver's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where they are asked for another language than the ticket's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spoken: Option<Spoken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub briefing: Option<BriefingWords>,
    /// What whoever sent it on has to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestWords>,
    /// How things stand, for those who follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<UpdateWords>,
    /// The vendor that is asked, or what it says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorWords>,
    /// The address at which a vendor answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// By when they hear the next time, in the receiver's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_by: Option<String>,
    /// Who has taken it, could not be reached, has received it, asks to escalate it, or says whether it may be; whom of ours a
    /// vendor may turn to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The tier that is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// What somebody wrote when they escalated it, the customer of how unhappy they are, whoever received it of what was
    /// missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The ticket it is linked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked: Option<i64>,
    /// How often it has changed hands without progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hops: Option<u32>,
    /// Of 5, from an unhappy customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    /// How often it has been reopened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Parts of a briefing or of a request that were missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<&'static str>,
    /// What is promised to the customer, and in danger or broken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<PromiseWords>,
    /// When the shift begins, in the receiver's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<String>,
    /// The receiver is the one of whom it speaks.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub yours: bool,
    /// Those who begin it, and whom no page would reach.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unready: Vec<UnreadyWords>,
    /// How to take it, to refuse it, to approve it, to brief on it: a link or a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub take: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refuse: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approve: Option<String>,
    /// Where nobody answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goes_on: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brief: Option<String>,
    /// How to take all of several tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub take_all: Option<String>,
    /// Each of several tickets; templates have them as `tickets`, each with its `details` in words.
    #[serde(skip)]
    pub parts: Vec<Values>,
    /// Why somebody is told; templates have it in words as `why`.
    #[serde(skip)]
    pub why: Option<Reason>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TicketWords {
    pub id: i64,
    pub priority: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Address of a page that tells how to solve such tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub knowledge: Option<String>,
    /// The house's own, and no customer's.
    pub internal: bool,
}

/// Parts that nobody wrote are absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct VendorWords {
    pub name: String,
    /// What it knows us by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Of its answer: `working`, `answered`, `solved` or `declined`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// The number of its own case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A promise that is broken, or of which `spent` has gone by.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PromiseWords {
    /// `first_response`, `next_update`, `resolution`, `update`: the status update that the holder owes, or `vendor_reply`.
    pub clock: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// Somebody whom no page would reach.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UnreadyWords {
    pub person: String,
    /// Where it is not from the beginning of the shift: in the receiver's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Nobody has named a channel for them.
    pub no_contact: bool,
    /// Those that do not work; none: those there are, are not used at that hour.
    pub channels: Vec<FaultyWords>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FaultyWords {
    pub channel: String,
    /// `not_set_up`; `lacks`: the files do not say their `what`; `failed`: for them; `down`: for everybody.
    pub fault: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// When it failed last, in the receiver's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// Languages, as tags.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spoken {
    pub ticket: String,
    pub asked: String,
}

/// Parts that nobody wrote are absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BriefingWords {
    pub summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_so_far: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_mood: Option<String>,
    /// Nobody wrote it: it is composed from history.
    pub composed: bool,
}

/// Parts that nobody wrote are absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RequestWords {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_taken: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_wanted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_limit: Option<String>,
}

/// Parts that nobody wrote are absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UpdateWords {
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_so_far: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_action: Option<String>,
    /// In the receiver's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_resolution: Option<String>,
}

/// Somebody's words on one line, without what steers terminals, mail headers or the direction of writing.
pub fn on_one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !steers(*c));
    plain.collect::<String>().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// As [`on_one_line`], but lines stay lines; at most one empty one between two.
pub fn on_several_lines(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let plain: String = line.chars().filter(|c| *c == '\t' || !steers(*c)).collect();
        let plain = plain.trim_end();
        if plain.is_empty() && lines.last().is_none_or(String::is_empty) {
            continue;
        }
        lines.push(plain.to_owned());
    }
    lines.join("\n").trim_end().to_owned()
}

/// Controls, and marks that turn the direction of what follows (Unicode UAX 9).
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_cannot_steer_what_shows_it() {
        let cases = [
            ("plain", "plain"),
            ("  two   words ", "two words"),
            ("a\r\nBcc: b@example.com", "a Bcc: b@example.com"),
            ("\u{1b}[2Jgone", "[2Jgone"),
            ("evil\u{202e}gpj.exe", "evilgpj.exe"),
            ("sep\u{2028}arated", "sep arated"),
        ];
        for (text, expected) in cases {
            assert_eq!(on_one_line(text), expected);
        }
        assert_eq!(on_several_lines("\n a\r\n\n\n\tb\u{7} \n\n"), " a\n\n\tb");
    }
}
