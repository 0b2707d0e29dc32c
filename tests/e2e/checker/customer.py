# SPDX-License-Identifier: MIT
"""A customer as the contract keeps one, and the fields that it has in Redis."""

NEVER = 1 << 62
LETTERS = "abcdefghijklmnopqrst"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
COUNTS = (
    "created",
    "events",
    "orders",
    "first_purchase",
    "last_purchase",
    "older_first",
    "older_last",
    "visits",
    "birth_changed",
    "profile_time",
)
TEXTS = ("birth", "zone", "country", "region", "language", "contact_channels")


class Order:
    __slots__ = ("completed", "cancelled", "time_s", "net", "currency", "refunded", "whole", "categories", "marks")

    def __init__(self, time_s):
        self.completed = self.cancelled = self.whole = False
        self.time_s = time_s
        self.net = self.refunded = 0
        self.currency = self.categories = ""
        self.marks = []

    def is_wholly_refunded(self):
        return self.whole or (self.refunded > 0 and self.refunded >= self.net)

    def stands(self):
        return self.completed and not self.cancelled and not self.is_wholly_refunded()

    def gives(self):
        return self.net - self.refunded if self.stands() else 0

    def text(self):
        """STATE TIME_S NET CURRENCY REFUNDED CATEGORIES MARKS, without what stands for nothing at the end."""
        if not self.completed:
            state = "!" if self.cancelled else "?"
        else:
            state = "x" if self.cancelled else "w" if self.is_wholly_refunded() else "o"
        words = [state, str(self.time_s), str(self.net) if self.completed else "-", self.currency or "-"]
        if self.whole:
            words.append("*")
        elif self.refunded or self.categories or self.marks:
            words.append(str(self.refunded))
        if self.categories or self.marks:
            words.append("".join(sorted(self.categories)) or "-")
        if self.marks:
            words.append("".join("+" + mark for mark in self.marks))
        return " ".join(words)


class Complaint:
    __slots__ = (
        "state", "opened", "acknowledged", "responded", "severity", "opened_s", "newest", "spent", "since", "reason",
    )  # fmt: skip
    STATES = {"opened": "o", "acknowledged": "a", "responded": "p", "resolved": "s", "reopened": "n"}

    def __init__(self):
        self.state = "opened"
        self.opened = self.acknowledged = self.responded = False
        self.severity = "normal"
        self.opened_s = self.newest = self.spent = self.since = 0
        self.reason = ""

    def is_open(self):
        return self.state != "resolved"

    def text(self):
        """STATE MARKS SEVERITY OPENED_S NEWEST_MS SPENT_MS SINCE_MS REASON, the first three as letters."""
        marks = "o" * self.opened + "a" * self.acknowledged + "p" * self.responded
        return (
            f"{self.STATES[self.state]} {marks or '-'} {self.severity[0]} {self.opened_s} {self.newest} {self.spent} "
            f"{self.since} {self.reason or '-'}"
        )


class Customer:
    __slots__ = (
        "id", "exists", "due", *COUNTS, *TEXTS, "hours", "ids", "ids_before", "net", "channels", "orders_kept",
        "refunds", "categories", "complaints", "consents", "interests", "dates", "household", "waits",
        "bought", "timers", "held", "sent", "answers", "last", "launches",
    )  # fmt: skip

    def __init__(self, customer_id):
        self.id = customer_id
        self.clear()

    def clear(self):
        self.exists = False
        self.due = NEVER  # of the earliest timer
        self.created = self.events = self.orders = self.first_purchase = self.last_purchase = 0
        self.older_first = self.older_last = self.visits = self.birth_changed = self.profile_time = 0
        self.birth = self.zone = self.country = self.region = self.language = self.contact_channels = ""
        self.hours = None
        self.ids, self.ids_before = [], ()
        self.net = {}
        self.channels = {}  # [purchases, visits, complaints]
        self.orders_kept = {}
        self.refunds = {}  # (time in s, amount or None, currency, order or None)
        self.categories = {}  # letter: [name, orders]
        self.complaints = {}
        self.consents = {}  # (channel, purpose): (state, time, source, text version, once)
        self.interests = {}  # a set that keeps its order
        self.dates = {}  # special ones, by name
        self.household = {}  # member: (relation, birth date, name or "")
        self.waits = {}  # (kind, product): since
        self.bought = {}  # product: when last
        self.timers = {}  # FOLLOW-UP:OCCURRENCE or birthday: due
        self.held = {}  # FOLLOW-UP:OCCURRENCE: (first due, what of news waits with it or None)
        self.sent = []  # (time, number, follow-up, class, channel, mode): what counts towards caps
        self.answers = {}  # FOLLOW-UP:OCCURRENCE: (redeemed or done, time)
        self.last = {}
        self.launches = {}  # FOLLOW-UP:PRODUCT: when, or the time of other news

    def knows(self, event_id):
        return event_id in self.ids or event_id in self.ids_before

    def remember(self, event_id):
        if len(self.ids) == 8:
            self.ids_before = self.ids
            self.ids = []
        self.ids.append(event_id)

    def count_hour(self, hour):
        hours = self.hours
        if hours is None:
            hours = self.hours = [0] * 24
        if hours[hour] == 35:
            hours[:] = [count // 2 for count in hours]
        hours[hour] += 1

    def count_channel(self, channel, what):
        counts = self.channels.get(channel)
        if counts is None:
            counts = self.channels[channel] = [0, 0, 0]
        counts[what] += 1

    def indices(self):
        """The names of the indices that have this customer."""
        return (
            {"i:" + name for name in self.interests}
            | {f"w:{kind}:{product}" for kind, product in self.waits}
            | {"g:" + product for product in self.bought}
        )

    def fields(self):
        """As in Redis: name to text."""
        made = {}
        for name in COUNTS:
            value = getattr(self, name)
            if value:
                made[name] = str(value)
        for name in TEXTS:
            value = getattr(self, name)
            if value:
                made[name] = value
        if self.hours is not None:
            made["hours"] = "".join([DIGITS[count] for count in self.hours])
        if self.ids:
            made["ids"] = "".join(self.ids)
        if self.ids_before:
            made["ids_before"] = "".join(self.ids_before)
        self.add_items(made)
        return made

    def add_items(self, made):
        for name, value in self.net.items():
            made["net:" + name] = str(value)
        for name, counts in self.channels.items():
            made["at:" + name] = "%d %d %d" % tuple(counts)
        for name, order in self.orders_kept.items():
            made["o:" + name] = order.text()
        for name, (time_s, amount, currency, order) in self.refunds.items():
            text = f"{time_s} {'-' if amount is None else amount} {currency or '-'}"
            made["r:" + name] = text if order is None else f"{text} {order}"
        for letter, (name, orders) in self.categories.items():
            made["k:" + letter] = f"{name} {orders}"
        for name, complaint in self.complaints.items():
            made["q:" + name] = complaint.text()
        for (channel, purpose), (state, time, source, text_version, once) in self.consents.items():
            more = f" {source} {text_version}" if (source, text_version, once) != ("-", "-", False) else ""
            made[f"s:{channel}:{purpose}"] = f"{state} {time}{more}{' once' if once else ''}"
        for name, text in self.dates.items():
            made["y:" + name] = text
        for member, words in self.household.items():
            made["b:" + member] = " ".join(word for word in words if word)
        for name in self.interests:
            made["i:" + name] = "declared"
        for (kind, product), since in self.waits.items():
            made[f"w:{kind}:{product}"] = str(since)
        for product, when in self.bought.items():
            made["g:" + product] = str(when)
        for name, due in self.timers.items():
            made["t:" + name] = str(due)
        for name, (due, told) in self.held.items():
            made["h:" + name] = str(due) if told is None else f"{due} {kept_text(told)}"
        for time, number, *words in self.sent:
            made[f"m:{time}:{number}"] = " ".join(words)
        for name, (what, time) in self.answers.items():
            made["d:" + name] = f"{what} {time}"
        for name, occurrence in self.last.items():
            made["f:" + name] = occurrence
        for name, when in self.launches.items():
            made["l:" + name] = str(when)


def kept_text(kept):
    """As it stands in Redis."""
    kind = kept["news"]
    if kind == "launched":
        return f"{kept['time']} {kept['name']}"
    more = {"repriced": ("currency", "old_minor", "new_minor"), "recalled": ("severity", "reference")}.get(kind, ())
    return " ".join((kind, *(str(kept[name]) for name in more)))
