# SPDX-License-Identifier: MIT
"""Working time by a business calendar of the policy."""

from datetime import timedelta

from . import zones

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_MAX = 4000


class Hours:
    def __init__(self, node, default_zone):
        self.zone = node.get("zone", default_zone)
        self.week = {}
        for name, text in node["hours"].items():
            first, _, last = name.partition("-")
            for day in range(DAYS.index(first), DAYS.index(last or first) + 1):
                self.week[day] = openings(text)
        self.others = {text: [] for text in node.get("closed") or ()}
        for text, hours in (node.get("also_open") or {}).items():
            self.others[text] = openings(hours)

    def of(self, day):
        for text in (day.isoformat(), f"--{day:%m-%d}"):
            if text in self.others:
                return self.others[text]
        return self.week.get(day.weekday(), [])

    def add(self, start, working):
        """The instant at which so much working time has passed since start, or the next opening."""
        first = zones.local_date(self.zone, start)
        for more in range(DAYS_MAX + 1):
            day = first + timedelta(more)
            for begins, ends in self.of(day):
                begins = max(zones.instant(self.zone, day, begins), start)
                length = zones.instant(self.zone, day, ends) - begins
                if length > working:
                    return begins + working
                working -= max(length, 0)
        return zones.instant(self.zone, first + timedelta(DAYS_MAX), 0)


def openings(node):
    found = []
    for text in node if isinstance(node, list) else [node]:
        begins, ends = ([int(part) for part in time.split(":")] for time in text.split("-"))
        found.append((60 * begins[0] + begins[1], 60 * ends[0] + ends[1]))
    return found
