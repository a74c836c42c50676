//! Before each shift: whom no page would reach, and who is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use meridian::clock::Clock;
use meridian::coverage::Shift;
use meridian::desk::{Action, Command, NoticeKind};
use meridian::notify::{Channels, Pace, ShiftWatch, use_ring};
use meridian::settings::{ChannelKind, ChannelSettings, SmtpSettings, SmtpTls};
use meridian::store::{DayKind, NoticeFilter, Taken};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::engine::house::{House, eventually, facts, opening};
use crate::postgres;

/// On weekdays `day` works from 08 to 16 in Stockholm, which in March is 07 to 15 in UTC; whoever is on call in `night`
/// changes on Mondays at 08. Of the channels `push` and `mail` are set up.
const ORG: &str = r#"
[org]
name = "Example"
tiers = ["frontline", "specialist"]
policy = "standard"
last_resort = "margit"
[regions.emea]
name = "Europe"
timezone = "Europe/Stockholm"
[regions.amer]
name = "America"
timezone = "America/New_York"
[teams.day]
name = "Day"
region = "emea"
tier = "frontline"
lead = "lena"
members = ["anna", "bjorn", "chloe", "dora"]
capacity = 100
hours = [{ days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "16:00" }]
[teams.night]
name = "Night"
region = "emea"
tier = "frontline"
members = ["eve"]
check_before = "2h"
[[teams.night.rotations]]
name = "weeks"
starts = 2026-01-05T08:00:00
every = "week"
members = ["frank", "eve"]
[teams.atlantic]
name = "Atlantic"
region = "amer"
tier = "specialist"
lead = "ada"
members = ["ada"]
hours = [{ from = "09:00", to = "17:00" }]
check_before = "0s"
[teams.experts]
name = "Experts"
region = "emea"
tier = "specialist"
lead = "sara"
members = ["sara"]
hours = [{ days = ["tue"], from = "12:00", to = "16:00" }]
[people.anna]
name = "Anna"
contact = ["push"]
[people.bjorn]
name = "Björn"
contact = ["mail", "pigeon"]
[people.chloe]
name = "Chloé"
contact = [{ via = "push", between = ["22:00", "14:00"] }]
[people.dora]
name = "Dora"
contact = ["log"]
[people.eve]
name = "Eve"
contact = ["push"]
[people.frank]
name = "Frank"
[people.lena]
name = "Lena"
languages = ["sv"]
contact = ["push"]
[people.sara]
name = "Sara"
languages = ["fr"]
timezone = "Europe/Paris"
contact = ["push"]
[people.ada]
name = "Ada"
contact = ["push"]
[people.margit]
name = "Margit"
contact = ["push"]
[people.zoe]
name = "Zoé"
[policies.standard]
steps = [{ tier = "frontline" }]
[priorities.P3]
when_closed = "park"
"#;

/// `push` takes everything; `mail` writes to somebody's address.
fn channels() -> Channels {
    use_ring();
    let pace = Pace::default();
    let smtp = SmtpSettings {
        host: "localhost".to_owned(),
        port: 25,
        tls: SmtpTls::None,
        from: "meridian@example.com".to_owned(),
        login: None,
        authorities: None,
    };
    let kind = ChannelKind::Smtp(smtp);
    let mail = ChannelSettings { kind, allow_private: true, rate: None, acknowledge: false };
    let mut channels = Channels::new(&[("mail".to_owned(), mail)].into(), &pace).unwrap();
    channels.bring("push", Arc::new(|_| Box::pin(async { Ok(()) })), &pace);
    channels
}

struct Story {
    house: House,
    watch: ShiftWatch,
    seen: BTreeSet<Shift>,
    known: usize,
}

impl Story {
    fn of(house: House) -> Story {
        let watch = ShiftWatch::new(house.engine.clone(), channels());
        Story { house, watch, seen: BTreeSet::new(), known: 0 }
    }

    async fn on(url: &str, at: &str) -> Story {
        Story::of(House::node(url, ORG, &Clock::standing_at(at.parse().unwrap())).await.unwrap())
    }

    /// What is told of shifts at `time`, UTC, and to whom, as they read it.
    async fn at(&mut self, time: &str) -> String {
        let time: DateTime<Utc> = time.parse().unwrap();
        self.house.advance(time - self.house.clock.now()).await;
        self.watch.look(&mut self.seen).await.unwrap();
        let filter = NoticeFilter { limit: 200, ..NoticeFilter::default() };
        let (mut all, _) = self.house.engine.store().notices(filter).await.unwrap();
        all.reverse();
        all.retain(|listed| listed.row.notice.kind == NoticeKind::ShiftCheck);
        let coverage = self.house.engine.in_force().coverage.clone();
        let told = all[self.known..].iter().map(|listed| {
            let notice = &listed.row.notice;
            let words = notice.words(&coverage);
            format!("to {} ({}): {}\n{}\n", notice.to, words.language, words.subject, words.text)
        });
        let told: String = told.collect();
        self.known = all.len();
        let told = if told.is_empty() { "nothing\n".to_owned() } else { told };
        format!("{}: {told}", time.format("%a %H:%M:%SZ"))
    }

    /// Somebody is offered a ticket, and a channel takes that or does not.
    async fn offered(&self, to: &str, taken_by: Option<&str>) {
        let (engine, now) = (&self.house.engine, self.house.clock.now());
        loop {
            engine.take(opening(facts("Something")), None).await.unwrap();
            let filter = NoticeFilter { limit: 1, ..NoticeFilter::default() };
            let notice = engine.store().notices(filter).await.unwrap().0.remove(0).row.notice;
            let is_theirs = notice.to.as_str() == to;
            match taken_by.filter(|_| is_theirs).or_else(|| (!is_theirs).then_some("elsewhere")) {
                Some(channel) => {
                    let taken = Taken { notice: notice.id.clone(), channel: channel.to_owned() };
                    engine.store().notices_sent(&[taken], now).await.unwrap();
                }
                None => {
                    let reason = "push: answered 400".to_owned();
                    let failed = Action::NoticeFailed { notice: Box::new(notice), reason };
                    engine.take(Command::system(failed), None).await.unwrap();
                }
            }
            if is_theirs {
                return;
            }
        }
    }
}

/// What a story tells, which is the same on both databases.
async fn on_both(story: impl AsyncFn(String) -> String) -> String {
    let folder = TempDir::new().unwrap();
    let told = story(format!("sqlite:{}", folder.path().join("meridian.db").display())).await;
    assert_eq!(told, story(postgres::database().await).await);
    told
}

#[tokio::test]
async fn the_lead_hears_half_an_hour_before_a_shift_of_those_whom_no_page_would_reach() {
    let told = on_both(async |url| {
        let mut told = String::new();
        let mut story = Story::on(&url, "2026-03-02T04:00:00Z").await;
        // Frank takes over in the night team, which wants to know two hours ahead; it has no lead of its own.
        told += &story.at("2026-03-02T04:59:00Z").await;
        told += &story.at("2026-03-02T05:00:00Z").await;
        told += &story.at("2026-03-02T06:29:59Z").await;
        told += &story.at("2026-03-02T06:30:00Z").await;
        // Once, be it after a restart.
        told += &story.at("2026-03-02T06:45:00Z").await;
        let mut story = Story { seen: BTreeSet::new(), ..story };
        told += &story.at("2026-03-02T06:50:00Z").await;
        // Somebody else serves in place of Anna, and is checked as well.
        let cover = json!({
            "team": "day", "from": "2026-03-02T08:00:00", "to": "2026-03-02T12:00:00", "cover": {"anna": "zoe"},
        });
        let by = "lena".to_owned();
        story.house.engine.add_day_row(DayKind::Override, cover, by.clone(), None).await.unwrap();
        told += &story.at("2026-03-02T06:55:00Z").await;
        // The lead is on leave: the next tier's hears of it.
        let away = json!({"person": "lena", "from": "2026-03-03", "to": "2026-03-03"});
        story.house.engine.add_day_row(DayKind::Leave, away, by, None).await.unwrap();
        told += &story.at("2026-03-03T06:30:00Z").await;
        // A team that is asked for no check has none; nor has a weekend.
        told += &story.at("2026-03-07T20:00:00Z").await;
        told
    })
    .await;
    assert_snapshot!(told, @r#"
    Mon 04:59:00Z: nothing
    Mon 05:00:00Z: to sara (fr): Night : aucune alerte ne parviendrait à Frank pendant le service à partir de 2026-03-02 08:00 Europe/Paris
    Un service dans Night commence à 2026-03-02 08:00 Europe/Paris, et une alerte n'y parviendrait pas à ces personnes.

    Frank: aucun canal n'est indiqué dans `contact`

    Veuillez y remédier, ou faire assurer le service par quelqu'un d'autre. L'état actuel : meridian channel check
    Mon 06:29:59Z: nothing
    Mon 06:30:00Z: to lena (sv): Day: inget larm skulle nå Björn, Chloé i passet från 2026-03-02 07:00 UTC
    Ett pass i Day börjar 2026-03-02 07:00 UTC, och ett larm under det skulle inte nå de här personerna.

    Björn
    - mail: behöver `email`, som filerna inte anger
    - pigeon: inte inrättad
    Chloé, från 2026-03-02 13:00 UTC: ingen väg till personen används vid den tiden

    Åtgärda det, eller se till att någon annan tjänstgör. Så här står det till nu: meridian channel check
    to chloe (en): No page would reach you in your shift from 2026-03-02 08:00 Europe/Stockholm
    Your shift in Day begins at 2026-03-02 08:00 Europe/Stockholm, and a page in it would not reach you.

    Chloé, from 2026-03-02 14:00 Europe/Stockholm: no way of theirs is used at that hour

    Please mend it, or see that somebody else serves. How things stand: meridian channel check
    Mon 06:45:00Z: nothing
    Mon 06:50:00Z: nothing
    Mon 06:55:00Z: to lena (sv): Day: inget larm skulle nå Zoé i passet från 2026-03-02 07:00 UTC
    Ett pass i Day börjar 2026-03-02 07:00 UTC, och ett larm under det skulle inte nå de här personerna.

    Zoé: ingen kanal är angiven i `contact`

    Åtgärda det, eller se till att någon annan tjänstgör. Så här står det till nu: meridian channel check
    Tue 06:30:00Z: to sara (fr): Day : aucune alerte ne parviendrait à Björn, Chloé pendant le service à partir de 2026-03-03 08:00 Europe/Paris
    Un service dans Day commence à 2026-03-03 08:00 Europe/Paris, et une alerte n'y parviendrait pas à ces personnes.

    Björn
    - mail: a besoin de `email`, que les fichiers n'indiquent pas
    - pigeon: n'est pas configuré
    Chloé, à partir de 2026-03-03 14:00 Europe/Paris: aucune voie vers cette personne n'est utilisée à cette heure

    Veuillez y remédier, ou faire assurer le service par quelqu'un d'autre. L'état actuel : meridian channel check
    to chloe (en): No page would reach you in your shift from 2026-03-03 08:00 Europe/Stockholm
    Your shift in Day begins at 2026-03-03 08:00 Europe/Stockholm, and a page in it would not reach you.

    Chloé, from 2026-03-03 14:00 Europe/Stockholm: no way of theirs is used at that hour

    Please mend it, or see that somebody else serves. How things stand: meridian channel check
    Sat 20:00:00Z: nothing
    "#);
}

#[tokio::test]
async fn what_was_last_sent_to_somebody_says_whether_their_channel_works() {
    let told = on_both(async |url| {
        let mut told = String::new();
        let mut story = Story::on(&url, "2026-03-02T06:40:00Z").await;
        story.at("2026-03-02T06:40:00Z").await;
        story.at("2026-03-02T09:00:00Z").await;
        story.offered("anna", None).await;
        story.offered("chloe", Some("push")).await;
        // The next morning it has not been mended.
        told += &story.at("2026-03-03T06:30:00Z").await;
        story.at("2026-03-03T12:30:00Z").await;
        story.offered("anna", Some("push")).await;
        told += &story.at("2026-03-04T06:30:00Z").await;
        // It fails for two, and takes nothing any more: whoever else has only that is not reached either.
        story.at("2026-03-04T12:30:00Z").await;
        story.offered("anna", None).await;
        story.offered("chloe", None).await;
        told += &story.at("2026-03-05T06:30:00Z").await;
        // A day later that says nothing any more.
        story.at("2026-03-05T18:00:00Z").await;
        told += &story.at("2026-03-06T06:30:00Z").await;
        told
    })
    .await;
    assert_snapshot!(told, @r#"
    Tue 06:30:00Z: to lena (sv): Day: inget larm skulle nå Anna, Björn, Chloé i passet från 2026-03-03 07:00 UTC
    Ett pass i Day börjar 2026-03-03 07:00 UTC, och ett larm under det skulle inte nå de här personerna.

    Anna
    - push: det senaste meddelandet misslyckades 2026-03-02 09:00 UTC
    Björn
    - mail: behöver `email`, som filerna inte anger
    - pigeon: inte inrättad
    Chloé, från 2026-03-03 13:00 UTC: ingen väg till personen används vid den tiden

    Åtgärda det, eller se till att någon annan tjänstgör. Så här står det till nu: meridian channel check
    to chloe (en): No page would reach you in your shift from 2026-03-03 08:00 Europe/Stockholm
    Your shift in Day begins at 2026-03-03 08:00 Europe/Stockholm, and a page in it would not reach you.

    Chloé, from 2026-03-03 14:00 Europe/Stockholm: no way of theirs is used at that hour

    Please mend it, or see that somebody else serves. How things stand: meridian channel check
    Wed 06:30:00Z: to lena (sv): Day: inget larm skulle nå Björn, Chloé i passet från 2026-03-04 07:00 UTC
    Ett pass i Day börjar 2026-03-04 07:00 UTC, och ett larm under det skulle inte nå de här personerna.

    Björn
    - mail: behöver `email`, som filerna inte anger
    - pigeon: inte inrättad
    Chloé, från 2026-03-04 13:00 UTC: ingen väg till personen används vid den tiden

    Åtgärda det, eller se till att någon annan tjänstgör. Så här står det till nu: meridian channel check
    to chloe (en): No page would reach you in your shift from 2026-03-04 08:00 Europe/Stockholm
    Your shift in Day begins at 2026-03-04 08:00 Europe/Stockholm, and a page in it would not reach you.

    Chloé, from 2026-03-04 14:00 Europe/Stockholm: no way of theirs is used at that hour

    Please mend it, or see that somebody else serves. How things stand: meridian channel check
    Thu 06:30:00Z: to lena (sv): Day: inget larm skulle nå Anna, Björn, Chloé i passet från 2026-03-05 07:00 UTC
    Ett pass i Day börjar 2026-03-05 07:00 UTC, och ett larm under det skulle inte nå de här personerna.

    Anna
    - push: det senaste meddelandet misslyckades 2026-03-04 12:30 UTC
    Björn
    - mail: behöver `email`, som filerna inte anger
    - pigeon: inte inrättad
    Chloé
    - push: det senaste meddelandet misslyckades 2026-03-04 12:30 UTC

    Åtgärda det, eller se till att någon annan tjänstgör. Så här står det till nu: meridian channel check
    Fri 06:30:00Z: to lena (sv): Day: inget larm skulle nå Björn, Chloé i passet från 2026-03-06 07:00 UTC
    Ett pass i Day börjar 2026-03-06 07:00 UTC, och ett larm under det skulle inte nå de här personerna.

    Björn
    - mail: behöver `email`, som filerna inte anger
    - pigeon: inte inrättad
    Chloé, från 2026-03-06 13:00 UTC: ingen väg till personen används vid den tiden

    Åtgärda det, eller se till att någon annan tjänstgör. Så här står det till nu: meridian channel check
    to chloe (en): No page would reach you in your shift from 2026-03-06 08:00 Europe/Stockholm
    Your shift in Day begins at 2026-03-06 08:00 Europe/Stockholm, and a page in it would not reach you.

    Chloé, from 2026-03-06 14:00 Europe/Stockholm: no way of theirs is used at that hour

    Please mend it, or see that somebody else serves. How things stand: meridian channel check
    "#);
}

#[tokio::test]
async fn nodes_that_look_at_once_tell_once() {
    let url = postgres::database().await;
    let clock = Clock::standing_at("2026-03-02T06:00:00Z".parse().unwrap());
    let (mut nodes, stop) = (Vec::new(), CancellationToken::new());
    for _ in 0..2 {
        let house = House::node(&url, ORG, &clock).await.unwrap();
        let watch = ShiftWatch::new(house.engine.clone(), channels());
        let watching = tokio::spawn(watch.watch(stop.clone()));
        nodes.push((house, watching));
    }
    let store = nodes[0].0.engine.store().clone();
    let told = async || {
        let filter = NoticeFilter { limit: 200, ..NoticeFilter::default() };
        let (all, _) = store.notices(filter).await.unwrap();
        let of_shifts = all.iter().filter(|listed| listed.row.notice.kind == NoticeKind::ShiftCheck);
        of_shifts.map(|listed| listed.row.notice.to.to_string()).collect::<Vec<_>>()
    };
    // Frank's shift is near already.
    eventually("the night's shift is told of", async || !told().await.is_empty()).await;
    clock.set("2026-03-02T06:30:00Z".parse().unwrap());
    eventually("the day's shift is told of", async || told().await.len() >= 3).await;
    for day in 3..7 {
        clock.set(format!("2026-03-0{day}T06:30:00Z").parse().unwrap());
        let expected = 3 + 2 * (day - 2);
        eventually("every day's shift is told of", async || told().await.len() >= expected).await;
    }
    stop.cancel();
    for (house, watching) in nodes {
        watching.await.unwrap();
        // As after a restart.
        let mut again = Story::of(house);
        again.watch.look(&mut again.seen).await.unwrap();
    }
    assert_snapshot!(told().await.join(" "), @"chloe lena chloe lena chloe lena chloe lena chloe lena sara");
}

#[tokio::test]
async fn without_any_channel_the_log_is_what_everybody_has() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("meridian.db").display());
    let story = Story::on(&url, "2026-03-02T06:45:00Z").await;
    let watch = ShiftWatch::new(story.house.engine.clone(), Channels::none());
    let checked = watch.check(story.house.clock.now() + TimeDelta::days(2)).await.unwrap();
    assert_eq!(checked.len(), 12);
    assert!(checked.iter().all(|shift| shift.unready.is_none()));
}
