//! Small but nasty organisations, as the files a person would write: what is printed when something goes wrong can be
//! put in a folder and looked at with every tool there is.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Days, NaiveDate, Utc};
use fastrand::Rng;
use meridian::schedule::{Organisation, Severity, ZoneName, parse};
use meridian::zone::Zones;

const PEOPLE: &[&str] = &[
    "anna", "bjorn", "chloe", "dmitri", "eva", "farid", "goran", "hana", "ines", "joao", "kofi", "lena",
    "mei", "nils", "olga", "pita", "quinn", "rosa", "sven", "tala",
];

/// Days around which clocks do remarkable things somewhere, and the turn of a year.
const STARTS: &[&str] = &[
    "2026-02-08",
    "2026-03-01",
    "2026-03-15",
    "2026-04-01",
    "2026-08-25",
    "2026-09-20",
    "2026-10-10",
    "2026-12-15",
];

const ZONES: &[&str] = &[
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "America/Vancouver",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Dublin",
    "Europe/Stockholm",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
];

const TIERS: &[&str] = &["frontline", "specialist", "expert", "management"];
const LANGUAGES: &[&str] = &["en", "en", "en", "sv", "fr", "de", "pt-BR", "ja"];
const SKILLS: &[&str] = &["network", "billing", "database"];
const LINES: &[&str] = &["primary", "secondary"];

pub const CUSTOMERS: &[&str] = &["acme", "globex", "hooli", "initech"];
pub const VENDORS: &[&str] = &["near", "far"];
pub const SERVICES: &[&str] = &["checkout", "search"];

/// What the files say, in pieces that edits can reach.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The first day of the month that is played.
    pub starts: NaiveDate,
    pub last_resort: Option<&'static str>,
    pub tiers: usize,
    pub handoff: String,
    pub priorities: Vec<String>,
    pub regions: Vec<RegionPlan>,
    pub teams: Vec<TeamPlan>,
    pub people: BTreeMap<&'static str, String>,
    pub policies: Vec<String>,
    pub routes: Vec<String>,
    pub changes: Vec<String>,
    pub holidays: BTreeMap<NaiveDate, &'static str>,
    pub customers: Vec<String>,
    /// What is promised to them.
    pub slas: String,
    pub owners: BTreeMap<&'static str, String>,
}

#[derive(Clone, Debug)]
pub struct RegionPlan {
    pub zone: &'static str,
    pub residency: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct TeamPlan {
    pub id: String,
    pub head: String,
    pub lead: Option<&'static str>,
    pub members: Vec<&'static str>,
    pub hours: Vec<String>,
    pub rotations: Vec<(String, Vec<Vec<&'static str>>)>,
}

impl Plan {
    pub fn random(rng: &mut Rng) -> Plan {
        Plan::of_size(rng, 2..=4, 3..=8)
    }

    /// Soon compiled.
    pub fn small(rng: &mut Rng) -> Plan {
        Plan::of_size(rng, 2..=2, 2..=3)
    }

    fn of_size(rng: &mut Rng, tiers: RangeInclusive<usize>, teams: RangeInclusive<usize>) -> Plan {
        let starts: NaiveDate = pick(rng, STARTS).parse().unwrap();
        let tiers = rng.usize(tiers);
        let residencies = [Some("eu"), Some("us"), Some("eu"), None, None];
        let regions: Vec<RegionPlan> = (0..rng.usize(2..=4))
            .map(|_| RegionPlan { zone: pick(rng, ZONES), residency: *rng.choice(&residencies).unwrap() })
            .collect();
        let people = &PEOPLE[..rng.usize(5..PEOPLE.len())];
        let mut plan = Plan {
            starts,
            last_resort: chance(rng, 70).then(|| pick(rng, people)),
            tiers,
            handoff: handoff(rng),
            priorities: (1..=5).map(|number| priority(rng, number)).collect(),
            regions,
            teams: Vec::new(),
            people: people.iter().map(|id| (*id, person(rng))).collect(),
            policies: Vec::new(),
            routes: Vec::new(),
            changes: Vec::new(),
            holidays: BTreeMap::new(),
            customers: Vec::new(),
            slas: String::new(),
            owners: BTreeMap::new(),
        };
        for number in 0..rng.usize(teams) {
            let team = plan.team(rng, number, people);
            plan.teams.push(team);
        }
        plan.policies = ["standard", "urgent"].iter().map(|id| plan.policy(rng, id)).collect();
        plan.routes = (0..rng.usize(..3)).map(|number| plan.route(rng, number)).collect();
        plan.changes = (0..rng.usize(..8)).map(|_| plan.change(rng, people)).collect();
        plan.holidays = (0..rng.usize(..4)).map(|_| plan.holiday(rng)).collect();
        plan.customers = CUSTOMERS.iter().map(|id| plan.customer(rng, id)).collect();
        plan.slas = slas(rng);
        for service in SERVICES {
            let owner = rng.choice(&plan.teams).unwrap().id.clone();
            plan.owners.insert(service, owner);
        }
        plan
    }

    fn team(&self, rng: &mut Rng, number: usize, people: &[&'static str]) -> TeamPlan {
        let region = rng.usize(..self.regions.len());
        // Every tier has a team before any has two.
        let tier = TIERS[if number < self.tiers { number } else { rng.usize(..self.tiers) }];
        let zone = if chance(rng, 30) { pick(rng, ZONES) } else { self.regions[region].zone };
        let mut head = format!("region = \"r{region}\"\ntier = \"{tier}\"\ntimezone = \"{zone}\"\n");
        writeln!(head, "capacity = {}", rng.u8(1..=3)).unwrap();
        let assign = ["least-loaded", "least-loaded", "round-robin", "queue"];
        writeln!(head, "assign = \"{}\"", pick(rng, &assign)).unwrap();
        if chance(rng, 40) {
            writeln!(head, "languages = {}", list(&some(rng, LANGUAGES, 1..3))).unwrap();
        }
        if chance(rng, 50) {
            writeln!(head, "skills = {}", list(&some(rng, SKILLS, 1..3))).unwrap();
        }
        if chance(rng, 40) {
            head += "holidays = [\"red\"]\n";
        }
        let members = some(rng, people, 1..6);
        let hours = match rng.u8(..10) {
            0 => Vec::new(),
            1 | 2 => vec!["{ from = \"00:00\", to = \"00:00\" }".to_owned()],
            _ => (0..rng.usize(1..3)).map(|_| window(rng, &members)).collect(),
        };
        let rotations = match rng.u8(..4) {
            0 => Vec::new(),
            _ => (0..rng.usize(1..4)).map(|_| self.rotation(rng, people)).collect(),
        };
        let lead = chance(rng, 60).then(|| *rng.choice(&members).unwrap());
        TeamPlan { id: format!("r{region}-{tier}-{number}"), head, lead, members, hours, rotations }
    }

    fn rotation(&self, rng: &mut Rng, people: &[&'static str]) -> (String, Vec<Vec<&'static str>>) {
        let mut text = format!("line = \"{}\"\nlayer = {}\n", pick(rng, LINES), rng.u8(..2));
        match rng.u8(..6) {
            0 | 1 => text += "during = \"outside-hours\"\n",
            2 => text += "during = \"within-hours\"\n",
            3 => writeln!(text, "during = [{}]", window(rng, &[])).unwrap(),
            _ => (),
        }
        let every = ["day", "day", "week", "month", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY;INTERVAL=3"];
        let starts = self.starts - Days::new(rng.u64(..40));
        write!(text, "starts = {starts}T{}:00\nevery = \"{}\"\n", time(rng), pick(rng, &every)).unwrap();
        if chance(rng, 25) {
            writeln!(text, "lasts = \"{}h\"", pick(rng, &["8", "12", "30"])).unwrap();
        }
        let entry = |rng: &mut Rng| {
            let together = if chance(rng, 20) { 2..3 } else { 1..2 };
            some(rng, people, together)
        };
        let members = (0..rng.usize(1..4)).map(|_| entry(rng)).collect();
        (text, members)
    }

    pub fn policy(&self, rng: &mut Rng, id: &str) -> String {
        let first = usize::from(chance(rng, 20)).min(self.tiers - 1);
        let mut steps = Vec::new();
        for (place, tier) in TIERS[first..self.tiers].iter().enumerate() {
            let mut step = format!("{{ tier = \"{tier}\"");
            if chance(rng, 70) {
                write!(step, ", call = {}", list(&some(rng, LINES, 1..3))).unwrap();
            }
            if chance(rng, 50) {
                write!(step, ", call_every = \"{}\"", pick(rng, &["3m", "10m", "1h"])).unwrap();
            }
            if chance(rng, 20) {
                step += ", acknowledge_within = { P1 = \"7m\", P3 = \"3h\" }";
            }
            if place > 0 {
                write!(step, ", how = \"{}\"", pick(rng, &["move", "move", "join", "tell"])).unwrap();
            }
            if chance(rng, 25) {
                let at = pick(rng, &["", ", at = 0.5", ", at = 0.9"]);
                let to = rng.choice(&self.teams).unwrap().id.clone();
                write!(step, ", overflow = {{ to = [\"{to}\"]{at} }}").unwrap();
            }
            if chance(rng, 40) {
                write!(step, ", vendor = \"{}\"", pick(rng, VENDORS)).unwrap();
            }
            steps.push(step + " }");
        }
        let overrun = pick(rng, &["tell", "join", "move"]);
        let repeat = pick(rng, &["10m", "15m", "2h"]);
        let mut policy = format!(
            "[policies.{id}]\nsteps = [\n  {},\n]\non_overrun = \"{overrun}\"\nrepeat_every = \"{repeat}\"\n",
            steps.join(",\n  ")
        );
        if chance(rng, 50) {
            let (breach, clocks) = (pick(rng, &["tell", "escalate"]), pick(rng, &["run", "pause"]));
            writeln!(policy, "vendor_reply_within = {{ P1 = \"1h\" }}\non_vendor_breach = \"{breach}\"")
                .unwrap();
            writeln!(policy, "clocks_at_vendor = \"{clocks}\"").unwrap();
        }
        if chance(rng, 50) {
            let how = pick(rng, &["move", "tell"]);
            writeln!(policy, "on_unhappy = {{ at_most = {}, how = \"{how}\" }}", rng.u8(1..5)).unwrap();
        }
        if chance(rng, 50) {
            let how = pick(rng, &["move", "tell"]);
            writeln!(policy, "on_reopened = {{ from = {}, how = \"{how}\" }}", rng.u8(1..3)).unwrap();
        }
        if chance(rng, 40) {
            let priorities = list(&some(rng, &["P1", "P2", "P3", "P4", "P5"], 1..4));
            let (within, silent) = (pick(rng, &["5m", "1h", "2d"]), pick(rng, &["approve", "refuse"]));
            let rule = format!("priorities = {priorities}, within = \"{within}\", if_silent = \"{silent}\"");
            writeln!(policy, "approve = {{ {rule} }}").unwrap();
        }
        policy
    }

    pub fn route(&self, rng: &mut Rng, number: usize) -> String {
        let when = match rng.u8(..4) {
            0 => "priority = [\"P1\", \"P2\"]".to_owned(),
            1 => format!("language = [\"{}\"]", pick(rng, LANGUAGES)),
            2 => format!("region = [\"r{}\"]", rng.usize(..self.regions.len())),
            _ => format!("service = [\"{}\"]", pick(rng, SERVICES)),
        };
        format!("[[routes]]\nname = \"route {number}\"\nwhen = {{ {when} }}\npolicy = \"urgent\"\n")
    }

    /// A leave or an override within the month.
    pub fn change(&self, rng: &mut Rng, people: &[&'static str]) -> String {
        let moment = |rng: &mut Rng, day: u64| {
            let date = self.starts + Days::new(day);
            match rng.u8(..3) {
                0 => format!("{date}"),
                1 => format!("{date}T{}:00", time(rng)),
                _ => format!("{date}T{}:00Z", time(rng)),
            }
        };
        let day = rng.u64(..28);
        let from = moment(rng, day);
        let lasts = rng.u64(1..5);
        let to = moment(rng, day + lasts);
        if chance(rng, 50) {
            return format!("[[leave]]\nperson = \"{}\"\nfrom = {from}\nto = {to}\n", pick(rng, people));
        }
        let TeamPlan { id: team, rotations, .. } = rng.choice(&self.teams).unwrap();
        let fed = rotations.iter().any(|(rotation, _)| rotation.contains("\"primary\""));
        let lines = ["", "line = \"hours\"\n", "line = \"primary\"\n"];
        let line = pick(rng, if fed { &lines } else { &lines[..2] });
        let (one, other) = (pick(rng, people), pick(rng, people));
        let effect = match rng.u8(..4) {
            0 => format!("cover = {{ {one} = \"{other}\" }}"),
            1 => format!("add = [\"{one}\"]"),
            2 => format!("remove = [\"{one}\"]"),
            _ => format!("only = {}", list(&some(rng, people, 0..3))),
        };
        format!("[[overrides]]\nteam = \"{team}\"\n{line}from = {from}\nto = {to}\n{effect}\n")
    }

    fn holiday(&self, rng: &mut Rng) -> (NaiveDate, &'static str) {
        let date = self.starts + Days::new(rng.u64(..30));
        (date, if chance(rng, 40) { ", open = \"09:00-12:30\"" } else { "" })
    }

    fn customer(&self, rng: &mut Rng, id: &str) -> String {
        let mut text = format!("[customers.{id}]\nlanguage = \"{}\"\n", pick(rng, LANGUAGES));
        if chance(rng, 30) {
            text += "class = \"vip\"\n";
        }
        if chance(rng, 40) {
            text += "sla = \"gold\"\n";
        }
        if chance(rng, 60) {
            writeln!(text, "region = \"r{}\"", rng.usize(..self.regions.len())).unwrap();
        }
        let residencies: Vec<&str> = self.residencies();
        if chance(rng, 40) && !residencies.is_empty() {
            writeln!(text, "residency = \"{}\"", pick(rng, &residencies)).unwrap();
        }
        text
    }

    pub fn residencies(&self) -> Vec<&'static str> {
        self.regions.iter().filter_map(|region| region.residency).collect()
    }

    pub fn regions(&self) -> usize {
        self.regions.len()
    }

    pub fn people(&self) -> Vec<&'static str> {
        self.people.keys().copied().collect()
    }

    /// The files, in one.
    pub fn text(&self) -> String {
        let tiers = list(&TIERS[..self.tiers]);
        let mut text = format!("[org]\ntiers = {tiers}\npolicy = \"standard\"\n");
        if let Some(person) = self.last_resort {
            writeln!(text, "last_resort = \"{person}\"").unwrap();
        }
        text += "[languages]\nsv = [\"de\", \"en\"]\nja = [\"fr\"]\n";
        text += "[priority]\nraise = [{ when = { customer_class = [\"vip\"] }, by = 1 }]\n";
        text += &self.handoff;
        self.priorities.iter().for_each(|priority| text += priority);
        for (number, region) in self.regions.iter().enumerate() {
            writeln!(text, "[regions.r{number}]\ntimezone = \"{}\"", region.zone).unwrap();
            if let Some(residency) = region.residency {
                writeln!(text, "residency = \"{residency}\"").unwrap();
            }
        }
        for team in &self.teams {
            write!(text, "[teams.{}]\n{}members = {}\n", team.id, team.head, list(&team.members)).unwrap();
            if let Some(lead) = team.lead {
                writeln!(text, "lead = \"{lead}\"").unwrap();
            }
            writeln!(text, "hours = [{}]", team.hours.join(", ")).unwrap();
            for (number, (rotation, members)) in team.rotations.iter().enumerate() {
                let entries: Vec<String> = members.iter().map(|entry| list(entry)).collect();
                let entries = entries.join(", ");
                writeln!(text, "[[teams.{}.rotations]]\nname = \"turn {number}\"", team.id).unwrap();
                writeln!(text, "{rotation}members = [{entries}]").unwrap();
            }
        }
        for (id, person) in &self.people {
            write!(text, "[people.{id}]\n{person}").unwrap();
        }
        let mut followers = self.people.keys().step_by(3);
        if let (Some(all), Some(worst)) = (followers.next(), followers.next()) {
            writeln!(text, "[[subscriptions]]\npeople = [\"{all}\"]").unwrap();
            let about = r#"["opened", "escalated", "breached", "update", "reopened", "resolved"]"#;
            writeln!(text, "[[subscriptions]]\npeople = [\"{worst}\"]\nabout = {about}").unwrap();
            writeln!(text, "when = {{ priority = [\"P1\", \"P2\"] }}").unwrap();
        }
        text += "[holidays.red]\ndays = [\n";
        for (date, open) in &self.holidays {
            writeln!(text, "  {{ date = {date}, name = \"a holiday\"{open} }},").unwrap();
        }
        text += "]\n";
        text += "[closing]\nclose_after = { P1 = \"12h\", P2 = \"2d\", P3 = \"5d\", P5 = \"never\" }\n";
        text += &self.slas;
        self.customers.iter().chain(&self.policies).for_each(|table| text += table);
        text += "[vendors.near]\nchannel = \"near\"\nreply_within = \"3h\"\nwarn_at = [0.5, 0.9]\n";
        text += "[vendors.far]\nchannel = \"far\"\ntimezone = \"Asia/Kathmandu\"\nreply_within = { P2 = \"9h\" }\n";
        if let Some(residency) = self.residencies().first() {
            writeln!(text, "residency = \"{residency}\"").unwrap();
        }
        for service in SERVICES {
            write!(text, "[services.{service}]\nvalue = \"high\"\n").unwrap();
            if let Some(owner) = self.owners.get(service) {
                writeln!(text, "owner = \"{owner}\"").unwrap();
            }
        }
        self.changes.iter().chain(&self.routes).for_each(|table| text += table);
        text
    }

    /// As the product reads the files; what `check` has against them otherwise.
    pub fn organisation(&self) -> Result<Arc<Organisation>, String> {
        let files = BTreeMap::from([("org.toml".to_owned(), self.text())]);
        let checked = parse(&files).check(&|zone| ZONES.contains(&zone.as_str()));
        let errors = checked.problems.iter().filter(|problem| problem.severity == Severity::Error);
        let errors: Vec<String> = errors.map(|problem| format!("{problem:?}\n")).collect();
        checked.organisation.map(Arc::new).ok_or_else(|| format!("{}\n{}", self.text(), errors.concat()))
    }
}

/// The zones of the tests' own folder.
pub fn zones() -> Arc<Zones> {
    static LOADED: LazyLock<Arc<Zones>> = LazyLock::new(|| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
        let names = ZONES.iter().map(|zone| ZoneName::from(*zone)).collect();
        Arc::new(Zones::load(Some(&folder), &names).unwrap())
    });
    LOADED.clone()
}

pub fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_hms_opt(0, 0, 0).unwrap().and_utc()
}

pub fn chance(rng: &mut Rng, percent: u8) -> bool {
    rng.u8(..100) < percent
}

pub fn pick<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    rng.choice(of).unwrap()
}

pub fn some(rng: &mut Rng, of: &[&'static str], how_many: std::ops::Range<usize>) -> Vec<&'static str> {
    let how_many = rng.usize(how_many);
    let mut chosen: Vec<&str> = rng.choose_multiple(of.iter().copied(), how_many);
    chosen.sort();
    chosen.dedup();
    chosen
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("[{}]", words.join(", "))
}

fn time(rng: &mut Rng) -> &'static str {
    pick(rng, &["00:00", "01:30", "02:30", "03:00", "08:00", "09:00", "12:00", "17:00", "22:00", "23:30"])
}

pub fn window(rng: &mut Rng, members: &[&'static str]) -> String {
    let days = [
        "",
        "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], ",
        "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], ",
        "days = [\"sat\", \"sun\"], ",
    ];
    let times = ["08:00", "09:00", "06:30", "14:00", "22:00", "02:00"];
    let to = ["17:00", "12:30", "16:00", "06:00", "24:00", "03:15"];
    let by = match chance(rng, 20) && members.len() > 1 {
        true => format!(", members = {}", list(&members[1..])),
        false => String::new(),
    };
    format!("{{ {}from = \"{}\", to = \"{}\"{by} }}", pick(rng, &days), pick(rng, &times), pick(rng, &to))
}

fn person(rng: &mut Rng) -> String {
    let mut text = String::new();
    if chance(rng, 80) {
        writeln!(text, "languages = {}", list(&some(rng, LANGUAGES, 1..4))).unwrap();
    }
    if chance(rng, 40) {
        writeln!(text, "skills = {}", list(&some(rng, SKILLS, 1..3))).unwrap();
    }
    text
}

pub fn priority(rng: &mut Rng, number: usize) -> String {
    let closed = match number {
        1 | 2 => ["page", "page", "page", "next"],
        3 => ["page", "park", "next", "park"],
        _ => ["park", "park", "park", "next"],
    };
    let acknowledge = pick(rng, &["5m", "15m", "90s", "2h", "1d"]);
    let resolve = pick(rng, &["none", "1h", "8h", "2d"]);
    let at_end = pick(rng, &["hand-over", "keep"]);
    let owed = pick(
        rng,
        &["", "", "updates = { every = \"1h\" }\n", "updates = { first = \"7m\", every = \"26h\" }\n"],
    );
    format!(
        "[priorities.P{number}]\nacknowledge_within = \"{acknowledge}\"\nresolve_within = \"{resolve}\"\nwhen_closed = \
         \"{}\"\nat_shift_end = \"{at_end}\"\n{owed}",
        pick(rng, &closed)
    )
}

/// Promises of every kind; the names stay, as customers refer to them.
pub fn slas(rng: &mut Rng) -> String {
    let mut text = format!(
        "[business_hours.desk]\ntimezone = \"{}\"\nholidays = [\"red\"]\nhours = [{{ from = \"08:00\", to = \"{}\" }}]\n",
        pick(rng, ZONES),
        pick(rng, &["17:00", "02:30", "08:00", "24:00"])
    );
    for (id, class) in [("gold", "classes = []\n"), ("silver", "classes = [\"vip\"]\n")] {
        write!(text, "[slas.{id}]\n{class}").unwrap();
        let clock = pick(rng, &["\"calendar\"", "\"open\"", "{ business_hours = \"desk\" }"]);
        writeln!(text, "clock = {clock}").unwrap();
        for promise in ["first_response", "next_update", "resolution"] {
            let within = pick(rng, &["", "\"7m\"", "\"1h\"", "\"26h\"", "{ P1 = \"20m\", P3 = \"3h30s\" }"]);
            if !within.is_empty() {
                writeln!(text, "{promise} = {within}").unwrap();
            }
        }
        writeln!(text, "warn_at = {}", pick(rng, &["[]", "[0.5]", "[0.333, 0.8, 0.999]"])).unwrap();
        writeln!(text, "on_breach = \"{}\"", pick(rng, &["tell", "escalate"])).unwrap();
        writeln!(text, "on_warning = \"{}\"", pick(rng, &["tell", "nothing"])).unwrap();
        let by = pick(rng, &["acknowledgement", "update"]);
        writeln!(text, "first_response_by = \"{by}\"").unwrap();
    }
    text
}

fn handoff(rng: &mut Rng) -> String {
    let lead = pick(rng, &["0s", "15m", "30m", "2h"]);
    let remaining = pick(rng, &["0s", "45m", "3h"]);
    let keep = pick(rng, &["12h", "3d"]);
    let hops = rng.u8(1..4);
    format!(
        "[handoff]\nlead = \"{lead}\"\nminimum_remaining = \"{remaining}\"\nhops_before_review = {hops}\nkeep_at_most = \
         \"{keep}\"\n"
    )
}
