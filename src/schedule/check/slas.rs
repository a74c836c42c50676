//! Promises to customers, and the business hours they may be counted by.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::schedule::place::{At, Place};
use crate::schedule::read::{BusinessHoursTable, Node, Read, SlaHoursTable, SlaTable, Value};
use crate::schedule::*;

use super::Checker;
use super::merge::Declared;

/// SLAs, and where each is declared.
pub struct Slas {
    pub checked: BTreeMap<SlaId, Sla>,
    pub places: BTreeMap<SlaId, Place>,
}

impl Checker<'_> {
    pub fn business_hours(
        &mut self,
        tables: Declared<BusinessHoursTable>,
    ) -> BTreeMap<BusinessHoursId, BusinessHours> {
        let mut all = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            let Some(table) = table else { continue };
            let timezone = table.timezone.and_then(|zone| self.zones.find(&zone, &mut self.notes));
            let holidays = table.holidays.unwrap_or_default();
            let holidays =
                holidays.iter().filter_map(|name| self.names.calendar(name, &mut self.notes)).collect();
            if let Some(written) = table.hours.as_ref().filter(|hours| hours.value.is_empty()) {
                self.notes
                    .error(
                        "empty-list",
                        written.place,
                        "these hours never open, so nothing would ever be due",
                    )
                    .remedy("write at least one window: { from = \"08:00\", to = \"17:00\" }");
            }
            let hours = table.hours.map(|hours| hours.value).unwrap_or_default();
            let plain = |window| self.plain_window(window, "nobody works in business hours: take them out");
            let hours = hours.into_iter().flatten().filter_map(plain).collect();
            let hours = timezone.map(|timezone| BusinessHours { timezone, holidays, hours });
            all.extend(hours.map(|hours| (BusinessHoursId::new(&id.value), hours)));
        }
        all
    }

    pub fn slas(&mut self, tables: Declared<SlaTable>) -> Slas {
        let mut slas = Slas { checked: BTreeMap::new(), places: BTreeMap::new() };
        let mut classes: BTreeMap<String, (String, Place)> = BTreeMap::new();
        for (id, table) in tables.into_values() {
            self.id(&id);
            let Some(mut table) = table else { continue };
            let named = table.classes.take().unwrap_or_default();
            self.classes_once(&id, &named, &mut classes);
            let sla = self.sla(&id, named, table);
            slas.places.insert(SlaId::new(&id.value), id.place);
            slas.checked.insert(SlaId::new(&id.value), sla);
        }
        slas
    }

    /// Two SLAs for one class would leave open what is promised.
    fn classes_once(
        &mut self,
        id: &At<String>,
        named: &[At<String>],
        classes: &mut BTreeMap<String, (String, Place)>,
    ) {
        for class in named {
            match classes.get(&class.value) {
                None => {
                    classes.insert(class.value.clone(), (id.value.clone(), class.place));
                }
                Some((other, place)) => {
                    let elsewhere = self.sources.refer(*place);
                    let message = format!("the SLA {other:?} at {elsewhere} names {:?} too", class.value);
                    self.notes
                        .error("class-in-two-slas", class.place, message)
                        .remedy("a class is promised one thing: keep one of them");
                }
            }
        }
    }

    fn sla(&mut self, id: &At<String>, classes: Vec<At<String>>, table: SlaTable) -> Sla {
        let clock = table.clock.and_then(|clock| self.sla_clock(clock));
        let mut promise = |node: Option<Node>| node.map(|node| self.waits(node)).unwrap_or_default();
        let (first_response, next_update) = (promise(table.first_response), promise(table.next_update));
        let resolution = promise(table.resolution);
        if [&first_response, &next_update, &resolution].into_iter().all(BTreeMap::is_empty) {
            self.notes
                .warning("sla-without-promise", id.place, format!("the SLA {:?} promises nothing", id.value))
                .remedy("add `first_response`, `next_update` or `resolution`: { P1 = \"4h\" }");
        }
        self.in_order(id, &first_response, &resolution);
        Sla {
            classes: self.names.customer_classes(classes, &mut self.notes),
            clock: clock.unwrap_or(SlaClock::Calendar),
            first_response,
            next_update,
            resolution,
            warn_at: table.warn_at.map_or(defaults::WARN_AT.to_vec(), |written| self.warn_at(written.value)),
            first_response_by: table.first_response_by.unwrap_or(AnsweredBy::Acknowledgement),
            on_warning: table.on_warning.unwrap_or(OnWarning::Tell),
            on_breach: table.on_breach.unwrap_or(OnBreach::Tell),
        }
    }

    fn sla_clock(&mut self, clock: Node) -> Option<SlaClock> {
        match &clock.value {
            Value::Text(word) if word == "calendar" => Some(SlaClock::Calendar),
            Value::Text(word) if word == "open" => Some(SlaClock::Open),
            Value::Table(_) => {
                let name = SlaHoursTable::read(clock, &mut self.notes)?.business_hours?;
                self.names.business_hours(&name, &mut self.notes).map(SlaClock::BusinessHours)
            }
            Value::Text(word) => {
                self.notes
                    .error(
                        "unknown-word",
                        clock.place,
                        format!("{word:?} is not one of the words known here"),
                    )
                    .remedy("write \"calendar\", \"open\", or { business_hours = \"...\" }");
                None
            }
            other => {
                let message = format!("a clock should stand here, not {}", other.kind());
                self.notes
                    .error("wrong-type", clock.place, message)
                    .remedy("write \"calendar\", \"open\", or { business_hours = \"...\" }");
                None
            }
        }
    }

    pub fn warn_at(&mut self, written: Vec<Option<At<Fraction>>>) -> Vec<Fraction> {
        let fractions: Vec<At<Fraction>> = written.into_iter().flatten().collect();
        if let Some(pair) = fractions.windows(2).find(|pair| pair[1].value <= pair[0].value) {
            let (before, after) = (pair[0].value.as_number(), &pair[1]);
            let message = format!("{} comes after {before}", after.value.as_number());
            self.notes
                .error("warn-at-order", after.place, message)
                .remedy("write each fraction once, the smallest first");
        }
        fractions.into_iter().map(|at| at.value).collect()
    }

    /// Nobody can solve what nobody has answered.
    fn in_order(
        &mut self,
        id: &At<String>,
        first_response: &BTreeMap<Priority, TimeDelta>,
        resolution: &BTreeMap<Priority, TimeDelta>,
    ) {
        let early = |(priority, resolve): &(&Priority, &TimeDelta)| {
            first_response.get(priority).is_some_and(|respond| *resolve < respond)
        };
        let priorities: Vec<&str> = resolution.iter().filter(early).map(|(p, _)| p.as_str()).collect();
        if !priorities.is_empty() {
            let message = format!("{} is to be resolved before it is answered", priorities.join(", "));
            self.notes
                .warning("resolution-before-response", id.place, message)
                .remedy("promise a resolution no sooner than the first response");
        }
    }

    /// What is promised to nobody.
    pub fn unused_slas(&mut self, organisation: &Organisation, places: &BTreeMap<SlaId, Place>) {
        let of_customers = organisation.customers.values().filter_map(|customer| customer.sla.as_ref());
        let of_routes = organisation.routes.iter().filter_map(|route| route.sla.as_ref());
        let used: BTreeSet<&SlaId> = of_customers.chain(of_routes).chain(&organisation.sla).collect();
        for (id, sla) in &organisation.slas {
            if sla.classes.is_empty() && !used.contains(id) {
                self.notes
                    .warning("sla-unused", places[id], format!("no ticket gets the SLA {:?}", id.as_str()))
                    .remedy("name it as `sla` of a customer, a route or [org], or give it `classes`");
            }
        }
    }
}
