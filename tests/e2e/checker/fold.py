# SPDX-License-Identifier: MIT
"""One home: its log folded in order, with the timers that fire before each record and the control records."""

import heapq
import json

from . import complaints, followups, messages, news, orders, profiles, shares, yearly_dates
from .customer import NEVER, Customer
from .decode import PRODUCTS, header, read_event
from .outcome import DUPLICATE, FOLDED
from .payload import MESSAGES, Reject
from .policy import Policy, from_record

ERASED = "loyalty.customer.erased.v1"
HANDLERS = {
    "loyalty.purchase.completed.v1": orders.completed,
    "loyalty.purchase.cancelled.v1": orders.cancelled,
    "loyalty.purchase.refunded.v1": orders.refunded,
    "loyalty.visit.made.v1": profiles.visited,
    "loyalty.complaint.opened.v1": complaints.opened,
    "loyalty.complaint.acknowledged.v1": complaints.change_to("acknowledged"),
    "loyalty.complaint.responded.v1": complaints.change_to("responded"),
    "loyalty.complaint.resolved.v1": complaints.change_to("resolved"),
    "loyalty.complaint.reopened.v1": complaints.change_to("reopened"),
    "loyalty.profile.changed.v1": profiles.profile_changed,
    "loyalty.consent.changed.v1": profiles.consent_changed,
    "loyalty.task.done.v1": messages.told("task.done"),
    **{f"loyalty.message.{each}.v1": messages.told("message." + each) for each in MESSAGES},
    "loyalty.subscription.changed.v1": news.subscription_changed,
}
followups.yearly_dates = yearly_dates


class Unreadable(Exception):
    """A control record that parks the home."""


class Home:
    follow_ups = followups

    def __init__(self, number, homes, expected, home_of):
        self.number, self.homes = number, homes
        self.expected = expected  # what must come out, of all homes
        self.home_of = home_of
        self.customers = {}
        self.heap = []  # (due, id); true only if the customer's own next due is the same
        self.index = {}  # i:INTEREST, w:KIND:PRODUCT, g:PRODUCT: ids
        self.totals = {}
        self.fan_outs = {}
        self.shares = {}  # pool: (left, state)
        self.banks = {}  # pool: (given, since)
        self.products = {}  # id: the fields in Redis
        self.erased = {}  # id: when
        self.time = self.now = self.position = self.offset = 0
        self.continuation = False
        self.switches = {}  # what is paused: since when
        self.risk = {}
        self.policy = Policy()

    # ---- what the parts of the fold use

    def count(self, name, by=1):
        total = self.totals.get(name, 0) + by
        self.totals[name] = (total + 2**63) % 2**64 - 2**63  # of a home they wrap around, and back again

    def set_timer(self, customer, name, due):
        customer.timers[name] = due
        self.set_due(customer)

    def drop_timer(self, customer, name):
        if customer.timers.pop(name, None) is not None:
            self.set_due(customer)

    def set_due(self, customer):
        due = min(customer.timers.values(), default=NEVER)
        if due != customer.due:
            customer.due = due
            if due != NEVER:
                heapq.heappush(self.heap, (due, customer.id))

    def enter_index(self, customer):
        for name in customer.indices():
            self.index.setdefault(name, set()).add(customer.id)

    def leave_index(self, customer):
        for name in customer.indices():
            self.index[name].discard(customer.id)

    # ---- records

    def fold(self, offset, append_ms, key, value, headers):
        """Returns the event, if there is one, for the caller's own accounts."""
        self.offset = offset
        control = header(headers, "loyald-control") if headers else None
        if control is not None:
            self.fold_control(control, append_ms, key, value)
            event = None
        else:
            event = self.fold_other(offset, append_ms, key, value, headers)
        self.position = offset + 1
        return event

    def fold_other(self, offset, append_ms, key, value, headers):
        to = self.home_of(key) if key is not None else self.number
        event = reason = None
        if to == self.number:
            try:
                event = read_event(key, value, headers, append_ms, self.policy.clock_is_event)
                if event.subject is not None and key is None:
                    to = self.home_of(event.subject.encode())
            except Reject as reject:
                reason = reject.args[0]
        if to != self.number:
            self.pass_time(append_ms, None, None)
            self.expected.add_copy(self.expected.home_log, self.number, offset, append_ms, key, value, headers, to)
            outcome = "copied"
        elif reason is not None:
            self.pass_time(append_ms, None, None)
            outcome = self.reject(reason, offset, append_ms, key, value, headers)
        elif event.subject is None:
            self.pass_time(append_ms, None, None)
            outcome = "ignored"
        else:
            self.pass_time(append_ms, event.time, None if event.type in PRODUCTS else event.subject)
            try:
                outcome = self.fold_event(event)
            except Reject as reject:
                outcome = self.reject(reject.args[0], offset, append_ms, key, value, headers)
        self.count("events:" + outcome)
        return event

    def reject(self, reason, offset, append_ms, key, value, headers):
        self.count("rejected:" + reason)
        self.expected.add_letter(reason, self.expected.home_log, self.number, offset, append_ms, key, value, headers)
        return "dead_lettered"

    def fold_event(self, event):
        kind, subject = event.type, event.subject
        if kind in PRODUCTS:
            return news.happened(self, event)
        if kind == ERASED:
            return profiles.erased(self, subject)
        if subject in self.erased:
            raise Reject("customer_erased")
        customer = self.customers.get(subject)
        if customer is None:
            customer = Customer(subject)
        elif customer.knows(event.id):
            return DUPLICATE
        first_purchase = customer.first_purchase
        outcome = HANDLERS[kind](self, customer, event)
        moved = not customer.exists or customer.first_purchase != first_purchase
        if not customer.exists:
            customer.exists = True
            customer.created = self.now
            self.customers[subject] = customer
            self.count("customers")
        if outcome == FOLDED:
            customer.events += 1
        customer.remember(event.id)
        yearly_dates.folded(self, customer, moved)
        return outcome

    # ---- time

    def pass_time(self, append_ms, event_time, own):
        """The home's time goes on, and what has become due by then fires: all of the record's own customer, then of
        others, by due time and id, as many customers as the policy allows."""
        policy = self.policy
        time = append_ms if not policy.clock_is_event else event_time
        if time is not None and time > self.time:
            self.time = time
        now = self.time
        if own is not None:
            customer = self.customers.get(own)
            if customer is not None and customer.due <= now:
                self.fire(customer, now)
        heap = self.heap
        if heap and heap[0][0] <= now:
            self.fire_others(now, policy.limits["timers_per_record"])
        self.now = now

    def fire_others(self, now, limit):
        chosen = {}
        while len(chosen) <= limit and self.heap and self.heap[0][0] <= now:
            due, customer_id = heapq.heappop(self.heap)
            customer = self.customers.get(customer_id)
            if customer is not None and customer.due == due:
                chosen[customer_id] = customer
        more = chosen.popitem()[1] if len(chosen) > limit else None
        for customer in chosen.values():
            self.fire(customer, now)
        if more is not None:
            heapq.heappush(self.heap, (more.due, more.id))
            if not self.continuation:
                self.continuation = True
                self.expected.add_control(self.number, "continuation", {})

    def fire(self, customer, now):
        while customer.due <= now:
            due = customer.due
            names = [name for name, each in customer.timers.items() if each == due]
            name = names[0] if len(names) == 1 else min(names, key=self.rank_of)
            self.drop_timer(customer, name)
            self.now = due if self.policy.clock_is_event else now
            followups.timer_fired(self, customer, name, due)

    def rank_of(self, name):
        """Who is first of what is due at the same instant: what plans others, then by the policy, then by name."""
        first, colon, _ = name.partition(":")
        if not colon:
            return (-1, name.encode())
        follow_up = self.policy.follow_ups.get(first)
        return (follow_up.rank if follow_up is not None else len(self.policy.follow_ups), name.encode())

    # ---- control records

    def fold_control(self, head, append_ms, key, value):
        kind, home, version = (head.decode(errors="replace").split(" ") + ["", "", ""])[:3]
        if key is not None or home != str(self.number) or version != "1":
            raise Unreadable(f"its header loyald-control is {head!r}")
        body = json.loads(value)
        if kind == "continuation":
            self.continuation = False
        # By a policy no time passes: it may bring another clock.
        self.pass_time(None if kind == "policy" else append_ms, body["time"] if kind == "end" else None, None)
        if kind == "policy":
            self.policy = from_record(value)
        elif kind == "broadcast":
            news.broadcast(self, body)
        elif kind == "chunk":
            news.chunk(self, body, value.decode())
        elif kind == "fan_out":
            news.told_to(self, body)
        elif kind == "share_wanted":
            shares.wanted(self, body)
        elif kind == "share":
            news.go_on(self, shares.received(self, body))
        elif kind == "share_back":
            shares.came_back(self, body)
        elif kind == "switch":
            name = body["what"] if body["what"] == "all" else f"{body['what']}:{body['name']}"
            if body["state"] == "resumed":
                self.switches.pop(name, None)
            else:
                self.switches.setdefault(name, self.now)
        elif kind not in ("tick", "continuation", "end"):
            raise Unreadable(f"its kind is {kind!r}")
        self.expected.saw_control(self.number, kind, body)
