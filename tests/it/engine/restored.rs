use chrono::TimeDelta;
use meridian::desk::*;
use meridian::schedule::{PersonId, Priority};
use meridian::store::{FaceBatch, Store};

use super::house::*;

const PEOPLE: [&str; 3] = ["anna", "bjorn", "carol"];

/// Two days of tickets and of people who answer as they like, saved step by step as the engine saves; at every
/// step the store gives back the desk as it is.
#[tokio::test]
async fn the_store_gives_the_desk_back_as_it_was() {
    let seed = std::env::var("SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("SEED={seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let house = House::new().await;
    let in_force = house.engine.in_force();
    house.engine.stop().await;
    let store = Store::open(&house.url()).await.unwrap();
    let rules = Rules { revision: 1, coverage: &in_force.coverage };
    let mut desk = Desk::default();
    let mut handed_over = 0;
    for step in 0..100 {
        let now = monday(9, 0) + TimeDelta::minutes(30) * step;
        for ticket in desk.due(rules, now, 100) {
            desk.take(rules, Command::system(Action::On(ticket, Verb::Wake)), now).unwrap();
        }
        for _ in 0..chance.usize(0..3) {
            // A refusal is one of the answers.
            _ = desk.take(rules, command(&mut chance, &desk), now);
        }
        if now == monday(15, 0) {
            // One that is sure to be handed over, half an hour later.
            let worst = opening(Facts { priority: Some(Priority::P1), ..facts("The worst") });
            let Ok(Answer::Ticket { ticket, .. }) = desk.take(rules, worst, now) else { panic!() };
            let by = Actor::Person(PersonId::new("anna"));
            desk.take(rules, Command { by, action: Action::On(ticket.id, Verb::Acknowledge) }, now).unwrap();
        }
        let changes = desk.drain();
        handed_over += changes.handoffs.len();
        let mut batch = store.begin().await.unwrap();
        let before = batch.last().await.unwrap();
        batch.save(&changes, &before, now).await.unwrap();
        batch.commit().await.unwrap();

        let rows = store.load_desk().await.unwrap();
        assert_eq!(rows.tickets, desk.tickets().cloned().collect::<Vec<_>>(), "tickets at step {step}");
        assert_eq!(rows.handoffs, desk.handoffs().cloned().collect::<Vec<_>>(), "handoffs at step {step}");
        let mut restored = Desk::restore(rows.tickets, rows.handoffs, rows.turns, rows.numbers);
        restored.will_close(rows.closings);
        assert_eq!(restored.next_wake(), desk.next_wake(), "step {step}");
        let next = opening(Facts { priority: Some(Priority::P1), ..facts("The next") });
        assert_eq!(
            restored.take(rules, next.clone(), now),
            desk.clone().take(rules, next, now),
            "what both decide next at step {step}"
        );
    }
    assert!(handed_over > 0, "nothing was ever handed over");
}

fn command(chance: &mut fastrand::Rng, desk: &Desk) -> Command {
    let by = Actor::Person(PersonId::new(PEOPLE[chance.usize(..PEOPLE.len())]));
    let tickets: Vec<TicketId> = desk.tickets().map(|saved| saved.ticket.id).collect();
    let Some(ticket) = chance.choice(tickets).filter(|_| chance.u8(..4) > 0) else {
        let priority = Priority::ALL[chance.usize(..5)];
        let dedup_key = chance.bool().then(|| format!("key {}", chance.u8(..5)));
        return opening(Facts { priority: Some(priority), dedup_key, ..facts("Something") });
    };
    let reason = "as they like".to_owned();
    let verb = match chance.u8(..9) {
        0..4 => Verb::Acknowledge,
        4 => Verb::Decline { reason },
        5 => Verb::Release { reason },
        6 => Verb::Pend { on: PendingOn::Customer, until: None, reason },
        7 => Verb::Note { text: reason, progress: chance.bool() },
        _ => Verb::Resolve { notes: reason, cause: None },
    };
    Command { by, action: Action::On(ticket, verb) }
}
