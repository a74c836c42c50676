//! Holds tables against each other: a list of small checks, each of which notes all it finds and goes on.

use crate::schedule::place::{At, Notes, Sources};
use crate::schedule::read::FileTable;
use crate::schedule::{Organisation, ZoneName};

mod merge;
use merge::Merged;

mod names;
pub use names::Names;

mod org;

mod teams;

mod rotations;

mod people;

mod contact;

mod policies;

mod changes;
pub use changes::{called_in, check_leave, check_override, surely_over};

mod calendars;

mod requirements;

mod slas;

mod subscriptions;

mod vendors;

mod closing;

mod privacy;

mod categories;

mod messages;

mod unused;
use unused::Whereabouts;

mod zones;
pub use zones::zones;

pub use calendars::named_files;

/// What every check has at hand.
struct Checker<'a> {
    sources: &'a Sources,
    names: Names,
    notes: Notes,
    zones: zones::KnownZones<'a>,
}

/// `None` where anything noted is an error.
pub fn check(
    tables: Vec<FileTable>,
    mut notes: Notes,
    sources: &Sources,
    known: &dyn Fn(&ZoneName) -> bool,
) -> (Option<Organisation>, Notes) {
    let merged = Merged::new(tables, sources, &mut notes);
    let names = merged.names();
    let mut checker = Checker { sources, names, notes, zones: zones::KnownZones::new(known) };
    let organisation = checker.organisation(merged);
    let notes = checker.notes;
    match notes.has_errors() {
        true => (None, notes),
        false => (organisation, notes),
    }
}

impl Checker<'_> {
    fn organisation(&mut self, merged: Merged) -> Option<Organisation> {
        let org = self.org(merged.org_written, merged.org);
        let (matrix, raise) = self.priority(merged.priority);
        let priorities = self.priorities(merged.priorities);
        let handoff = self.handoff(merged.handoff);
        let closing = self.closing(merged.closing);
        let privacy = self.privacy(merged.privacy);
        let substitutes = self.substitutes(merged.languages);
        let regions = self.regions(merged.regions);
        let whereabouts = Whereabouts::new(&merged.people, &merged.teams);
        let served = self.served(&merged.teams);
        let teams = self.teams(merged.teams, &regions);
        let people = self.people(merged.people);
        let calendars = self.calendars(merged.holidays);
        let business_hours = self.business_hours(merged.business_hours);
        let slas = self.slas(merged.slas);
        let customers = self.customers(merged.customers);
        let services = self.services(merged.services);
        let categories = self.categories(merged.categories);
        let policies = self.policies(merged.policies, &served);
        let routes = self.routes(merged.routes);
        let leave = self.leave(merged.leave);
        let overrides = self.overrides(merged.overrides, &leave);
        let requirements = self.requirements(merged.requirements);
        let subscriptions = self.subscriptions(merged.subscriptions);
        let vendors = self.vendors(merged.vendors);
        let messages = self.messages(merged.messages);
        let org = org?;
        let organisation = Organisation {
            name: org.name,
            tiers: org.tiers,
            language: org.language,
            policy: org.policy,
            last_resort: org.last_resort,
            sla: org.sla,
            check_before: org.check_before,
            substitutes,
            matrix,
            raise,
            priorities,
            handoff,
            closing,
            privacy,
            regions,
            teams,
            people,
            calendars,
            business_hours,
            slas: slas.checked,
            customers,
            services,
            categories,
            policies: policies.checked,
            routes,
            leave,
            overrides,
            requirements,
            subscriptions,
            vendors,
            messages,
        };
        self.paging(&organisation, &policies.places);
        if !self.notes.has_errors() {
            self.ways(&organisation);
            self.unused(&organisation, &whereabouts);
            self.unused_slas(&organisation, &slas.places);
        }
        Some(organisation)
    }

    /// Ids stand in addresses and in file names, so not every text is one.
    fn id(&mut self, id: &At<String>) {
        let allowed = |c: char| c.is_alphanumeric() || "-_.@+".contains(c);
        if id.value.is_empty() || id.value.chars().count() > 100 || !id.value.chars().all(allowed) {
            self.notes
                .error("bad-id", id.place, format!("{:?} cannot be an id", id.value))
                .remedy("use up to 100 letters, digits and `-`, `_`, `.`, `@`, `+`");
        }
    }
}
