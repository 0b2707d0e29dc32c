# SPDX-License-Identifier: MIT
"""python3 -m checker: judges a running system, or a recording."""

import argparse
import sys
import time

from .check import check
from .live import Live
from .recording import Recording, lines_of


def main():
    parser = argparse.ArgumentParser(prog="checker", description=__doc__)
    parser.add_argument("--bootstrap", help="address of the Kafka broker")
    parser.add_argument("--redis", help="URL of Redis, such as redis://127.0.0.1:6379 or unix:///run/redis.sock")
    parser.add_argument("--prefix", default="loyald", help="what begins every key in Redis")
    parser.add_argument("--home-log", default="loyalty.events")
    parser.add_argument("--feeders", default="", help="topics whose records are copied home, by commas")
    parser.add_argument("--acknowledged", action="append", default=[], help="a producer's file of what Kafka took")
    parser.add_argument("--incomplete", action="store_true", help="not all that was written was acknowledged")
    parser.add_argument("--recording", help="judge this recording instead")
    parser.add_argument("--record", help="write a recording there before judging")
    parser.add_argument("--sentences", type=int, default=5, help="how many findings of each kind are told")
    parser.add_argument("--timing", action="store_true", help="say how long it took")
    options = parser.parse_args()
    if options.recording:
        source = Recording.load(options.recording)
    elif options.bootstrap and options.redis:
        feeders = [name for name in options.feeders.split(",") if name]
        topics = {"home_log": options.home_log, "feeders": feeders}
        source = Live(options.bootstrap, options.redis, options.prefix, topics, options.acknowledged)
    else:
        parser.error("name --bootstrap and --redis, or --recording")
    if options.record:
        source = Recording(lines_of(source))
        source.save(options.record)
    begun = time.monotonic()
    verdict = check(source, options.sentences, not options.incomplete)
    print(verdict.report())
    if options.timing:
        seconds = time.monotonic() - begun
        print(f"{seconds:.1f} s, {verdict.seen['events'] / max(seconds, 0.001):,.0f} events/s")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
