#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The gate over months that pass in seconds: odd events whose own times are the clock, a policy that withholds and holds
in every way there is, then another clock, and the checker's verdict.

    gate.py [--seed N] [--events N]
"""

import argparse
import json
import sys
import time

from harness import OUTPUTS, ROOT, System
from odd_events import DAY_MS, Clocked, send
from processes import wait_until
from scenes import read_topic

POLICY = ROOT / "tests" / "e2e" / "policies" / "gated.yaml"
HOMES = 4
DAYS = 150
SWITCHES = (
    [("pause", "thank-you"), ("pause", "--class", "content")],
    [("resume", "--class", "content"), ("pause", "--all"), ("pause", "coupon")],
    [("resume", "--all"), ("resume", "thank-you")],
    [],
)
ANGER = ["thank-you", "coupon-first", "wine", "alert"] * 3 * HOMES  # the risk brake is to be reached for certain
REASONS = {"quiet_hours", "capped", "holdout", "no_consent", "frozen", "expired", "order_cancelled", "shadow", "paused", "under_age", "redeemed", "task_done", "risk"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=7500)
    options = parser.parse_args()
    with System(homes=HOMES, policy=POLICY) as system:
        system.daemons[0].start()
        last = int(time.time() * 1000) - DAY_MS
        path = system.directory / "odd.jsonl"
        system.acknowledged.append(path)
        turn = options.events // (len(SWITCHES) + 1)
        count = options.events + len(ANGER)
        maker = Clocked(options.seed, last - DAYS * DAY_MS, last, count, homes=HOMES, customers=80)
        wait_until("the policy is in force", lambda: all(system.positions()), 30)
        for commands in SWITCHES:
            send(system.broker.bootstrap, path, maker, turn)
            for words in commands:
                system.ctl(*words)
        maker.reports = list(ANGER)
        send(system.broker.bootstrap, path, maker, len(ANGER) + turn)
        by_append_time(system)
        system.drain(60)
        verdict = system.verdict()
        print(verdict.report())
        found = reasons(system)
        print("reasons: " + ", ".join(f"{count} {reason}" for reason, count in sorted(found.items())))
        if not REASONS <= found.keys() or verdict.seen["triggers"] < 500:
            print(f"this was no test: {REASONS - found.keys()} did not happen")
            return 1
        system.keep = not verdict.is_good
        return 0 if verdict.is_good else 1


def by_append_time(system):
    """What is planned beyond the last event, all of it, comes due at once."""
    text = POLICY.read_text().replace("clock: event", "clock: append")
    policy = system.directory / "append.yaml"
    policy.write_text(text)
    system.ctl("policy", "activate", "--yes", policy)


def reasons(system):
    found = {}
    for record in read_topic(system, OUTPUTS[1]):
        reason = json.loads(record[4])["data"]["reason"]
        found[reason] = found.get(reason, 0) + 1
    return found


if __name__ == "__main__":
    sys.exit(main())
