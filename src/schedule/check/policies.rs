//! Policies, the routes that lead to them, and conditions.

use std::collections::{BTreeMap, BTreeSet};

use crate::schedule::place::{At, Place};
use crate::schedule::read::{
    ApproveTable, AtOnceTable, ConditionsTable, Entries, Length, Node, OverflowTable, PolicyTable, Read,
    RouteTable, StepTable, TeamTable, UnhappyTable, Value,
};
use crate::schedule::suggest::nearest;
use crate::schedule::*;

use super::Checker;
use super::merge::Declared;

/// Feedback goes from 1 to this.
const BEST_SCORE: u8 = 5;

/// Policies, and where each is declared.
pub struct Policies {
    pub checked: BTreeMap<PolicyId, Policy>,
    pub places: BTreeMap<PolicyId, Place>,
}

/// What policies can lead to.
pub struct Served {
    /// The lines that a tier's teams feed; a tier without a team is absent.
    lines: BTreeMap<TierId, BTreeSet<LineId>>,
    /// The tier of each team of which it can be told.
    teams: BTreeMap<TeamId, TierId>,
    /// A team whose tier cannot be told may serve any; what seems to be missing is not called so then.
    by_any: bool,
}

impl Checker<'_> {
    /// From the tables as written, so that a team with another mistake still serves its tier.
    pub fn served(&self, teams: &Declared<TeamTable>) -> Served {
        let mut served = Served { lines: BTreeMap::new(), teams: BTreeMap::new(), by_any: false };
        let known = |tier: &str| self.names.tiers.as_ref().is_none_or(|tiers| tiers.contains(tier));
        for (id, (_, table)) in teams {
            let tier = table.as_ref().and_then(|table| table.tier.as_ref()).map(|tier| &*tier.value);
            match tier.filter(|tier| known(tier)) {
                None => served.by_any = true,
                Some(tier) => {
                    let lines = self.names.lines.get(id.as_str()).into_iter().flatten().cloned();
                    served.lines.entry(TierId::new(tier)).or_default().extend(lines);
                    served.teams.insert(TeamId::new(id), TierId::new(tier));
                }
            }
        }
        served
    }

    pub fn policies(&mut self, tables: Declared<PolicyTable>, served: &Served) -> Policies {
        let mut policies = Policies { checked: BTreeMap::new(), places: BTreeMap::new() };
        for (id, table) in tables.into_values() {
            self.id(&id);
            if let Some(policy) = table.and_then(|table| self.policy(table, served)) {
                policies.places.insert(PolicyId::new(&id.value), id.place);
                policies.checked.insert(PolicyId::new(&id.value), policy);
            }
        }
        policies
    }

    fn policy(&mut self, table: PolicyTable, served: &Served) -> Option<Policy> {
        let repeat_every = table.repeat_every.map(|length| self.positive(length));
        let requires = table.requires.map(|node| self.request_parts(node)).unwrap_or_default();
        let immediately = table.immediately.unwrap_or_default();
        let immediately = immediately.into_iter().filter_map(|rule| self.at_once(rule, served)).collect();
        let on_unhappy = table.on_unhappy.and_then(|rule| self.on_unhappy(rule));
        let approve = table.approve.and_then(|rule| self.approve(rule));
        let vendor_reply_within = table.vendor_reply_within.map(|node| self.waits(node)).unwrap_or_default();
        let how = |how: Option<Further>| how.unwrap_or(Further::Move);
        let on_reopened =
            table.on_reopened.and_then(|rule| Some(OnReopened { from: rule.from?, how: how(rule.how) }));
        let At { value: tables, place } = table.steps?;
        let written = tables.len();
        let tables = tables.into_iter().flatten();
        let steps: Vec<Step> = tables.filter_map(|step| self.step(step, served)).collect();
        if written == 0 {
            self.notes
                .error("empty-list", place, "this policy has no steps")
                .remedy("write at least one: { tier = \"frontline\" }");
        } else if steps.len() == written {
            self.steps(&steps, place, served);
        }
        Some(Policy {
            steps,
            on_overrun: table.on_overrun.unwrap_or(How::Tell),
            repeat_every: repeat_every.unwrap_or(defaults::REPEAT_EVERY),
            requires,
            returns_at_most: table.returns_at_most,
            immediately,
            approve,
            on_unhappy,
            on_reopened,
            vendor_reply_within,
            on_vendor_breach: table.on_vendor_breach.unwrap_or(OnBreach::Tell),
            clocks_at_vendor: table.clocks_at_vendor.unwrap_or_default(),
        })
    }

    fn at_once(&mut self, table: AtOnceTable, served: &Served) -> Option<AtOnce> {
        let when = table.when.map(|when| self.conditions(when));
        let name = table.tell?;
        let tell = self.names.tier(&name, &mut self.notes)?;
        if !served.by_any && !served.lines.contains_key(&tell) {
            self.notes
                .warning("tier-unreachable", name.place, format!("no team serves the tier \"{tell}\""))
                .remedy("declare a team of this tier; until then nobody is told");
        }
        Some(AtOnce { when: when?, tell })
    }

    fn approve(&mut self, table: ApproveTable) -> Option<Approve> {
        let within = table.within.map(|length| self.positive(length));
        let At { value: priorities, place } = table.priorities?;
        if priorities.is_empty() {
            self.notes
                .error("empty-list", place, "nothing would have to be approved")
                .remedy("name the priorities, or leave `approve` out");
        }
        let priorities = priorities.into_iter().flatten().collect();
        Some(Approve { priorities, within: within?, if_silent: table.if_silent.unwrap_or(IfSilent::Approve) })
    }

    fn on_unhappy(&mut self, rule: UnhappyTable) -> Option<OnUnhappy> {
        let At { value: at_most, place } = rule.at_most?;
        let at_most = u8::try_from(at_most).ok().filter(|score| *score < BEST_SCORE);
        if at_most.is_none() {
            self.notes
                .error(
                    "out-of-range",
                    place,
                    format!("whoever gives {BEST_SCORE} of {BEST_SCORE} is not unhappy"),
                )
                .remedy(format!("write a whole number from 1 to {}", BEST_SCORE - 1));
        }
        Some(OnUnhappy { at_most: at_most?, how: rule.how.unwrap_or(Further::Tell) })
    }

    fn steps(&mut self, steps: &[Step], place: Place, served: &Served) {
        let mut moves = steps.iter().filter(|step| step.how == How::Move).peekable();
        if moves.peek().is_none() {
            self.notes
                .error(
                    "nothing-moves",
                    place,
                    "no step of this policy moves a ticket, so nobody would get it",
                )
                .remedy("leave out `how` of one step, or write how = \"move\"");
        } else if !served.by_any && !moves.any(|step| served.lines.contains_key(&step.tier)) {
            self.notes
                .error("policy-unreachable", place, "no tier to which this policy moves a ticket has a team")
                .remedy("declare a team of one of these tiers");
        }
    }

    fn step(&mut self, table: StepTable, served: &Served) -> Option<Step> {
        let call = table.call.unwrap_or_default();
        let call_every = table.call_every.map(|length| self.positive(length));
        let acknowledge_within = table.acknowledge_within.map(|node| self.waits(node)).unwrap_or_default();
        let vendor = table.vendor.and_then(|name| self.names.vendor(&name, &mut self.notes));
        let name = table.tier?;
        let tier = self.names.tier(&name, &mut self.notes)?;
        match served.lines.get(&tier) {
            _ if served.by_any => (),
            Some(lines) => self.call(&call, &tier, lines),
            None => {
                self.notes
                    .warning("tier-unreachable", name.place, format!("no team serves the tier \"{tier}\""))
                    .remedy("declare a team of this tier; until then the step is passed over");
            }
        }
        let overflow = table.overflow.and_then(|rule| self.overflow(rule, &tier, served));
        Some(Step {
            tier,
            call: call.iter().map(|line| LineId::new(&line.value)).collect(),
            call_every,
            acknowledge_within,
            how: table.how.unwrap_or(How::Move),
            overflow,
            vendor,
        })
    }

    fn overflow(&mut self, table: OverflowTable, tier: &TierId, served: &Served) -> Option<Overflow> {
        let At { value: names, place } = table.to?;
        if names.is_empty() {
            self.notes
                .error("empty-list", place, "nobody would be asked in its place")
                .remedy("name a team, or leave `overflow` out");
        }
        let mut to = Vec::new();
        for name in names.into_iter().flatten() {
            let Some(team) = self.names.team(&name, &mut self.notes) else { continue };
            if served.teams.get(&team) == Some(tier) {
                let message = format!("{team} serves the tier \"{tier}\" itself, so it is asked anyway");
                self.notes
                    .warning("overflow-own-tier", name.place, message)
                    .remedy("name teams of other tiers");
            }
            to.push(team);
        }
        Some(Overflow { to, at: table.at })
    }

    /// A policy may name more lines than a tier has, but not only such, and not by a slip of the fingers.
    fn call(&mut self, call: &[At<String>], tier: &TierId, lines: &BTreeSet<LineId>) {
        let fed = |line: &At<String>| lines.contains(line.value.as_str());
        let none_is_fed = !call.iter().any(fed);
        for line in call.iter().filter(|line| !fed(line)) {
            let meant = nearest(&line.value, lines.iter().map(|line| line.as_str()));
            if !none_is_fed && meant.is_none() {
                continue;
            }
            let note = self.notes.warning(
                "unknown-line",
                line.place,
                format!("no rotation of a team of the tier \"{tier}\" feeds the line {:?}", line.value),
            );
            match meant {
                Some(meant) => note.remedy(format!("did you mean `{meant}`?")),
                None => note.remedy("until one does, nobody is paged here"),
            }
        }
    }

    /// One duration for all priorities, or a table by priority.
    pub fn waits(&mut self, node: Node) -> BTreeMap<Priority, chrono::TimeDelta> {
        if let Value::Text(_) = node.value {
            let Some(length) = At::<Length>::read(node, &mut self.notes) else { return BTreeMap::new() };
            let wait = self.positive(length);
            return Priority::ALL.into_iter().map(|priority| (priority, wait)).collect();
        }
        let lengths = self.by_priority::<At<Length>>(node);
        lengths.into_iter().map(|(priority, length)| (priority, self.positive(length))).collect()
    }

    /// One list for all priorities, or a table by priority.
    fn request_parts(&mut self, node: Node) -> BTreeMap<Priority, BTreeSet<RequestPart>> {
        let as_set = |parts: Vec<Option<RequestPart>>| parts.into_iter().flatten().collect::<BTreeSet<_>>();
        if let Value::List(_) = node.value {
            let parts = as_set(Vec::read(node, &mut self.notes).unwrap_or_default());
            return Priority::ALL.into_iter().map(|priority| (priority, parts.clone())).collect();
        }
        let lists = self.by_priority(node);
        lists.into_iter().map(|(priority, parts)| (priority, as_set(parts))).collect()
    }

    /// What a table by priority says of each that it names rightly.
    pub fn by_priority<T: Read>(&mut self, node: Node) -> Vec<(Priority, T)> {
        let table = Entries::<Option<T>>::read(node, &mut self.notes).unwrap_or_default();
        let mut found = Vec::new();
        for (key, value) in table {
            let key = Node { value: Value::Text(key.value), place: key.place };
            found.extend(Priority::read(key, &mut self.notes).zip(value));
        }
        found
    }

    pub fn routes(&mut self, tables: Vec<RouteTable>) -> Vec<Route> {
        let mut routes = Vec::new();
        let mut catches_all: Option<String> = None;
        let mut names: BTreeMap<String, Place> = BTreeMap::new();
        for (index, table) in tables.into_iter().enumerate() {
            let when = table.when.map(|when| self.conditions(when)).unwrap_or_default();
            let policy = table.policy.and_then(|name| self.names.policy(&name, &mut self.notes));
            let sla = table.sla.and_then(|name| self.names.sla(&name, &mut self.notes));
            if let Some(name) = &table.name {
                match names.get(&name.value) {
                    None => drop(names.insert(name.value.clone(), name.place)),
                    Some(first) => {
                        let message = format!(
                            "the route at {} is called {:?} too",
                            self.sources.refer(*first),
                            name.value
                        );
                        self.notes
                            .warning("route-name-twice", name.place, message)
                            .remedy("give each its own: it is what a ticket's history shows");
                    }
                }
            }
            let name = table.name.map_or_else(|| format!("route {}", index + 1), |name| name.value);
            match &catches_all {
                Some(earlier) => self
                    .notes
                    .warning(
                        "route-unreachable",
                        table.place,
                        format!("no ticket gets here: {earlier:?} before it matches every one"),
                    )
                    .remedy("move the route without conditions to the end"),
                None if when.meet_all() => catches_all = Some(name.clone()),
                None => (),
            }
            routes.extend(policy.map(|policy| Route { name, when, policy, sla }));
        }
        routes
    }

    pub fn conditions(&mut self, table: ConditionsTable) -> Conditions {
        let names = &self.names;
        let notes = &mut self.notes;
        let customers = table.customer.unwrap_or_default();
        let regions = table.region.unwrap_or_default();
        let residencies = table.residency.unwrap_or_default();
        let services = table.service.unwrap_or_default();
        let labels = table.labels.unwrap_or_default();
        let labels =
            labels.into_iter().map(|(key, values)| (key.value, values.unwrap_or_default())).collect();
        Conditions {
            priority: table.priority.unwrap_or_default(),
            category: table.category.unwrap_or_default(),
            customer: customers.iter().filter_map(|name| names.customer(name, notes)).collect(),
            customer_class: names.customer_classes(table.customer_class.unwrap_or_default(), notes),
            region: regions.iter().filter_map(|name| names.region(name, notes)).collect(),
            residency: residencies.iter().filter_map(|name| names.residency(name, notes)).collect(),
            language: table.language.unwrap_or_default(),
            service: services.iter().filter_map(|name| names.service(name, notes)).collect(),
            service_value: names.service_values(table.service_value.unwrap_or_default(), notes),
            risk: table.risk.unwrap_or_default(),
            skills: table.skills.unwrap_or_default().iter().map(|skill| Skill::new(skill)).collect(),
            via: table.via.unwrap_or_default(),
            audience: table.audience.unwrap_or_default(),
            labels,
        }
    }

    /// A priority that pages, on a policy that calls nobody, waits for the morning in silence.
    pub fn paging(&mut self, organisation: &Organisation, places: &BTreeMap<PolicyId, Place>) {
        let pages = |priority: &Priority| organisation.priority(*priority).pages();
        let mut asked: BTreeMap<&PolicyId, BTreeSet<Priority>> = BTreeMap::new();
        asked.entry(&organisation.policy).or_default().extend(Priority::ALL.into_iter().filter(pages));
        for route in &organisation.routes {
            let priorities = match route.when.priority.is_empty() {
                true => &Priority::ALL[..],
                false => &route.when.priority,
            };
            asked.entry(&route.policy).or_default().extend(priorities.iter().copied().filter(pages));
        }
        for (id, priorities) in asked {
            let Some(policy) = organisation.policies.get(id) else { continue };
            if priorities.is_empty() || policy.steps.iter().any(|step| !step.call.is_empty()) {
                continue;
            }
            let list: Vec<String> = priorities.iter().map(Priority::to_string).collect();
            self.notes
                .warning(
                    "policy-calls-nobody",
                    places[id],
                    format!("{} page, but no step of this policy calls a line", list.join(", ")),
                )
                .remedy("add `call = [\"primary\"]` to a step, or let these priorities park");
        }
    }
}
