//! What people read: every message in every language, their own words in place of ours, and what a story tells them.

use std::path::Path;

use insta::assert_snapshot;

use crate::cli::run::meridian;

fn shown(arguments: &[&str]) -> String {
    let ran = meridian(&[&["message", "show", "--schedules", "there-is-none"], arguments].concat(), &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    ran.stdout
}

#[test]
fn every_message_in_every_language() {
    for language in ["en", "es", "fr", "nb", "ro", "ru", "sv"] {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/messages/{language}.txt"));
        let shown = shown(&["--language", language]);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &shown).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == shown, "{} differs; BLESS=1 rewrites it: then read it", path.display());
    }
}

#[test]
fn a_language_without_messages_of_its_own_is_english_and_a_region_is_its_language() {
    let first = |tag| shown(&["page", "--language", tag]).lines().take(2).collect::<Vec<_>>().join(": ");
    let said: Vec<String> = ["sv-FI", "pl", "es-419"].map(first).to_vec();
    assert_snapshot!(said.join("\n"), @r#"
    page (sv): P1 ärende 812 behöver dig nu: Checkout is down
    page (en): P1 ticket 812 needs you now: Checkout is down
    page (es): P1 ticket 812 le necesita ahora: Checkout is down
    "#);
}

/// What `check` says of a set with these messages besides.
fn checked(messages: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let org = "[org]\ntiers = [\"frontline\"]\npolicy = \"p\"\n\n[regions.r]\ntimezone = \"UTC\"\n\n\
        [teams.t]\nregion = \"r\"\ntier = \"frontline\"\nmembers = [\"a\"]\nhours = [{ from = \"00:00\", to = \"24:00\" }]\n\n\
        [people.a]\n\n[policies.p]\nsteps = [{ tier = \"frontline\" }]\n";
    std::fs::write(folder.path().join("org.toml"), org).unwrap();
    std::fs::write(folder.path().join("messages.toml"), messages).unwrap();
    let ran = meridian(&["check", folder.path().to_str().unwrap(), "--json"], &[]);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let problems =
        said["problems"].as_array().unwrap().iter().filter(|problem| problem["severity"] == "error");
    let line = |problem: &serde_json::Value| {
        let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
        format!(
            "{}:{}:{} {}: {} ({})",
            text("file"),
            problem["line"],
            problem["column"],
            text("code"),
            text("message"),
            text("remedy")
        )
    };
    problems.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn check_tries_every_template_and_says_where_it_fails() {
    assert_eq!(
        checked("[messages.pl.page]\nsubject = \"{{ ticket.title }}\"\ntext = \"{{ details }}\"\n"),
        ""
    );
    let broken = "\
[messages.sv.page]
subject = \"{{ ticket.titel }}\"
text = \"\"\"
Hej {{ to }}!
{{ spoken.asked }}
\"\"\"

[messages.sv.paeg]
subject = \"x\"

[messages.sv.reasons]
takn = \"x\"

[messages.no_tag.told]
text = 5
";
    assert_snapshot!(checked(broken), @r#"
    messages.toml:2:11 bad-template: this message cannot be written: undefined value, in `{{ ticket.titel }}` (`meridian message show` tells what a message can say, and shows the one that is built in)
    messages.toml:5:1 bad-template: this message cannot be written: undefined value, in `{{ spoken.asked }}` (`meridian message show` tells what a message can say, and shows the one that is built in)
    messages.toml:8:14 unknown-key: no message and no list of words is called `paeg` (did you mean `page`?)
    messages.toml:12:1 unknown-key: `reasons` has no key `takn` (did you mean `taken`?)
    messages.toml:14:11 bad-language: "no_tag" is not a language tag (write a BCP 47 tag like en, pt-BR or zh-Hant)
    messages.toml:15:8 wrong-type: a text in quotes should stand here, not a whole number (write it like "text")
    "#);
}

/// Anna is in Stockholm and likes Swedish, Luc in Montréal and likes Canadian French, Ravi is in Kolkata and likes
/// Hindi, which nobody has written.
const THREE: &str = r#"
[org]
tiers = ["frontline"]
policy = "standard"
last_resort = "ravi"

[regions.world]
timezone = "Europe/Stockholm"

[teams.frontline]
name = "Frontline"
region = "world"
tier = "frontline"
members = ["anna", "luc"]
hours = [{ from = "08:00", to = "17:00" }]

[people.anna]
name = "Anna Lindqvist"
languages = ["sv", "en"]

[people.luc]
name = "Luc Tremblay"
timezone = "America/Toronto"
languages = ["fr-CA", "en"]

[people.ravi]
timezone = "Asia/Kolkata"
languages = ["hi", "en"]

[customers.acme]
name = "Acme SA"

[policies.standard]
steps = [{ tier = "frontline" }]

[messages.fr.reasons]
taken = "{{ person }} s'en occupe"
"#;

#[test]
fn each_is_written_to_in_their_own_language_and_in_their_own_time() {
    let script = "
        2026-03-02 09:00  open P2 from acme: La caisse <b>ne</b> répond plus
        09:05  anna acknowledges 1
        09:30  open P2: Another
        09:50  nothing
    ";
    let played = crate::desk::play::played(THREE, script);
    let told = played.notices.iter().map(|notice| {
        let words = notice.words(&played.coverage);
        assert_eq!(words.flaw, None);
        format!(
            "{} to {} ({})\n{}\n\n{}\n[{}]\n",
            notice.at.format("%H:%M"),
            notice.to,
            words.language,
            words.subject,
            words.text,
            words.tap
        )
    });
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    09:00 to anna (sv)
    P2 ärende 1 erbjuds dig: La caisse <b>ne</b> répond plus

    Det erbjuds Frontline. Svara senast 2026-03-02 10:15 Europe/Stockholm.

    Kund: Acme SA

    Ta det: meridian ticket acknowledge 1
    Tacka nej: meridian ticket decline 1
    [Ta det]

    09:30 to luc (fr)
    P2 ticket 2 vous est proposé : Another

    Il est proposé à Frontline. Merci de répondre avant le 2026-03-02 04:45 America/Toronto.

    Le prendre : meridian ticket acknowledge 2
    Le refuser : meridian ticket decline 2
    [Le prendre]

    09:45 to ravi (en)
    P2 ticket 2 has nobody: Another

    Another: it has been offered along its whole path and nobody has answered. Nobody else has been found: please see to it.
    [Take it]

    09:45 to luc (fr)
    P2 ticket 2 vous est proposé : Another

    Il est proposé à Frontline. Merci de répondre avant le 2026-03-02 05:00 America/Toronto.

    Le prendre : meridian ticket acknowledge 2
    Le refuser : meridian ticket decline 2
    [Le prendre]
    "#);
}
