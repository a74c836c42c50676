//! A customer is exported and forgotten from the shell.

use serde_json::Value;

use crate::daemon::{Daemon, folder, run};

#[test]
fn a_customer_is_exported_and_forgotten_from_the_shell() {
    let folder = folder();
    let customer = "[customers.erika]\nname = \"Erika Meier\"\n";
    std::fs::write(folder.path().join("schedules/customers.toml"), customer).unwrap();
    let daemon = Daemon::start(folder.path(), None);
    let server = daemon.server();
    let meridian = |arguments: &[&str]| run(folder.path(), &[arguments, &["--server", &server]].concat());
    for title in ["Meier cannot pay", "Meier cannot log in"] {
        let (code, _, said) = meridian(&["ticket", "open", title, "--customer", "erika"]);
        assert_eq!(code, 0, "{said}");
    }
    let (code, _, said) = meridian(&["ticket", "resolve", "1", "Meier is content"]);
    assert_eq!(code, 0, "{said}");

    let (code, out, said) = meridian(&["export", "erika"]);
    assert_eq!((code, said.as_str()), (0, "2 tickets\n"));
    let exported: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(exported["known"]["name"], "Erika Meier");
    assert_eq!(exported["tickets"][1]["title"], "Meier cannot log in");

    let (code, out, said) = meridian(&["forget", "erika"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(said.contains("say --yes where nobody can be asked"), "{said}");
    let (code, _, said) = meridian(&["forget", "erika", "--yes"]);
    assert_eq!(code, 1);
    assert!(said.contains("one ticket is still open: 2. Close them first"), "{said}");
    let (code, out, _) = meridian(&["forget", "erika", "--dry-run"]);
    assert_eq!(code, 0);
    assert!(out.contains("open, and to be closed first: 2"), "{out}");
    let (code, out, _) = meridian(&["forget", "erika", "--yes", "--when-closed"]);
    assert_eq!(code, 0);
    assert!(
        out.contains("these are open, and go when they are closed: 2") && out.contains("not reached:"),
        "{out}"
    );

    let (code, out, _) = meridian(&["audit"]);
    assert_eq!(code, 0);
    let lines: Vec<&str> = out.lines().filter(|line| line.contains("erika")).collect();
    assert!(lines.len() == 2 && lines[0].contains("forget") && lines[1].contains("export"), "{out}");
}

#[test]
fn whoever_waits_to_be_forgotten_is_listed_and_called_off_from_the_shell() {
    let folder = folder();
    let customer = "[customers.erika]\nname = \"Erika Meier\"\n";
    std::fs::write(folder.path().join("schedules/customers.toml"), customer).unwrap();
    let daemon = Daemon::start(folder.path(), None);
    let server = daemon.server();
    let meridian = |arguments: &[&str]| {
        let (code, out, said) = run(folder.path(), &[arguments, &["--server", &server]].concat());
        (code, out + &said)
    };
    for title in ["Meier cannot pay", "Meier cannot log in"] {
        assert_eq!(meridian(&["ticket", "open", title, "--customer", "erika"]).0, 0);
    }
    assert_eq!(meridian(&["forget", "--list"]), (0, "nobody waits to be forgotten\n".to_owned()));
    assert_eq!(meridian(&["forget", "erika", "--yes", "--when-closed"]).0, 0);
    let heard = daemon.hears("a customer is being forgotten: what is done is erased, what is open waits");
    assert_eq!((&heard["tickets"], &heard["open"]), (&0.into(), &2.into()));
    let (code, out) = meridian(&["forget", "--list"]);
    let words: Vec<&str> = out.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!((code, words.len(), words[0], &words[2..]), (0, 5, "erika", &["2", "1,", "2"][..]), "{out}");
    let (code, out) = meridian(&["forget", "--list", "--json"]);
    let listed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &listed["forgetting"][0]["open"]), (0, &serde_json::json!([1, 2])));
    assert_eq!(meridian(&["forget", "--list", "--yes"]).0, 2);
    assert_eq!(meridian(&["forget", "--call-off"]).0, 2);
    assert_eq!(meridian(&["forget"]).0, 2);

    let (code, out) = meridian(&["forget", "erika", "--call-off"]);
    assert!(code == 0 && out.starts_with("erika is not forgotten any further, as was asked on "), "{out}");
    assert!(
        out.ends_with("; what was erased stays erased; these were waited for, and stay as they are: 1, 2\n"),
        "{out}"
    );
    daemon.hears("forgetting a customer is called off");
    let (code, out) = meridian(&["forget", "erika", "--call-off"]);
    assert!(code == 1 && out.contains("nobody of that name is being forgotten"), "{out}");

    for ticket in ["1", "2"] {
        assert_eq!(meridian(&["ticket", "resolve", ticket, "Meier is content"]).0, 0);
    }
    assert_eq!(meridian(&["forget", "erika", "--yes"]).0, 0);
    let heard = daemon.hears("a customer is forgotten: what was left is erased");
    assert_eq!((&heard["tickets"], &heard["by"]), (&2.into(), &"admin".into()));
    assert_eq!(daemon.stop(), 0);
}
