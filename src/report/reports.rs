//! The reports there are, and what each of them is asked.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Serialize;

use super::course::Course;
use super::gather::AROUND;
use crate::desk;
use crate::schedule::{
    Audience, CustomerId, Organisation, Priority, RegionId, Residency, TeamId, TierId, ZoneName, nearest,
};
use crate::zone::{Month, Week, Zone, Zones};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Volume,
    Times,
    Sla,
    SlaTime,
    Escalations,
    Recurring,
    Returns,
    Parked,
    Handoffs,
    Briefings,
    Feedback,
    Vendors,
    Fairness,
}

/// Which tickets a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Those opened within the window, each counted whole, whatever became of it later.
    Opened,
    /// Those to which something happened within the window; only that is counted.
    Happened,
}

impl Basis {
    pub fn in_words(self) -> &'static str {
        match self {
            Basis::Opened => "tickets opened within the window, each counted whole",
            Basis::Happened => "what happened within the window",
        }
    }
}

impl Kind {
    pub const ALL: [Kind; 13] = [
        Kind::Volume,
        Kind::Times,
        Kind::Sla,
        Kind::SlaTime,
        Kind::Escalations,
        Kind::Recurring,
        Kind::Returns,
        Kind::Parked,
        Kind::Handoffs,
        Kind::Briefings,
        Kind::Feedback,
        Kind::Vendors,
        Kind::Fairness,
    ];

    /// As it is asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Volume => "volume",
            Kind::Times => "times",
            Kind::Sla => "sla",
            Kind::SlaTime => "sla-time",
            Kind::Escalations => "escalations",
            Kind::Recurring => "recurring",
            Kind::Returns => "returns",
            Kind::Parked => "parked",
            Kind::Handoffs => "handoffs",
            Kind::Briefings => "briefings",
            Kind::Feedback => "feedback",
            Kind::Vendors => "vendors",
            Kind::Fairness => "fairness",
        }
    }

    /// One line for a list.
    pub fn about(self) -> &'static str {
        match self {
            Kind::Volume => "how many tickets, by audience, priority, category, region, language and medium",
            Kind::Times => "time to acknowledge and to resolve, by tier and team: median and 90th percentile",
            Kind::Sla => "promises met and breached, by SLA, clock and priority",
            Kind::SlaTime => "whose time the promises spent: by clock and by who had the ticket",
            Kind::Escalations => "escalations by kind, tier and priority",
            Kind::Recurring => {
                "customers, services and categories whose tickets were escalated more than once"
            }
            Kind::Returns => "tickets that came back: to a team, in circles without progress, or reopened",
            Kind::Parked => "time in which tickets waited because nobody was at work",
            Kind::Handoffs => "handoffs offered and accepted before the boundary, by pair of regions",
            Kind::Briefings => {
                "whether what came with handoffs and escalations was good enough, by the team that sent it"
            }
            Kind::Feedback => "what customers say, by team and priority",
            Kind::Vendors => "what vendors were asked, how soon they answered, how long tickets were there",
            Kind::Fairness => {
                "who carries how much: hours on call, nights, weekends, holidays, pages, interrupted rest"
            }
        }
    }

    pub fn basis(self) -> Basis {
        match self {
            Kind::Volume | Kind::Times | Kind::Sla | Kind::SlaTime | Kind::Returns | Kind::Parked => {
                Basis::Opened
            }
            Kind::Escalations
            | Kind::Recurring
            | Kind::Handoffs
            | Kind::Briefings
            | Kind::Feedback
            | Kind::Vendors
            | Kind::Fairness => Basis::Happened,
        }
    }

    /// Whose tickets it is of, where nobody says: figures of customers are not mixed with those of the house's own. `None`:
    /// of all of them, as they are the same work.
    pub fn usual_audience(self) -> Option<Audience> {
        match self {
            Kind::Volume | Kind::Handoffs | Kind::Briefings | Kind::Vendors | Kind::Fairness => None,
            Kind::Times
            | Kind::Sla
            | Kind::SlaTime
            | Kind::Escalations
            | Kind::Recurring
            | Kind::Returns
            | Kind::Parked
            | Kind::Feedback => Some(Audience::Customer),
        }
    }

    /// Whether there is a picture of it.
    pub fn is_drawn(self) -> bool {
        matches!(self, Kind::Volume | Kind::Sla | Kind::Fairness)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Kind, String> {
        let known = || Kind::ALL.into_iter().map(Kind::as_str);
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| match nearest(text, known()) {
            Some(near) => format!("there is no report {text:?}; did you mean `{near}`?"),
            None => {
                format!("there is no report {text:?}; there are {}", known().collect::<Vec<_>>().join(", "))
            }
        })
    }
}

/// What a report is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub kind: Kind,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// What happened later is passed over, and what still lasts is measured up to then.
    pub as_of: DateTime<Utc>,
    pub narrowed: Narrowed,
    /// Tickets bound to others than these are not counted, but for the nights of those who had them; `None`: all are.
    pub seen: Option<Vec<Residency>>,
}

impl Asked {
    /// Of tickets to which nothing happened then, nothing is counted. Around the window lie the pages that belong to a rest in
    /// which it begins or ends.
    pub fn reaches(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.from - AROUND, self.until + AROUND)
    }

    pub(super) fn within(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// Whether whoever asks may know of tickets bound so.
    pub(super) fn sees(&self, residency: Option<&Residency>) -> bool {
        let seen = |residency| self.seen.as_ref().is_none_or(|seen| seen.contains(residency));
        residency.is_none_or(seen)
    }

    /// Pages and hours are those of our own people, whatever they were about, as long as they are not asked for by customer.
    pub(super) fn is_of_people(&self) -> bool {
        self.kind == Kind::Fairness && self.narrowed.customer.is_none()
    }

    /// Residencies of which nothing is counted.
    pub(super) fn without(&self, org: &Organisation) -> Vec<Residency> {
        let hidden = |residency: &&Residency| !self.is_of_people() && !self.sees(Some(residency));
        org.residencies().into_iter().filter(hidden).cloned().collect()
    }
}

/// What cannot be asked: the field that is to blame, and why, with a remedy.
pub type Slip = (&'static str, String);

/// Everything that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Narrowed {
    /// Had the ticket, or was asked to take it. Of fairness: the people who serve there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The customer's. Of fairness: the team's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionId>,
    /// For which it was decided first. Of fairness: the team's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<TierId>,
    /// Its last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// Absent: as is usual for the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
}

impl Narrowed {
    /// A name that the schedules do not know is a slip and no empty report.
    pub fn check(&self, org: &Organisation) -> Result<(), Slip> {
        fn known<'a>(
            field: &'static str,
            name: Option<&str>,
            known: impl Iterator<Item = &'a str> + Clone,
        ) -> Result<(), Slip> {
            let Some(name) = name.filter(|name| !known.clone().any(|one| one == *name)) else {
                return Ok(());
            };
            let meant = nearest(name, known).map(|near| format!("; did you mean `{near}`?"));
            Err((field, format!("no {field} {name:?} in the schedules{}", meant.unwrap_or_default())))
        }
        known("team", self.team.as_ref().map(TeamId::as_str), org.teams.keys().map(TeamId::as_str))?;
        known(
            "region",
            self.region.as_ref().map(RegionId::as_str),
            org.regions.keys().map(RegionId::as_str),
        )?;
        known("tier", self.tier.as_ref().map(TierId::as_str), org.tiers.iter().map(TierId::as_str))?;
        let customers = org.customers.keys().map(CustomerId::as_str);
        known("customer", self.customer.as_ref().map(CustomerId::as_str), customers)
    }

    /// Whether a team's people are meant; of fairness.
    pub(super) fn means_team(&self, org: &Organisation, team: &TeamId) -> bool {
        let found = org.teams.get(team);
        self.team.as_ref().is_none_or(|wanted| wanted == team)
            && self.region.as_ref().is_none_or(|wanted| found.is_some_and(|team| team.region == *wanted))
            && self.tier.as_ref().is_none_or(|wanted| found.is_some_and(|team| team.tier == *wanted))
    }

    /// Whether a ticket is meant, by what is the ticket's own.
    pub(super) fn means_work(&self, course: &Course) -> bool {
        self.priority.is_none_or(|wanted| course.ticket.priority == wanted)
            && self
                .customer
                .as_ref()
                .is_none_or(|wanted| course.ticket.facts.customer.as_ref() == Some(wanted))
    }

    /// Whether a ticket is meant, by all that is set.
    pub(super) fn means(&self, org: &Organisation, course: &Course) -> bool {
        let with = |team: &TeamId| {
            course.stints.iter().any(|stint| stint.team == *team)
                || course.offered.iter().any(|(asked, _)| asked == team)
        };
        self.means_work(course)
            && self.team.as_ref().is_none_or(with)
            && self.tier.as_ref().is_none_or(|wanted| course.tier.as_ref() == Some(wanted))
            && self
                .region
                .as_ref()
                .is_none_or(|wanted| desk::region_of(org, &course.ticket.facts).as_ref() == Some(wanted))
    }

    /// In words, for a heading; empty where nothing is set.
    pub(super) fn in_words(&self) -> String {
        let parts = [
            ("team", self.team.as_ref().map(ToString::to_string)),
            ("region", self.region.as_ref().map(ToString::to_string)),
            ("tier", self.tier.as_ref().map(ToString::to_string)),
            ("priority", self.priority.as_ref().map(ToString::to_string)),
            ("customer", self.customer.as_ref().map(ToString::to_string)),
            ("audience", self.audience.map(|audience| audience.as_str().to_owned())),
        ];
        let parts = parts.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value?)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// The organisation's zone: that of all its regions, else UTC.
pub fn zone_of<'z>(org: &Organisation, zones: &'z Zones) -> (ZoneName, &'z Zone) {
    let utc = ZoneName::new("UTC");
    let mut names = org.regions.values().map(|region| &region.timezone);
    let first = names.next().filter(|first| names.all(|name| name == *first));
    let found = first.and_then(|name| Some((name.clone(), zones.get(name)?)));
    found.unwrap_or_else(|| {
        let zone = zones.get(&utc).expect("UTC is among the embedded zones");
        (utc, zone)
    })
}

/// The window that is asked for, as people say it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    pub from: Option<DateTime<Utc>>,
    /// Where only `from` is given: up to now.
    pub until: Option<DateTime<Utc>>,
    pub month: Option<Month>,
    pub week: Option<Week>,
}

/// Longer ones are refused.
const WINDOW_MAX: TimeDelta = TimeDelta::days(400);

impl Window {
    /// From and until; where nothing is given, the last whole month before `at`.
    pub fn on(self, zone: &Zone, at: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Slip> {
        let Window { from, until, month, week } = self;
        let given = [from.is_some() || until.is_some(), month.is_some(), week.is_some()];
        if given.into_iter().filter(|given| *given).count() > 1 {
            return Err(("month", "give `from` and `until`, or a month, or a week".to_owned()));
        }
        let (from, until) = match (from, until, month, week) {
            (_, _, Some(month), _) => month.on(zone),
            (_, _, _, Some(week)) => week.on(zone),
            (None, None, ..) => last_month(at, zone),
            (None, Some(_), ..) => return Err(("from", "is needed where `until` is given".to_owned())),
            (Some(from), until, ..) => (from, until.unwrap_or(at)),
        };
        if until <= from {
            return Err(("until", "must be later than `from`".to_owned()));
        }
        if until - from > WINDOW_MAX {
            let days = WINDOW_MAX.num_days();
            return Err(("until", format!("at most {days} days after `from`; ask for the years one by one")));
        }
        Ok((from, until))
    }
}

/// The last whole month before `at`, on the clock of a zone.
fn last_month(at: DateTime<Utc>, zone: &Zone) -> (DateTime<Utc>, DateTime<Utc>) {
    let first = |date: NaiveDate| date.with_day(1).unwrap_or(date);
    let this = first(zone.local(at).date());
    let last = this.checked_sub_months(Months::new(1)).unwrap_or(this);
    let midnight = |date: NaiveDate| zone.start(date.and_time(NaiveTime::MIN));
    (midnight(last), midnight(this))
}
