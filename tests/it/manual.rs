//! The manual pages that packages install.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::cli::run::meridian;

fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ran = meridian(&["man", folder.path().to_str().unwrap()], &[]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    folder
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_command_has_a_page_that_its_elders_name() {
    let folder = written();
    let pages = names(&folder.path().join("man1"));
    for page in ["meridian.1", "meridian-serve.1", "meridian-ticket.1", "meridian-ticket-open.1"] {
        assert!(pages.contains(page), "{page} of {pages:?}");
    }
    assert!(!pages.contains("meridian-man.1"), "it is for those who make packages");
    for page in &pages {
        let text = fs::read_to_string(folder.path().join("man1").join(page)).unwrap();
        for named in text.lines().filter_map(|line| line.strip_suffix("(1)")) {
            let named = format!("{}.1", named.replace("\\-", "-"));
            if !named.contains(' ') && named.starts_with("meridian") {
                assert!(pages.contains(&named), "{page} names {named}");
            }
        }
    }
}

#[test]
fn a_page_has_what_help_says_and_examples_line_by_line() {
    let folder = written();
    let page = fs::read_to_string(folder.path().join("man1/meridian-schema.1")).unwrap();
    let page = page.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    // What each section of it repeats.
    let page = page.replace(".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n", "");
    assert_snapshot!(page, @r#"
    .TH meridian-schema 1  "meridian VERSION" Meridian
    .SH NAME
    meridian\-schema \- JSON Schema of the rotation files, for editors
    .SH SYNOPSIS
    \fBmeridian schema\fR [\fB\-\-json\fR] [\fB\-h\fR|\fB\-\-help\fR] 
    .SH DESCRIPTION
    JSON Schema of the rotation files, for editors
    .PP
    An editor that knows TOML (Even Better TOML, taplo) then completes keys, shows what they mean and marks what is wrong as you type. `meridian check` still has the last word: it knows whether what a name refers to exists.
    .SH OPTIONS
    .TP
    \fB\-\-json\fR
    Accepted for scripts: it is always JSON
    .TP
    \fB\-h\fR, \fB\-\-help\fR
    Print help (see a summary with \*(Aq\-h\*(Aq)
    .SH EXAMPLES
    .RS 4
    .EX
    meridian schema > schedules/.schema.json
    .EE
    .RE
    Then let each file begin with its place, as seen from that file:
    .RS 4
    .EX
    #:schema .schema.json
    .EE
    .RE
    .SH "SEE ALSO"
    meridian(1)
    "#);
}

#[test]
fn the_page_of_the_settings_is_the_file_itself() {
    let folder = written();
    let page = fs::read_to_string(folder.path().join("man5/meridian.toml.5")).unwrap();
    let shown = page.split(".EX\n").nth(1).unwrap().split(".EE\n").next().unwrap();
    let shown = shown.replace("\\-", "-").replace("\\*(Aq", "'").replace("\\&", "");
    let file = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/meridian.toml")).unwrap();
    assert_eq!(shown, file);
}
