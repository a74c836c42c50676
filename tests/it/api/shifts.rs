//! Who begins a shift soon, and messages that are about no ticket.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use meridian::coverage::Unready;
use meridian::desk::{Action, Command, ShiftCheck};
use meridian::schedule::PersonId;
use serde_json::json;

use super::office::*;

#[tokio::test]
async fn shifts_are_listed_for_leads_with_what_is_wrong() {
    let office = Office::open().await;
    let listed = office.get("lead", "/v1/shifts?within_hours=8").await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let shifts = listed.body["shifts"].as_array().unwrap();
    let lines = shifts.iter().map(|shift| format!("{} {} {}\n", shift["at"], shift["team"], shift["person"]));
    assert_snapshot!(lines.collect::<String>(), @r#""2026-03-02T15:00:00Z" "amer" "carol""#);
    for wrong in ["within_hours=0", "within_hours=169", "within_hours=-1", "within_hours=x", "hours=3"] {
        let refused = office.get("lead", &format!("/v1/shifts?{wrong}")).await;
        assert!(matches!(refused.status.as_u16(), 400 | 422), "{wrong}: {}", refused.body);
    }
    for stranger in ["reader", "responder", "ingest"] {
        assert_eq!(office.get(stranger, "/v1/shifts").await.status, 403, "{stranger}");
    }
    office.close().await;
}

/// It says how people are reached, so it is for leads and for whoever it went to.
#[tokio::test]
async fn a_message_about_a_shift_is_listed_and_sent_once_more_though_it_is_about_no_ticket() {
    let office = Office::open().await;
    let begins = office.clock.now();
    let anna = PersonId::new("anna");
    let unready = Unready { person: anna.clone(), from: begins, faulty: Vec::new(), no_contact: true };
    let check = ShiftCheck {
        team: "emea".into(),
        begins,
        unready: vec![unready],
        hear_now: BTreeSet::from([anna]),
        deaf: BTreeSet::new(),
    };
    for _ in 0..2 {
        let action = Action::TellUnready(Box::new(check.clone()));
        office.engine.take(Command::system(action), None).await.unwrap();
    }
    let listed = async |token: &str| {
        let body = office.get(token, "/v1/notices").await.body;
        let notices = body["notices"].as_array().unwrap().iter();
        let lines = notices.map(|notice| {
            let [ticket, priority, kind, to] = ["ticket", "priority", "kind", "to"].map(|key| &notice[key]);
            format!("{token}: {ticket} {priority} {kind} {to} {}\n", notice["subject"])
        });
        lines.collect::<String>()
    };
    let mut told = String::new();
    for token in ["admin", "anna", "bjorn", "reader"] {
        told += &listed(token).await;
    }
    assert_snapshot!(told, @r#"
    admin: null null "shift_check" "anna" "No page would reach you in your shift from 2026-03-02 09:00 UTC"
    anna: null null "shift_check" "anna" "No page would reach you in your shift from 2026-03-02 09:00 UTC"
    "#);
    let id = office.get("admin", "/v1/notices").await.body["notices"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(id, "shift-20260302T090000Z-c05f30852476034f");
    let sent = meridian::store::Taken { notice: id.clone(), channel: "log".to_owned() };
    office.engine.store().notices_sent(&[sent], begins).await.unwrap();
    let resent = office.post("lead", &format!("/v1/notices/{id}/resend"), json!({})).await;
    assert_eq!((resent.status.as_u16(), &resent.body["state"]), (200, &json!("pending")), "{}", resent.body);
    office.close().await;
}
