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
