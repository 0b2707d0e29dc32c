#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kafka or Redis is away, at the start and later, and Redis comes back with less than it had. loyald says so a few times,
waits without using the processor, says why in /readyz, and goes on; and nothing is lost or doubled.

    outages.py [--only SCENE ...]
"""

import sys
import time

from harness import HOME_LOG
from processes import wait_until
from scenes import Place, cpu_share, expect, flowing, good, play

HOMES = 6
BROKER_AWAY_SECONDS = 15
SAID_WITHIN = 9  # seconds, though a worker may still wait for its transaction
CPU_MOST = 0.2  # of one processor
SAID_MOST = 10  # lines of one message in an outage, by each worker


def main():
    return play(__doc__, lambda: Place(homes=HOMES, workers=2), [
        both_away_at_start, kafka_goes_away, redis_goes_away_and_comes_back_empty, the_installation_outlives_an_empty_redis,
        redis_is_emptied_under_its_connections, redis_comes_back_older, nothing_was_lost,
    ])  # fmt: skip


def idle(system, seconds=3):
    used = cpu_share(system.daemon.process, seconds)
    expect(used < CPU_MOST, f"it uses {used:.2f} of a processor while it waits")


def few(system, *reasons):
    counts = system.log.counts("WARN")
    expect(all(count <= SAID_MOST * system.workers for count in counts.values()), f"it says too much: {counts}")
    expect(not system.log.counts("ERROR"), f"{system.log.counts('ERROR')}")
    for reason in reasons:
        expect(system.log.lines("WARN", reason), f"it has not said {reason}: {counts}")


def grow(system):
    system.wait_grown(dict(enumerate(system.positions())))


def running(system):
    if not system.daemon.is_running():
        system.run()
    system.wait_ready()
    system.log.mark()


def both_away_at_start(system):
    system.broker.kill()
    system.redis.kill()
    system.log.mark()
    system.daemon.start()
    system.wait_unready("starting: ", "Redis")
    idle(system, 3)
    system.redis.start()
    system.wait_unready("starting: Kafka at", "cannot be reached", "Connection refused", seconds=5)  # the first wait for Kafka is short
    idle(system, 3)
    expect(system.answer("livez")[0] == 200, "it is not live while it waits")
    system.broker.start()
    system.wait_ready()
    few(system, "waiting for what loyald needs")


def kafka_goes_away(system):
    running(system)
    with flowing(system):
        grow(system)
        system.log.mark()
        begun = time.monotonic()
        system.broker.kill()
        system.wait_unready("Kafka", seconds=SAID_WITHIN)
        wait_until("the outage has lasted", lambda: time.monotonic() > begun + BROKER_AWAY_SECONDS - 5, BROKER_AWAY_SECONDS)
        idle(system)
        expect(system.answer()[0] == 503, "it says that it is ready")
        expect(system.answer("livez")[0] == 200, "it is not live while it waits")
        few(system, "Kafka")
        system.broker.start()
        system.wait_ready()
        grow(system)
    few(system)


def redis_goes_away_and_comes_back_empty(system):
    running(system)
    with flowing(system):
        grow(system)
        system.upstream.send(HOME_LOG, "loyalty.customer.erased.v1", system.upstream.customer(3, "erased"), None)
        system.log.mark()
        system.redis.kill()
        system.wait_unready("Redis")
        idle(system)
        expect(system.answer()[0] == 503, "it says that it is ready")
        system.redis.come_back_empty()
        system.wait_ready()
        grow(system)
    few(system, "Redis")


def the_installation_outlives_an_empty_redis(system):
    """Without its note loyalctl would find nothing, and another installation could take the prefix."""
    running(system)
    guest = system.upstream.customer(3, "erased")
    wait_until("the installation is noted again", lambda: system.redis.client.hget("loyald:installation", "homes"), 10)
    expect(system.loyalctl("homes")[0] == 0, "loyalctl finds no installation")
    system.upstream.visit(guest)
    system.wait_folded()
    expect(not system.redis.client.exists(f"loyald:{{3}}:c:{guest}"), "an erased customer has come back")
    expect(system.daemon.end() == 0, "it did not end well")
    system.run()
    system.upstream.visit(guest)
    system.wait_folded()
    expect(not system.redis.client.exists(f"loyald:{{3}}:c:{guest}"), "an erased customer has come back after a restart")


def redis_is_emptied_under_its_connections(system):
    """No connection breaks, no process notices, until it looks."""
    running(system)
    with flowing(system):
        grow(system)
        system.log.mark()
        system.redis.flush()
        system.log.wait("folding in silence what was sent before")
        grow(system)
        system.wait_ready()
    wait_until("the installation is noted again", lambda: system.redis.client.hget("loyald:installation", "homes"), 10)
    few(system)


def redis_comes_back_older(system):
    running(system)
    with flowing(system):
        grow(system)
        system.redis.snapshot()
        kept = system.positions()
        grow(system)
        grow(system)
        system.log.mark()
        system.redis.go_back_to_snapshot()
        system.wait_ready()
        system.wait_grown(dict(enumerate(kept)))
        grow(system)
    expect(system.log.lines("folding in silence what was sent before"), "it has not gone back with Redis")
    few(system)


def nothing_was_lost(system):
    running(system)
    system.drain()
    verdict = good(system)
    expect(verdict.seen["triggers"] > 500, "this was no test: too little has happened")


if __name__ == "__main__":
    sys.exit(main())
