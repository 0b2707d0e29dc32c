#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The long runs: policies broken at random, then kills.py, with one seed after another, until it is interrupted or a run
is not clean.

soak.py [--kills N] [--seed N] [--runs N] [--broken SECONDS]
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

KILLS = pathlib.Path(__file__).with_name("kills.py")
BUILD = pathlib.Path(os.environ.get("LOYALD_BUILD", pathlib.Path(__file__).parents[2] / "build" / "dev"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=1000, help="kills in each run (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="the first run's seed (default: 1)")
    parser.add_argument("--runs", type=int, default=0, help="so many runs (default: until interrupted)")
    parser.add_argument("--broken", type=int, default=60, help="seconds of broken policies first (default: 60)")
    options = parser.parse_args()
    seed = options.seed
    while options.runs == 0 or seed < options.seed + options.runs:
        broken = [BUILD / "tests" / "unit_policy_random", str(options.broken), str(seed)]
        if options.broken and subprocess.run(broken).returncode != 0:
            print(f"seed {seed}: NOT clean, a policy was read wrongly", flush=True)
            return 1
        began = time.monotonic()
        print(f"seed {seed}: {options.kills} kills", flush=True)
        result = subprocess.run([sys.executable, KILLS, "--kills", str(options.kills), "--seed", str(seed)])
        minutes = (time.monotonic() - began) / 60
        print(f"seed {seed}: {'clean' if result.returncode == 0 else 'NOT clean'}, {minutes:.1f} minutes", flush=True)
        if result.returncode != 0:
            return 1
        seed += 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
