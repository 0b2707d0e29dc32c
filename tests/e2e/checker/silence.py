# SPDX-License-Identifier: MIT
"""Silence: nothing bought for so long. One timer a customer, which later purchases do not move: when it comes it looks at
the last purchase, decides what is due, and is set to what is due next."""

from . import followups
from .instants import DAY_MS, format_instant
from .policy import OFF, SILENCE

TIMER = "silence"


def next_due(home, customer, behind):
    """The earliest that comes behind an instant (None: any), or None."""
    if not customer.last_purchase:
        return None
    on = [follow_up for follow_up in home.policy.by_on[SILENCE] if follow_up.mode != OFF]
    dues = [customer.last_purchase + follow_up.after["normal"] for follow_up in on]
    return min((due for due in dues if behind is None or due > behind), default=None)


def last_purchase_changed(home, customer):
    due = next_due(home, customer, None)
    if due is None:
        return
    due = max(due, home.now + DAY_MS)
    if customer.timers.get(TIMER, due + 1) > due:
        home.set_timer(customer, TIMER, due)


def lasts(home, customer):
    last = customer.last_purchase
    if not last:
        return
    occurrence = format_instant(last)
    for follow_up in home.policy.by_on[SILENCE]:
        due = last + follow_up.after["normal"]
        if due <= home.now and not followups.is_decided(customer, follow_up, occurrence):
            followups.plan(home, customer, follow_up, occurrence, last, due, followups.expiry(follow_up, due), None)
    due = next_due(home, customer, home.now)
    if due is not None:
        home.set_timer(customer, TIMER, due)
