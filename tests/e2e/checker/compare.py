# SPDX-License-Identifier: MIT
"""Redis as it is against Redis as the folds say it must be."""

import hashlib
import hmac

from . import news
from .customer import NEVER
from .verdict import short

HOME_FORMAT = "1"


class Stored:
    """Looks at each key once; what has not been looked at in the end is missing."""

    def __init__(self, homes, meta, verdict):
        self.homes, self.meta, self.verdict = homes, meta, verdict
        self.prefix = meta["prefix"] + ":{"
        self.seen = {number: set() for number in homes}

    def look(self, key, kind, content):
        number, _, name = key[len(self.prefix) :].partition("}:")
        home = self.homes.get(int(number)) if number.isdecimal() else None
        if home is None:
            self.verdict.add("unexplained", f"the key {short(key)} in Redis is of a home that there is not")
            return
        wanted = self.wanted(home, name)
        if wanted is None:
            self.verdict.add("unexplained", f"nothing explains the key {short(key)} in Redis: {short(content)}")
            return
        self.seen[home.number].add(name)
        what = f"customer {short(name[2:])} of home {number}" if name.startswith("c:") else f"home {number}, key {name}"
        self.compare(what, wanted, content, is_count=name == "totals")

    def wanted(self, home, name):
        """What the key must hold; None: it must not be."""
        kind, _, rest = name.partition(":")
        if kind == "c" and rest:
            customer = home.customers.get(rest)
            return customer.fields() if customer is not None else None
        if kind in ("i", "w", "g") and rest:
            return dict.fromkeys(home.index.get(name, ()), 0) or None
        if kind == "p" and rest in home.products:
            return home.products[rest]
        if name == "home" and home.position:
            return self.wanted_home(home)
        if name == "policy" and home.policy.body is not None:
            return {"text": home.policy.body}
        if name == "totals" and home.position:
            return {each: str(count) for each, count in home.totals.items() if count}
        if name == "switches":
            return {each: str(since) for each, since in home.switches.items()} or None
        if name == "risk":
            return {each: " ".join(map(str, counts)) for each, counts in home.risk.items()} or None
        if name == "fan-outs":
            return news.stored(home.fan_outs)
        if name in ("shares", "banks"):
            return {pool: "%s %s" % words for pool, words in getattr(home, name).items()} or None
        if name == "timers":
            return {c.id: c.due for c in home.customers.values() if c.due != NEVER} or None
        if name == "erased":
            return {self.erased_hash(each): time for each, time in home.erased.items()} or None
        return None

    def wanted_home(self, home):
        wanted = {"position": str(home.position), "format": HOME_FORMAT}
        if home.time:
            wanted["time"] = str(home.time)
        if home.policy.body is not None:
            wanted["policy"] = home.policy.version
        if home.continuation:
            wanted["continuation"] = "1"
        return wanted

    def erased_hash(self, customer_id):
        return hmac.new(self.meta["erasure_key"].encode(), customer_id.encode(), hashlib.sha256).hexdigest()

    def compare(self, what, wanted, found, is_count):
        if wanted == found:
            return
        for name in sorted({*wanted, *found}):
            want, have = wanted.get(name), found.get(name)
            if want == have or (want is None and have == "0" and (is_count or name == "continuation")):
                continue
            where = f"{what}, {name}" if not what.startswith("customer") else f"{what}, field {name}"
            self.verdict.add("different", f"{where}: in Redis {said(have)}, by the log {said(want)}")

    def finish(self):
        for home in self.homes.values():
            for name in self.names(home):
                wanted = self.wanted(home, name)
                if wanted and name not in self.seen[home.number]:
                    key = f"{self.prefix}{home.number}}}:{name}"
                    self.verdict.add(
                        "different", f"the key {short(key)} is missing in Redis; it must hold {short(wanted)}"
                    )

    def names(self, home):
        yield from ("home", "policy", "totals", "fan-outs", "shares", "banks", "timers", "erased", "switches", "risk")
        yield from home.index
        yield from ("p:" + each for each in home.products)
        yield from ("c:" + each for each in home.customers)


def said(value):
    return (
        "there is nothing"
        if value is None
        else f"it is {short(value)!r}" if isinstance(value, str) else f"it is {value}"
    )
