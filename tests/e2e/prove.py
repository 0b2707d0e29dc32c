#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Three minutes to watch: events flow without a pause while loyald, Redis and Kafka are killed twenty times; then every
event is accounted for.

    prove.py [--seed N]
"""

import argparse
import random
import sys
import time

from faults import Faults, probe_names
from harness import System
from kills import HOMES, RARE, Load

AT_RANDOM, AT_PROBES = 7, 8


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    begun = time.monotonic()
    print("Starting Kafka, Redis, two processes of loyald and a shop that sells without a pause ...", flush=True)
    with System(homes=HOMES, processes=2) as system:
        for daemon in system.daemons:
            daemon.start()
        faults = Faults(system, random.Random(options.seed))
        load = Load(system)
        faults.wait_for_flow()
        print("Events flow. Now twenty things break, one after the other:\n", flush=True)
        show(system, faults)
        load.end()
        print(
            "\nThe shop has closed. Waiting until all is done, then counting everything against the log ...", flush=True
        )
        system.drain(180)
        verdict = system.verdict()
        print(f"\n{verdict.report()}\n\n{time.monotonic() - begun:.0f} s, seed {options.seed}")
        system.keep = not verdict.is_good
        return 0 if verdict.is_good else 1


def show(system, faults):
    chance, (first, second) = faults.chance, system.daemons
    acts = [kill_at_random(faults, chance.choice(system.daemons)) for _ in range(AT_RANDOM)]
    probes = probe_names()
    chance.shuffle(probes)
    for at in range(AT_PROBES):
        acts.append(kill_at_probe(faults, chance.choice(system.daemons), probes[at % len(probes)]))
    acts += [
        ("Redis is killed and comes back from an older snapshot", faults.redis_goes_back),
        ("FLUSHALL in Redis, while events flow", faults.redis_is_flushed),
        ("Redis is killed and comes back empty", faults.redis_comes_back_empty),
        ("the Kafka broker is killed and restarted", faults.broker_restarts),
    ]
    chance.shuffle(acts)
    acts.append(
        (f"{first.name} is frozen until its homes have moved to {second.name}", lambda: faults.freeze(first, [second]))
    )
    for number, (what, act) in enumerate(acts, 1):
        act()
        seconds = faults.wait_for_flow()
        print(f"{number:3}. {what:<66} events flow again after {seconds:4.1f} s", flush=True)


def kill_at_random(faults, daemon):
    return f"kill -9 of {daemon.name}", lambda: faults.kill(daemon, faults.chance.uniform(0, 0.5))


def kill_at_probe(faults, daemon, probe):
    passing = 1 if probe in RARE else faults.chance.randint(1, 25)
    return f"kill -9 of {daemon.name} {probe.replace('_', ' ')}", lambda: faults.kill_at(daemon, probe, passing)


if __name__ == "__main__":
    sys.exit(main())
