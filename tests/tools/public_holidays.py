#!/usr/bin/env python3
"""Write the public holidays of countries and regions as iCalendar files.

    python3 -m venv target/holidays
    target/holidays/bin/pip install holidays==0.109
    target/holidays/bin/python tests/tools/public_holidays.py --years 2026 2027 --into schedules/holidays DE-BY

A place is a country, or a country and one of its subdivisions, as ISO 3166 writes them: SE, AU-NSW, PT-20.
Without a place, the calendars of the sample schedules are written again. The same version of the
package, places and years give the same bytes.
"""

import argparse
import pathlib
import sys
from datetime import timedelta

import holidays

# The sample organisation's: file name -> place.
SAMPLE = {
    "se": "SE",
    "fr": "FR",
    "pt-azores": "PT-20",
    "us": "US",
    "br-sp": "BR-SP",
    "in-ka": "IN-KA",
    "cn": "CN",
    "jp": "JP",
    "au-nsw": "AU-NSW",
}


def days_of(place, years):
    """The public holidays of a place, by date, with English names."""
    country, _, subdivision = place.partition("-")
    try:
        languages = getattr(holidays, country).supported_languages
        found = holidays.country_holidays(
            country,
            subdiv=subdivision or None,
            years=years,
            language="en_US" if "en_US" in languages else None,
        )
    except (AttributeError, NotImplementedError) as error:
        sys.exit(f"{place}: the package holidays {holidays.__version__} does not know this place ({error})")
    return sorted(found.items())


def folded(line):
    """A content line of RFC 5545: at most 75 octets, continued after CRLF and a space, never inside a letter."""
    lines, octets = [""], 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > 75:
            lines.append(" ")
            octets = 1
        lines[-1] += letter
        octets += size
    return "\r\n".join(lines) + "\r\n"


def escaped(text):
    for letter in "\\;,":
        text = text.replace(letter, "\\" + letter)
    return text.replace("\n", "\\n")


def calendar(place, years):
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Meridian//public holidays//EN",
        f"X-WR-CALNAME:Public holidays {place}",
    ]
    for day, name in days_of(place, years):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day:%Y%m%d}-{place.lower()}@holidays.example.com",
            # Fixed, so that making a calendar again changes nothing but what did change.
            f"DTSTAMP:{years[0]}0101T000000Z",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(name)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(map(folded, lines))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("places", nargs="*", metavar="PLACE")
    arguments.add_argument("--years", nargs="+", type=int, default=[2026, 2027])
    arguments.add_argument("--into", type=pathlib.Path, default=pathlib.Path("schedules/holidays"))
    given = arguments.parse_args()
    wanted = {place.lower(): place.upper() for place in given.places} or SAMPLE
    for name, place in wanted.items():
        file = given.into / f"{name}.ics"
        file.write_bytes(calendar(place, sorted(given.years)).encode())
        print(file)


if __name__ == "__main__":
    main()
