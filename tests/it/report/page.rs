//! What a person reads: the text, and the page.

use meridian::desk::TicketId;
use meridian::report::{Run, Violation, html, text};

use super::figures;
use crate::desk::play::GLOBE;

const STORY: &str = "
    2026-03-02 09:00  open P2: Checkout fails
    09:04  anna acknowledges 1
    10:00  anna resolves 1
    2026-03-07 12:00  open P3: <script>alert('x')</script> & more
    2026-03-07 12:30  open P1: Down
    12:41  anna acknowledges 3
    2026-03-09 01:00  nothing
";

fn run() -> Run {
    Run {
        schedules: "schedules".into(),
        tickets: "march.csv".into(),
        responders: "human".into(),
        seed: 7,
        violations: vec![Violation {
            ticket: Some(TicketId(2)),
            at: "2026-03-08T00:00:00Z".parse().unwrap(),
            what: "held by \"nobody\" <at all>".into(),
        }],
        remarks: vec!["Made up for a test.".into()],
    }
}

#[test]
fn the_text_tells_the_story() {
    insta::assert_snapshot!(text(&figures(GLOBE, STORY), Some(&run())), @"");
}

#[test]
fn lines_fit_a_terminal() {
    let text = text(&figures(GLOBE, STORY), Some(&run()));
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 120).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn a_hostile_name_is_text_on_the_page_and_harmless_in_a_terminal() {
    let toml = GLOBE.replace("[teams.emea]", "[teams.emea]\nname = '<img src=x onerror=alert(1)>'");
    let toml = toml.replace("[org]", "[org]\nname = '\"><svg onload=alert(2)>'");
    let script = STORY.replace("Down", "\u{1b}[2J\u{7}gone");
    let figures = figures(&toml, &script);
    let page = html(&figures, Some(&run()));
    for hostile in ["<script", "<img", "<svg onload", "<at all>"] {
        assert!(!page.contains(hostile), "{hostile} is markup on the page");
    }
    assert!(page.contains("&lt;script&gt;"), "the title is there, as text");
    let text = text(&figures, None);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "control characters reach the terminal");
}

#[test]
fn the_page_stands_alone_and_its_parts_belong_together() {
    let page = html(&figures(GLOBE, STORY), Some(&run()));
    for fetched in ["src=", "@import", "url(", "<script", "href=\"http", "<link rel=\"stylesheet"] {
        assert!(!page.contains(fetched), "{fetched} would fetch something");
    }
    assert!(page.contains("name=\"viewport\"") && page.contains("prefers-color-scheme"));
    let open = unclosed(&page);
    assert!(open.is_empty(), "not closed, or closed twice: {open:?}");
    let ids: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(ids.iter().filter(|id| **id == link).count(), 1, "#{link} leads to one place");
    }
    for svg in page.split("<svg xmlns").skip(1) {
        assert!(svg.contains("aria-label=") && svg.contains("<title>"), "every picture has a name");
    }
}

/// Tags that are opened and not closed, or the other way round.
fn unclosed(page: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        rest = &rest[end + 1..];
        if tag.starts_with('!') || tag.ends_with('/') || ["meta", "link", "br"].contains(&name.as_str()) {
            continue;
        }
        if !tag.starts_with('/') {
            open.push(name);
        } else if open.pop().as_ref() != Some(&name) {
            return vec![format!("/{name}")];
        }
    }
    open
}

/// `PAGE=report.html cargo test --test it report::page` writes the story's page, to be looked at.
#[test]
fn the_page_can_be_looked_at() {
    let page = html(&figures(GLOBE, STORY), Some(&run()));
    if let Some(path) = std::env::var_os("PAGE") {
        std::fs::write(path, &page).unwrap();
    }
    assert!(page.starts_with("<!doctype html>"), "{}", &page[..200]);
}
