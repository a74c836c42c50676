"""What another reader finds in an iCalendar file on standard input: one line for each event, in its order."""

import sys

import icalendar

calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
print(calendar["prodid"], calendar["version"], calendar["name"])
for event in calendar.walk("VEVENT"):
    times = " to ".join(event.decoded(key).strftime("%Y-%m-%dT%H:%M%z") for key in ("dtstart", "dtend"))
    print(f"{times}  {event['summary']}  [{event['uid']}]")
    if event.errors:
        print("  errors:", event.errors)
