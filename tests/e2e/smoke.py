#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One process of loyald, an ordinary stream and an odd one, four policies, and then the checker's verdict.

smoke.py [--record FILE]    FILE: a recording of the run, for the checker's own test
"""

import argparse
import sys

from harness import ROOT, System
from odd_events import Maker, send

POLICIES = ROOT / "tests" / "e2e" / "policies"
STREAM = ["--customers", 150, "--from", "now", "--rate", 1500, "--duplicates", 5, "--late", 5, "--malformed", 3, "--news", 4]
HOMES = 4


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record")
    options = parser.parse_args()
    with System(homes=HOMES) as system:
        system.daemons[0].start()
        shops = [
            system.shop(2000, *STREAM, wait=False),
            system.shop(2000, *STREAM, "--seed", 2, "--to", "home-log", wait=False),
        ]
        odd(system)
        for shop in shops:
            if shop.wait(60) != 0:
                raise RuntimeError("the shop failed; see shop.log")
        system.drain(60)
        verdict = system.verdict(options.record)
        print(verdict.report())
        if verdict.seen["events"] < 7000 or verdict.seen["triggers"] < 2000 or verdict.seen["dead letters"] < 500:
            print("this was no test: too little has happened")
            return 1
        system.keep = not verdict.is_good
        return 0 if verdict.is_good else 1


def odd(system):
    """The odd stream, again after each change of the policy: what was before comes as duplicates."""
    wide = system.directory / "wide.yaml"
    wide.write_text(wide_policy())
    narrow, quiet = POLICIES / "narrow.yaml", POLICIES / "quiet.yaml"
    for turn, policy in enumerate([None, narrow, quiet, narrow, wide]):
        if policy is not None:
            system.ctl("policy", "activate", policy)
        path = system.directory / f"odd-{turn}.jsonl"
        system.acknowledged.append(path)
        send(system.broker.bootstrap, path, Maker(turn // 2, homes=HOMES), 1200, rate=400)


def wide_policy():
    """As many follow-ups as a policy may have, in nearly as many bytes; each is for few."""
    kinds = ["purchase.completed", "complaint.opened", "product.launched", "birthday"]
    lines = ["policy: 1", "mode: live", "follow_ups:"]
    for number in range(1000):
        lines += [
            "  # " + '"as large as it may be" ' * 12,
            f"  wide-{number}:",
            f"    on: {kinds[number % 4]}",
            "    class: task",
            f'    if: [events = {number // 4}, "language in de, en, zh"]',
        ]
    text = "\n".join(lines) + "\n"
    assert 350_000 < len(text) <= 409_600, len(text)
    return text


if __name__ == "__main__":
    sys.exit(main())
