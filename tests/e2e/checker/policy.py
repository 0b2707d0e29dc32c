# SPDX-License-Identifier: MIT
"""A policy as docs/policy.md describes it, from the YAML that a policy record carries. It is taken to be valid: what
is not never gets into the log."""

import hashlib
import json
import re
from datetime import date

import yaml

from . import conditions, gate, zones
from .hours import Hours
from .instants import parse_instant

BASE_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar a text; ten times as fast by libyaml
UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MODES = {"off": 0, "shadow": 1, "live": 2}
OFF, SHADOW, LIVE = 0, 1, 2
SEVERITIES = ("low", "normal", "high", "critical")
LIMITS = {
    "orders": 48,
    "refunds": 48,
    "order_days": 400,
    "complaints": 8,
    "interests": 16,
    "special_dates": 8,
    "household": 8,
    "launches": 16,
    "answers": 32,
    "sent": 64,
    "subscriptions": 16,
    "subscription_days": 90,
    "products": 16,
    "timers_per_record": 100,
    "fan_out_chunk": 200,
}
# class: needs consent, for which purpose, waits while a complaint is open
CLASSES = {
    "transactional": (False, "marketing", False),
    "marketing": (True, "marketing", True),
    "content": (True, "content", True),
    "task": (False, "marketing", False),
    "safety": (False, "marketing", False),
}
PURCHASE, COMPLAINT, BIRTHDAY, LAUNCH = "purchase.completed", "complaint.opened", "birthday", "product.launched"
VISIT, SILENCE, RESOLVED = "visit.made", "silence", "complaint.resolved"
SPECIAL, ANNIVERSARY, HOUSEHOLD = "special-date", "anniversary", "household-birthday"
YEARLY = (BIRTHDAY, SPECIAL, ANNIVERSARY, HOUSEHOLD)
EXPIRES_DEFAULT = {**dict.fromkeys(YEARLY, "12h"), SILENCE: "3d"}
RESTOCK, REPRICE, RECALL = "product.restocked", "product.repriced", "product.recalled"
NEWS = {"launched": LAUNCH, "restocked": RESTOCK, "repriced": REPRICE, "recalled": RECALL}


class FollowUp:
    __slots__ = (
        "name", "on", "mode", "message_class", "after", "unless", "at", "days", "leap_day", "lunar_day_30",
        "date_name", "anniversary", "relations", "calendar", "withdraw", "expires_after",
        "channels", "content", "offer", "condition", "variants", "needs_consent", "purpose", "freezes",
        "priority", "rank", "tags", "min_age", "only_after", "capacity",
    )  # fmt: skip


    def is_live(self):
        return self.mode == LIVE


class Policy:
    """What is in force. As made: what holds before the first policy record."""

    def __init__(self):
        self.version = ""
        self.body = None
        self.clock_is_event = False
        self.not_before = 0
        self.freeze = 30 * UNITS_MS["d"]
        self.default_zone = "Etc/UTC"
        self.zones = {}
        self.limits = dict(LIMITS)
        self.consent_default = {}  # channel: {place: yes or no}
        self.risk = None
        self.holdout = None  # (per cent, programme, classes)
        self.spread = 0
        self.caps = []
        self.quiet_hours = []  # (from, to, classes, channels or None for all)
        self.follow_ups = {}
        self.by_on = {on: [] for on in (PURCHASE, COMPLAINT, VISIT, SILENCE, RESOLVED, *YEARLY, *NEWS.values())}

    def zone_of(self, customer):
        if customer.zone and zones.exists(customer.zone):
            return customer.zone
        country = customer.country
        if country:
            found = self.zones.get(f"{country}-{customer.region}") if customer.region else None
            found = found or self.zones.get(country) or zones.of_country(country)
            if found:
                return found
        return self.default_zone


def from_record(body):
    """From the body of a policy record."""
    members = json.loads(body)
    # Every scalar is a text here: PyYAML would make `off` and `on` truth values and 09:00 a number.
    root = yaml.load(members["policy"], Loader=BASE_LOADER)
    policy = Policy()
    policy.version = hashlib.sha256(body).hexdigest()[:16]
    policy.body = body.decode()
    policy.clock_is_event = root.get("clock") == "event"
    policy.default_zone = root.get("default_zone", "Etc/UTC")
    policy.not_before = read_not_before(root.get("not_before"), policy.default_zone)
    policy.freeze = duration(root.get("freeze", "30d"))
    policy.zones = dict(value_or(root.get("zones"), {}))
    for name, value in value_or(root.get("limits"), {}).items():
        policy.limits[name] = int(value)
    classes = read_classes(value_or(root.get("classes"), {}))
    mode = MODES[root.get("mode", "shadow")]
    calendars = value_or(root.get("calendars"), {}).items()
    calendars = {name: Hours(node, policy.default_zone) for name, node in calendars}
    for name, node in value_or(root.get("follow_ups"), {}).items():
        for full_name, merged in stages_of(name, node):
            follow_up = read_follow_up(full_name, merged, mode, classes, policy.default_zone)
            follow_up.calendar = calendars.get(merged.get("calendar"))
            policy.follow_ups[full_name] = follow_up
            policy.by_on[follow_up.on].append(follow_up)
    order_by_priority(policy)
    gate.read(policy, root)
    return policy


def order_by_priority(policy):
    """The higher first, then as in the file: what one event leads to, and what is due at the same instant."""
    ordered = sorted(policy.follow_ups.values(), key=lambda each: -each.priority)
    for rank, follow_up in enumerate(ordered):
        follow_up.rank = rank
    for each in policy.by_on.values():
        each.sort(key=lambda follow_up: follow_up.rank)


def value_or(node, default):
    """An empty mapping is written as nothing at all."""
    return node if isinstance(node, dict) else default


def is_null(text):
    return text is None or text in ("", "~", "null", "Null", "NULL")


def duration(text):
    return int(text[:-1]) * UNITS_MS[text[-1]]


def read_not_before(text, zone):
    if is_null(text):
        return 0
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return zones.instant(zone, date.fromisoformat(text), 0)
    return parse_instant(text)


def read_classes(node):
    classes = dict(CLASSES)
    for name, rules in node.items():
        needs, purpose, freezes = classes[name]
        if "needs_consent" in rules:
            needs = rules["needs_consent"].lower() == "true"
        if "freezes" in rules:
            freezes = rules["freezes"].lower() == "true"
        classes[name] = (needs, rules.get("purpose", purpose), freezes)
    return classes


def stages_of(name, node):
    """The follow-up itself, or one for each of its stages."""
    if "stages" not in node:
        return [(name, node)]
    shared = {key: value for key, value in node.items() if key != "stages"}
    return [(f"{name}.{stage['name']}", {**shared, **stage}) for stage in node["stages"]]


def read_follow_up(name, node, mode, classes, zone):
    made = FollowUp()
    made.name = name
    made.on = node["on"]
    made.mode = min(mode, MODES[node["mode"]]) if "mode" in node else mode
    made.message_class = node["class"]
    made.needs_consent, made.purpose, made.freezes = classes[made.message_class]
    after = node.get("after", "0s")
    made.after = {s: duration(after[s] if isinstance(after, dict) else after) for s in SEVERITIES}
    made.unless = node.get("unless")
    made.at = gate.minute_of(node.get("at", "09:00"))
    made.min_age = int(node.get("min_age", 0))
    made.tags = node.get("tags", [])
    made.priority = int(node.get("priority", 0))
    made.date_name, made.anniversary = node.get("date"), node.get("anniversary")
    made.relations = node.get("relation")  # None: all
    made.days = int(node.get("days", "0"))
    made.leap_day = node.get("leap_day", "feb-28")
    made.lunar_day_30 = node.get("lunar_day_30", "day-29")
    made.withdraw = node.get("withdraw", "false").lower() == "true"
    expires = node.get("expires_after", EXPIRES_DEFAULT.get(made.on, "never"))
    made.expires_after = 0 if expires == "never" else duration(expires)
    channels = node.get("channels")
    made.channels = list(channels) if channels else ["task"]
    made.content = node.get("content", name)
    made.offer = node.get("offer")
    made.only_after = f"{name.partition('.')[0]}.{node['only_after']}" if "only_after" in node else None
    made.variants = [
        (conditions.read(each["if"], zone), each.get("content", made.content), each.get("offer", made.offer))
        for each in node.get("variants", ())
    ]
    made.condition = conditions.read(node["if"], zone) if "if" in node else None
    made.capacity = int(node.get("capacity", "0"))
    return made
