//! Streams of tickets: what is read, and what is told of those that cannot be.

use insta::assert_snapshot;
use meridian::simulate::{Format, Set};

use super::town::{mistakes, read};

#[test]
fn a_row_becomes_what_a_request_would() {
    let csv = "opened_at,title,priority,language,customer,skills,labels,needs_tier,effort_minutes\n\
        2026-03-02T09:00:00+01:00,\"Slow, again\",P2,SV,acme,,site=north;rack=7,specialist,7.5\n";
    let json = r#"{"opened_at": "2026-03-02T08:00:00Z", "title": "Slow, again", "priority": "P2", "language": "sv",
        "customer": "acme", "skills": null, "labels": {"site": "north", "rack": "7"}, "needs_tier": "specialist",
        "effort_minutes": 7.5}"#;
    let by_csv = read(csv, Format::Csv, &[]).unwrap();
    let by_json = read(&json.replace('\n', " "), Format::JsonLines, &[]).unwrap();
    assert_eq!(by_csv, by_json);
    assert_snapshot!(format!("{:#?}", by_csv[0].facts), @r#"
    Facts {
        title: "Slow, again",
        description: None,
        priority: Some(
            P2,
        ),
        impact: None,
        urgency: None,
        category: None,
        customer: Some(
            "acme",
        ),
        customer_details: None,
        service: None,
        language: Some(
            "sv",
        ),
        region: None,
        skills: {},
        risk: {},
        residency: None,
        via: None,
        audience: Customer,
        dedup_key: None,
        external_ref: None,
        labels: {
            "rack": "7",
            "site": "north",
        },
    }
    "#);
}

#[test]
fn rows_may_stand_in_any_order_and_say_little() {
    let csv = "opened_at\n2026-03-03T00:00:00Z\n\n2026-03-02T00:00:00Z\n";
    let openings = read(csv, Format::Csv, &[]).unwrap();
    let lines = openings.iter().map(|opening| {
        format!("{} {} needs {} for {}\n", opening.at, opening.facts.title, opening.needs, opening.effort)
    });
    assert_snapshot!(lines.collect::<String>(), @r#"
    2026-03-02 00:00:00 UTC a ticket needs frontline for PT1800S
    2026-03-03 00:00:00 UTC a ticket needs frontline for PT1800S
    "#);
}

#[test]
fn every_mistake_is_told_with_its_line_and_a_remedy() {
    let csv = "opened_at,title,priority,language,customer,region,needs_tier,effort_minutes\n\
        yesterday,Down,P2,en,,,frontline,5\n\
        2026-03-02T08:00:00Z,Down,P9,en,,,frontline,5\n\
        2026-03-02T08:00:00Z,Down,P2,x_x,,,frontline,5\n\
        2026-03-02T08:00:00Z,Down,P2,en,acne,,frontline,5\n\
        2026-03-02T08:00:00Z,Down,P2,en,,asia,fronline,lots\n\
        2026-03-02T08:00:00Z,Down,P2,en,,,frontline\n\
        2926-03-02T08:00:00Z,\"Two\nlines\",P2,en,,,frontline,-1\n";
    assert_snapshot!(mistakes(csv, Format::Csv), @r#"
    line 2, opened_at: "yesterday" is not an instant with an offset, like 2026-03-29T00:30:00Z
    line 3, priority: "P9" is not known; known are P1, P2, P3, P4, P5
    line 4, language: "x_x" is not a language tag like `pt-BR`: The given language subtag is invalid
    line 5, customer: no customer "acne" in the schedules; did you mean `acme`?
    line 6, effort_minutes: "lots" is not a number of minutes from 0 to 525600, like 45 or 7.5
    line 6, needs_tier: there is no tier "fronline" in the schedules; did you mean `frontline`?
    line 6, region: no region "asia" in the schedules; known are amer, emea
    line 7: has 7 cells, and the first line names 8; put a cell with a comma in quotes
    line 8, effort_minutes: "-1" is not a number of minutes from 0 to 525600, like 45 or 7.5
    line 8, opened_at: "2926-03-02T08:00:00Z" is not between 1970 and 2200
    line 8, title: must be one line of text, without control characters or marks that turn its direction
    "#);
}

#[test]
fn a_header_is_told_what_it_lacks() {
    assert_snapshot!(mistakes("opened,title,titel,title\n2026-03-02T08:00:00Z,a,b,c\n", Format::Csv), @r#"
    line 1, opened: there is no such field; known are opened_at, needs_tier, effort_minutes, title, description, priority, impact, urgency, category, customer, service, language, region, skills, risk, residency, via, dedup_key, external_ref, labels
    line 1, opened_at: there is no such column, and nothing is without it
    line 1, titel: there is no such field; did you mean `title`?
    line 1, title: two columns have this name; leave one away
    "#);
    assert_snapshot!(mistakes("opened_at;title\n2026-03-02T08:00:00Z;a\n", Format::Csv), @"line 1: columns are separated by commas: save it as comma-separated values");
    assert_snapshot!(mistakes("", Format::Csv), @"line 1: the first line names the columns, `opened_at` among them");
}

#[test]
fn lines_of_json_are_told_apart() {
    let json = "{\"opened_at\": \"2026-03-02T08:00:00Z\"\n[]\n{\"opened_at\": 7, \"titel\": \"Down\"}\n\
        {\"opened_at\": \"2026-03-02T08:00:00Z\", \"skills\": \"network\", \"effort_minutes\": \"5\"}\n";
    assert_snapshot!(mistakes(json, Format::JsonLines), @r#"
    line 1: is not a JSON object: EOF while parsing an object at line 1 column 36
    line 2: is not a JSON object: invalid type: sequence, expected a map at line 1 column 0
    line 3, titel: there is no such field; did you mean `title`?
    line 4, skills: must be a list, not "network"
    "#);
}

#[test]
fn a_value_may_stand_in_place_of_every_rows_own() {
    let csv = "opened_at,title,language,customer\n2026-03-02T08:00:00Z,a,sv,acme\n2026-03-02T09:00:00Z,b,,\n";
    let set = [("language", "en"), ("customer", ""), ("risk", "legal; security")];
    let set = set.map(|(field, value)| Set { field: field.into(), value: value.into() });
    for opening in read(csv, Format::Csv, &set).unwrap() {
        let facts = opening.facts;
        assert_eq!(facts.language.unwrap().as_str(), "en");
        assert_eq!(facts.customer, None);
        assert_eq!(facts.risk.into_iter().collect::<Vec<_>>(), ["legal", "security"]);
    }
}
