//! What help shows is what one can type.

use std::process::Command;

use super::run::{meridian, meridian_with};

/// Every command and those beneath it, each with its help.
fn every_command() -> Vec<(String, String)> {
    let (mut found, mut ahead) = (Vec::new(), vec![Vec::<String>::new()]);
    while let Some(path) = ahead.pop() {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let help = meridian(&words, &["--help"]).stdout;
        let beneath = help.split("\nCommands:\n").nth(1).unwrap_or_default();
        let named = beneath.lines().take_while(|line| !line.is_empty());
        let named = named.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        for name in named.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
            ahead.push(path.iter().cloned().chain([name.to_owned()]).collect());
        }
        if !path.is_empty() {
            found.push((format!("meridian {}", path.join(" ")), help));
        }
    }
    found
}

/// Each on one line, however help has broken it.
fn examples(help: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut within = false;
    for line in help.lines() {
        match line.strip_prefix("  ").filter(|line| line.starts_with("meridian ")) {
            Some(example) => found.push(example.to_owned()),
            None if within && !line.is_empty() => {
                let broken = found.last_mut().expect("within an example");
                *broken = format!("{broken} {}", line.trim());
            }
            None => {
                within = false;
                continue;
            }
        }
        within = true;
    }
    found
}

#[test]
fn ten_commands_showed_the_example_of_another() {
    let all = every_command();
    assert!(all.len() > 60, "only {} were found", all.len());
    let without: Vec<&str> = all
        .iter()
        .filter(|(name, help)| {
            let own = |example: &String| {
                example
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            };
            !examples(help).iter().any(own)
        })
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(without.is_empty(), "no example of their own: {without:#?}");
}

#[test]
fn examples_of_what_is_done_to_tickets_are_understood() {
    let folder = tempfile::tempdir().unwrap();
    let mut tried = 0;
    for (name, help) in every_command().iter().filter(|(name, _)| name.starts_with("meridian ticket ")) {
        for example in examples(help) {
            let line = example.replacen("meridian", env!("CARGO_BIN_EXE_meridian"), 1);
            // Nobody listens there: what is understood fails all the same, but not with 2, which is wrong usage.
            let ran = Command::new("sh")
                .args(["-c", &line])
                .current_dir(folder.path())
                .env("MERIDIAN_SERVER", "http://127.0.0.1:9")
                .env("MERIDIAN_TOKEN", "none")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&ran.stderr);
            assert_eq!(ran.status.code(), Some(1), "{name}: {example}: {said}");
            tried += 1;
        }
    }
    assert!(tried > 30, "only {tried} were found");
}

#[test]
fn reasons_that_must_be_given_were_shown_as_optional() {
    let nowhere = [("MERIDIAN_SERVER", "http://127.0.0.1:9"), ("MERIDIAN_TOKEN", "none")];
    let mut said = String::new();
    for words in [
        "decline 1",
        "release 1",
        "escalate 1",
        "refuse 1",
        "vendor 1 --to acme-hw",
        "vendor-reply 1 --status solved",
        "recall 1",
        "reassign 1 --person bjorn",
        "pend 1 --on customer",
        "reopen 1",
        "vendor-reply 1 --status working",
        "resume 1",
        "close 1",
        "resolve 1",
    ] {
        let arguments: Vec<&str> = ["ticket"].into_iter().chain(words.split(' ')).collect();
        let ran = meridian_with(&nowhere, &arguments);
        let asks = ran.stderr.lines().find(|line| line.starts_with("  <")).unwrap_or("  -");
        said += &format!("{} {words}:{asks}\n", ran.code);
    }
    insta::assert_snapshot!(said, @r#"
    2 decline 1:  <REASON>
    2 release 1:  <REASON>
    2 escalate 1:  <REASON>
    2 refuse 1:  <REASON>
    2 vendor 1 --to acme-hw:  <REASON>
    2 vendor-reply 1 --status solved:  <TEXT>
    2 recall 1:  <REASON>
    2 reassign 1 --person bjorn:  <REASON>
    2 pend 1 --on customer:  <REASON>
    2 reopen 1:  <REASON>
    1 vendor-reply 1 --status working:  -
    1 resume 1:  -
    1 close 1:  -
    1 resolve 1:  -
    "#);
}
