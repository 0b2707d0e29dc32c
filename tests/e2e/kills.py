#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two processes of loyald, events without a pause, and everything that can break is broken, again and again; in the end
nothing may be lost, doubled, different or unexplained.

    kills.py [--kills N] [--seed N] [--record FILE]
"""

import argparse
import collections
import random
import sys
import threading
import time

from faults import Faults, probe_names
from harness import System
from odd_events import Maker, send
from smoke import POLICIES

HOMES = 8
RATE = 250
STREAM = ["--customers", 2000, "--from", "now", "--rate", RATE, "--duplicates", 3, "--late", 3, "--malformed", 1]
ROUNDS_AT_PROBES = 3
RARE = ("in_recovery", "before_committed")  # passed once a recovery, the others once a turn


class Load:
    """Events without a pause, until it is told to stop: the shop through feeders, and the odd ones."""

    def __init__(self, system):
        self.system = system
        self.going = True
        self.failure = None
        self.shop = system.shop(10_000_000, *STREAM, wait=False)
        self.thread = threading.Thread(target=self.send_odd, daemon=True)
        self.thread.start()

    def send_odd(self):
        path = self.system.directory / "odd.jsonl"
        self.system.acknowledged.append(path)
        maker = Maker(3, customers=200, homes=self.system.homes)
        try:
            send(self.system.broker.bootstrap, path, maker, 10_000_000, RATE / 2, lambda: self.going)
        except Exception as error:
            self.failure = error

    def end(self):
        self.going = False
        self.shop.terminate()
        self.shop.wait(300)
        self.thread.join(300)
        if self.failure is not None:
            raise self.failure


class Killer(threading.Thread):
    """Kills one process again and again: its share at random moments, its share at named points."""

    def __init__(self, faults, daemon, plan):
        super().__init__(daemon=True)
        self.faults, self.target, self.plan = faults, daemon, plan
        self.failure = None

    def run(self):
        try:
            for probe, passing, pause in self.plan:
                if probe is None and passing:
                    self.faults.kill_twice(self.target, 2.5 * pause)
                elif probe is None:
                    self.faults.kill(self.target, pause)
                else:
                    self.faults.kill_at(self.target, probe, passing, 120)
        except Exception as error:
            self.failure = error


def plan_kills(chance, kills, probes):
    """Two lists of (probe or None, passing, pause) with `kills` kills together. One at a probe counts as two; so does
    one of a process that is just starting (passing 1)."""
    points = [(name, 1 if name in RARE else chance.randint(1, 25)) for name in probes * ROUNDS_AT_PROBES]
    left = max(0, kills - 2 * len(points))
    at_random = [(None, 1)] * (left // 8) + [(None, 0)] * (left - 2 * (left // 8))
    both = [(*each, chance.uniform(0, 1)) for each in points + at_random]
    chance.shuffle(both)
    return both[::2], both[1::2]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=110)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--record")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    probes = probe_names()
    print(f"seed {options.seed}; named points: {', '.join(probes)}", flush=True)
    with System(homes=HOMES, processes=2) as system:
        faults = Faults(system, chance)
        for daemon in system.daemons:
            daemon.start()
        load = Load(system)
        say("events flow", faults.wait_for_flow())
        break_everything(system, faults, plan_kills(chance, options.kills, probes))
        load.end()
        system.drain(180)
        return judge(system, faults, probes, options)


def break_everything(system, faults, plans):
    killers = [Killer(faults, daemon, plan) for daemon, plan in zip(system.daemons, plans)]
    for killer in killers:
        killer.start()
    for name in ("redis_goes_back", "broker_restarts", "redis_is_flushed", "redis_comes_back_empty", "redis_goes_back"):
        say(f"fault: {name}", None)
        getattr(faults, name)()
        say("events flow again", faults.wait_for_flow())
        if name == "redis_is_flushed":
            system.ctl("policy", "activate", POLICIES / "narrow.yaml")
    for killer in killers:
        killer.join()
        if killer.failure is not None:
            raise killer.failure
    say("all kills are done; events flow again", faults.wait_for_flow())
    first, second = system.daemons
    say("one process is stopped beyond its session; the other has its homes", faults.freeze(first, [second]))
    for stopped, other, probe in ((second, first, "after_take"), (first, second, "before_kafka_commit"), (second, first, "after_kafka_commit")):
        say(f"{stopped.name} stops at {probe}; the other has its homes", faults.freeze_at(stopped, [other], probe, 20))
    say("events flow again", faults.wait_for_flow())


def judge(system, faults, probes, options):
    hits = collections.Counter()
    for daemon in system.daemons:
        hits.update(daemon.hits())
    print("faults:", ", ".join(f"{kind} {count}" for kind, count in sorted(faults.counts.items())))
    verdict = system.verdict(options.record)
    print(verdict.report())
    missed = [name for name in probes if not hits[name]]
    if missed or faults.counts["kill -9"] < min(options.kills, 100):
        print(f"this was no test: not hit: {', '.join(missed) or 'too few kills'}")
        return 1
    system.keep = not verdict.is_good
    return 0 if verdict.is_good else 1


def say(what, seconds):
    took = f", after {seconds:.1f} s" if seconds is not None else ""
    print(f"{time.strftime('%H:%M:%S')} {what}{took}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
