# SPDX-License-Identifier: MIT
"""Visits, profiles, consents and erasure: the short ones."""

from . import zones
from .outcome import DUPLICATE, FOLDED

STRICTNESS = {"granted": 0, "pending": 1, "unknown": 2, "withdrawn": 3}


def visited(home, customer, event):
    customer.visits += 1
    customer.count_channel(event.data, 1)
    customer.count_hour(zones.hour_of_day(home.policy.zone_of(customer), event.time))
    home.follow_ups.visit_made(home, customer, event.time, event.data)
    return FOLDED


def profile_changed(home, customer, event):
    """One that is older than the newest applied fills gaps only."""
    given = event.data
    is_older = event.time < customer.profile_time
    moved = False
    for field in ("birth", "zone", "country", "region", "language", "contact_channels"):
        if field in given and not (is_older and getattr(customer, field)):
            if getattr(customer, field) != given[field]:
                if field == "birth" and customer.birth:
                    customer.birth_changed = home.now
                setattr(customer, field, given[field])
                moved = moved or field not in ("language", "contact_channels")
    if "interests" in given and not (is_older and customer.interests):
        kept = given["interests"][: home.policy.limits["interests"]]
        home.count("limited", len(given["interests"]) - len(kept))
        home.leave_index(customer)
        customer.interests = dict.fromkeys(kept)
        home.enter_index(customer)
    if "dates" in given and not (is_older and customer.dates):
        kept = dict(list(given["dates"].items())[: home.policy.limits["special_dates"]])
        home.count("limited", len(given["dates"]) - len(kept))
        moved = moved or kept != customer.dates
        customer.dates = kept
    if "household" in given and not (is_older and customer.household):
        kept = dict(list(given["household"].items())[: home.policy.limits["household"]])
        home.count("limited", len(given["household"]) - len(kept))
        moved = moved or kept != customer.household
        customer.household = kept
    if not is_older:
        customer.profile_time = event.time
    if moved:
        home.follow_ups.yearly_dates.profile_changed(home, customer)
    return FOLDED


def consent_changed(home, customer, event):
    """The newest word holds; of two of the same time the stricter one."""
    channel, purpose, state, source, text_version, once = event.data
    kept, time, *_ = customer.consents.get((channel, purpose), ("unknown", 0))
    if event.time > time or (event.time == time and STRICTNESS[state] > STRICTNESS[kept]):
        customer.consents[channel, purpose] = (state, event.time, source, text_version, once)
    return FOLDED


def erased(home, customer_id):
    if customer_id in home.erased:
        return DUPLICATE
    customer = home.customers.pop(customer_id, None)
    if customer is not None:
        home.count("complaints_open", -sum(each.is_open() for each in customer.complaints.values()))
        home.leave_index(customer)
        home.count("customers", -1)
        customer.clear()  # what still points at it sees that it is gone
    home.erased[customer_id] = home.now
    home.count("erased")
    return FOLDED
