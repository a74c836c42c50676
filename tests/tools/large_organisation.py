#!/usr/bin/env python3
"""Write the schedules of a large, made-up support organisation, in which `meridian check` finds no error.

    python3 tests/tools/large_organisation.py target/large
    python3 tests/tools/large_organisation.py target/fewer --teams 24 --people 240 --rotations 96 --seed 7

Twelve regions, some in zones with odd clocks; teams over four tiers with day, late and overnight hours;
rotations of every kind; calendars as tables and as .ics; leave, overrides, customers, services, routes,
policies, requirements. The same options, `--from` among them, give the same bytes. Needs Python 3.11.
"""

import argparse
import pathlib
import random
import sys
from datetime import date, datetime, time, timedelta

# Region, zone, residency, languages spoken beside English, weekend, public holidays as month-day.
REGIONS = [
    ("nordics", "Europe/Stockholm", "eu", ["sv", "nb", "fi"], "sat sun", "01-01 01-06 05-01 06-06 12-24 12-25 12-26"),
    ("iberia", "Europe/Lisbon", "eu", ["pt", "es"], "sat sun", "01-01 04-25 05-01 06-10 08-15 12-08 12-25"),
    ("azores", "Atlantic/Azores", "eu", ["pt"], "sat sun", "01-01 04-25 05-01 06-10 08-15 12-25"),
    ("dach", "Europe/Berlin", "eu", ["de", "fr"], "sat sun", "01-01 05-01 10-03 12-25 12-26"),
    ("maghreb", "Africa/Casablanca", "africa", ["ar", "fr"], "sat sun", "01-01 01-11 05-01 07-30 11-18"),
    ("gulf", "Asia/Dubai", "gulf", ["ar", "hi"], "fri sat", "01-01 12-02 12-03"),
    ("india", "Asia/Kolkata", "in", ["hi", "ta"], "sat sun", "01-26 08-15 10-02 12-25"),
    ("nepal", "Asia/Kathmandu", "in", ["ne", "hi"], "sat", "01-11 05-01 05-29 09-19"),
    ("oceania", "Australia/Lord_Howe", "au", ["mi"], "sat sun", "01-01 01-26 04-25 12-25 12-26"),
    ("newfoundland", "America/St_Johns", "ca", ["fr"], "sat sun", "01-01 07-01 11-11 12-25"),
    ("pacific", "America/Vancouver", "ca", ["fr", "zh"], "sat sun", "01-01 07-01 11-11 12-25 12-26"),
    ("andes", "America/Santiago", "cl", ["es", "pt"], "sat sun", "01-01 05-01 05-21 07-16 09-18 12-25"),
]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TIERS = ["frontline", "specialist", "expert", "management"]
# How twenty teams spread over the tiers.
SPREAD = [0, 1, 0, 2, 0, 1, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1]
SKILLS = ["billing", "network", "storage", "identity", "database", "mobile", "api", "hardware"]
GIVEN = "anna bjorn chloe dmitri elif farid grace hiro ines jonas karin luis mei noor olga pedro rosa sven tariq uma".split()
FAMILY = "lind berg costa meyer haddad rao thapa smith tremblay wong rojas silva novak ito khan olsen".split()
TEAMS_A_FILE = 25


def main():
    options = arguments()
    organisation = Organisation(options)
    for path, text in organisation.files():
        path = options.out / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, metavar="OUT", help="folder to write into; must be empty or absent")
    parser.add_argument("--teams", type=int, default=1_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rotations", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--from", dest="day", type=date.fromisoformat, default=date.today(), metavar="DATE",
        help="leave and overrides fall into the year from here on [default: today]",
    )
    options = parser.parse_args()
    if not 20 <= options.teams <= options.people // 4:
        parser.error("at least twenty teams, so that each tier has some, and four people for each")
    if options.rotations < 0:
        parser.error("--rotations cannot be negative")
    if options.out.exists() and any(options.out.iterdir()):
        parser.error(f"{options.out} is not empty")
    return options


class Organisation:
    """Everything that more than one file refers to."""

    def __init__(self, options):
        self.day = options.day
        self.random = random.Random(options.seed)
        self.regions = [Region(*region) for region in REGIONS]
        self.teams = []
        for number in range(options.teams):
            # Regions go round, and tiers shift against them, so that each meets each.
            region = self.regions[number % len(self.regions)]
            tier = TIERS[SPREAD[(number + number // len(SPREAD)) % len(SPREAD)]]
            team = Team(f"{region.id}-{tier}-{number:04}", region, tier)
            team.rotations = share(options.rotations, options.teams, number)
            self.teams.append(team)
            region.teams.append(team)
        for number in range(options.people):
            team = self.teams[number % options.teams]
            person = Person(f"{self.random.choice(GIVEN)}.{self.random.choice(FAMILY)}.{number:05}", team.region)
            person.away = self.random.random() < 0.06
            team.members.append(person)
            team.region.people.append(person)
        self.lend()

    def lend(self):
        """A few people help in a second team of their region."""
        for region in self.regions:
            for team in region.teams[:: 10]:
                person = self.random.choice(region.people)
                if person not in team.members:
                    team.members.append(person)

    def files(self):
        yield "org.toml", ORG.replace("@LAST_RESORT@", self.teams[0].members[0].id)
        for region in self.regions:
            yield f"{region.id}/region.toml", self.region(region)
            yield f"{region.id}/public.ics", self.calendar(region)
            for first in range(0, len(region.teams), TEAMS_A_FILE):
                part = region.teams[first : first + TEAMS_A_FILE]
                people = {person.id: person for team in part for person in team.members if not person.written}
                for person in people.values():
                    person.written = True
                name = first // TEAMS_A_FILE
                yield f"{region.id}/teams-{name:02}.toml", "\n".join(self.team(team) for team in part)
                yield f"{region.id}/people-{name:02}.toml", "\n".join(self.person(one) for one in people.values())
            yield f"{region.id}/leave.toml", self.leave(region)
            yield f"{region.id}/overrides.toml", self.overrides(region)
        yield "customers.toml", self.customers()
        yield "routes.toml", self.routes()
        yield "requirements.toml", self.requirements()

    def region(self, region):
        days = "".join(
            f"  {{ date = {on}, name = {quoted(name)}{opening} }},\n"
            for on, name, opening in sorted(self.half_days(region))
        )
        return (
            f"[regions.{region.id}]\nname = {quoted(region.id.title())}\ntimezone = {quoted(region.zone)}\n"
            f"residency = {quoted(region.residency)}\n\n"
            f"[holidays.{region.id}]\nfile = \"public.ics\"\n\n"
            f"[holidays.{region.id}-company]\ndays = [\n{days}]\n"
        )

    def half_days(self, region):
        for year in (self.day.year, self.day.year + 1):
            yield date(year, 12, 23), "Before Christmas", ', open = "08:00-12:00"'
            yield date(year, 12, 31), "New Year's Eve", ', open = "08:00-13:00"'
            yield date(year, 6, 19), f"Summer party in {region.id.title()}", ""

    def calendar(self, region):
        events = []
        for year in range(self.day.year, self.day.year + 3):
            for day in region.holidays:
                on = date.fromisoformat(f"{year}-{day}")
                events += [
                    "BEGIN:VEVENT",
                    f"UID:{on}-{region.id}@example.com",
                    f"DTSTART;VALUE=DATE:{on:%Y%m%d}",
                    f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}",
                    f"SUMMARY:Public holiday of {day}",
                    "END:VEVENT",
                ]
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example Corp//Holidays//EN", *events, "END:VCALENDAR"]
        return "\r\n".join(lines) + "\r\n"

    def team(self, team):
        ids = [person.id for person in team.members]
        lines = [
            f"[teams.{team.id}]",
            f"name = {quoted(team.id.replace('-', ' ').capitalize())}",
            f"region = {quoted(team.region.id)}",
            f"tier = {quoted(team.tier)}",
            f"languages = {listed(['en', *self.random.sample(team.region.languages, 1)])}",
            f"skills = {listed(self.random.sample(SKILLS, 2))}",
            f"members = {listed(ids)}",
            f"lead = {quoted(ids[0])}",
            f"capacity = {self.random.randint(3, 8)}",
            f"assign = {quoted(self.random.choice(['least-loaded', 'round-robin', 'queue']))}",
            f"holidays = {listed([team.region.id, team.region.id + '-company'])}",
        ]
        for window in self.hours(team, ids):
            lines += ["", f"[[teams.{team.id}.hours]]", *window]
        for number in range(team.rotations):
            lines += ["", f"[[teams.{team.id}.rotations]]", *self.rotation(team, ids, number)]
        return "\n".join(lines) + "\n"

    def hours(self, team, ids):
        work = listed([day for day in DAYS if day not in team.region.weekend])
        kind = self.random.random()
        if kind < 0.55:
            yield [f"days = {work}", 'from = "08:00"', 'to = "17:00"']
        elif kind < 0.8:
            half = len(ids) // 2
            yield [f"days = {work}", 'from = "06:30"', 'to = "15:00"', f"members = {listed(ids[:half])}"]
            yield [f"days = {work}", 'from = "14:30"', 'to = "23:15"', f"members = {listed(ids[half:])}"]
        else:
            yield ['from = "22:00"', 'to = "06:00"', f"members = {listed(ids[: len(ids) // 2])}"]
            yield [f"days = {work}", 'from = "05:45"', 'to = "14:00"']

    def rotation(self, team, ids, number):
        """One of nine kinds; the first five are what a team begins with."""
        some = self.random.sample(ids, min(len(ids), self.random.randint(4, 12)))
        layer = number // 9
        again = f" {layer + 1}" if layer else ""
        year = self.random.randint(self.day.year - 7, self.day.year - 1)
        monday = first_weekday(year, 1, 0)
        nine = time(9)
        match number % 9:
            case 0:
                yield from lines(name="after-hours" + again, during="outside-hours", layer=layer, every="week")
                yield from when(monday, nine, some)
            case 1:
                windows = '[{ days = ["sat", "sun"], from = "10:00", to = "18:00" }]'
                yield from lines(name="weekends" + again, layer=layer + 10, every="week")
                yield f"during = {windows}"
                yield from when(monday, nine, some)
            case 2:
                yield from lines(name="second" + again, line="secondary", layer=layer, every="FREQ=WEEKLY;BYDAY=MO,TH")
                yield from when(monday, nine, some)
            case 3:
                yield from lines(name="duty manager" + again, line="management", layer=layer, every="FREQ=MONTHLY;BYDAY=1MO")
                yield from when(monday, nine, some)
            case 4:
                pairs = [some[at : at + 2] for at in range(0, len(some), 2)]
                yield from lines(name="nights" + again, line="tertiary", layer=layer, every="day", lasts="10h")
                yield from when(monday, time(21), pairs)
            case 5:
                yield from lines(name="swarm" + again, line="swarm", layer=layer, during="within-hours", every="day")
                yield from when(monday, time(0), some)
            case 6:
                yield from lines(name="month" + again, line="tertiary", layer=layer + 1, every="month", lasts="12h", timezone="UTC")
                yield from when(date(year, 1, 15), time(12), some)
            case 7:
                yield from lines(name="fortnight" + again, line="secondary", layer=layer + 1, every="FREQ=WEEKLY;INTERVAL=2;BYDAY=FR")
                yield "until = " + datetime.combine(self.day + timedelta(days=500), nine).isoformat()
                yield from when(first_weekday(year, 1, 4), nine, some)
            case 8:
                yield from lines(name="last friday" + again, line="management", layer=layer + 1, every="FREQ=MONTHLY;BYDAY=-1FR", lasts="3d")
                yield from when(last_weekday(year, 1, 4), time(17), some)

    def person(self, person):
        given, family, number = person.id.split(".")
        spoken = ["en", *self.random.sample(person.region.languages, self.random.randint(0, 1))]
        return (
            f"[people.{quoted(person.id)}]\nname = {quoted(f'{given.title()} {family.title()}')}\n"
            f"languages = {listed(spoken)}\nskills = {listed(self.random.sample(SKILLS, self.random.randint(0, 3)))}\n"
            f"email = {quoted(person.id + '@example.com')}\nphone = {quoted('+99' + number)}\ncontact = [\"email\"]\n"
        )

    def leave(self, region):
        tables = []
        for person in (person for person in region.people if person.away):
            start = self.day + timedelta(days=self.random.randint(1, 350))
            lasts = self.random.choice([0, 0, 1, 4, 9, 13, 20])
            first, last = str(start), str(start + timedelta(days=lasts))
            if lasts == 0 and self.random.random() < 0.5:
                first, last = f"{start}T12:00:00", f"{start}T17:00:00"
            tables.append(f"[[leave]]\nperson = {quoted(person.id)}\nfrom = {first}\nto = {last}\n")
        return "\n".join(tables)

    def overrides(self, region):
        tables = []
        for team in region.teams:
            here = [person.id for person in team.members if not person.away]
            if self.random.random() < 0.6 or len(here) < 4:
                continue
            start = self.day + timedelta(days=self.random.randint(1, 350))
            one, two, three, four = self.random.sample(here, 4)
            effect = self.random.choice([
                f"cover = {{ {quoted(one)} = {quoted(two)} }}",
                f"cover = {{ {quoted(one)} = {quoted(two)}, {quoted(two)} = {quoted(one)} }}",
                f"line = \"hours\"\nremove = {listed([one])}\nadd = {listed([three])}",
                f"line = \"hours\"\nonly = {listed([two, four])}",
            ])
            tables.append(
                f"[[overrides]]\nteam = {quoted(team.id)}\nfrom = {start}T06:00:00\n"
                f"to = {start + timedelta(days=self.random.randint(1, 5))}T18:00:00\n{effect}\n"
            )
        return "\n".join(tables)

    def customers(self):
        tables = []
        for number in range(max(len(self.teams) // 2, 1)):
            region = self.random.choice(self.regions)
            bound = f"residency = {quoted(region.residency)}\n" if self.random.random() < 0.2 else ""
            tables.append(
                f"[customers.customer-{number:04}]\nname = \"Customer {number}\"\n"
                f"class = {quoted(('vip', 'standard')[number % 4 > 0])}\nregion = {quoted(region.id)}\n"
                f"language = {quoted(self.random.choice(['en', *region.languages]))}\n{bound}"
            )
        owners = [team for team in self.teams if team.tier != "frontline"] or self.teams
        for number in range(max(len(self.teams) // 5, 1)):
            tables.append(
                f"[services.service-{number:03}]\nvalue = {quoted(('high', 'low')[number % 3 > 0])}\n"
                f"owner = {quoted(self.random.choice(owners).id)}\n"
            )
        return "\n".join(tables)

    def routes(self):
        tables = [
            "[[routes]]\nname = \"security\"\nwhen = { category = [\"security\"], priority = [\"P1\", \"P2\"] }\n"
            "policy = \"urgent\"\n"
        ]
        for region in self.regions:
            tables.append(
                f"[[routes]]\nname = \"important customers of {region.id}\"\n"
                f"when = {{ region = [{quoted(region.id)}], customer_class = [\"vip\"] }}\npolicy = \"urgent\"\n"
            )
        return "\n".join(tables)

    def requirements(self):
        tables = []
        for tier in TIERS[:3]:
            tables.append(f"[[requirements]]\nname = \"{tier}: English, always\"\ntier = {quoted(tier)}\nlanguages = [\"en\"]\n")
            for region in self.regions:
                for language in region.languages:
                    work = listed([day for day in DAYS if day not in region.weekend])
                    tables.append(
                        f"[[requirements]]\nname = \"{tier}: {language} by day in {region.id}\"\ntier = {quoted(tier)}\n"
                        f"languages = {listed([language])}\n"
                        f"when = {{ days = {work}, from = \"09:00\", to = \"16:00\", timezone = {quoted(region.zone)} }}\n"
                    )
        return "\n".join(tables)


class Region:
    def __init__(self, id, zone, residency, languages, weekend, holidays):
        self.id, self.zone, self.residency, self.languages = id, zone, residency, languages
        self.weekend, self.holidays = weekend.split(), holidays.split()
        self.teams, self.people = [], []


class Team:
    def __init__(self, id, region, tier):
        self.id, self.region, self.tier = id, region, tier
        self.members, self.rotations = [], 0


class Person:
    def __init__(self, id, region):
        self.id, self.region, self.away, self.written = id, region, False, False


def share(total, parts, number):
    """What falls to one of so many parts; they differ by one at most."""
    return (number + 1) * total // parts - number * total // parts


def first_weekday(year, month, weekday):
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7)


def last_weekday(year, month, weekday):
    return first_weekday(year + month // 12, month % 12 + 1, weekday) - timedelta(days=7)


def lines(**values):
    for key, value in values.items():
        yield f"{key} = {value if isinstance(value, int) else quoted(value)}"


def when(day, at, members):
    yield f"starts = {datetime.combine(day, at).isoformat()}"
    yield f"members = {listed(members)}"


def listed(values):
    return "[" + ", ".join(listed(one) if isinstance(one, list) else quoted(one) for one in values) + "]"


def quoted(text):
    return f'"{text}"'


ORG = """[org]
name = "Large and Made Up"
tiers = ["frontline", "specialist", "expert", "management"]
language = "en"
policy = "standard"
last_resort = "@LAST_RESORT@"

[languages]
sv = ["nb", "en"]
nb = ["sv", "en"]
pt = ["es", "en"]
ta = ["hi", "en"]

[priority]
raise = [
  { when = { customer_class = ["vip"], service_value = ["high"] }, by = 1 },
  { when = { risk = ["security", "data-loss"] }, to = "P1" },
]

[policies.standard]
steps = [
  { tier = "frontline", call = ["primary", "secondary"], call_every = "5m" },
  { tier = "specialist", call = ["primary"], acknowledge_within = { P1 = "10m" } },
  { tier = "expert", call = ["primary"] },
  { tier = "management", how = "tell" },
]

[policies.urgent]
steps = [
  { tier = "specialist", call = ["primary", "secondary"], call_every = "3m" },
  { tier = "expert", call = ["primary", "secondary"] },
  { tier = "management", how = "join" },
]
on_overrun = "join"
"""

if __name__ == "__main__":
    sys.exit(main())
