//! Names and times as people read them: of people and teams by the files in force, in the zone nearest to the ticket.

use chrono::{DateTime, Utc};

use crate::coverage::Coverage;
use crate::desk::{Actor, Custody, Event, Ticket, What, region_of};
use crate::message::{on_one_line, on_several_lines};
use crate::schedule::{Organisation, PersonId, TeamId, VendorId, ZoneName};
use crate::zone::Zone;

pub(super) struct Names<'a> {
    org: &'a Organisation,
    /// `None`: only UTC is known.
    zone: Option<(&'a ZoneName, &'a Zone)>,
}

impl<'a> Names<'a> {
    pub fn new(coverage: &'a Coverage, ticket: &Ticket, history: &[Event]) -> Names<'a> {
        let org = &*coverage.organisation;
        let zone = zone_of(org, ticket, history).filter(|name| name.as_str() != "UTC");
        Names { org, zone: zone.and_then(|name| Some((name, coverage.zones.get(name)?))) }
    }

    /// The columns that say when something was.
    pub fn time_columns(&self) -> Vec<&str> {
        self.zone.map(|(name, _)| name.as_str()).into_iter().chain(["UTC"]).collect()
    }

    /// An instant in these columns.
    pub fn times(&self, at: DateTime<Utc>) -> Vec<String> {
        let local = self.zone.map(|(_, zone)| zone.local(at).format(MINUTES).to_string());
        local.into_iter().chain([at.format(MINUTES).to_string()]).collect()
    }

    /// `2026-03-02 10:00 Europe/Stockholm (09:00 UTC)`
    pub fn time(&self, at: DateTime<Utc>) -> String {
        let Some((name, zone)) = self.zone else { return format!("{} UTC", at.format(MINUTES)) };
        let local = zone.local(at);
        let utc = if local.date() == at.date_naive() { at.format("%H:%M") } else { at.format(MINUTES) };
        format!("{} {name} ({utc} UTC)", local.format(MINUTES))
    }

    pub fn person(&self, person: &PersonId) -> String {
        self.org.people.get(person).map_or_else(|| self.line(person.as_str()), |known| self.line(&known.name))
    }

    pub fn people(&self, people: &[PersonId]) -> String {
        people.iter().map(|person| self.person(person)).collect::<Vec<_>>().join(", ")
    }

    pub fn team(&self, team: &TeamId) -> String {
        self.org.teams.get(team).map_or_else(|| self.line(team.as_str()), |known| self.line(&known.name))
    }

    pub fn vendor(&self, vendor: &VendorId) -> String {
        let known = self.org.vendors.get(vendor);
        known.map_or_else(|| self.line(vendor.as_str()), |known| self.line(&known.name))
    }

    /// `None`: it is a person of ours.
    pub fn vendor_named(&self, to: &PersonId) -> Option<String> {
        self.org.vendor(to).map(|vendor| self.line(&vendor.name))
    }

    pub fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Person(person) => self.person(person),
            Actor::Token(name) => self.line(name),
            Actor::Vendor(vendor) => self.vendor(vendor),
            Actor::System => "Meridian".to_owned(),
        }
    }

    pub fn custody(&self, custody: &Custody) -> String {
        match custody {
            Custody::Person { person, team } => format!("{} ({})", self.person(person), self.team(team)),
            Custody::Queue { team } => format!("queue of {}", self.team(team)),
            Custody::Asked { team } => format!("nobody yet; {} was asked", self.team(team)),
            Custody::Nobody { reason } => format!("nobody: {}", reason.as_str().replace('_', " ")),
            Custody::Pending => "pending".to_owned(),
            Custody::Vendor { vendor } => format!("at {}", self.vendor(vendor)),
            Custody::Done => "done".to_owned(),
        }
    }

    /// The ticket's customer, by name.
    pub fn customer(&self, ticket: &Ticket) -> String {
        let facts = &ticket.facts;
        let known = facts.customer.as_ref().and_then(|id| self.org.customers.get(id));
        let name = facts.customer_details.as_ref().or(known).map(|customer| self.line(&customer.name));
        let id = || facts.customer.as_ref().map(|id| self.line(id.as_str()));
        name.filter(|name| !name.is_empty()).or_else(id).unwrap_or_default()
    }

    /// Somebody's words on one line.
    pub fn line(&self, text: &str) -> String {
        on_one_line(text)
    }

    /// Somebody's words on as many lines as they took.
    pub fn lines(&self, text: &str) -> Vec<String> {
        on_several_lines(text).lines().map(str::to_owned).collect()
    }
}

/// To the minute: seconds say more than anybody can remember.
const MINUTES: &str = "%Y-%m-%d %H:%M";

/// That of all regions, else of the ticket's region, else of the team that was asked first.
fn zone_of<'a>(org: &'a Organisation, ticket: &Ticket, history: &[Event]) -> Option<&'a ZoneName> {
    let mut all = org.regions.values().map(|region| &region.timezone);
    let common = all.next().filter(|first| all.all(|other| other == *first));
    let own = || Some(&org.regions.get(&region_of(org, &ticket.facts)?)?.timezone);
    let asked = || {
        let mut teams = history.iter().filter_map(|event| match &event.what {
            What::Offered { offer, .. } => org.teams.get(&offer.team),
            _ => None,
        });
        teams.next().map(|team| &team.timezone)
    };
    common.or_else(own).or_else(asked)
}
