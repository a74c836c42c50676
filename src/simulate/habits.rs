//! How people behave: one set of numbers for those who do everything at once, one for people.

use chrono::TimeDelta;

use super::Delay;

/// The numbers by which people and customers behave. Shares go from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// From an offer until it is answered, in one's hours.
    pub answers_at_work: Delay,
    /// Likewise where the priority pages: the phone rings.
    pub answers_call: Delay,
    /// Outside of one's hours.
    pub answers_off_hours: Delay,
    /// Share of offers in hours that are overlooked.
    pub overlooks_offer: f64,
    /// Share of pages that are slept through.
    pub ignores_page: f64,
    /// Share of offers in hours that are declined.
    pub declines: f64,
    /// From being asked for a briefing until it is written.
    pub briefs: Delay,
    /// Share of briefings that are not written.
    pub forgets_briefing: f64,
    /// Spread of what people take longer or shorter than the effort says, one factor for each person.
    pub pace_spread: f64,
    /// Share of tickets about which the customer is asked something, halfway.
    pub asks_customer: f64,
    pub customer_replies: Delay,
    /// From being asked until a vendor gives its answer.
    pub vendor_answers: Delay,
    /// Share of resolved tickets that come back.
    pub reopens: f64,
    pub reopened: Delay,
    /// Weeks of leave a year, in blocks of a week or two.
    pub leave_weeks_a_year: u32,
    /// How often a person falls ill, and how long it lasts.
    pub illnesses_a_year: f64,
    pub illness: Delay,
}

impl Habits {
    /// Whoever is asked takes it at once, nobody is ever away unless the files say so.
    pub const PERFECT: Habits = Habits {
        answers_at_work: Delay::NONE,
        answers_call: Delay::NONE,
        answers_off_hours: Delay::NONE,
        overlooks_offer: 0.0,
        ignores_page: 0.0,
        declines: 0.0,
        briefs: Delay::NONE,
        forgets_briefing: 0.0,
        pace_spread: 0.0,
        asks_customer: 0.0,
        customer_replies: Delay::NONE,
        vendor_answers: Delay::NONE,
        reopens: 0.0,
        reopened: Delay::NONE,
        leave_weeks_a_year: 0,
        illnesses_a_year: 0.0,
        illness: Delay::NONE,
    };

    /// People as they are found in support: guesses of ours, not measured anywhere, so change them to your own.
    pub const HUMAN: Habits = Habits {
        answers_at_work: Delay { median: TimeDelta::minutes(12), spread: 1.0 },
        answers_call: Delay { median: TimeDelta::minutes(2), spread: 0.7 },
        answers_off_hours: Delay { median: TimeDelta::minutes(4), spread: 0.9 },
        overlooks_offer: 0.03,
        ignores_page: 0.10,
        declines: 0.04,
        briefs: Delay { median: TimeDelta::minutes(8), spread: 0.6 },
        forgets_briefing: 0.3,
        pace_spread: 0.35,
        asks_customer: 0.25,
        customer_replies: Delay { median: TimeDelta::hours(8), spread: 1.2 },
        vendor_answers: Delay { median: TimeDelta::hours(5), spread: 0.9 },
        reopens: 0.05,
        reopened: Delay { median: TimeDelta::hours(30), spread: 0.8 },
        leave_weeks_a_year: 5,
        illnesses_a_year: 2.5,
        illness: Delay { median: TimeDelta::hours(48), spread: 0.7 },
    };
}
