use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::daemon::{Daemon, folder, run};
use crate::tls::authority::{Authority, write_pair};

/// Exit code, and each examination by its id.
fn doctor(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let (code, stdout, stderr) = run(folder, &[&["doctor", "--json"], arguments].concat());
    (code, serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}")))
}

/// The channels that the people name; the log takes all of it.
fn with_channels(folder: &Path) {
    let settings = "[channels.hook]\nkind = \"log\"\n[channels.spare]\nkind = \"log\"\n";
    std::fs::write(folder.join("meridian.toml"), settings).unwrap();
}

fn verdict<'a>(whole: &'a Value, id: &str) -> &'a str {
    let examinations = whole["examinations"].as_array().unwrap();
    let found = examinations.iter().find(|one| one["id"] == id);
    found.unwrap_or_else(|| panic!("nothing about {id} in {whole:#}"))["verdict"].as_str().unwrap()
}

fn what<'a>(whole: &'a Value, id: &str) -> &'a str {
    let examinations = whole["examinations"].as_array().unwrap();
    examinations.iter().find(|one| one["id"] == id).unwrap()["what"].as_str().unwrap()
}

#[test]
fn before_the_first_start_there_is_little_to_examine_and_nothing_is_made() {
    let folder = folder();
    with_channels(folder.path());
    let (code, whole) = doctor(folder.path(), &[]);
    assert_eq!(code, 0, "{whole:#}");
    for (id, expected) in
        [("schedules", "warning"), ("database", "warning"), ("state", "warning"), ("daemon", "warning")]
    {
        assert_eq!(verdict(&whole, id), expected, "{id}: {whole:#}");
    }
    assert!(!folder.path().join("state").exists(), "it changes nothing");
}

#[test]
fn beside_a_running_daemon_all_is_well_and_it_goes_on() {
    let folder = folder();
    with_channels(folder.path());
    let daemon = Daemon::start(folder.path(), None);
    let (code, _, said) =
        run(folder.path(), &["ticket", "open", "The shop is down", "--server", &daemon.server()]);
    assert_eq!(code, 0, "{said}");
    let (code, whole) = doctor(folder.path(), &["--listen", &daemon.address]);
    assert_eq!((code, &whole["ok"], &whole["problems"]), (0, &true.into(), &0.into()), "{whole:#}");
    for id in [
        "state",
        "disk",
        "database",
        "schema",
        "integrity",
        "audit",
        "outbox",
        "clock",
        "drift",
        "token",
        "daemon",
    ] {
        assert_eq!(verdict(&whole, id), "ok", "{id}: {whole:#}");
    }
    assert!(what(&whole, "audit").starts_with("1 ticket with "), "{whole:#}");
    assert_eq!(verdict(&whole, "backup"), "warning", "{whole:#}");
    assert_eq!(run(folder.path(), &["backup", "copy.db"]).0, 0);
    let (_, quick) = doctor(folder.path(), &["--listen", &daemon.address, "--quick"]);
    assert_eq!(verdict(&quick, "backup"), "ok", "{quick:#}");
    assert!(!quick.to_string().contains("audit"), "{quick:#}");

    std::fs::write(folder.path().join("schedules/more.toml"), "[org]\n").unwrap();
    let (code, whole) = doctor(folder.path(), &["--listen", &daemon.address, "--quick"]);
    assert_eq!((code, verdict(&whole, "schedules"), verdict(&whole, "drift")), (1, "problem", "warning"));
    std::fs::remove_file(folder.path().join("schedules/more.toml")).unwrap();
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_daemon_with_tls_is_asked_over_https_and_known_by_its_certificate() {
    let (ours, folder) = (Authority::new("ours"), folder());
    let settings = "listen = \"127.0.0.1:0\"\n[channels.hook]\nkind = \"log\"\n[channels.spare]\nkind = \"log\"\n\
        [tls]\ncertificate = \"tls.crt\"\nkey = \"tls.key\"\n";
    std::fs::write(folder.path().join("meridian.toml"), settings).unwrap();
    // Where the unit takes credentials from.
    let secrets = folder.path().join("secrets");
    std::fs::create_dir(&secrets).unwrap();
    let pair = ours.pair(30);
    let chained = (format!("{}{}", pair.0, ours.text()), pair.1.clone());
    write_pair(&secrets, &chained);
    let daemon = Daemon::start(folder.path(), None);
    let ask = || doctor(folder.path(), &["--listen", &daemon.address, "--quick"]);
    let (code, whole) = ask();
    assert_eq!((code, verdict(&whole, "daemon"), verdict(&whole, "tls.chain")), (0, "ok", "ok"), "{whole:#}");
    assert!(what(&whole, "tls").starts_with("for localhost, 127.0.0.1, until "), "{whole:#}");

    let mut table = String::new();
    let others = Authority::new("others");
    let (soon, ended) = (ours.pair(5), ours.pair(-1));
    for (name, certificate, key) in [
        ("ends soon", soon.0.as_str(), soon.1.as_str()),
        ("ended", &ended.0, &ended.1),
        ("chained to another", &format!("{}{}", pair.0, others.text()), &pair.1),
        ("of another pair", &pair.0, &soon.1),
    ] {
        write_pair(&secrets, &(certificate.to_owned(), key.to_owned()));
        let (code, whole) = ask();
        let all = whole["examinations"].as_array().unwrap();
        let told = all.iter().filter(|one| one["id"].as_str().unwrap().starts_with("tls"));
        let told: Vec<String> = told.map(|one| format!("{} {}", one["id"], one["verdict"])).collect();
        let daemon = verdict(&whole, "daemon");
        table += &format!("{name}: {}, daemon {daemon}, exit {code}\n", told.join(", ").replace('"', ""));
    }
    insta::assert_snapshot!(table, @r#"
    ends soon: tls warning, tls.chain ok, daemon problem, exit 1
    ended: tls problem, tls.chain ok, daemon problem, exit 1
    chained to another: tls ok, tls.chain warning, daemon ok, exit 0
    of another pair: tls problem, daemon problem, exit 1
    "#);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn what_is_wrong_is_told_with_a_remedy() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    let open = ["ticket", "open", "The shop is down", "--server", &daemon.server()];
    assert_eq!(run(folder.path(), &open).0, 0);
    assert_eq!(daemon.stop(), 0);
    let database = folder.path().join("state/meridian.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let tool = sqlx::SqlitePool::connect(&format!("sqlite:{}", database.display())).await.unwrap();
        sqlx::query("update tickets set wake_at = null, priority = 'P5'").execute(&tool).await.unwrap();
        tool.close().await;
    });
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    let settings =
        "[channels.pager]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\nallow_private = true\n";
    std::fs::write(folder.path().join("meridian.toml"), settings).unwrap();
    let (code, whole) = doctor(folder.path(), &[]);
    assert_eq!(code, 1, "{whole:#}");
    for (id, expected) in
        [("audit", "problem"), ("state", "problem"), ("daemon", "warning"), ("channel.pager", "problem")]
    {
        assert_eq!(verdict(&whole, id), expected, "{id}: {whole:#}");
    }
    for one in whole["examinations"].as_array().unwrap() {
        assert_eq!(one["verdict"] == "ok", one["remedy"].is_null(), "{one:#}");
    }
    let (_, text, _) = run(folder.path(), &["doctor"]);
    assert!(text.contains("live, and it will never be looked at again"), "{text}");

    std::fs::write(&database, "no database at all, but long enough to be looked at ".repeat(40)).unwrap();
    let (code, whole) = doctor(folder.path(), &[]);
    assert_eq!((code, verdict(&whole, "database")), (1, "problem"), "{whole:#}");
    std::fs::write(folder.path().join("meridian.toml"), "lisen = \"127.0.0.1:1\"").unwrap();
    let (code, whole) = doctor(folder.path(), &[]);
    assert_eq!((code, verdict(&whole, "settings")), (1, "problem"), "{whole:#}");
}

#[test]
fn words_that_are_to_go_no_sooner_than_their_tickets_are_told() {
    let folder = folder();
    let file = folder.path().join("schedules/privacy.toml");
    std::fs::write(file, "[privacy]\nerase_after = { default = \"30d\", vip = \"730d\" }\n").unwrap();
    std::fs::write(folder.path().join("meridian.toml"), "[retention]\ntickets = \"1y\"\n").unwrap();
    let (_, whole) = doctor(folder.path(), &[]);
    assert_eq!(verdict(&whole, "privacy"), "warning", "{whole:#}");
    let said = what(&whole, "privacy");
    assert!(said.starts_with("`erase_after` (vip "), "{said}");
}

#[test]
fn whoever_waits_to_be_forgotten_for_more_than_a_month_is_told_with_the_tickets() {
    let folder = folder();
    with_channels(folder.path());
    let customer = "[customers.erika]\nname = \"Erika Meier\"\n";
    std::fs::write(folder.path().join("schedules/customers.toml"), customer).unwrap();
    let daemon = Daemon::start(folder.path(), None);
    let server = daemon.server();
    let meridian = |arguments: &[&str]| run(folder.path(), &[arguments, &["--server", &server]].concat()).0;
    assert_eq!(meridian(&["ticket", "open", "Meier cannot pay", "--customer", "erika"]), 0);
    let examined = || doctor(folder.path(), &["--listen", &daemon.address, "--quick"]).1;
    let whole = examined();
    assert_eq!((verdict(&whole, "privacy"), what(&whole, "privacy")), ("ok", "nobody waits to be forgotten"));
    assert_eq!(meridian(&["forget", "erika", "--yes", "--when-closed"]), 0);
    let whole = examined();
    assert_eq!(verdict(&whole, "privacy"), "ok");
    assert!(
        what(&whole, "privacy").starts_with("one customer waits to be forgotten, the first asked "),
        "{whole:#}"
    );

    let database = folder.path().join("state/meridian.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let tool = sqlx::SqlitePool::connect(&format!("sqlite:{}", database.display())).await.unwrap();
        // The ticket was opened before, and so was the request.
        for text in [
            "update forgetting set at = at - 31 * 86400000",
            "update tickets set opened_at = opened_at - 32 * 86400000",
            "drop trigger events_are_never_changed",
            "update events set at = at - 32 * 86400000",
        ] {
            sqlx::query(text).execute(&tool).await.unwrap();
        }
        tool.close().await;
    });
    let whole = examined();
    assert_eq!(verdict(&whole, "privacy"), "warning", "{whole:#}");
    let one = whole["examinations"].as_array().unwrap().iter().find(|one| one["id"] == "privacy").unwrap();
    assert!(one.to_string().contains("erika: open 1") && one.to_string().contains("--call-off"), "{one:#}");
    assert_eq!(daemon.stop(), 0);
}
