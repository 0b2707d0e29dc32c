# SPDX-License-Identifier: MIT
"""Birthdays: one timer a customer and year, at local midnight of the first day that any rule for leap days could
choose; it plans the greetings of that year at their hours."""

from datetime import timedelta

from . import followups, gate, zones
from .policy import BIRTHDAY

TIMER = "birthday"


def parts(birth):
    """Year (0: not known), month and day of YYYY-MM-DD or --MM-DD."""
    return (int(birth[:4]) if len(birth) == 10 else 0), int(birth[-5:-3]), int(birth[-2:])


def profile_changed(home, customer):
    """Plans anew; days that have passed are not made up for, today is while it is not past its expiry."""
    for name in list(customer.timers):
        follow_up = home.policy.follow_ups.get(name.partition(":")[0]) if ":" in name else None
        if follow_up is not None and follow_up.on == BIRTHDAY and name not in customer.held:
            home.drop_timer(customer, name)
    if not customer.birth:
        home.drop_timer(customer, TIMER)
        return
    zone = home.policy.zone_of(customer)
    today = zones.local_date(zone, home.now)
    if plan_next(home, customer, zone, today):
        plan_year(home, customer, zone, today.year, today)


def year_begun(home, customer, due):
    if not customer.birth:
        return
    zone = home.policy.zone_of(customer)
    today = zones.local_date(zone, due)
    if plan_next(home, customer, zone, today):
        plan_year(home, customer, zone, today.year, None)


def plan_next(home, customer, zone, today):
    """Sets the yearly timer; has this year's first day come?"""
    _, month, day = parts(customer.birth)
    begun = today >= zones.birthday_in(month, day, today.year, "feb-28")
    year = today.year + 1 if begun else today.year
    home.set_timer(customer, TIMER, zones.instant(zone, zones.birthday_in(month, day, year, "feb-28"), 0))
    return begun


def plan_year(home, customer, zone, year, today):
    """today: what lies before it, or has expired, is passed over; None: all is decided."""
    birth_year, month, day = parts(customer.birth)
    occurrence = str(year)
    for follow_up in home.policy.by_on[BIRTHDAY]:
        date = zones.birthday_in(month, day, year, follow_up.leap_day)
        if date is None or year <= birth_year or followups.is_decided(customer, follow_up, occurrence):
            continue
        due = gate.spread_due(
            home.policy, customer, zones.instant(zone, date, follow_up.at), end_of(zone, date)
        )
        expires = followups.expiry(follow_up, due) or end_of(zone, date)
        if today is None or not (date < today or home.now > expires):
            said = {"turning": year - birth_year if birth_year else None}
            followups.plan(home, customer, follow_up, occurrence, due, due, expires, said)


def greet(home, customer, follow_up, occurrence, due):
    if not customer.birth:
        followups.removed(home, customer, follow_up.name, occurrence)
        return
    zone = home.policy.zone_of(customer)
    expires = followups.expiry(follow_up, due) or end_of(zone, zones.local_date(zone, due))
    followups.decide(home, customer, follow_up, occurrence, due, due, expires)


def end_of(zone, day):
    """The day's last millisecond."""
    return zones.instant(zone, day + timedelta(days=1), 0) - 1
