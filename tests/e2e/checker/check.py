# SPDX-License-Identifier: MIT
"""The order of things: feeders, the home log, what came out, Redis; then what has not been accounted for."""

import gc

from .compare import Stored
from .expected import Expected, fingerprint
from .fold import Home, Unreadable
from .homes import home_of
from .outputs import Copies, Events, Letters, at, finish_controls
from .verdict import Verdict, short


def check(source, sentences_per_kind=5, complete=True):
    """complete: whatever is in an input topic was acknowledged, if anything was."""
    run = Run(source, Verdict(sentences_per_kind), complete)
    gc.disable()  # millions of objects and no cycles: looking for some would take a third of the time
    try:
        run.feeders()
        run.home_log()
        run.outputs()
        run.redis()
        run.acknowledged()
    finally:
        gc.enable()
    return run.verdict


class Run:
    def __init__(self, source, verdict, complete):
        self.source, self.meta, self.verdict = source, source.meta, verdict
        self.homes_count = self.meta["homes"]
        self.expected = Expected(self.meta["home_log"], self.homes_count)
        self.homes = {}
        for number in range(self.homes_count):
            self.homes[number] = Home(number, self.homes_count, self.expected, self.home_of)
        self.parked = set()
        self.promises = {}  # (topic, partition, offset): what was acknowledged and has not been met yet
        for each in source.acknowledged():
            self.promises[each["topic"], each["partition"], each["offset"]] = each
        self.complete = complete and bool(self.promises)

    def home_of(self, key):
        return home_of(key, self.homes_count)

    def feeders(self):
        expected = self.expected
        for topic in self.meta["feeders"]:
            for record in self.source.records(topic):
                expected.route(topic, *record)
                place = topic, record[0], record[1]
                promise = self.promises.get(place)
                if promise is None:
                    self.not_acknowledged(place, record[4])
                elif place not in expected.copies:  # it was there; what must become of it is accounted for elsewhere
                    del self.promises[place]

    def home_log(self):
        topic, homes = self.meta["home_log"], self.homes
        copies = self.copies = Copies(self.expected.copies, self.verdict)
        events = 0
        for partition, offset, time, key, value, headers in self.source.records(topic):
            home = homes[partition]
            if partition in self.parked:
                continue
            if offset < home.position:
                self.verdict.add("different", f"home {partition}: offset {offset} comes behind {home.position - 1}")
            try:
                event = home.fold(offset, time, key, value, headers)
            except (Unreadable, ValueError, KeyError) as error:
                self.parked.add(partition)
                self.verdict.add("unexplained", f"home {partition}, offset {offset} cannot be folded: {error!r}")
                continue
            if key is None and headers and any(name == "loyald-control" for name, _ in headers):
                continue
            events += 1
            place = (topic, partition, offset)
            if headers is not None and place not in self.promises:
                place = copies.look(partition, offset, headers, fingerprint(key, value, headers)) or place
            self.keep_promise(place, key, value, event)
        copies.finish()
        finish_controls(self.expected.controls, self.verdict)
        self.verdict.seen["events"] = events

    def keep_promise(self, place, key, value, event):
        promise = self.promises.pop(place, None)
        if promise is None:
            if place not in self.copies.found and place not in self.expected.copies:
                self.not_acknowledged(place, value)
            return
        wanted = promise.get("key")
        if wanted is not None and key is not None and key != wanted.encode():
            self.verdict.add("different", f"the key of {at(place)} is {short(key)}; acknowledged was {short(wanted)}")
        if event is None:
            return
        for name, have in (("source", event.source), ("id", event.event_id), ("subject", event.subject)):
            if promise.get(name) is not None and promise[name] != have:
                wanted = promise[name]
                self.verdict.add(
                    "different", f"the {name} of {at(place)} is {short(have)}; acknowledged was {short(wanted)}"
                )

    def not_acknowledged(self, place, value):
        if self.complete:
            self.verdict.add("unexplained", f"no producer was told that {at(place)} was written: {short(value)}")

    def outputs(self):
        expected, verdict = self.expected, self.verdict
        looked = {}
        for name, looker in (
            ("triggers", Events("trigger", expected.triggers, verdict)),
            ("decisions", Events("decision", expected.decisions, verdict)),
            ("dead_letters", Letters(expected.letters, verdict)),
        ):
            for partition, offset, _, key, value, headers in self.source.records(self.meta[name]):
                looker.look(partition, offset, key, value, headers)
            looker.finish()
            looked[name.replace("_", " ")] = looker.count
        verdict.seen["customers"] = sum(len(home.customers) for home in self.homes.values())
        verdict.seen.update(looked)

    def redis(self):
        stored = Stored(self.homes, self.meta, self.verdict)
        for key, kind, content in self.source.redis():
            stored.look(key, kind, content)
        stored.finish()

    def acknowledged(self):
        for place, promise in self.promises.items():
            self.verdict.add(
                "lost", f"the event of {at(place)} was acknowledged and is not in the home log: {short(promise)}"
            )
