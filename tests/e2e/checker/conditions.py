# SPDX-License-Identifier: MIT
"""Conditions as docs/policy.md and docs/contract.md describe them: read into functions that answer True, False or None
(unknown). They are taken to be valid: what is not never gets into the log."""

import re
from datetime import date

from . import zones
from .instants import parse_instant
from .yearly import YearlyDate

SEVERITIES = ("low", "normal", "high", "critical")
DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR = {currency: digits for digits, names in DIGITS.items() for currency in names.split()}
UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MONEY = ("net", "average_order", "event.net")
TIMES = ("created", "first_purchase", "last_purchase", "event.time")
SETS = ("interests", "categories", "bought_through", "visited_through", "event.categories", "event.interests")
COUNTS = ("orders", "visits", "events", "open_complaints", "age", "birth_month", "event.turning")
TEXTS = ("country", "region", "zone", "language", "event.sales_channel", "event.reason", "event.relation",
         "event.product")
FIELDS = {*MONEY, *TIMES, *SETS, *COUNTS, *TEXTS, "event.severity"}
COMPARISONS = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
LINE = re.compile(r'\s*([^\s=!<>,"]+)\s*([=!<>]+|in\b|has\b|within\s+last\b|is\s+known\b)\s*(.*?)\s*', re.DOTALL)


class Gone(Exception):
    """The event is not at hand any more."""


class Facts:
    """What is asked: a customer at a moment, and what the event said; None once it is gone."""

    def __init__(self, home, customer, event):
        self.policy, self.now, self.customer, self.event = home.policy, home.now, customer, event


def read(node, zone):
    """From the YAML behind `if`; zone is where dates begin."""
    if isinstance(node, list):
        return join_all([read(part, zone) for part in node])
    if isinstance(node, dict):
        ((word, part),) = node.items()
        if word == "not":
            inner = read(part, zone)
            return lambda facts: negated(inner(facts))
        parts = [read(each, zone) for each in part]
        return join_all(parts) if word == "all" else join_any(parts)
    return read_line(node, zone)


def negated(answer):
    return None if answer is None else not answer


def join_all(parts):
    def ask(facts):
        answers = [part(facts) for part in parts]
        return False if False in answers else None if None in answers else True

    return ask


def join_any(parts):
    def ask(facts):
        answers = [part(facts) for part in parts]
        return True if True in answers else None if None in answers else False

    return ask


def read_line(text, zone):
    field, comparison, rest = LINE.fullmatch(text).groups()
    comparison = " ".join(comparison.split())
    if comparison == "is known":
        return guarded(lambda facts: bool(members(facts, field)) if field in SETS else value(facts, field) is not None)
    if comparison == "within last":
        period = int(rest[:-1]) * UNITS_MS[rest[-1]]
        return guarded(lambda facts: (value(facts, field) is not None) and value(facts, field) >= facts.now - period)
    if rest in FIELDS:
        return guarded(lambda facts: against_field(facts, field, comparison, rest))
    if comparison == "has":
        name = unquoted(rest)
        return guarded(lambda facts: name in members(facts, field))
    if comparison == "in":
        names = [constant(field, each, zone) for each in re.findall(r'"[^"]*"|[^\s,"]+', rest)]
        return guarded(lambda facts: value(facts, field) in names)
    currency = rest.split()[-1] if field in MONEY else None
    wanted = constant(field, rest, zone)

    def compare(facts):
        found = value(facts, field, currency)
        return found is not None and COMPARISONS[comparison](found, wanted)

    return guarded(compare)


def guarded(ask):
    def answer(facts):
        try:
            return ask(facts)
        except Gone:
            return None

    return answer


def against_field(facts, field, comparison, other):
    """What the customer is not known to have decides, even where the event is gone."""
    currency = None
    if field in MONEY:
        currency = said(facts, "currency")
    for each in sorted((field, other), key=lambda name: name.startswith("event.")):
        if each not in SETS and value(facts, each, currency) is None:
            return False
    if comparison == "has":
        return value(facts, other) in members(facts, field)
    return COMPARISONS[comparison](value(facts, field, currency), value(facts, other, currency))


def unquoted(text):
    return text[1:-1] if text.startswith('"') else text


def constant(field, text, zone):
    if field in COUNTS:
        return int(text)
    if field == "event.severity":
        return SEVERITIES.index(text)
    if field in TIMES:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return zones.instant(zone, date.fromisoformat(text), 0)
        return parse_instant(text)
    if field in MONEY:
        amount, currency = text.split()
        whole, _, fraction = amount.partition(".")
        digits = MINOR.get(currency, 2)
        return int(whole + fraction.ljust(digits, "0"))
    return unquoted(text)


# ---- values; None: not known


def said(facts, name):
    if facts.event is None:
        raise Gone
    return facts.event.get(name)


def members(facts, field):
    customer = facts.customer
    if field == "interests":
        return customer.interests
    if field == "categories":
        return {name for name, _ in customer.categories.values()}
    if field == "bought_through":
        return {channel for channel, counts in customer.channels.items() if counts[0]}
    if field == "visited_through":
        return {channel for channel, counts in customer.channels.items() if counts[1]}
    return said(facts, field[len("event.") :])


def value(facts, field, currency=None):
    customer = facts.customer
    if field == "event.net":
        found = said(facts, "net")
        return found if currency in (None, said(facts, "currency")) else None
    if field == "event.severity":
        return SEVERITIES.index(said(facts, "severity"))
    if field.startswith("event."):
        return said(facts, field[len("event.") :]) or None
    if field in ("orders", "visits", "events"):
        return getattr(customer, field)
    if field in ("country", "region", "zone", *TIMES):
        return getattr(customer, field) or None
    if field == "language":
        return customer.language.partition("-")[0] or None
    if field == "open_complaints":
        return sum(complaint.is_open() for complaint in customer.complaints.values())
    if field == "net":
        return customer.net.get(currency, 0)
    if field == "average_order":
        if customer.orders <= 0 or set(customer.net) - {currency}:
            return None
        net = customer.net.get(currency, 0)
        return net // customer.orders if net >= 0 else -(-net // customer.orders)
    if field == "birth_month":
        return int(customer.birth[-5:-3]) if customer.birth and not customer.birth.startswith("L") else None
    return age(facts)


def age(facts):
    born = YearlyDate.parse(facts.customer.birth).born() if facts.customer.birth else None
    if born is None:
        return None
    today = zones.local_date(facts.policy.zone_of(facts.customer), facts.now)
    years = today.year - born.year
    if (today.month, today.day) < (born.month, born.day):
        years -= 1
    return years if years >= 0 else None
