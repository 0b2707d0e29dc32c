#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The cases of tests/cases once more, folded by the checker: what people wrote down must be what the second
implementation of the contract says too.

cases.py FILE.yaml...
"""

import json
import re
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from checker.fold import Home
from checker.instants import format_instant
from checker.policy import BASE_LOADER

CONTENT_TYPE = ("content-type", b"application/cloudevents+json")
VERBS = ("sent", "not_sent", "held", "shadow", "withdrawn", "refused")
COMPARED = ("customer", "reason", "content", "offer", "occurrence", "channels")
WHO_AND_WHEN = ("at", "customer", "product", "id", "time")
OUTCOMES = {"suppressed": "not_sent", "shadow": "shadow", "held": "held"}
WITHDRAWN = "loyalty.coupon.withdrawn.v1"


class Quoted(str):
    """A text in quotes is no number, whatever it looks like."""


class Loader(BASE_LOADER):
    pass


Loader.add_constructor(
    "tag:yaml.org,2002:str", lambda loader, node: (Quoted if node.style in ("'", '"') else str)(node.value)
)


class World:
    """One home, its log and what comes out of it; stands in for the checker's account of what must."""

    home_log = "cases"

    def __init__(self):
        self.home = Home(0, 1, self, lambda key: 0)
        self.now = self.offset = 0
        self.pending, self.came = [], []

    # ---- what the fold tells

    def add_event(self, topic, _, event):
        kind, customer, time, data = event
        verb = OUTCOMES[data["outcome"]] if topic == "decisions" else "withdrawn" if kind == WITHDRAWN else "sent"
        line = {name: data.get(name) for name in COMPARED}
        line["channels"] = ",".join(data.get("contact_channels", ()))
        self.came.append((time, verb, data["follow_up"], {**line, "customer": customer}))

    def add_letter(self, reason, _topic, _partition, _offset, time, _key, value, _headers):
        event = json.loads(value)
        name = event["type"].removeprefix("loyalty.").removesuffix(".v1")
        self.came.append((time, "refused", name, {"reason": reason, "customer": event.get("subject")}))

    def add_control(self, _home, kind, body):
        self.pending.append((kind, body))

    def saw_control(self, *_):
        pass

    # ---- what happens

    def fold(self, key, value, headers):
        self.home.fold(self.offset, self.now, key, value, headers)
        self.offset += 1
        while self.pending:
            self.control(*self.pending.pop(0))

    def control(self, kind, body):
        self.fold(None, json.dumps(body).encode(), [("loyald-control", f"{kind} 0 1".encode())])

    def next_due(self):
        return min((each.due for each in self.home.customers.values()), default=float("inf"))

    def pass_until(self, time):
        while self.next_due() <= time:
            self.now = max(self.now, self.next_due())
            self.control("tick", {})
        self.now = max(self.now, time)

    def activate(self, text):
        self.control("policy", {"fold": 1, "zones": "", "policy": text})

    def event(self, kind, subject, event_id, time, data):
        event = {
            "specversion": "1.0", "id": event_id, "source": "/cases", "type": f"loyalty.{kind}.v1",
            "subject": subject, "time": format_instant(time), "data": data,
        }  # fmt: skip
        self.fold(subject.encode(), json.dumps(event).encode(), [CONTENT_TYPE])


class Case:
    def __init__(self, folder, node, file):
        self.folder, self.node = folder, node
        self.policy = policy_text(folder, node.get("policy", file.get("policy")))
        default = re.search(r"^default_zone: *([^ #\n]+)", self.policy, re.MULTILINE)
        self.zone = node.get("zone", file.get("zone", default[1] if default else "Etc/UTC"))
        self.world, self.ids = World(), 0

    def time(self, text):
        if text.endswith("Z"):
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        else:
            date, _, rest = text.partition(" ")
            clock, _, zone = (rest or "00:00").partition(" ")
            moment = datetime.fromisoformat(f"{date} {clock}").replace(tzinfo=ZoneInfo(zone or self.zone))
        return round(moment.timestamp() * 1000)

    def play(self):
        node, world = self.node, self.world
        given = node.get("given") or ()
        since = node.get("since") or (given[0]["at"] if given else node["until"])
        world.now = self.time(since)
        world.activate(self.policy)
        people = {**({"C1": node["customer"]} if "customer" in node else {}), **node.get("customers", {})}
        for name, customer in people.items():
            self.introduce(name, customer)
        for step in given:
            self.step(step)
        expected = self.expected()
        times = [self.time(step["at"]) for step in given] + [time for time, *_ in expected]
        world.pass_until(self.time(node["until"]) if "until" in node else max(times))
        return differences(expected, world.came)

    def introduce(self, name, customer):
        profile = data_of({key: value for key, value in customer.items() if key != "consents"})
        if profile:
            self.tell("profile.changed", name, self.world.now, profile)
        for consent in customer.get("consents", ()):
            channel, _, purpose = consent.partition(" ")
            data = {"contact_channel": channel, "purpose": purpose or "marketing", "state": "granted"}
            self.tell("consent.changed", name, self.world.now, data)

    def tell(self, kind, subject, time, data, event_id=None):
        self.ids += event_id is None
        self.world.event(kind, subject, event_id or f"event-{self.ids}", time, data)

    def step(self, step):
        world, at = self.world, self.time(step["at"])
        world.pass_until(at)
        what = next(key for key in step if key not in WHO_AND_WHEN)
        if what == "policy":
            world.activate(policy_text(self.folder, step[what]))
        elif what == "away_until":
            world.now = self.time(step[what])
            world.control("tick", {})
        elif what in ("pause", "resume"):
            kind, _, name = step[what].rpartition(":")
            kind, name = ("all", "") if step[what] == "all" else (kind or "follow_up", name)
            world.control("switch", {"what": kind, "name": name, "state": what + "d"})
            if (kind, what) == ("follow_up", "resume"):
                world.control("switch", {"what": "risk", "name": name, "state": "resumed"})
        else:
            subject = step.get("product", "P1") if what == "product.launched" else step.get("customer", "C1")
            time = self.time(step["time"]) if "time" in step else at
            self.tell(what, subject, time, data_of(step[what] or {}), step.get("id"))

    def expected(self):
        lines = []
        for line in () if self.node["expect"] == "nothing" else self.node["expect"]:
            verb = next(key for key in line if key in VERBS)
            wanted = {key: line[key] for key in COMPARED if key in line}
            if isinstance(wanted.get("channels"), list):
                wanted["channels"] = ",".join(wanted["channels"])
            lines.append((self.time(line["at"]), verb, line[verb], wanted))
        return lines


def policy_text(folder, policy):
    """As if its mode were live."""
    text = policy if "\n" in policy else (folder / policy).read_text()
    return "mode: live\n" + re.sub(r"^mode:.*\n", "", text, flags=re.MULTILINE)


def data_of(node, name=""):
    """What an upstream system would have sent, of what the file says shorter."""
    if isinstance(node, dict):
        data = {}
        for key, value in node.items():
            data.update(shortened(key, value) or {key: data_of(value, key)})
        return data
    if isinstance(node, list):
        return [data_of(each) for each in node]
    if isinstance(node, Quoted):
        return str(node)
    is_text = name == "" or name.endswith("_id") or name in ("name", "sku", "quantity")
    if node in ("true", "false"):
        return node == "true"
    if node in ("", "~", "null"):
        return None
    return int(node) if not is_text and re.fullmatch(r"-?\d+", node) else node


def shortened(key, value):
    if key == "birth":
        year, month, day = re.fullmatch(r"(\d{4}|-)-(\d\d)-(\d\d)", value).groups()
        date = {"calendar": "gregorian", "month": int(month), "day": int(day)}
        return {"birth_date": {**date, "year": int(year)} if year != "-" else date}
    if key == "amount":
        amount, currency = value.split(" ")
        whole, _, cents = amount.partition(".")
        minor = int(whole) if currency == "JPY" else int(whole) * 100 + int((cents + "00")[:2])
        return {"net_minor": minor, "currency": currency}
    return None


def differences(expected, came):
    left, problems = list(came), []
    for line in expected:
        time, verb, name, wanted = line
        for each in left:
            if each[:3] == line[:3] and all(each[3].get(key) == value for key, value in wanted.items()):
                left.remove(each)
                break
        else:
            problems.append(f"missing: {format_instant(time)} {verb} {name} {wanted}")
    return problems + [f"too much: {format_instant(time)} {verb} {name} {about}" for time, verb, name, about in left]


def main(paths):
    count = wrong = 0
    for path in map(Path, paths):
        file = yaml.load(path.read_text(), Loader=Loader)
        for node in file["cases"]:
            problems = Case(path.parent, node, file).play()
            count += 1
            wrong += bool(problems)
            if problems:
                print(f"{path.name}: {node['name']}", *problems, sep="\n  ")
    print(f"{count} cases, {wrong} of which the checker sees otherwise")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
