//! What the schedules say, and what changes them: leave, overrides, new files.

use insta::assert_snapshot;
use meridian::clock::Clock;
use serde_json::json;

use super::office::*;

async fn at_work(office: &Office) -> String {
    let answer = office.get("reader", "/v1/on-duty?team=emea").await.body;
    answer["teams"][0]["working"].to_string()
}

#[tokio::test]
async fn leave_counts_from_the_moment_it_is_answered() {
    let office = Office::open().await;
    assert_eq!(at_work(&office).await, r#"["anna","bjorn"]"#);
    let leave = json!({"person": "anna", "from": "2026-03-02", "to": "2026-03-03"});
    let added = office.post("lead", "/v1/leave", leave).await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(added.body["created_by"], "anna");
    assert_eq!(at_work(&office).await, r#"["bjorn"]"#);
    let listed = office.get("reader", "/v1/leave").await.body;
    assert_eq!(listed["leave"], json!([added.body]));

    let path = added.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(office.get("reader", &path).await.body, added.body);
    assert_eq!(office.call(request("DELETE", &path, "lead", None)).await.status, 204);
    for method in ["DELETE", "GET"] {
        let gone = office.call(request(method, &path, "lead", None)).await;
        assert_eq!(problem(&gone), "404 not-found | - | there is no leave 1");
    }
    assert_eq!(at_work(&office).await, r#"["anna","bjorn"]"#);
    office.close().await;
}

#[tokio::test]
async fn an_override_lets_others_serve() {
    let office = Office::open().await;
    let body = json!({"team": "emea", "line": "hours", "from": "2026-03-02T08:00:00", "to": "2026-03-02T12:00:00", "only": ["bjorn"]});
    let added = office.post("lead", "/v1/overrides", body).await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(at_work(&office).await, r#"["bjorn"]"#);
    assert_eq!(office.get("reader", "/v1/overrides").await.body["overrides"][0]["only"], json!(["bjorn"]));
    office.close().await;
}

#[tokio::test]
async fn a_change_that_is_over_was_taken_without_a_word() {
    let office = Office::open().await;
    let over = "it has ended already, and changes nothing";
    let leave = |to: &str| json!({"person": "carol", "from": "2026-02-01", "to": to});
    let ended = office.post("lead", "/v1/leave", leave("2026-02-20")).await;
    assert_eq!((ended.status.as_u16(), &ended.body["warnings"]), (201, &json!([over])), "{}", ended.body);
    let lasts = office.post("lead", "/v1/leave", leave("2026-03-02")).await;
    assert_eq!((lasts.status.as_u16(), &lasts.body["warnings"]), (201, &json!(null)), "{}", lasts.body);
    let body =
        json!({"team": "emea", "from": "2026-02-02T08:00:00", "to": "2026-02-02T12:00:00", "only": []});
    let ended = office.post("lead", "/v1/overrides", body).await;
    assert_eq!((ended.status.as_u16(), &ended.body["warnings"]), (201, &json!([over])), "{}", ended.body);

    office.rewrite(&without_carol()).await;
    let listed = office.get("reader", "/v1/leave").await.body;
    let stale = json!([r#"person: there is no person "carol"; declare them as [people.<id>]"#]);
    assert_eq!((&listed["leave"][0]["warnings"], &listed["leave"][1]["warnings"]), (&stale, &stale));
    office.close().await;
}

#[tokio::test]
async fn a_change_that_does_not_fit_the_files_is_refused_by_field() {
    let office = Office::open().await;
    let changes = [
        ("/v1/leave", json!({"person": "ana", "from": "2026-03-02", "to": "2026-03-03"})),
        ("/v1/leave", json!({"person": "anna", "from": "2026-03-02", "to": "2026-03-01"})),
        ("/v1/leave", json!({"person": "anna", "from": "soon"})),
        ("/v1/leave", json!({"who": "anna"})),
        ("/v1/overrides", json!({"team": "emea", "from": "2026-03-02", "to": "2026-03-02", "only": ["x"]})),
        ("/v1/overrides", json!({"team": "emea", "from": "2026-03-02", "to": "2026-03-02"})),
    ];
    let mut said = Vec::new();
    for (path, body) in changes {
        let shown = body.to_string();
        let answer = office.post("lead", path, body).await;
        said.push(format!("{shown}\n    {}", problem(&answer)));
    }
    assert_snapshot!(said.join("\n"), @r#"
    {"from":"2026-03-02","person":"ana","to":"2026-03-03"}
        422 invalid | person | person: there is no person "ana"; did you mean `anna`?
    {"from":"2026-03-02","person":"anna","to":"2026-03-01"}
        422 invalid | to | to: this ends before it starts; write a `to` that is later than `from`; dates include both days
    {"from":"soon","person":"anna"}
        422 invalid | to | to: this is missing; from: this is not a date or a date-time that exists; write 2026-12-24, 2026-12-24T09:00:00, or with an offset 2026-12-24T09:00:00+01:00
    {"who":"anna"}
        422 invalid | person | person: this is missing; from: this is missing; to: this is missing; who: there is no key `who` here; known here: person, from, to
    {"from":"2026-03-02","only":["x"],"team":"emea","to":"2026-03-02"}
        422 invalid | only[0] | only[0]: there is no person "x"; declare them as [people.<id>]
    {"from":"2026-03-02","team":"emea","to":"2026-03-02"}
        422 invalid | body | body: this override does not say what changes; add `cover`, `add`, `remove` or `only`
    "#);
    office.close().await;
}

#[tokio::test]
async fn on_duty_and_coverage_have_the_shapes_of_the_command_line() {
    let office = Office::open().await;
    let who = office.get("reader", "/v1/on-duty?team=emea&at=2026-03-02T07:00:00Z").await.body;
    assert_snapshot!(serde_json::to_string_pretty(&who).unwrap(), @r#"
    {
      "at": "2026-03-02T07:00:00Z",
      "teams": [
        {
          "local_time": "2026-03-02T07:00:00+00:00",
          "on_call": {
            "primary": [
              "anna"
            ]
          },
          "open": false,
          "region": "emea",
          "team": "emea",
          "tier": "frontline",
          "until": "2026-03-02T08:00:00Z",
          "working": []
        }
      ]
    }
    "#);
    let spans = office
        .get("reader", "/v1/coverage?team=amer&from=2026-03-02T12:00:00Z&to=2026-03-03T00:00:00Z")
        .await
        .body;
    assert_snapshot!(spans, @r#"{"from":"2026-03-02T12:00:00Z","teams":[{"spans":[{"from":"2026-03-02T12:00:00Z","on_call":{},"open":false,"until":"2026-03-02T15:00:00Z","working":[]},{"from":"2026-03-02T15:00:00Z","on_call":{},"open":true,"until":"2026-03-03T00:00:00Z","working":["carol"]}],"team":"amer"}],"to":"2026-03-03T00:00:00Z"}"#);
    office.close().await;
}

#[tokio::test]
async fn broken_files_stay_out_of_work_and_everything_says_so() {
    let office = Office::open().await;
    let files = office.folder.path().join("schedules/org.toml");
    let refused = |text: &str| metrics(text)["meridian_schedules_refused"];
    let scrape = async || office.get("", "/metrics").await.body.as_str().unwrap().to_owned();
    assert_eq!(refused(&scrape().await), 0.0);

    std::fs::write(&files, ORG.replace("members = [\"carol\"]", "members = [\"karol\"]")).unwrap();
    let check = office.post("lead", "/v1/schedules/check", json!({})).await.body;
    assert_eq!((&check["ok"], &check["problems"][0]["code"]), (&json!(false), &json!("unknown-person")));
    assert_eq!(check["zone_data"]["folder"], "2026f");

    let reloaded = office.post("admin", "/v1/schedules/reload", json!({})).await;
    assert_eq!(
        problem(&reloaded),
        "422 schedules-refused | - | the files have 1 error and 1 warning; revision 1 stays at work"
    );
    assert_eq!((&reloaded.body["outcome"], &reloaded.body["revision"]), (&json!("refused"), &json!(1)));
    assert_eq!(reloaded.body["problems"][0]["remedy"], "did you mean `carol`?");
    let ready = office.get("", "/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.body["schedules"]), (200, &json!("refused")));
    assert_eq!(ready.headers["meridian-schedules"], "refused");
    assert_eq!(
        ready.body["detail"],
        "the files on disk have been broken since 2026-03-02T09:00:00+00:00: 1 error and 1 warning; revision 1 stays at work (see /v1/schedules)"
    );
    assert_eq!(refused(&scrape().await), 1.0);
    let shown = office.get("reader", "/v1/schedules").await.body;
    assert_eq!(
        (&shown["revision"], &shown["refused"]["problems"][0]["file"]),
        (&json!(1), &json!("org.toml"))
    );

    std::fs::write(&files, ORG.replace("to = \"16:00\"", "to = \"17:00\"")).unwrap();
    let reloaded = office.post("admin", "/v1/schedules/reload", json!({})).await.body;
    assert_eq!(
        (&reloaded["outcome"], &reloaded["revision"], &reloaded["teams"]),
        (&json!("changed"), &json!(2), &json!(["emea"]))
    );
    assert_eq!(office.get("", "/readyz").await.body["schedules"], "at work");
    assert_eq!(refused(&scrape().await), 0.0);
    office.close().await;
}

#[tokio::test]
async fn files_that_are_only_sent_are_checked_and_change_nothing() {
    let office = Office::open().await;
    let files = json!({"files": {"a.toml": "[org]\ntiers = []\npolicy = \"p\"\n"}});
    let check = office.post("lead", "/v1/schedules/check", files).await.body;
    assert_eq!((&check["ok"], &check["problems"][0]["file"]), (&json!(false), &json!("a.toml")));
    assert_eq!(office.get("reader", "/v1/schedules").await.body["revision"], 1);
    office.close().await;
}

#[tokio::test]
async fn a_check_of_the_daemon_counts_leave_made_during_the_day() {
    let required = "[[requirements]]\nname = \"American afternoons\"\ntier = \"frontline\"\n\
        when = { days = [\"mon\"], from = \"16:00\", to = \"23:00\" }\n\
        [[leave]]\nperson = \"anna\"\nfrom = 2026-03-09\nto = 2026-03-09\n";
    let org = format!("{ORG}{required}");
    let office = Office::with(&org, Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap())).await;
    let check = async |body| office.post("lead", "/v1/schedules/check", body).await;
    let kept = check(json!({})).await.body;
    assert_eq!((&kept["ok"], &kept["sound"]), (&json!(true), &json!(true)), "{kept:#}");
    assert_eq!(kept["horizon"], json!({"from": "2026-03-02T09:00:00Z", "until": "2027-03-02T09:00:00Z"}));

    for person in ["bjorn", "carol"] {
        let leave = json!({"person": person, "from": "2026-03-09", "to": "2026-03-09"});
        assert_eq!(office.post("lead", "/v1/leave", leave).await.status, 201);
    }
    let broken = check(json!({})).await.body;
    assert_eq!((&broken["ok"], &broken["sound"]), (&json!(false), &json!(true)));
    let requirement = &broken["requirements"][0];
    assert_eq!((&requirement["file"], &requirement["line"]), (&json!("org.toml"), &json!(line_of(&org))));
    let gaps = requirement["uncovered"].as_array().unwrap();
    let gap = |name: &str| gaps[0][name].as_str().unwrap();
    assert_eq!((gaps.len(), gap("from"), gap("until")), (1, "2026-03-09T16:00:00Z", "2026-03-09T23:00:00Z"));
    assert_eq!(
        (&gaps[0]["nearly"][0]["team"], &gaps[0]["nearly"][0]["why"]),
        (&json!("amer"), &json!("leave"))
    );

    assert_eq!(check(json!({"horizon": "5d"})).await.body["ok"], true, "the gap is further away");
    let refused = check(json!({"horizon": "5"})).await;
    assert_eq!(refused.status, 422, "{:#}", refused.body);
    office.close().await;
}

fn line_of(org: &str) -> usize {
    1 + org.lines().position(|line| line == "[[requirements]]").unwrap()
}

#[tokio::test]
async fn publishing_one_s_own_files_was_refused_as_an_unknown_parameter() {
    let office = Office::open().await;
    let reload =
        async |query: &str| office.post("admin", &format!("/v1/schedules/reload{query}"), json!({})).await;
    let published = reload("?publish=true").await;
    assert_eq!((published.status.as_u16(), &published.body["outcome"]), (200, &json!("unchanged")));
    assert_snapshot!(problem(&reload("?publsh=true").await), @"422 invalid | publsh | publsh: there is no such field; did you mean `publish`?");
    office.close().await;
}
