#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The checker's own test: a good recorded run is found good, and every cheat of a list is caught.

test_cheats.py RECORDING [--seed N]
"""

import argparse
import copy
import json
import random
import sys

from checker.check import check
from checker.recording import Recording

HOME_LOG, TRIGGERS, DECISIONS, LETTERS = (
    "loyalty.events",
    "loyalty.triggers",
    "loyalty.decisions",
    "loyalty.dead-letters",
)


class Tampered:
    """A recording in which one thing has been changed; the original stays as it is."""

    def __init__(self, recording, chance):
        self.lines = list(recording.lines)
        self.chance = chance

    def pick(self, fits):
        found = [i for i, line in enumerate(self.lines) if fits(line)]
        assert found, "the recording has nothing to cheat with"
        return self.chance.choice(found)

    def of_topic(self, topic, fits=lambda line: True):
        return self.pick(lambda line: line.get("topic") == topic and fits(line))

    def key(self, fits, content=lambda found: True):
        return self.pick(lambda line: "redis" in line and fits(name_of(line)) and content(contents(line)))

    def change(self, at):
        """A copy of the line, to be changed in place."""
        self.lines[at] = copy.deepcopy(self.lines[at])
        return self.lines[at]

    def verdict(self):
        return check(Recording(self.lines))


def name_of(line):
    return line["redis"].partition("}:")[2]


def contents(line):
    return line["hash"] if "hash" in line else line["ranks"]


def is_event(line):
    return not any(name.startswith("loyald-") for name, _ in line["h"])


# ---- the cheats: what is done, and which finding must come of it


def drop_trigger(t):
    del t.lines[t.of_topic(TRIGGERS)]
    return "lost"


def double_trigger(t):
    line = copy.deepcopy(t.lines[t.of_topic(TRIGGERS)])
    line["o"] += 1_000_000
    t.lines.append(line)
    return "doubled"


def forge_trigger(t):
    line = t.change(t.of_topic(TRIGGERS))
    line["v"] = line["v"].replace('"id":"', '"id":"forged-', 1)
    return "unexplained"


def move_trigger(t):
    line = t.change(t.of_topic(TRIGGERS, lambda line: '"offset":' in line["v"]))
    body = json.loads(line["v"])
    body["data"]["offset"] += 1
    line["v"] = json.dumps(body)
    return "different"


def drop_decision(t):
    del t.lines[t.of_topic(DECISIONS)]
    return "lost"


def alter_reason(t):
    line = t.change(t.of_topic(DECISIONS, lambda line: "no_consent" in line["v"]))
    line["v"] = line["v"].replace("no_consent", "frozen")
    return "different"


def alter_letter(t):
    line = t.change(t.of_topic(LETTERS, lambda line: isinstance(line["v"], str) and line["v"]))
    line["v"] = line["v"][:-1] + ("x" if line["v"][-1] != "x" else "y")
    return "different"


def drop_letter(t):
    del t.lines[t.of_topic(LETTERS)]
    return "lost"


def double_letter(t):
    line = copy.deepcopy(t.lines[t.of_topic(LETTERS)])
    line["o"] += 1_000_000
    t.lines.append(line)
    return "doubled"


def swap_records(t):
    """Two neighbours of one home, of different customers, change places."""
    first = t.of_topic(HOME_LOG, is_event)
    home, offset = t.lines[first]["p"], t.lines[first]["o"]

    def fits(line):
        return line["p"] == home and line["o"] > offset and is_event(line) and line["v"] != t.lines[first]["v"]

    second = t.of_topic(HOME_LOG, fits)
    one, other = t.change(first), t.change(second)
    for part in ("k", "v", "h"):
        one[part], other[part] = other[part], one[part]
    return "different"


def drop_acknowledged(t):
    del t.lines[t.of_topic(HOME_LOG, is_event)]
    return "lost"


def drop_copy(t):
    del t.lines[t.of_topic(HOME_LOG, lambda line: any(name == "loyald-origin" for name, _ in line["h"]))]
    return "lost"


def double_copy(t):
    at = t.of_topic(HOME_LOG, lambda line: any(name == "loyald-origin" for name, _ in line["h"]))
    home = t.lines[at]["p"]
    last = max(i for i, line in enumerate(t.lines) if line.get("topic") == HOME_LOG and line["p"] == home)
    line = copy.deepcopy(t.lines[at])
    line["o"], line["t"] = t.lines[last]["o"] + 1, t.lines[last]["t"]
    t.lines.insert(last + 1, line)
    return "doubled"


def drop_chunk(t):
    """And with it those that came of it. (Where places are given, the same chunk may come again.)"""

    def is_of_recall(line):
        return any(str(v).startswith("chunk") for _, v in line["h"]) and '"news":"recalled"' in line["v"]

    del t.lines[t.of_topic(HOME_LOG, is_of_recall)]
    return "lost"


def change_customer(t):
    line = t.change(t.key(lambda name: name.startswith("c:"), lambda found: "events" in found))
    line["hash"]["events"] = str(int(line["hash"]["events"]) + 1)
    return "different"


def change_order(t):
    line = t.change(t.key(lambda name: name.startswith("c:"), lambda found: any(f.startswith("o:") for f in found)))
    field = next(f for f in line["hash"] if f.startswith("o:"))
    del line["hash"][field]
    return "different"


def drop_customer(t):
    del t.lines[t.key(lambda name: name.startswith("c:"))]
    return "different"


def add_key(t):
    line = copy.deepcopy(t.lines[t.key(lambda name: name.startswith("c:"))])
    line["redis"] += "-forged"
    t.lines.append(line)
    return "unexplained"


def change_total(t):
    line = t.change(t.key(lambda name: name == "totals", lambda found: "orders" in found))
    line["hash"]["orders"] = str(int(line["hash"]["orders"]) - 1)
    return "different"


def remove_timer(t):
    line = t.change(t.key(lambda name: name == "timers", bool))
    del line["ranks"][t.chance.choice(sorted(line["ranks"]))]
    return "different"


def delay_timer(t):
    line = t.change(t.key(lambda name: name == "timers", bool))
    line["ranks"][t.chance.choice(sorted(line["ranks"]))] += 1
    return "different"


def remove_from_index(t):
    line = t.change(t.key(lambda name: name.startswith("i:"), bool))
    del line["ranks"][t.chance.choice(sorted(line["ranks"]))]
    return "different"


def move_position_back(t):
    line = t.change(t.key(lambda name: name == "home"))
    line["hash"]["position"] = str(int(line["hash"]["position"]) - 1)
    return "different"


def forget_erased(t):
    line = t.change(t.key(lambda name: name == "erased", bool))
    line["ranks"].pop(next(iter(line["ranks"])))
    return "different"


CHEATS = [
    drop_trigger, double_trigger, forge_trigger, move_trigger, drop_decision, alter_reason, alter_letter,
    drop_letter, double_letter, swap_records, drop_acknowledged, drop_copy, double_copy, drop_chunk, change_customer,
    change_order, drop_customer, add_key, change_total, remove_timer, delay_timer, remove_from_index,
    move_position_back, forget_erased,
]  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("recording")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    recording = Recording.load(options.recording)
    verdict = good = check(recording)
    print(f"the good run: {verdict.report()}")
    failures = 0 if verdict.is_good else 1
    for cheat in CHEATS:
        tampered = Tampered(recording, random.Random(f"{cheat.__name__} {options.seed}"))
        expected = cheat(tampered)
        verdict = tampered.verdict()
        caught = verdict.counts[expected] > good.counts[expected]
        failures += not caught
        told = verdict.sentences[expected][0] if caught else verdict.line()
        print(f"{cheat.__name__}: {'caught' if caught else 'NOT CAUGHT'}, {expected}: {told[:160]}")
    print(f"{len(CHEATS)} cheats, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
