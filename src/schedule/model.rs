//! Checked schedules: everything named exists, every number is in range.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

use super::closing::ClosingRule;
use super::conditions::Conditions;
use super::ids::*;
use super::policy::{Policy, Route};
use super::privacy::PrivacyRule;
use super::sla::{BusinessHours, Sla};
use super::subscription::Subscription;
use super::vendor::Vendor;
use crate::message::Wordings;

/// One whole support organisation, as its files say it.
#[derive(Clone, Debug, PartialEq)]
pub struct Organisation {
    pub name: String,
    /// Lowest first.
    pub tiers: Vec<TierId>,
    /// The house language: everybody's last substitute.
    pub language: Language,
    /// The policy where no route matches.
    pub policy: PolicyId,
    /// Told when nobody can be found.
    pub last_resort: Option<PersonId>,
    /// What is promised where neither customer, route nor class says.
    pub sla: Option<SlaId>,
    /// Acceptable substitutes of a language, best first.
    pub substitutes: BTreeMap<Language, Vec<Language>>,
    /// Rows: impact high, medium, low; columns: urgency high, medium, low.
    pub matrix: [[Priority; 3]; 3],
    pub raise: Vec<Raise>,
    /// Indexed by [`Priority::index`].
    pub priorities: [PriorityRule; 5],
    pub handoff: HandoffRule,
    pub closing: ClosingRule,
    /// So long before a shift begins it is looked whether messages reach whoever begins it; zero: it is not.
    pub check_before: TimeDelta,
    pub privacy: PrivacyRule,
    pub regions: BTreeMap<RegionId, Region>,
    pub teams: BTreeMap<TeamId, Team>,
    pub people: BTreeMap<PersonId, Person>,
    pub calendars: BTreeMap<CalendarId, Calendar>,
    pub business_hours: BTreeMap<BusinessHoursId, BusinessHours>,
    pub slas: BTreeMap<SlaId, Sla>,
    pub customers: BTreeMap<CustomerId, Customer>,
    pub services: BTreeMap<ServiceId, Service>,
    /// As callers name them; those the files say something of.
    pub categories: BTreeMap<String, Category>,
    pub policies: BTreeMap<PolicyId, Policy>,
    /// First match wins.
    pub routes: Vec<Route>,
    pub leave: Vec<Leave>,
    pub overrides: Vec<Override>,
    pub requirements: Vec<Requirement>,
    pub subscriptions: Vec<Subscription>,
    pub vendors: BTreeMap<VendorId, Vendor>,
    /// What messages say in other words than those that are built in.
    pub messages: Wordings,
}

impl Organisation {
    pub fn priority(&self, priority: Priority) -> &PriorityRule {
        &self.priorities[priority.index()]
    }

    /// So long before a shift of that team begins it is looked whether messages reach whoever begins it; zero: it is not.
    pub fn check_before(&self, team: &TeamId) -> TimeDelta {
        let own = self.teams.get(team).and_then(|team| team.check_before);
        own.unwrap_or(self.check_before)
    }

    /// To which tickets may be bound.
    pub fn residencies(&self) -> BTreeSet<&Residency> {
        self.regions.values().filter_map(|region| region.residency.as_ref()).collect()
    }

    /// Every zone that governs something: of regions, teams, rotations, business hours, people, vendors and requirements.
    pub fn zones(&self) -> BTreeSet<ZoneName> {
        let regions = self.regions.values().map(|region| &region.timezone);
        let teams = self.teams.values().map(|team| &team.timezone);
        let rotations = self.teams.values().flat_map(|team| &team.rotations);
        let rotations = rotations.map(|rotation| &rotation.timezone);
        let business_hours = self.business_hours.values().map(|hours| &hours.timezone);
        let people = self.people.values().filter_map(|person| person.timezone.as_ref());
        let requirements = self.requirements.iter().filter_map(|requirement| requirement.when.as_ref());
        let requirements = requirements.map(|(_, timezone)| timezone);
        let vendors = self.vendors.values().filter_map(|vendor| vendor.timezone.as_ref());
        let people = people.chain(vendors);
        let of_teams = regions.chain(teams).chain(rotations).chain(business_hours);
        of_teams.chain(people).chain(requirements).cloned().collect()
    }

    /// Address of a page that tells how to solve tickets of that category.
    pub fn knowledge(&self, category: Option<&str>) -> Option<&str> {
        self.categories.get(category?)?.knowledge.as_deref()
    }

    /// Whose clock a person, or a vendor, lives by: their own, else that of a team they are a member of. `None`: nobody says.
    pub fn zone_of(&self, person: &PersonId) -> Option<&ZoneName> {
        let own = self.people.get(person).and_then(|person| person.timezone.as_ref());
        let of_team = || self.teams.values().find(|team| team.members.contains(person));
        let own = own.or_else(|| self.vendor(person)?.timezone.as_ref());
        own.or_else(|| of_team().map(|team| &team.timezone))
    }

    /// The vendor that a notice's receiver is, where it is none of our people.
    pub fn vendor(&self, to: &PersonId) -> Option<&Vendor> {
        self.vendors.get(to.as_str())
    }

    /// Where a tier stands, lowest 0.
    pub fn tier_rank(&self, tier: &TierId) -> usize {
        self.tiers.iter().position(|t| t == tier).unwrap_or(self.tiers.len())
    }
}

/// How bad it is; `P1` is the worst and sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Priority {
    P1,
    P2,
    P3,
    P4,
    P5,
}

impl Priority {
    pub const ALL: [Priority; 5] = [Priority::P1, Priority::P2, Priority::P3, Priority::P4, Priority::P5];

    pub fn index(self) -> usize {
        self as usize
    }

    pub fn as_str(self) -> &'static str {
        ["P1", "P2", "P3", "P4", "P5"][self.index()]
    }

    /// `steps` worse, at most P1.
    pub fn raised(self, steps: usize) -> Priority {
        Priority::ALL[self.index().saturating_sub(steps)]
    }
}

impl std::fmt::Display for Priority {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Priority {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Priority::ALL
            .into_iter()
            .find(|p| p.to_string().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("no priority {text:?}: P1 to P5"))
    }
}

/// Impact and urgency; index of the priority matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    High,
    Medium,
    Low,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Raise {
    pub when: Conditions,
    pub to: RaiseTo,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RaiseTo {
    By(usize),
    /// Never lowers.
    AtLeast(Priority),
}

#[derive(Clone, Debug, PartialEq)]
pub struct PriorityRule {
    pub acknowledge_within: TimeDelta,
    pub resolve_within: Option<TimeDelta>,
    pub when_closed: WhenClosed,
    pub at_shift_end: AtShiftEnd,
    /// `None`: the holder owes nobody a status update.
    pub updates: Option<UpdatesOwed>,
}

/// How soon a holder says how things stand: at first, and from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdatesOwed {
    pub first: TimeDelta,
    pub every: TimeDelta,
}

impl PriorityRule {
    pub fn pages(&self) -> bool {
        self.when_closed == WhenClosed::Page
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenClosed {
    Page,
    Park,
    /// The next step of the policy, at once.
    Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtShiftEnd {
    HandOver,
    Keep,
}

#[derive(Clone, Debug, PartialEq)]
pub struct HandoffRule {
    /// Offers go out this long before the shift ends.
    pub lead: TimeDelta,
    /// No new work to a team that closes sooner, if another can take it.
    pub minimum_remaining: TimeDelta,
    /// So many custody changes without progress bring in the next tier's lead.
    pub hops_before_review: u32,
    pub keep_at_most: TimeDelta,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub name: String,
    pub timezone: ZoneName,
    pub residency: Option<Residency>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    pub name: String,
    pub region: RegionId,
    pub tier: TierId,
    pub timezone: ZoneName,
    /// Of the team as such; a person at work adds theirs.
    pub languages: BTreeSet<Language>,
    pub skills: BTreeSet<Skill>,
    /// In the order written.
    pub members: Vec<PersonId>,
    pub lead: Option<PersonId>,
    /// In place of the organisation's.
    pub check_before: Option<TimeDelta>,
    /// Live tickets per person.
    pub capacity: u32,
    pub assign: Assign,
    pub holidays: Vec<CalendarId>,
    pub hours: Vec<Window>,
    pub rotations: Vec<Rotation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assign {
    LeastLoaded,
    RoundRobin,
    /// The team picks.
    Queue,
}

/// A wall-clock window that starts on each of `days`.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Sorted from Monday, without repeats, not empty.
    pub days: Vec<Weekday>,
    pub from: NaiveTime,
    /// Wall-clock length, over 0 and at most 24 h: `22:00` to `06:00` is 8 h, `to` equal to `from` is 24 h.
    pub lasts: TimeDelta,
    /// `None`: all of the team. Only hours have it.
    pub members: Option<Vec<PersonId>>,
}

/// People taking turns on a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotation {
    pub origin: Origin,
    pub name: String,
    pub line: LineId,
    /// Higher wins within a line.
    pub layer: i64,
    pub during: During,
    /// Governs `starts`, `every`, `lasts`, `until` and the windows of `during`.
    pub timezone: ZoneName,
    pub starts: NaiveDateTime,
    pub every: Every,
    /// Wall-clock length of a turn; `None`: until the next one.
    pub lasts: Option<TimeDelta>,
    pub until: Option<NaiveDateTime>,
    /// Turn k belongs to entry k mod n; an entry of several people serves together. Not empty.
    pub members: Vec<Vec<PersonId>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum During {
    Always,
    /// While the team's hours are open.
    WithinHours,
    OutsideHours,
    /// In the rotation's zone; `members` is `None` in each.
    Windows(Vec<Window>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Every {
    Day,
    Week,
    /// The day of month of `starts`; months without it are passed over.
    Month,
    /// The value of an RFC 5545 RRULE that `check` has accepted, in upper case.
    Rule(Arc<str>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub name: String,
    pub timezone: Option<ZoneName>,
    /// In the order written, each once; the first is what they like to be written to in.
    pub languages: Vec<Language>,
    pub skills: BTreeSet<Skill>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The ways to reach them, as written.
    pub contact: Vec<ContactWay>,
}

/// A way to reach a person: by which channel, with what, after how long and at which hours.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactWay {
    pub origin: Origin,
    /// The name of a channel in the daemon's settings.
    pub via: String,
    pub purpose: Purpose,
    /// Of what asks them to take a ticket: so long after the first word, unless somebody has taken it by then.
    pub after: TimeDelta,
    /// Only in this window of every day, on the person's own clock; `None`: at any hour.
    pub between: Option<Window>,
}

/// What a way is for; each is for what stands before it as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// What has to wake somebody.
    Page,
    Offer,
    All,
}

/// A border of leave or of an override, as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// As `from`: its start; as `to`: its end, so both days are included.
    Date(NaiveDate),
    /// In the zone of the team that reads it.
    Local(NaiveDateTime),
    Exact(DateTime<Utc>),
}

/// Where something comes from; orders leave and overrides that start together: files first, then the database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Path beneath the schedules directory, and byte offset in it.
    File(Arc<str>, usize),
    /// Row of the database.
    Row(i64),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Leave {
    pub origin: Origin,
    pub person: PersonId,
    pub from: Moment,
    pub to: Moment,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    pub origin: Origin,
    pub team: TeamId,
    pub line: Scope,
    pub from: Moment,
    pub to: Moment,
    pub effect: Effect,
}

/// What of a team an override changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Scope {
    /// The hours and every line.
    Everything,
    Hours,
    Line(LineId),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// All three see the people before the override; first covers, then removals, then additions.
    Change { cover: BTreeMap<PersonId, PersonId>, remove: Vec<PersonId>, add: Vec<PersonId> },
    /// These and nobody else; empty is a declared gap.
    Only(Vec<PersonId>),
}

/// Local dates on which hours do not open as usual. `days` already stands over `file`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calendar {
    pub days: BTreeMap<NaiveDate, Holiday>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Holiday {
    pub name: String,
    /// The one window that stands in place of the day's windows: its start and wall-clock length.
    pub open: Option<(NaiveTime, TimeDelta)>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residency: Option<Residency>,
    /// What is promised to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub value: Option<String>,
    /// Where a functional escalation goes that names nobody.
    pub owner: Option<TeamId>,
}

/// A kind of ticket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Category {
    /// Address of a page that tells how to solve such tickets.
    pub knowledge: Option<String>,
}

/// What `check` proves about coverage.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    pub origin: Origin,
    pub name: String,
    pub tier: TierId,
    pub languages: Vec<Language>,
    /// `None`: always.
    pub when: Option<(Vec<Window>, ZoneName)>,
    /// Read in the zone of `when`, else in UTC.
    pub except: Vec<DeclaredGap>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredGap {
    pub from: Moment,
    pub to: Moment,
    pub why: String,
}
