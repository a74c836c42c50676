//! Channels and notices from the shell: listed, tried, sent once more; and a link from its making to its tap.

use std::path::Path;

use insta::assert_snapshot;
use meridian::notify::use_ring;
use serde_json::Value;

use crate::api::office::ORG;
use crate::daemon::{Daemon, folder, run};
use crate::notify::receiver::{Receiver, Reply};

fn settings(folder: &Path, text: &str) {
    std::fs::write(folder.join("meridian.toml"), text).unwrap();
}

/// Exit code and whatever was said, without the port that changes.
async fn meridian(folder: &Path, arguments: &[&'static str]) -> String {
    let (folder, arguments) = (folder.to_owned(), arguments.to_vec());
    let said = tokio::task::spawn_blocking(move || {
        let (code, out, error) = run(&folder, &arguments);
        format!("$ meridian {}\n{out}{error}{code}\n", arguments.join(" "))
    });
    let hidden = said.await.unwrap();
    // Ids of tests are the time they were made.
    hidden
        .split_inclusive(char::is_whitespace)
        .map(|word| if word.starts_with("test-1") { "test-TIME\n".to_owned() } else { word.to_owned() })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_are_listed_and_tried_without_a_daemon() {
    let folder = folder();
    let receiver = Receiver::open(&[Reply::Status(204), Reply::Status(404)]).await;
    std::fs::write(folder.path().join("slack-url"), "https://192.0.2.1/services/hush").unwrap();
    let text = format!(
        "[channels.hook]\nkind = \"webhook\"\nurl = \"{}\"\nallow_private = true\n\
         [channels.mail]\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = 9\ntls = \"none\"\nallow_private = true\n\
         from = \"m@example.com\"\n[channels.room]\nkind = \"slack\"\nurl_file = \"slack-url\"\nrate = \"30/m\"\n\
         [channels.paper]\nkind = \"log\"\n",
        receiver.url
    );
    settings(
        folder.path(),
        &text.replace("[channels.room]\nkind = \"slack\"\nurl_file = \"slack-url\"\nrate = \"30/m\"\n", ""),
    );
    let mut story = String::new();
    for arguments in [
        &["channel", "list"][..],
        &["channel", "test", "hook"],
        &["channel", "test", "hook", "--to", "anna"],
        &["channel", "test", "paper"],
        &["channel", "test", "mail"],
        &["channel", "test", "mail", "--to", "nobody"],
        &["channel", "test", "mail", "--to", "anna"],
        &["channel", "test", "pigeon"],
        &["channel", "test"],
    ] {
        story += &meridian(folder.path(), arguments).await;
    }
    let heard = receiver.heard();
    let to = heard.iter().map(|one| serde_json::from_slice::<Value>(&one.body).unwrap());
    let to: Vec<String> = to.map(|body| format!("{} {}", body["type"], body["data"]["to"]["id"])).collect();
    story += &to.join("\n");
    settings(folder.path(), &text);
    let story_of_room = meridian(folder.path(), &["channel", "list"]).await;
    assert!(story_of_room.contains("30/m") && story_of_room.ends_with("1\n"), "{story_of_room}");
    assert!(story_of_room.contains("192.0.2.1 is not a public address") && !story_of_room.contains("hush"));
    receiver.close().await;
    assert_snapshot!(story, @r#"
    $ meridian channel list
    CHANNEL  KIND     AT MOST  LEADS TO
    hook     webhook  -        127.0.0.1 (127.0.0.1)
    mail     smtp     10/s     127.0.0.1 (127.0.0.1) cannot be reached at port 9: Connection refused (os error 111)
    paper    log      -        the log
    1
    $ meridian channel test hook
    hook: taken (answered 204 No Content); look for the message test-TIME
    0
    $ meridian channel test hook --to anna
    error: hook not taken: answered 404 Not Found
    1
    $ meridian channel test paper
    paper: taken (written into the log); look for the message test-TIME
    0
    $ meridian channel test mail
    error: a channel of kind "smtp" writes to somebody's `email`: say to whom with --to PERSON
    1
    $ meridian channel test mail --to nobody
    error: the rotation files know nobody called nobody
    1
    $ meridian channel test mail --to anna
    error: mail not taken: anna has no `email` in the rotation files
    1
    $ meridian channel test pigeon
    error: no channel is called "pigeon" in the settings; there are: hook, mail, paper
    1
    $ meridian channel test
    error: the following required arguments were not provided:
      <NAME>

    Usage: meridian channel test <NAME>

    For more information, try '--help'.
    2
    "meridian.test" "test"
    "meridian.test" "anna"
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_a_message_takes_the_ticket_and_a_notice_that_failed_is_sent_once_more() {
    use_ring();
    let folder = folder();
    let receiver =
        Receiver::open(&[Reply::Status(410), Reply::Status(204), Reply::Status(410), Reply::Status(204)])
            .await;
    let always = "hours = [{ from = \"00:00\", to = \"24:00\" }]";
    let weekdays = "hours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"08:00\", to = \"16:00\" }]";
    std::fs::write(folder.path().join("schedules/org.toml"), ORG.replace(weekdays, always)).unwrap();
    // Anna and Björn have this channel; Anna's second one is nowhere.
    settings(
        folder.path(),
        &format!(
            "public_url = \"https://meridian.example.com/\"\n[channels.hook]\nkind = \"webhook\"\nurl = \"{}\"\n\
             allow_private = true\n",
            receiver.url
        ),
    );
    let daemon = Daemon::start(folder.path(), None);
    let server = daemon.server();
    let cli = async |arguments: &[&str]| {
        let arguments: Vec<String> =
            arguments.iter().chain(&["--server", &server]).map(|text| text.to_string()).collect();
        let folder = folder.path().to_owned();
        let done = tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            run(&folder, &arguments)
        });
        done.await.unwrap()
    };
    let (code, _, said) =
        cli(&["ticket", "open", "The shop is down", "--priority", "P2", "--customer", "acme"]).await;
    assert_eq!(code, 0, "{said}");
    // Whoever is asked first is not reached, so the other one is asked.
    let heard = receiver.hears(2).await;
    let failed = async |kind: &str| {
        for _ in 0..200 {
            let (_, out, _) = cli(&["notice", "list", "--state", "failed", "--json"]).await;
            let failed: Value = serde_json::from_str(&out).unwrap();
            if let Some(id) =
                failed["notices"][0]["id"].as_str().filter(|_| failed["notices"][0]["kind"] == kind)
            {
                return id.to_owned();
            }
        }
        panic!("no {kind} has failed")
    };
    let id = failed("offer").await;
    let (code, _, said) = cli(&["notice", "resend", &id]).await;
    let why = "the ticket is not offered to them any more";
    assert_eq!(
        (code, said),
        (1, format!("error: nobody needs notice {id} any more: {why} (409 Conflict)\n"))
    );
    let (code, _, said) = cli(&["notice", "resend", "9-9-9"]).await;
    assert_eq!((code, said.as_str()), (1, "error: there is no notice \"9-9-9\" (404 Not Found)\n"));

    let last: Value = serde_json::from_slice(&heard[1].body).unwrap();
    let link = last["data"]["acknowledge_url"].as_str().expect("who is asked has a link");
    let path = link.strip_prefix("https://meridian.example.com").unwrap();
    let page = reqwest::Client::new().post(format!("{server}{path}")).send().await.unwrap();
    let status = page.status();
    let text = page.text().await.unwrap();
    assert!(status.is_success() && text.contains("It is yours"), "{status} {text}");

    // Whoever has it now is not told that it is worse.
    let token = std::fs::read_to_string(folder.path().join("state/admin-token")).unwrap();
    let worse = reqwest::Client::new().patch(format!("{server}/v1/tickets/1")).bearer_auth(token.trim());
    let answer = worse.json(&serde_json::json!({"priority": "P1"})).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    receiver.hears(3).await;
    let id = failed("told").await;
    let (code, out, _) = cli(&["notice", "list", "--state", "failed"]).await;
    assert!(code == 0 && out.lines().nth(1).is_some_and(|line| line.starts_with(&id)), "{out}");
    let (code, out, _) = cli(&["notice", "resend", &id]).await;
    assert!(code == 0 && out.starts_with(&format!("{id} is sent to ")), "{out}");
    let heard = receiver.hears(4).await;
    let again = heard.iter().filter(|one| one.headers["webhook-id"] == id.as_str()).count();
    assert_eq!(again, 2, "under its own id");
    assert_eq!(daemon.stop(), 0);
    // Another start has the same key.
    let daemon = Daemon::start(folder.path(), None);
    let page = reqwest::get(format!("{}{path}", daemon.server())).await.unwrap().text().await.unwrap();
    assert!(page.contains("It is yours"), "{page}");
    assert_eq!(daemon.stop(), 0);
    receiver.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_no_page_would_reach_in_the_next_day_is_told_before_it_is_night() {
    let folder = folder();
    let org = "[org]\ntiers = [\"frontline\"]\npolicy = \"p\"\n[regions.r]\nname = \"R\"\ntimezone = \"UTC\"\n\
        [teams.t]\nname = \"T\"\nregion = \"r\"\ntier = \"frontline\"\nmembers = [\"anna\", \"bob\", \"carol\", \"dora\"]\n\
        hours = [{ from = \"03:00\", to = \"22:00\" }]\n\
        [people.anna]\ncontact = [\"hook\"]\n[people.bob]\ncontact = [\"pigeon\"]\n[people.carol]\ncontact = [\"mail\"]\n[people.dora]\n\
        [policies.p]\nsteps = [{ tier = \"frontline\" }]\n";
    std::fs::write(folder.path().join("schedules/org.toml"), org).unwrap();
    let hook = "[channels.hook]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\nallow_private = true\n";
    let mail = "[channels.mail]\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = 9\ntls = \"none\"\nallow_private = true\nfrom = \"m@example.com\"\n";
    settings(folder.path(), &format!("{hook}{mail}"));
    let daemon = Daemon::start(folder.path(), None);
    let server = daemon.server();
    let story = async |arguments: &[&'static str]| {
        let (folder, server) = (folder.path().to_owned(), server.clone());
        let arguments = arguments.to_vec();
        let done = tokio::task::spawn_blocking(move || {
            let (code, out, error) = run(&folder, &[&arguments[..], &["--server", &server]].concat());
            format!("$ meridian {}\n{out}{error}{code}\n", arguments.join(" "))
        });
        // Days are those on which the test runs.
        let said = done.await.unwrap();
        let lines = said.lines().map(|line| {
            if line.starts_with("20") { format!("DAY{}\n", &line[10..]) } else { format!("{line}\n") }
        });
        lines.collect::<String>()
    };
    let told =
        story(&["channel", "check"]).await + &story(&["channel", "check", "--all", "--within", "24"]).await;
    assert_snapshot!(told, @r#"
    $ meridian channel check
    BEGINS                TEAM  PERSON  A PAGE
    DAYT03:00:00Z  t     bob     pigeon is not in the settings
    DAYT03:00:00Z  t     carol   mail needs their `email`
    DAYT03:00:00Z  t     dora    no channel in their `contact`
    4 begin a shift within 24 hours; a page would not reach 3
    1
    $ meridian channel check --all --within 24
    BEGINS                TEAM  PERSON  A PAGE
    DAYT03:00:00Z  t     anna    reaches them
    DAYT03:00:00Z  t     bob     pigeon is not in the settings
    DAYT03:00:00Z  t     carol   mail needs their `email`
    DAYT03:00:00Z  t     dora    no channel in their `contact`
    4 begin a shift within 24 hours; a page would not reach 3
    1
    "#);
    assert_eq!(daemon.stop(), 0);
}
