//! From events to figures: one pass over each ticket, and the coverage beside them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::course::{Course, HandoffFate};
use super::gather::covering;
use super::gathered::Gathered;
use super::loads::Loads;
use super::pages::Paged;
use super::stretches::Turns;
use super::week::hours_of_week;
use super::{AutomaticStep, Figures, Group, Live, RegionPair, Waited, words};
use crate::coverage::Coverage;
use crate::desk::{self, Escalation, Event, Notice, NoticeKind, Saved, TicketId};
use crate::schedule::{Organisation, PolicyId, Priority, RegionId, TierId};

/// What has no name of its own.
const NONE: &str = "-";
const WAITED_LONGEST: usize = 10;

/// What is measured. Whoever asks selects the tickets, best those opened within the window; each is counted whole.
#[derive(Clone, Copy, Debug)]
pub struct Happened<'a> {
    pub coverage: &'a Coverage,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub tickets: &'a BTreeMap<TicketId, Saved>,
    /// All of each ticket's events; a ticket without any is not counted.
    pub events: &'a BTreeMap<TicketId, Vec<Event>>,
    pub notices: &'a [Notice],
}

/// Linear in events, and in the spans of all teams within the window.
pub fn measure(happened: &Happened) -> Figures {
    let covering = covering(happened.coverage, happened.from, happened.until);
    let mut tally = Tally::new(happened, &covering);
    for (id, saved) in happened.tickets {
        let events = happened.events.get(id).map_or(&[][..], Vec::as_slice);
        if let Some(course) = Course::of(*id, events, happened.until) {
            tally.add(saved, course);
        }
    }
    tally.finish(&covering)
}

/// Figures under way.
struct Tally<'a> {
    happened: &'a Happened<'a>,
    organisation: &'a Organisation,
    told_last_resort: BTreeSet<TicketId>,
    stand_downs: BTreeMap<TicketId, usize>,
    all: Gathered,
    by_priority: BTreeMap<Priority, Gathered>,
    by_tier: BTreeMap<String, Gathered>,
    by_region: BTreeMap<String, Gathered>,
    by_language: BTreeMap<String, Gathered>,
    automatic: BTreeMap<(PolicyId, usize), usize>,
    handoffs: BTreeMap<(RegionId, RegionId), RegionPair>,
    loads: Loads,
    paged: Paged<'a>,
    turns: Turns,
    opened: Vec<(DateTime<Utc>, Option<TierId>)>,
    live: Vec<Live>,
    waited: Vec<Waited>,
}

impl<'a> Tally<'a> {
    fn new(happened: &'a Happened<'a>, coverage: &'a Coverage) -> Tally<'a> {
        let organisation = &*coverage.organisation;
        let of_kind = |kind| happened.notices.iter().filter(move |notice| notice.kind == kind);
        let mut stand_downs = BTreeMap::new();
        for notice in of_kind(NoticeKind::StandDown) {
            if let Some(ticket) = notice.ticket {
                *stand_downs.entry(ticket).or_default() += 1;
            }
        }
        Tally {
            happened,
            organisation,
            told_last_resort: of_kind(NoticeKind::LastResort).filter_map(|notice| notice.ticket).collect(),
            stand_downs,
            all: Gathered::default(),
            by_priority: BTreeMap::new(),
            by_tier: BTreeMap::new(),
            by_region: BTreeMap::new(),
            by_language: BTreeMap::new(),
            automatic: BTreeMap::new(),
            handoffs: BTreeMap::new(),
            loads: Loads::new(organisation, happened.from, happened.until),
            paged: Paged::new(coverage),
            turns: Turns::default(),
            opened: Vec::new(),
            live: Vec::new(),
            waited: Vec::new(),
        }
    }

    fn add(&mut self, saved: &Saved, mut course: Course) {
        course.counts.stand_downs = self.stand_downs.get(&course.ticket.id).copied().unwrap_or(0);
        for page in &course.pages {
            let (outside, night) = self.paged.add(page);
            course.counts.pages += 1;
            course.counts.pages_outside_hours += usize::from(outside);
            course.counts.pages_at_night += usize::from(night);
        }
        self.add_to_groups(&course);
        for climb in course.escalations.iter().filter(|climb| climb.kind == Escalation::Automatic) {
            *self.automatic.entry(climb.step.clone()).or_default() += 1;
        }
        self.add_handoffs(&course);
        self.loads.add(&course);
        self.turns.add(&course);
        self.opened.push((course.opened, course.tier.clone()));
        self.add_by_name(saved, &course);
    }

    fn add_to_groups(&mut self, course: &Course) {
        let told = self.told_last_resort.contains(&course.ticket.id);
        let facts = &course.ticket.facts;
        let named = |name: Option<&str>| name.unwrap_or(NONE).to_owned();
        let region = desk::region_of(self.organisation, facts);
        let language = desk::language_of(self.organisation, facts);
        let groups = [
            &mut self.all,
            self.by_priority.entry(course.ticket.priority).or_default(),
            self.by_tier.entry(named(course.tier.as_ref().map(TierId::as_str))).or_default(),
            self.by_region.entry(named(region.as_ref().map(RegionId::as_str))).or_default(),
            self.by_language.entry(language.to_string()).or_default(),
        ];
        for group in groups {
            group.add(course, told);
        }
    }

    fn add_handoffs(&mut self, course: &Course) {
        for offer in &course.handoffs {
            let region = |team| self.organisation.teams.get(team).map(|team| team.region.clone());
            let [from, to] = [&offer.from, &offer.to].map(|team| region(team).unwrap_or_else(|| NONE.into()));
            let pair = self.handoffs.entry((from.clone(), to.clone())).or_insert_with(|| RegionPair {
                from,
                to,
                offered: 0,
                accepted: 0,
                passed: 0,
                declined: 0,
                withdrawn: 0,
            });
            pair.offered += 1;
            match offer.fate {
                HandoffFate::Running => {}
                HandoffFate::Accepted => pair.accepted += 1,
                HandoffFate::Passed => pair.passed += 1,
                HandoffFate::Declined => pair.declined += 1,
                HandoffFate::Withdrawn => pair.withdrawn += 1,
            }
        }
    }

    /// Those that somebody should look at.
    fn add_by_name(&mut self, saved: &Saved, course: &Course) {
        let ticket = &course.ticket;
        let title = Some(&ticket.facts.title).filter(|_| saved.residency.is_none()).cloned();
        let (id, priority, opened) = (ticket.id, ticket.priority, course.opened);
        if ticket.live() {
            let why = words::waits_for(ticket);
            self.live.push(Live { ticket: id, priority, title: title.clone(), opened, why });
        }
        let end = course.acknowledged.or(ticket.live().then_some(self.happened.until));
        if let Some(end) = end.filter(|end| *end > opened) {
            let waited = (end - opened).num_seconds();
            let (acknowledged, why) =
                (course.acknowledged, words::waited_because(&course.before_acknowledged));
            self.waited.push(Waited { ticket: id, priority, title, opened, waited, acknowledged, why });
        }
    }

    fn finish(mut self, coverage: &Coverage) -> Figures {
        let Happened { from, until, .. } = *self.happened;
        let opened: Vec<_> = self.opened.iter().map(|(at, tier)| (*at, tier.as_ref())).collect();
        self.waited.sort_by_key(|waited| (std::cmp::Reverse(waited.waited), waited.ticket));
        self.waited.truncate(WAITED_LONGEST);
        Figures {
            organisation: self.organisation.name.clone(),
            from,
            until,
            all: self.all.finish(),
            by_priority: finished(self.by_priority),
            by_tier: finished(self.by_tier),
            by_region: finished(self.by_region),
            by_language: finished(self.by_language),
            automatic: automatic_steps(self.organisation, self.automatic),
            handoffs: self.handoffs.into_values().collect(),
            teams: self.loads.finish(self.organisation),
            paged: self.paged.finish(),
            hours_of_week: hours_of_week(coverage, (from, until), &opened),
            course: self.turns.finish(from, until),
            live: self.live,
            waited_longest: self.waited,
        }
    }
}

fn finished<K: Ord>(groups: BTreeMap<K, Gathered>) -> BTreeMap<K, Group> {
    groups.into_iter().map(|(name, group)| (name, group.finish())).collect()
}

fn automatic_steps(
    organisation: &Organisation,
    counted: BTreeMap<(PolicyId, usize), usize>,
) -> Vec<AutomaticStep> {
    let step = |((policy, step), escalations): ((PolicyId, usize), usize)| {
        let known = organisation.policies.get(&policy).and_then(|policy| policy.steps.get(step));
        let tier = known.map(|step| step.tier.clone());
        AutomaticStep { policy, step: step + 1, tier, escalations }
    };
    let mut steps: Vec<AutomaticStep> = counted.into_iter().map(step).collect();
    steps.sort_by_key(|step| std::cmp::Reverse(step.escalations));
    steps
}
