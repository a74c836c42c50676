//! All files' tables as one set: ids are unique across files, and single tables are single.

use std::collections::{BTreeMap, BTreeSet};

use crate::schedule::place::{At, Notes, Sources};
use crate::schedule::read::*;
use crate::schedule::{
    BusinessHoursId, CalendarId, CustomerId, Language, LineId, PersonId, PolicyId, RegionId, Residency,
    ServiceId, SlaId, TeamId, TierId, VendorId, defaults,
};

use super::Names;

/// Tables by id; `None` is one that could not be read, which has been noted.
pub type Declared<T> = BTreeMap<String, (At<String>, Option<T>)>;

/// One set of tables, whichever files they came from.
#[derive(Default)]
pub struct Merged {
    /// Whether there is an `[org]`, perhaps not to be read.
    pub org_written: bool,
    pub org: Option<OrgTable>,
    pub languages: Declared<Vec<At<Language>>>,
    pub priority: Option<PriorityTable>,
    pub priorities: Declared<PriorityRuleTable>,
    pub handoff: Option<HandoffTable>,
    pub closing: Option<ClosingTable>,
    pub privacy: Option<PrivacyTable>,
    pub regions: Declared<RegionTable>,
    pub teams: Declared<TeamTable>,
    pub people: Declared<PersonTable>,
    pub leave: Vec<LeaveTable>,
    pub overrides: Vec<OverrideTable>,
    pub holidays: Declared<HolidaysTable>,
    pub business_hours: Declared<BusinessHoursTable>,
    pub slas: Declared<SlaTable>,
    pub customers: Declared<CustomerTable>,
    pub services: Declared<ServiceTable>,
    pub categories: Declared<CategoryTable>,
    pub requirements: Vec<RequirementTable>,
    pub subscriptions: Vec<SubscriptionTable>,
    pub vendors: Declared<VendorTable>,
    pub policies: Declared<PolicyTable>,
    pub routes: Vec<RouteTable>,
    pub messages: Declared<Wording>,
}

struct Merger<'a> {
    sources: &'a Sources,
    notes: &'a mut Notes,
}

impl Merged {
    pub fn new(files: Vec<FileTable>, sources: &Sources, notes: &mut Notes) -> Merged {
        let mut merger = Merger { sources, notes };
        let mut all = Merged::default();
        for file in files {
            all.org_written |= file.org.is_some();
            merger.single("org", &mut all.org, file.org.flatten());
            merger.single("priority", &mut all.priority, file.priority);
            merger.single("handoff", &mut all.handoff, file.handoff);
            merger.single("closing", &mut all.closing, file.closing);
            merger.single("privacy", &mut all.privacy, file.privacy);
            merger.declare("language", &mut all.languages, file.languages);
            merger.declare("priority", &mut all.priorities, file.priorities);
            merger.declare("region", &mut all.regions, file.regions);
            merger.declare("team", &mut all.teams, file.teams);
            merger.declare("person", &mut all.people, file.people);
            merger.declare("holiday calendar", &mut all.holidays, file.holidays);
            merger.declare("business hours", &mut all.business_hours, file.business_hours);
            merger.declare("SLA", &mut all.slas, file.slas);
            merger.declare("customer", &mut all.customers, file.customers);
            merger.declare("service", &mut all.services, file.services);
            merger.declare("category", &mut all.categories, file.categories);
            merger.declare("vendor", &mut all.vendors, file.vendors);
            merger.declare("policy", &mut all.policies, file.policies);
            merger.declare("wording in", &mut all.messages, file.messages);
            merger.routes(&mut all.routes, file.routes.unwrap_or_default());
            all.leave.extend(file.leave.unwrap_or_default());
            all.overrides.extend(file.overrides.unwrap_or_default());
            all.requirements.extend(file.requirements.unwrap_or_default());
            all.subscriptions.extend(file.subscriptions.unwrap_or_default());
        }
        all
    }

    /// Also those whose tables could not be read, so that nobody is told twice.
    pub fn names(&self) -> Names {
        let tiers = self.org.as_ref().and_then(|org| org.tiers.as_ref());
        let residencies = self.regions.values().filter_map(|(_, region)| region.as_ref()?.residency.as_ref());
        let customers = self.customers.values().filter_map(|(_, customer)| customer.as_ref());
        let services = self.services.values().filter_map(|(_, service)| service.as_ref());
        Names {
            tiers: tiers
                .map(|tiers| tiers.value.iter().flatten().map(|tier| TierId::new(&tier.value)).collect()),
            regions: self.regions.keys().map(|id| RegionId::new(id)).collect(),
            residencies: residencies.map(|name| Residency::new(&name.value)).collect(),
            teams: self.teams.keys().map(|id| TeamId::new(id)).collect(),
            lines: self.lines(),
            closed: self.closed(),
            people: self.people.keys().map(|id| PersonId::new(id)).collect(),
            calendars: self.holidays.keys().map(|id| CalendarId::new(id)).collect(),
            business_hours: self.business_hours.keys().map(|id| BusinessHoursId::new(id)).collect(),
            slas: self.slas.keys().map(|id| SlaId::new(id)).collect(),
            customers: self.customers.keys().map(|id| CustomerId::new(id)).collect(),
            services: self.services.keys().map(|id| ServiceId::new(id)).collect(),
            policies: self.policies.keys().map(|id| PolicyId::new(id)).collect(),
            vendors: self.vendors.keys().map(|id| VendorId::new(id)).collect(),
            classes: customers.filter_map(|customer| customer.class.clone()).collect(),
            values: services.filter_map(|service| service.value.clone()).collect(),
            ..Names::default()
        }
    }

    fn closed(&self) -> BTreeSet<TeamId> {
        let is_closed = |team: &TeamTable| team.hours.as_ref().is_none_or(Vec::is_empty);
        let closed = self.teams.iter().filter(|(_, (_, team))| team.as_ref().is_some_and(is_closed));
        closed.map(|(id, _)| TeamId::new(id)).collect()
    }

    fn lines(&self) -> BTreeMap<TeamId, BTreeSet<LineId>> {
        let line = |rotation: &RotationTable| {
            LineId::new(rotation.line.as_ref().map_or(defaults::LINE, |line| &line.value))
        };
        self.teams
            .iter()
            .filter_map(|(id, (_, team))| {
                let rotations = team.as_ref()?.rotations.as_deref().unwrap_or_default();
                Some((TeamId::new(id), rotations.iter().map(line).collect()))
            })
            .collect()
    }
}

impl Merger<'_> {
    fn single<T: Placed>(&mut self, name: &str, slot: &mut Option<T>, found: Option<T>) {
        let Some(found) = found else { return };
        match slot {
            None => *slot = Some(found),
            Some(first) => {
                let elsewhere = self.sources.refer(first.place());
                self.notes
                    .error(
                        "duplicate-table",
                        found.place(),
                        format!("[{name}] stands in another file too, at {elsewhere}"),
                    )
                    .remedy("keep one of them");
            }
        }
    }

    fn declare<T>(&mut self, what: &str, all: &mut Declared<T>, found: Option<Entries<Option<T>>>) {
        for (id, table) in found.unwrap_or_default() {
            if let Some((first, _)) = all.get(&id.value) {
                let elsewhere = self.sources.refer(first.place);
                self.notes
                    .error(
                        "duplicate-id",
                        id.place,
                        format!("the {what} {:?} is declared at {elsewhere} already", id.value),
                    )
                    .remedy("ids are unique across files: rename one of them");
                continue;
            }
            all.insert(id.value.clone(), (id, table));
        }
    }

    fn routes(&mut self, all: &mut Vec<RouteTable>, found: Vec<RouteTable>) {
        if let (Some(first), Some(second)) = (all.first(), found.first()) {
            let elsewhere = self.sources.refer(first.place);
            self.notes
                .error(
                    "routes-in-two-files",
                    second.place,
                    format!("there are routes at {elsewhere} too, and their order counts"),
                )
                .remedy("keep all routes in one file");
        }
        all.extend(found);
    }
}
