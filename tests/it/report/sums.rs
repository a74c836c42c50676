//! Months of made-up organisations: whatever happens, the figures add up.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use meridian::desk::{Event, NoticeKind, OfferKind, TicketId, What};
use meridian::report::{Counts, Figures, Group, Happened, html, measure, text};
use proptest::prelude::*;

use crate::simulation::life::{Life, Setting};

fn month(seed: u64) -> (Life, DateTime<Utc>) {
    let mut life = Life::new(Setting { seed, days: 30, restarts: false });
    let from = life.world.now();
    life.play().unwrap_or_else(|wrong| panic!("SEED={seed}: {wrong:?}"));
    (life, from)
}

fn measured(life: &Life, from: DateTime<Utc>) -> Figures {
    let kept = life.world.kept();
    measure(&Happened {
        coverage: life.world.coverage(),
        from,
        until: life.until,
        tickets: &kept.tickets,
        events: &kept.events,
        notices: &kept.notices,
    })
}

#[test]
fn parts_add_up_to_the_whole() {
    for seed in 0..12 {
        let (life, from) = month(seed);
        let figures = measured(&life, from);
        let all = &figures.all;
        assert_eq!(all.opened, life.world.kept().tickets.len(), "SEED={seed}");
        sums(&figures.by_priority, all, seed);
        sums(&figures.by_tier, all, seed);
        sums(&figures.by_region, all, seed);
        sums(&figures.by_language, all, seed);
        assert_eq!(outcomes(all), all.opened, "SEED={seed}");
        assert_eq!(figures.live.len(), all.outcomes.live(), "SEED={seed}");
        assert!(figures.live.iter().all(|live| !live.why.is_empty()), "SEED={seed}: {:?}", figures.live);
        let last = figures.course.last().unwrap();
        assert_eq!(last.live, all.outcomes.live(), "SEED={seed}");
        assert_eq!(figures.course.iter().map(|stretch| stretch.opened).sum::<usize>(), all.opened);
        let offers: usize = figures.teams.iter().map(|team| team.offers).sum();
        let expired: usize = figures.teams.iter().map(|team| team.expired).sum();
        assert_eq!((offers, expired), (all.counts.offers, all.counts.expired), "SEED={seed}");
        let pairs = figures.handoffs.iter();
        let settled: usize =
            pairs.clone().map(|pair| pair.accepted + pair.passed + pair.declined + pair.withdrawn).sum();
        let offered: usize = pairs.map(|pair| pair.offered).sum();
        assert!(offered == all.counts.handoffs && settled <= offered, "SEED={seed}");
        for week in &figures.hours_of_week {
            for hour in week.hours.iter().flatten() {
                assert!(hour.covered <= hour.reachable && hour.reachable <= 1.0, "SEED={seed}: {hour:?}");
            }
        }
    }
}

/// What people were sent says the same as the tickets' history.
#[test]
fn counts_agree_with_messages_and_with_a_plain_count_of_events() {
    for seed in 0..12 {
        let (life, from) = month(seed);
        let counts = measured(&life, from).all.counts;
        let kept = life.world.kept();
        let told = |kind| kept.notices.iter().filter(|notice| notice.kind == kind).count();
        assert_eq!(counts.pages, told(NoticeKind::Page), "SEED={seed}");
        assert_eq!(counts.stand_downs, told(NoticeKind::StandDown), "SEED={seed}");
        let count = |of: fn(&What) -> bool| {
            kept.events.values().flatten().filter(|event: &&Event| of(&event.what)).count()
        };
        assert_eq!(counts.offers, count(|what| matches!(what, What::Offered { .. })), "SEED={seed}");
        assert_eq!(counts.declined, count(|what| matches!(what, What::Declined { .. })), "SEED={seed}");
        let ahead =
            |what: &What| matches!(what, What::Offered { offer, .. } if offer.kind == OfferKind::Handoff);
        assert_eq!(counts.handoffs, count(ahead), "SEED={seed}");
    }
}

#[test]
fn the_same_month_gives_the_same_bytes() {
    let pages = || {
        let (life, from) = month(7);
        let figures = measured(&life, from);
        let json = serde_json::to_string(&figures).unwrap();
        [json, text(&figures, None), html(&figures, None)]
    };
    assert!(pages() == pages());
}

fn outcomes(group: &Group) -> usize {
    let outcomes = serde_json::to_value(group.outcomes).unwrap();
    outcomes.as_object().unwrap().values().map(|count| count.as_u64().unwrap() as usize).sum()
}

fn sums<K>(parts: &BTreeMap<K, Group>, all: &Group, seed: u64) {
    let sum = |of: fn(&Group) -> usize| parts.values().map(of).sum::<usize>();
    assert_eq!(sum(|group| group.opened), all.opened, "SEED={seed}");
    assert_eq!(sum(outcomes), outcomes(all), "SEED={seed}");
    assert_eq!(sum(|group| group.time_to_acknowledge.count), all.time_to_acknowledge.count, "SEED={seed}");
    assert_eq!(sum(|group| group.unattended), all.unattended, "SEED={seed}");
    let mut counts = Counts::default();
    parts.values().for_each(|group| counts += group.counts);
    assert_eq!(counts, all.counts, "SEED={seed}");
}

proptest! {
    /// A ticket acknowledged after so many seconds each: the percentiles against their definition.
    #[test]
    fn percentiles_are_nearest_ranks(waits in prop::collection::vec(1i64..100_000, 1..40)) {
        let figures = acknowledged_after(&waits);
        let times = figures.all.time_to_acknowledge;
        // The least value that at least so many of a hundred are no longer than.
        let rank = |percent: usize| {
            let enough = |value: &&i64| {
                waits.iter().filter(|wait| wait <= value).count() * 100 >= percent * waits.len()
            };
            waits.iter().filter(enough).min().copied()
        };
        prop_assert_eq!(times.count, waits.len());
        prop_assert_eq!((times.median, times.p90, times.max), (rank(50), rank(90), rank(100)));
        prop_assert_eq!(times.mean, Some(waits.iter().sum::<i64>() / waits.len() as i64));
    }
}

/// Tickets that differ in nothing but how long they waited.
fn acknowledged_after(waits: &[i64]) -> Figures {
    use crate::desk::play::{GLOBE, played};
    use std::sync::LazyLock;
    static ONE: LazyLock<crate::desk::play::Played> = LazyLock::new(|| {
        played(
            GLOBE,
            "
            2026-03-02 09:00  open P3: One
            09:20  anna acknowledges 1
        ",
        )
    });
    let (mut tickets, mut events) = (BTreeMap::new(), BTreeMap::new());
    for (place, wait) in waits.iter().enumerate() {
        let id = TicketId(place as i64 + 1);
        let mut own = ONE.events[&TicketId(1)].clone();
        let opened = own[0].at;
        for event in &mut own {
            event.ticket = id;
            if event.at > opened {
                event.at = opened + chrono::TimeDelta::seconds(*wait);
            }
        }
        tickets.insert(id, ONE.tickets[&TicketId(1)].clone());
        events.insert(id, own);
    }
    measure(&Happened {
        coverage: &ONE.coverage,
        from: ONE.from,
        until: ONE.until + chrono::TimeDelta::days(2),
        tickets: &tickets,
        events: &events,
        notices: &[],
    })
}
