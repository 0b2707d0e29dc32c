# SPDX-License-Identifier: MIT
"""Complaints: the state of the newest word, and a clock that runs while the complaint is open."""

from .customer import Complaint
from .instants import DAY_MS
from .outcome import DUPLICATE, FOLDED


def opened(home, customer, event):
    complaint_id, severity, reason, channel = event.data
    complaint = customer.complaints.get(complaint_id)
    if complaint is not None and complaint.opened:
        return DUPLICATE
    known = complaint is not None
    complaint = complaint or Complaint()
    was_open = known and complaint.is_open()
    # of the same time as what is known already, the opening was first
    is_newest = not known or event.time > complaint.newest
    complaint.opened = True
    complaint.severity, complaint.reason = severity, reason
    if is_newest:
        complaint.state, complaint.newest = "opened", event.time
    note_begin(complaint, is_newest, event.time)
    put(home, customer, complaint_id, complaint, was_open)
    customer.count_channel(channel, 2)
    home.follow_ups.complaint_opened(home, customer, complaint_id, event.time)
    forget(home, customer)
    return FOLDED


def change_to(state):
    def changed(home, customer, event):
        complaint_id = event.data
        complaint = customer.complaints.get(complaint_id)
        known = complaint is not None
        complaint = complaint or Complaint()
        was_open = known and complaint.is_open()
        is_newest = not known or event.time >= complaint.newest
        if is_newest:
            # An answer behind the solution leaves it resolved.
            stays = known and not was_open and state in ("acknowledged", "responded")
            complaint.state = complaint.state if stays else state
            complaint.newest = event.time
        since_opening = event.time // 1000 >= complaint.opened_s
        if state == "reopened":
            note_begin(complaint, is_newest, event.time)
        elif state == "acknowledged" and since_opening:
            complaint.acknowledged = True
        elif state == "responded" and since_opening:
            complaint.responded = True
        put(home, customer, complaint_id, complaint, was_open)
        home.follow_ups.complaint_changed(home, customer, complaint_id, event.time)
        if is_newest and state == "resolved" and (was_open or not known):
            home.follow_ups.complaint_resolved(home, customer, complaint_id, event.time)
        forget(home, customer)
        return FOLDED

    return changed


def note_begin(complaint, is_newest, time):
    """Opened, or opened again: what had been answered before was answered before."""
    complaint.opened_s = max(complaint.opened_s, time // 1000)
    if is_newest:
        complaint.acknowledged = complaint.responded = False


def put(home, customer, complaint_id, complaint, was_open):
    is_open = complaint.is_open()
    if is_open and not was_open:
        complaint.since = home.now
        home.count("complaints_open")
    if was_open and not is_open:
        complaint.spent += home.now - complaint.since
        complaint.since = 0
        home.count("complaints_open", -1)
    customer.complaints[complaint_id] = complaint


def forget(home, customer):
    """Too many: the oldest resolved one leaves, or the oldest if none is resolved. Too old: resolved ones only."""
    kept, limit = customer.complaints, home.policy.limits["complaints"]
    horizon = home.now - home.policy.limits["order_days"] * DAY_MS
    while kept:
        is_open, newest, leaver = min((each.is_open(), each.newest, name) for name, each in kept.items())
        if len(kept) <= limit and (is_open or newest >= horizon):
            break
        del kept[leaver]
        home.count("forgotten")
        if is_open:
            home.count("complaints_open", -1)
