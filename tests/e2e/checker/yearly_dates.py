# SPDX-License-Identifier: MIT
"""Days that come back every year: one timer a customer, at the local midnights of the wake days; it plans what is due
from then on until the next one."""

from datetime import timedelta
from typing import NamedTuple

from . import followups, gate, zones
from .instants import DAY_MS
from .policy import ANNIVERSARY, BIRTHDAY, HOUSEHOLD, SPECIAL, YEARLY
from .yearly import YearlyDate

TIMER = "yearly"
WAKE_DAYS = (-60, -30, -14, -7, 0)
GAP_MS = 300 * 86_400_000


class Date(NamedTuple):
    on: str
    name: str | None  # of special dates; who of the household
    anniversary: str | None
    date: YearlyDate
    relation: str | None = None
    called: str = ""

    def is_for(self, follow_up):
        if self.on != follow_up.on:
            return False
        if self.on == SPECIAL:
            return follow_up.date_name in (None, self.name)
        if self.on == HOUSEHOLD:
            return follow_up.relations is None or self.relation in follow_up.relations
        return self.anniversary == follow_up.anniversary

    def occurrence(self, year):
        return f"{self.name}:{year}" if self.name else str(year)

    def turning(self, year):
        return year - self.date.year if self.on in (BIRTHDAY, HOUSEHOLD) and self.date.year else None


def dates_of(customer, zone):
    found = []
    if customer.birth:
        found.append(Date(BIRTHDAY, None, None, YearlyDate.parse(customer.birth)))
    for name, text in sorted(customer.dates.items(), key=lambda item: item[0].encode()):
        found.append(Date(SPECIAL, name, None, YearlyDate.parse(text)))
    for member, (relation, born, name) in sorted(customer.household.items(), key=lambda item: item[0].encode()):
        found.append(Date(HOUSEHOLD, member, None, YearlyDate.parse(born), relation, name))
    for name, time in (("joined", customer.created), ("first-purchase", customer.first_purchase)):
        if time:
            day = zones.local_date(zone, time)
            found.append(Date(ANNIVERSARY, None, name, YearlyDate(False, day.year, day.month, day.day)))
    return found


def profile_changed(home, customer):
    """Plans anew; days that have passed are not made up for, today is while it is not past its expiry."""
    for name in list(customer.timers):
        follow_up = home.policy.follow_ups.get(name.partition(":")[0]) if ":" in name else None
        if follow_up is not None and follow_up.on in YEARLY and name not in customer.held:
            home.drop_timer(customer, name)
    zone = home.policy.zone_of(customer)
    today = zones.local_date(zone, home.now)
    plan_timer(home, customer, zone, today)
    plan(home, customer, zone, today, is_late=True)


def folded(home, customer, moved):
    """After each event; moved: the customer is new, or the first purchase is another."""
    if home.policy.by_on[ANNIVERSARY] and (moved or TIMER not in customer.timers):
        profile_changed(home, customer)


def woken(home, customer, due):
    zone = home.policy.zone_of(customer)
    today = zones.local_date(zone, due)
    plan_timer(home, customer, zone, today)
    plan(home, customer, zone, today, is_late=False)


def plan_timer(home, customer, zone, today):
    """Anniversaries alone make none where no follow-up is for any."""
    wakes = []
    if home.policy.by_on[ANNIVERSARY] or customer.birth or customer.dates or customer.household:
        for each in dates_of(customer, zone):
            firsts = [each.date.day_in(each.date.year_of(today) + more) for more in (0, 1)]
            wakes += [first + timedelta(days) for first in firsts if first for days in WAKE_DAYS]
    ahead = [wake for wake in wakes if wake > today]
    if ahead:
        home.set_timer(customer, TIMER, zones.instant(zone, min(ahead), 0))
    else:
        home.drop_timer(customer, TIMER)


def plan(home, customer, zone, today, is_late):
    for each in dates_of(customer, zone):
        this_year = each.date.year_of(today)
        for year in range(this_year - 1, this_year + 2):
            if year > each.date.year:
                plan_year(home, customer, zone, today, is_late, each, year)


def plan_year(home, customer, zone, today, is_late, each, year):
    first, occurrence = each.date.day_in(year), each.occurrence(year)
    for follow_up in home.policy.by_on[each.on] if first else ():
        wake = first + timedelta(max(days for days in WAKE_DAYS if days <= follow_up.days))
        day = each.date.day_in(year, follow_up.leap_day, follow_up.lunar_day_30)
        if not each.is_for(follow_up) or today < wake or day is None or is_decided(customer, follow_up, occurrence):
            continue
        if not is_late and today > wake + timedelta(1):
            continue
        due = zones.instant(zone, day + timedelta(follow_up.days), follow_up.at)
        due_day = zones.local_date(zone, due)  # another one where the zone left that one out
        due = gate.spread_due(home.policy, customer, due, end_of(zone, due_day))
        expires = followups.expiry(follow_up, due) or end_of(zone, due_day)
        if not is_late or (due_day >= today and home.now <= expires):
            said = {"turning": each.turning(year), "relation": each.relation}
            followups.plan(home, customer, follow_up, occurrence, due, due, expires, said)


def date_of(home, customer, follow_up, occurrence):
    """The one that an occurrence is of and its year, or None."""
    name, year = split(occurrence)
    for each in dates_of(customer, home.policy.zone_of(customer)):
        if year is not None and each.is_for(follow_up) and (each.name or "") == name:
            return each, year
    return None


def variables(home, customer, follow_up, occurrence):
    found = date_of(home, customer, follow_up, occurrence)
    if found is None:
        return {}
    each, year = found
    made = {"name": each.name} if each.on == SPECIAL else {}
    if each.on == HOUSEHOLD:
        made.update(member=each.name, relation=each.relation)
        if each.called and is_of_age(each.date.born(), zones.local_date(home.policy.zone_of(customer), home.now)):
            made["name"] = each.called
    if each.date.year:
        made["years" if each.turning(year) is None else "turning"] = year - each.date.year
    return made


def is_of_age(born, today):
    """Not sure of it is no."""
    return born is not None and (today.year - 18, today.month, today.day) >= (born.year, born.month, born.day)


def greet(home, customer, follow_up, occurrence, due):
    if date_of(home, customer, follow_up, occurrence) is None:
        followups.removed(home, customer, follow_up.name, occurrence)
        return
    zone = home.policy.zone_of(customer)
    expires = followups.expiry(follow_up, due) or end_of(zone, zones.local_date(zone, due))
    followups.decide(home, customer, follow_up, occurrence, due, due, expires)


def end_of(zone, day):
    """The day's last millisecond."""
    return zones.instant(zone, day + timedelta(days=1), 0) - 1


# ---- once a year: YEAR, YEAR SENT_MS, or YEAR SENT_MS s


def is_number(word):
    return word.isdecimal() and word.isascii() and len(word) <= 18


def split(occurrence):
    """The name, "" where there is none, and the year, None where it is none of a yearly date."""
    name, _, year = occurrence.rpartition(":")
    return name, int(year) if is_number(year) else None


def last_of(customer, key):
    """(year, sent or 0, was that in shadow), or None."""
    words = customer.last.get(key, "").split(" ")
    if not all(is_number(word) for word in words[:2]) or len(words) > 3:
        return None  # left by a policy in which the name meant something else
    return int(words[0]), int(words[1]) if len(words) > 1 else 0, words[2:] == ["s"]


def key_of(follow_up, name):
    return f"{follow_up.name}:{name}" if name else follow_up.name


def is_decided(customer, follow_up, occurrence):
    name, year = split(occurrence)
    last = last_of(customer, key_of(follow_up, name))
    return last is not None and year is not None and year <= last[0]


def note(home, customer, follow_up, occurrence, passed):
    name, year = split(occurrence)
    if year is None or is_decided(customer, follow_up, occurrence):
        return
    key = key_of(follow_up, name)
    _, sent, in_shadow = last_of(customer, key) or (0, 0, False)
    if passed:
        sent, in_shadow = home.now, not follow_up.is_live()
    customer.last[key] = f"{year}{f' {sent}' if sent else ''}{' s' if in_shadow else ''}"
    if name:
        forget_names(home, customer, follow_up)


def was_sent(home, customer, follow_up, occurrence, live):
    """For this year, and not in shadow where that does not count."""
    name, year = split(occurrence)
    last = last_of(customer, key_of(follow_up, name))
    if last is None or last[0] != year or not last[1] or home.now - last[1] >= 180 * DAY_MS:
        return False
    return not (live and last[2])


def forget_names(home, customer, follow_up):
    """The newest years of each follow-up are kept."""
    keys = [key for key in customer.last if key.startswith(follow_up.name + ":") and last_of(customer, key)]
    keys.sort(key=lambda key: (last_of(customer, key)[0], key.encode()))
    limit = home.policy.limits["household" if follow_up.on == HOUSEHOLD else "special_dates"]
    for key in keys[: max(0, len(keys) - limit)]:
        del customer.last[key]


def is_too_soon(home, customer, follow_up):
    last = last_of(customer, follow_up.name)
    if follow_up.on != BIRTHDAY or not customer.birth_changed or last is None or not last[1]:
        return False
    _, sent, in_shadow = last
    return sent <= customer.birth_changed and home.now - sent < GAP_MS and not (in_shadow and follow_up.is_live())
